"""Ready lists of real public organizations, one TOML file each: docs/panels.md.

A file is a list of organizations as users write it. The first line of its head is a comment that
says in a sentence what the panel holds; the line "# Compiled: DATE" when its sources were read.
"""
