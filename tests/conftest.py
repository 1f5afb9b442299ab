"""Fixtures that every kind of test may use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
BAROGRAPH = Path(sys.executable).parent / "barograph"


#: Files that take long for few tests: they start first, so that no process waits for them.
_LONG = (
    "test_monitor_flow",
    "test_in_browser",
    "test_crash",
    "test_retention",
    "test_run",
    "test_replay",
    "test_platforms",
)
_LONG_TOO = ("test_demo_command", "test_commands", "test_errors", "test_status", "test_benchmarks")
_ASLEEP = (
    "test_pacing_processes",
    "test_politeness",
    "test_any_sequence",
    "test_bombs_and_good_channels",
)


def pytest_collection_modifyitems(items):
    order = {f"{name}.py": place for place, name in enumerate((*_LONG, *_ASLEEP, *_LONG_TOO))}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.fixture(scope="session")
def real_data():
    """The folder of real documents; tests that need it skip where it is absent."""
    named = os.environ.get("BAROGRAPH_REAL_DATA")  # noqa: TID251 - where a test finds its input
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "real"
    if not (folder / "feeds" / "MANIFEST.jsonl").exists():
        pytest.skip(f"REAL DOCUMENTS ABSENT: nothing at {folder}; set BAROGRAPH_REAL_DATA")
    return folder


@pytest.fixture
def barograph(tmp_path):
    """Runs the command in a project folder of its own; the result has exit code and output."""

    def call(*arguments, folder=tmp_path, **environment):
        return subprocess.run(
            [BAROGRAPH, *map(str, arguments)],
            cwd=folder,
            env={**_quiet_environment(), **environment},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return call


@pytest.fixture
def barograph_json(barograph):
    """Runs the command with --json and gives (exit code, what it printed)."""

    def call(*arguments, **options):
        done = barograph(*arguments, "--json", **options)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return call


def _quiet_environment():
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BAROGRAPH_", "PREFECT_"))}  # noqa: TID251 - children get ours
    return kept | {"COLUMNS": "140"}
