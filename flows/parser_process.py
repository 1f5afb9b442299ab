"""What a parser process begins with."""

from __future__ import annotations

import multiprocessing
import os
import threading
from multiprocessing.connection import wait


def begin() -> None:
    """Let a parser die with the run: a run that is killed cannot stop its own pool."""
    run = multiprocessing.parent_process()
    assert run is not None
    threading.Thread(target=_exit_after, args=(run.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
