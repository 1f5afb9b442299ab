"""Keeps libraries out of our processes that others load behind our back.

DuckDB and Arrow load pandas wherever it is installed, at the first value they are handed:
50 MB a process, and half a second, for something that no part of Barograph uses. Arrow loads
NumPy as well, which a parser never needs.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class _NotFound(MetaPathFinder):
    """Finds that some libraries are not there."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the protocol of a finder
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname in self._names:
            message = f"{fullname} is kept out of this process"
            raise ModuleNotFoundError(message, name=fullname)
        return None


def keep_out(*names: str) -> None:
    """Make this process do without some libraries, as far as it has not loaded them already."""
    absent = tuple(name for name in names if name not in sys.modules)
    sys.meta_path.insert(0, _NotFound(absent))
