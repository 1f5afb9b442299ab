"""How a Bluesky account is read: its profile, its list of posts, the conversations below them."""
