"""How each platform answers and is read: one folder a source that needs more than its module."""
