"""The one HTTP client: the only place of Barograph that touches the network."""
