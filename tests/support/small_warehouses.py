"""Warehouses of tests are small, and there are thousands of them."""

from warehouse import connecting


def keep_freed_memory():
    """Let DuckDB keep in this process what it has freed, as it does by default.

    Giving it back at once is for warehouses of many organizations; in small ones it takes a
    fifth of the time. Tests of memory start processes of their own, which do give it back.
    """
    connecting.SETTINGS["allocator_bulk_deallocation_flush_threshold"] = "64MB"
