"""A run that is killed loses nothing and doubles nothing."""

from __future__ import annotations

import random
import shutil
import time
from typing import NamedTuple

import pytest
from corpus_server import organizations_toml, serving
from small_world import AS_OF, feeds
from warehouse_tables import digests, rows

pytestmark = pytest.mark.thorough

RUN = ("run", "--now", "--allow-host", "127.0.0.1", "--as-of", AS_OF, "--json")
STEPS = (
    ("collect", "--now", "--allow-host", "127.0.0.1"),
    ("build", "--as-of", AS_OF),
)
#: What is done after a kill: the whole run, or just its steps that write what is compared.
AGAIN = ([RUN], STEPS, STEPS)
KILLS = 2


@pytest.fixture(scope="module")
def world():
    with serving(feeds(60)) as server:
        yield server


@pytest.fixture(scope="module")
def clean_run(world, models, prepared, tmp_path_factory):
    """A run that nobody disturbed: its tables, and how long it took."""
    folder = tmp_path_factory.mktemp("clean")
    _prepare(folder, world, models)
    start = time.monotonic()
    assert prepared.run(RUN, folder, timeout=240).returncode == 0
    seconds = time.monotonic() - start
    return CleanRun(digests(folder / "data"), seconds)


class CleanRun(NamedTuple):
    tables: dict[str, str]
    seconds: float


@pytest.mark.parametrize("number", range(KILLS))
def test_a_run_killed_at_any_moment_and_run_again_equals_a_clean_run(
    number, world, models, clean_run, tmp_path, prepared
):
    moment = random.Random(number).uniform(0.1, 1.0) * clean_run.seconds
    _prepare(tmp_path, world, models)
    prepared.start(RUN, tmp_path).kill(after=moment)
    for command in AGAIN[number % len(AGAIN)]:
        assert prepared.run(command, tmp_path, timeout=240).returncode == 0
    assert digests(tmp_path / "data") == clean_run.tables
    doubles = "select activity_id from raw.activities group by 1 having count(*) > 1"
    assert rows(tmp_path / "data", doubles) == []
    assert list((tmp_path / "data" / "landing").glob("*")) == []


def test_a_killed_run_is_recorded_as_interrupted(world, models, tmp_path, prepared):
    _prepare(tmp_path, world, models)
    running = prepared.start(RUN, tmp_path)
    pages = tmp_path / "data" / "archive" / "pages"
    while not list(pages.rglob("2*.parquet")):
        time.sleep(0.01)
    assert running.kill().returncode == -9
    assert prepared.run(STEPS[0], tmp_path, timeout=240).returncode == 0
    states = rows(tmp_path / "data", "select state from raw.runs order by started_at")
    assert states == [("interrupted",), ("completed",)]


def _prepare(folder, world, models):
    """Write the project; a trained model is put in place, for it is not what is tested."""
    shutil.copytree(models, folder / "data" / "models")
    text = organizations_toml(world.base_url, list(world.documents), 4)
    # Small batches, so that a kill falls between fetching, landing and loading of several.
    (folder / "barograph.toml").write_text("batch_channels = 7\n")
    (folder / "organizations.toml").write_text(text)
