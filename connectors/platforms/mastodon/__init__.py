"""A server of Mastodon's client interface: where accounts live, what its pages tell."""
