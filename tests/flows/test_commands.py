"""Each command by itself: what it writes, shows and serves."""

from __future__ import annotations

import html
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from corpus_server import organizations_toml, serving
from small_world import AS_OF, feeds

from classifiers.signals import SIGNALS
from flows.cli import main

BAROGRAPH = Path(sys.executable).parent / "barograph"
ASK = ("--now", "--allow-host", "127.0.0.1")
STARTING_FILES = ("barograph.toml", "organizations.toml", "claims.csv")
COMMANDS = [
    "alerts",
    "assess",
    "build",
    "claims",
    "collect",
    "compare",
    "dashboard",
    "demo",
    "discover",
    "dossier",
    "estimate",
    "evaluate",
    "explain",
    "export",
    "forget",
    "import",
    "import-accounts",
    "init",
    "initiatives",
    "labels",
    "models",
    "notice",
    "publish",
    "purge",
    "replay",
    "roadmap",
    "run",
    "schedule",
    "signals",
    "site",
    "snapshot",
    "status",
    "train",
    "verify",
]
#: Differ between any two runs, whoever makes them.
MOMENTS = re.compile(r"_at$|^data_to$|^run_id$|^command$")


def test_init_writes_a_project_that_lacks_only_a_contact(tmp_path, barograph):
    done = barograph("init")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == set(STARTING_FILES)
    assert [done.stdout.count(f"wrote {name}\n") for name in STARTING_FILES] == [1, 1, 1]
    refused = barograph("run")
    assert refused.returncode == 2
    assert "no contact is set" in refused.stderr


def test_init_leaves_alone_what_is_there(tmp_path, barograph):
    (tmp_path / "organizations.toml").write_text("mine")
    done = barograph("init")
    assert done.returncode == 0
    assert "kept  organizations.toml" in done.stdout
    assert (tmp_path / "organizations.toml").read_text() == "mine"
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(first) == set(STARTING_FILES)
    barograph("init")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


@pytest.mark.usefixtures("served")
def test_the_steps_one_after_another_publish_what_a_run_publishes(
    finished, project_like, barograph_in
):
    folder = project_like("steps")
    assert barograph_in(folder, "collect", *ASK).returncode == 3
    build = barograph_in(folder, "build", "--as-of", AS_OF)
    assert re.search(rf"^ +{4 * len(SIGNALS)}  signals\.measurements$", build.stdout, re.MULTILINE)
    estimate = barograph_in(folder, "estimate")
    assert re.findall(r"^(.): .+ \(.+\)$", estimate.stdout, re.MULTILINE) == list("abcd")
    compare = barograph_in(folder, "compare")
    assert "Claimed against observed, " in compare.stdout
    publish = barograph_in(folder, "publish")
    places = re.findall(r"^snapshot +(.+)$", publish.stdout, re.MULTILINE)
    assert [Path(place).is_file() for place in places] == [True]
    assert [done.returncode for done in (build, estimate, compare, publish)] == [0] * 4
    assert published(folder) == published(finished)


@pytest.fixture(scope="module")
def only_collected(tmp_path_factory, barograph_in):
    folder = tmp_path_factory.mktemp("collected")
    with serving(feeds(1)) as server:
        text = organizations_toml(server.base_url, list(server.documents), 1)
        (folder / "organizations.toml").write_text(text)
        assert barograph_in(folder, "collect", *ASK).returncode == 0
    return folder


@pytest.mark.parametrize("command", ["estimate", "compare", "publish", "export"])
def test_a_step_before_its_time_says_which_comes_first(only_collected, monkeypatch, command):
    monkeypatch.chdir(only_collected)
    done = CliRunner().invoke(main, [command, *(["out"] if command == "export" else [])])
    assert done.exit_code == 1
    assert done.output == "error: nothing has been built yet; run `barograph build`\n"


def test_the_dashboard_serves_the_published_page_until_it_is_interrupted(
    finished, child_environment, hostile_names
):
    port = free_port()
    with running(finished, child_environment, "dashboard", "--no-open", "--port", port) as process:
        page = fetched(f"http://127.0.0.1:{port}/", process)
        assert [name for name in hostile_names.values() if name not in html.unescape(page)] == []
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 2)


def test_the_help_lists_every_command_and_the_exit_codes():
    text = help_of()
    listed = re.findall(r"^  ([a-z-]+)  +\S", text.partition("Commands:")[2], re.MULTILINE)
    assert listed == COMMANDS
    assert "0 all well, 1 nothing could be done, 2 usage or input error" in text
    assert main.commands.keys() == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_explained(command):
    text = help_of(command)
    about = text.partition("\n\n")[2].partition("\n\nOptions:")[0]
    assert len(about.split()) >= 7
    assert about.rstrip().endswith(".")
    unexplained = [
        option.name
        for option in main.commands[command].params
        if option.param_type_name == "option" and not option.help
    ]
    assert unexplained == []


def help_of(*command):
    done = CliRunner().invoke(main, [*command, "--help"], prog_name="barograph")
    assert done.exit_code == 0
    return done.output


def published(folder):
    """Rows of every published table as dictionaries, without moments of this very run."""
    path = str(folder / "data" / "snapshots" / "snapshot.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
        return {name: told(connection, name) for (name,) in names}


def told(connection, name):
    result = connection.execute(f"select * from marts.{name} order by all")
    columns = [column[0] for column in result.description]
    rows = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    return [{k: v for k, v in row.items() if not MOMENTS.search(k)} for row in rows]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def running(folder, environment, *arguments):
    process = subprocess.Popen(
        [BAROGRAPH, *map(str, arguments)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def fetched(address, process, seconds=30):
    """The page at an address, as soon as somebody answers there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
