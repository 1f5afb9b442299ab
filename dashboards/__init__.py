"""Showing: benchmark pages from a published snapshot."""
