"""How GitHub's lists are asked for and read back: addresses, pages, and what a page shows whole."""
