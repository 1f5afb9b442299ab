"""A WordPress site as it is asked and walked through: addresses, ways in, what a page shows."""
