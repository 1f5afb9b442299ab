"""Questionnaires on the web: asked, kept private, and handed to the project's inbox as files."""
