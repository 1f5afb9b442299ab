"""The pages of the dashboard, one module a page; `registry.py` lists them."""
