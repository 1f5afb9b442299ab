"""A run that is killed loses nothing and doubles nothing."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from corpus_server import organizations_toml, serving
from small_world import AS_OF, feeds
from warehouse_tables import digests, rows

BAROGRAPH = Path(sys.executable).parent / "barograph"
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
def clean_run(world, tmp_path_factory):
    """A run that nobody disturbed: its tables, how long it took, and the model it trained."""
    folder = tmp_path_factory.mktemp("clean")
    _prepare(folder, world)
    subprocess.run([BAROGRAPH, *RUN], cwd=folder, check=True, capture_output=True)
    _forget_all_but(folder / "data", "models")
    start = time.monotonic()
    subprocess.run([BAROGRAPH, *RUN], cwd=folder, check=True, capture_output=True)
    seconds = time.monotonic() - start
    return CleanRun(digests(folder / "data"), seconds, folder / "data" / "models")


class CleanRun(NamedTuple):
    tables: dict[str, str]
    seconds: float
    models: Path


@pytest.mark.parametrize("number", range(KILLS))
def test_a_run_killed_at_any_moment_and_run_again_equals_a_clean_run(
    number, world, clean_run, tmp_path
):
    moment = random.Random(number).uniform(0.1, 1.0) * clean_run.seconds
    _prepare(tmp_path, world, clean_run.models)
    _kill_after(moment, tmp_path)
    for command in AGAIN[number % len(AGAIN)]:
        subprocess.run([BAROGRAPH, *command], cwd=tmp_path, check=True, capture_output=True)
    assert digests(tmp_path / "data") == clean_run.tables
    doubles = "select activity_id from raw.activities group by 1 having count(*) > 1"
    assert rows(tmp_path / "data", doubles) == []
    assert list((tmp_path / "data" / "landing").glob("*")) == []


def test_a_killed_run_is_recorded_as_interrupted(world, clean_run, tmp_path):
    _prepare(tmp_path, world, clean_run.models)
    process = subprocess.Popen([BAROGRAPH, *RUN], cwd=tmp_path, stdout=subprocess.DEVNULL)
    pages = tmp_path / "data" / "archive" / "pages"
    while not list(pages.rglob("2*.parquet")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run([BAROGRAPH, *STEPS[0]], cwd=tmp_path, check=True, capture_output=True)
    states = rows(tmp_path / "data", "select state from raw.runs order by started_at")
    assert states == [("interrupted",), ("completed",)]


def _prepare(folder, world, models=None):
    """Write the project; a trained model is put in place, for it is not what is tested."""
    if models:
        shutil.copytree(models, folder / "data" / "models")
    text = organizations_toml(world.base_url, list(world.documents), 4)
    # Small batches, so that a kill falls between fetching, landing and loading of several.
    (folder / "barograph.toml").write_text("batch_channels = 7\n")
    (folder / "organizations.toml").write_text(text)


def _forget_all_but(data, kept):
    for path in data.iterdir():
        if path.is_dir() and path.name != kept:
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()


def _kill_after(seconds, folder):
    process = subprocess.Popen(
        [BAROGRAPH, *RUN], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
