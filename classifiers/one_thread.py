"""Small tables are not worth a second thread.

Libraries start one thread a core for every product of matrices and every tree; with a few hundred
rows these wait for one another most of the time, and many times longer where cores are busy
(boosting of 400 rows: 0.5 s with one thread, 9 s with two beside other work).
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

#: Modules that bring a library with threads of its own.
_BRINGERS = ("scipy.linalg", "sklearn.ensemble")


def one_thread() -> AbstractContextManager[Any]:
    """Within this, numerical libraries that are loaded by now keep to one thread."""
    loaded = tuple(name for name in _BRINGERS if name in sys.modules)
    limit: AbstractContextManager[Any] = _controller(loaded).limit(limits=1)
    return limit


@cache
def _controller(_: tuple[str, ...]) -> ThreadpoolController:
    return ThreadpoolController()  # looks for the libraries, which takes 11 ms
