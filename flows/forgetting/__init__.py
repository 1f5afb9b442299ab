"""Forgetting: everything of a person or an organization is erased when they ask (rule R9)."""
