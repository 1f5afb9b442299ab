"""Fixtures that every kind of test may use."""

from __future__ import annotations

import gc
import json
import os
from pathlib import Path

import pytest
from prepared_command import PreparedCommand
from shared_model import shared_models
from small_warehouses import suit_small_warehouses

REPOSITORY = Path(__file__).parent.parent

suit_small_warehouses()


#: Files that take long for few tests: they start first, so that no process waits for them.
_LONG = (
    *("test_monitor_flow", "test_schedule", "test_politeness", "test_in_browser"),
    *("test_crash", "test_soak", "test_lake"),
    "test_retention",
    "test_run",
    "test_replay",
    "test_platforms",
)
_LONG_TOO = (
    *("test_demo_command", "test_commands", "test_errors", "test_status", "test_benchmarks"),
    *("test_withdrawal", "test_nobody_is_found", "test_forget_person"),
)
_ASLEEP = (
    "test_pacing_processes",
    "test_any_sequence",
    "test_bombs_and_good_channels",
)


def pytest_collection_modifyitems(items):
    order = {f"{name}.py": place for place, name in enumerate((*_LONG, *_ASLEEP, *_LONG_TOO))}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def pytest_collection_finish():
    """What collecting the tests left is there to stay: Python need not go through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def real_data():
    """The folder of real documents; tests that need it skip where it is absent."""
    named = os.environ.get("BAROGRAPH_REAL_DATA")  # noqa: TID251 - where a test finds its input
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "real"
    if not (folder / "feeds" / "MANIFEST.jsonl").exists():
        pytest.skip(f"REAL DOCUMENTS ABSENT: nothing at {folder}; set BAROGRAPH_REAL_DATA")
    return folder


@pytest.fixture(scope="session")
def child_environment():
    """Environment of a command: this process's own, without settings that are meant for it."""
    ours = ("BAROGRAPH_", "PREFECT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}  # noqa: TID251 - children get ours
    return kept | {"COLUMNS": "140"}


@pytest.fixture(scope="session")
def models(tmp_path_factory, worker_id):
    """A folder of models that holds the trained one, for few tests are about training."""
    return shared_models(tmp_path_factory, worker_id)


@pytest.fixture(scope="session")
def prepared(child_environment, models):
    """Starts the command as a process of its own that has its imports behind it."""
    with PreparedCommand(child_environment, models) as command:
        yield command


@pytest.fixture(scope="session")
def barograph_in(prepared):
    """Runs the command in a given project folder; `environment` adds to the child's own."""

    def call(folder, *arguments, **environment):
        return prepared.run(arguments, folder, timeout=240, **environment)

    return call


@pytest.fixture
def barograph(tmp_path, barograph_in):
    """Runs the command in a project folder of its own; the result has exit code and output."""

    def call(*arguments, folder=tmp_path, **environment):
        return barograph_in(folder, *arguments, **environment)

    return call


@pytest.fixture
def barograph_json(barograph):
    """Runs the command with --json and gives (exit code, what it printed)."""

    def call(*arguments, **options):
        done = barograph(*arguments, "--json", **options)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return call
