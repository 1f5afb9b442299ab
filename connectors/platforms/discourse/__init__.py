"""How a Discourse forum is read: its list of topics, their posts, its statistics."""
