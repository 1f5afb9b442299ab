"""Scripts of `benchmarks/`, which is no package, for tests to look into."""

from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def script_named(name):
    """The module of a script; it finds its neighbours while it is imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        return import_module(name)
