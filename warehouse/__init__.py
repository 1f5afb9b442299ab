"""Storing and measuring: archive, DuckDB warehouse, SQL models, published snapshots."""
