"""The charts of the pages, one module a chart: pure functions from typed rows to SVG."""
