"""Alerts: what matters is told when it begins, and again when it has ended; each once."""
