"""An invented world, served over real HTTP on loopback, for `barograph demo`."""
