"""Running by itself: when, one at a time, and with a record that Prefect shows."""
