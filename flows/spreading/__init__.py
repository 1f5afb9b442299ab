"""Work of one run on many workers: asking by host, and measuring by organization."""
