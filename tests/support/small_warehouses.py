"""Warehouses of tests are small, and there are thousands of them."""

from warehouse import connecting


def suit_small_warehouses():
    """Let DuckDB in this process keep what it has freed, and ask one thread.

    Giving memory back at once, and a second thread, are for warehouses of many organizations; in
    small ones each takes a fifth of the time. Tests of memory start processes of their own, which
    do as users' processes do, and what is large asks for all threads itself.
    """
    connecting.SETTINGS["allocator_bulk_deallocation_flush_threshold"] = "64MB"
    connecting.SETTINGS["threads"] = 1
