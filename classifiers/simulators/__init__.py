"""Worlds of invented organizations that the cold-start classifier learns from."""
