"""How a Lemmy community is read: its list of posts, their comments, its size."""
