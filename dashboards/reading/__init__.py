"""Questions that pages put to a snapshot: typed rows of the files in `queries/`."""
