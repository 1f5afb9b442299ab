"""Collecting: one module a source; a module in this folder is a registration.

A new connector edits no shared file: `names` finds every module that defines a class
`Connector`, by looking at the folder.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from connectors import contract

_NOT_SOURCES = {"contract", "discovery"}


@cache
def names() -> tuple[str, ...]:
    """The sources there are, in alphabetical order: the modules of this folder."""
    modules = pkgutil.iter_modules(__path__)
    return tuple(sorted(m.name for m in modules if not m.ispkg and m.name not in _NOT_SOURCES))


@cache
def load(source: str) -> contract.Connector:
    """The connector of a source.

    Raises:
        LookupError: no such source; the message lists those that exist.
    """
    if source not in names():
        message = f"unknown source {source!r}; known sources: {', '.join(names())}"
        raise LookupError(message)
    module = importlib.import_module(f"{__name__}.{source}")
    return cast("contract.Connector", module.Connector())
