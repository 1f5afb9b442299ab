"""`barograph demo` shows the whole job to someone who has nothing but this machine."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from warehouse_tables import rows

from classifiers.stages import Stage
from flows.commands import looking
from flows.demo.organization import AnswerKind
from flows.demo.world import build_world
from flows.terminal import organization_figures
from warehouse import reading
from warehouse.build import last_clock
from warehouse.db import open_warehouse

pytestmark = pytest.mark.thorough
BAROGRAPH = Path(sys.executable).parent / "barograph"
STAGES = "|".join(stage.label for stage in Stage)
#: The last four columns of a row: the observed stage, its set, the claimed stage and a mark.
STAGE_CELLS = re.compile(
    rf"  (?:not observable +-|(?:abstained|{STAGES}) +(?:{STAGES})(?: to (?:{STAGES}))?)"
    rf" +(?:no label|(?:{STAGES})(?: [▲▼])?) *$"
)

#: Posts a week, replies in 72 hours (with how many there were to answer), time to an answer.
DIALOGUE_CELLS = re.compile(
    r"  (?:-|\d+\.\d) +(no channel|not seen|too few \(\d+\)|\d+% of \d+)"
    r" +(no channel|not seen|too few \(\d+\)|most open|\d+\.\d h)  "
)


class Demo(NamedTuple):
    folder: Path
    output: str
    code: int
    session: int


@pytest.fixture(scope="module")
def demo(tmp_path_factory, child_environment):
    """A demo that has ended, started as in an empty folder, in a session of its own."""
    folder = tmp_path_factory.mktemp("demo")
    return watched(folder, child_environment, "demo")


@pytest.fixture
def second(demo, monkeypatch, capsys):
    """A second demo, of a part of the world, on what the first left where names need quoting."""
    (demo.folder / "some place").mkdir()
    (demo.folder / "demo").rename(demo.folder / "some place" / "it's")
    monkeypatch.chdir(demo.folder)
    monkeypatch.setattr("sys.argv", [str(BAROGRAPH)])
    monkeypatch.setattr("flows.demonstration.build_world", part_of_the_world)
    with pytest.raises(SystemExit) as ended:
        looking.demo.main(["--folder", "some place/it's"])
    return Demo(demo.folder, capsys.readouterr().out, ended.value.code, session=0)


def test_it_ends_by_itself_and_says_that_all_is_well(demo):
    assert demo.code == 0, demo.output
    assert "Traceback" not in demo.output


def test_it_says_at_once_that_nobody_in_it_exists(demo):
    first = demo.output.splitlines()[0]
    assert re.match(r"24 invented organizations are served at http://127\.0\.0\.1:\d+; none", first)


def test_every_organization_has_a_row_with_a_set_for_its_stage(demo):
    lines = demo.output.splitlines()
    for name in names(demo.folder / "demo"):
        line = next(line for line in lines if line.startswith(name))
        assert STAGE_CELLS.search(line), line


def test_how_an_organization_answers_stands_beside_how_often_it_posts(demo):
    cells = [line for line in demo.output.splitlines() if STAGE_CELLS.search(line)]
    assert all(DIALOGUE_CELLS.search(line) for line in cells), cells
    told = [DIALOGUE_CELLS.search(line).groups() for line in cells]
    assert sum("% of" in rate for rate, _ in told) >= 12
    assert sum(hours.endswith(" h") for _, hours in told) >= 8
    assert {"no channel", "not seen"} < {rate for rate, _ in told}
    assert max(map(len, cells)) <= 132


def test_machines_are_told_the_same_of_every_organization(demo):
    with open_warehouse(demo.folder / "demo/data/warehouse.duckdb", read_only=True) as connection:
        week = last_clock(connection).as_of_week
        found = reading.rows(connection, "overview", {"as_of_week": week})
    figures = json.loads(json.dumps([organization_figures(row) for row in found]))
    assert len({one["organization_id"] for one in figures}) == len(figures) == 24
    for one in figures:
        is_told = one["reply_rate_72h"] is not None
        assert is_told == (one["reply_rate_72h_missing_reason"] == "")
        assert is_told == (one["reply_rate_72h_n"] >= 20)


def test_every_name_says_that_it_is_invented(demo):
    text = (demo.folder / "demo" / "organizations.toml").read_text("utf-8")
    for organization in tomllib.loads(text)["organization"]:
        assert re.search(r"\((invented|erfunden|verzonnen)", organization["name"])


def test_it_says_where_the_page_lies_which_says_that_all_is_invented(demo):
    page = Path(re.search(r"^The pages, as files: file://(.+)$", demo.output, re.MULTILINE)[1])
    text = page.read_text("utf-8")
    assert "These organizations are invented." in text
    assert all(name in text for name in names(demo.folder / "demo"))


def test_the_page_links_to_nowhere_outside(demo):
    paths = [path for path in (demo.folder / "demo" / "site").rglob("*") if path.is_file()]
    assert len(paths) > 40
    for path in paths:
        # what a browser would follow or fetch; sources may be named in words
        asked = r"(?:href|src|action|url)\s*[=(]\s*[\"']?((?:https?:)?//[^\s\"'<>)]+)"
        addresses = re.findall(asked, path.read_text("utf-8"))
        outside = [a for a in addresses if not a.startswith(("http://127.0.0.1:", SVG))]
        assert outside == [], path.name


def test_its_run_is_recorded_as_invented(demo):
    recorded = rows(demo.folder / "demo" / "data", "select command, is_invented from raw.runs")
    assert recorded == [("demo", True)]


def test_it_leaves_no_server_and_no_process_behind(demo):
    port = int(re.search(r"http://127\.0\.0\.1:(\d+)", demo.output)[1])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 2)
    assert left_over(demo.session) == []


def test_the_next_steps_that_it_suggests_run_as_printed(demo, child_environment):
    commands = next_steps(demo.output)
    assert [shlex.split(command)[1] for command in commands] == STEPS
    codes = {}
    for name, command in zip(STEPS, commands, strict=True):
        if name != "dashboard":
            done = in_shell(command, demo.folder, child_environment)
            assert done.stdout, done.stderr
            codes[name] = done.returncode
    assert codes == {"status": 3, "roadmap": 0, "initiatives": 0, "export": 0, "init": 0}
    assert (demo.folder / "demo" / "out" / "manifest.json").exists()
    assert "demo" not in (demo.folder / "organizations.toml").read_text()


def test_a_second_demo_in_the_same_folder_starts_afresh(second, child_environment):
    assert second.code == 0, second.output
    data = second.folder / "some place" / "it's" / "data"
    assert rows(data, "select count(*), count(ended_at) from raw.runs") == [(1, 1)]
    status = next(command for command in next_steps(second.output) if " status " in command)
    done = in_shell(status, second.folder, child_environment)
    assert done.returncode == 3, done.stderr


SVG = "http://www.w3.org/2000/svg"
NAMED = "quillhaven"  # by the next steps
STEPS = ["dashboard", "status", "roadmap", "initiatives", "export", "init"]


def watched(folder, environment, *arguments):
    """What a command printed; its session's number, by which its processes can be found."""
    process = subprocess.Popen(
        [BAROGRAPH, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    output, _ = process.communicate(timeout=240)
    return Demo(folder, output, process.returncode, process.pid)


def part_of_the_world(moment):
    """The organization that the next steps name, and those with a feed that is not found."""
    world = build_world(moment)
    kept = {one.organization_id for one in world.organizations if is_failing(one)} | {NAMED}
    chosen = tuple(one for one in world.organizations if one.organization_id in kept)
    claims = tuple(claim for claim in world.claims if claim.organization_id in kept)
    return replace(world, organizations=chosen, claims=claims)


def is_failing(organization):
    return any(channel.answer is AnswerKind.NOT_FOUND for channel in organization.channels)


def names(folder):
    """Names as they are shown where there is little room: without what they say in brackets."""
    text = (folder / "organizations.toml").read_text("utf-8")
    return [o["name"].partition(" (")[0] for o in tomllib.loads(text)["organization"]]


def left_over(session, seconds=5):
    """Processes of a session that are still there after some seconds."""
    deadline = time.monotonic() + seconds
    while (found := processes(session)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def processes(session):
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended in this moment
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(path.parent.name)
    return found


def next_steps(output):
    """The commands below "Next:", as somebody would copy them."""
    lines = output.partition("\nNext:\n")[2].splitlines()
    commands = (re.split(r" {2,}", line.strip())[0] for line in lines)
    return [command for command in commands if "barograph " in command]


def in_shell(command, folder, environment):
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
