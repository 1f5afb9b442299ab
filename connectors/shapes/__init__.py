"""What the answers of each platform look like, as far as the connectors read them."""
