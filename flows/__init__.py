"""Composing: the monitoring job, its Prefect flow, the command line, the demo world."""
