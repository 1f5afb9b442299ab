"""What goes wrong ends in one clear message that says where, and what to do."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from corpus_server import organizations_toml, serving
from small_world import feeds, rss
from warehouse_tables import rows

from flows.cli import main
from flows.commands.frame import guarded

ALLOWED = ("--allow-host", "127.0.0.1")
LISTED = '[[organization]]\nid = "{}"\nchannels = [{{ source = "{}", address = "{}" }}]\n'
ONE = LISTED.format("a", "feeds", "http://127.0.0.1:9/x")


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """Runs the command inside this process, in a project folder of its own."""
    for name in [name for name in os.environ if name.startswith("BAROGRAPH_")]:  # noqa: TID251 - ours
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(*arguments, **environment):
        return CliRunner().invoke(main, arguments, env=environment, prog_name="barograph")

    return call


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ('[[organization]]\nid = "a"\nchannels = [\n', 3, "not valid TOML"),
        ('[[organization]]\nid = "a\n', 2, "not valid TOML"),
        (LISTED.format("a", "feds", "https://e.org/"), 3, "unknown source 'feds'; known sources:"),
        (ONE + ONE, 5, "id 'a' is used twice (first on line 2); give each its own"),
        (LISTED.format("A b", "feeds", "https://e.org/"), 2, "must be kebab-case, such as"),
        (
            ONE.replace('"feeds"', '"feeds", rle = "x"'),
            3,
            "unknown key 'rle'; did you mean 'role'?",
        ),
    ],
)
def test_a_mistake_in_the_list_is_told_with_file_line_and_remedy(
    tmp_path, invoke, text, line, told
):
    (tmp_path / "organizations.toml").write_text(text)
    error = refusal(invoke("run", *ALLOWED))
    assert error.startswith(f"error: {tmp_path / 'organizations.toml'}:{line}: ")
    assert told in error
    assert not (tmp_path / "data").exists()


def test_every_mistake_of_a_list_is_told_at_once_and_not_more_than_one_can_read(tmp_path, invoke):
    (tmp_path / "organizations.toml").write_text(
        "".join(LISTED.format(f"a{n}", "feds", "https://e.org/") for n in range(50))
    )
    done = invoke("collect")
    assert done.exit_code == 2
    assert done.stderr.count("unknown source") == 20
    assert done.stderr.endswith("error: and 30 more problems\n")


def test_a_folder_without_a_list_is_told_how_to_get_one(invoke):
    error = refusal(invoke("run"))
    assert "`barograph init` writes one" in error
    assert "--organizations names another" in error


def test_a_list_that_is_not_there_is_named(tmp_path, invoke):
    error = refusal(invoke("run", "--organizations", "nobody.toml"))
    assert f"{tmp_path / 'nobody.toml'}: no such file" in error


def test_a_list_of_an_unknown_kind_is_told_the_kinds_that_are_read(tmp_path, invoke):
    (tmp_path / "list.xlsx").write_bytes(b"PK\x03\x04")
    error = refusal(invoke("run", "--organizations", "list.xlsx"))
    assert "list.xlsx: unknown kind of file" in error
    assert ".toml, .csv or .opml" in error


def test_a_public_host_is_not_asked_without_a_contact(tmp_path, invoke):
    (tmp_path / "organizations.toml").write_text(LISTED.format("a", "feeds", "https://e.org/"))
    error = refusal(invoke("collect"))
    assert "e.org will not be asked" in error
    assert "BAROGRAPH_CONTACT" in error


@pytest.mark.parametrize("command", ["run", "build"])
@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-11-20T25:00"])
def test_a_moment_that_is_none_is_told_an_example(invoke, command, text):
    error = refusal(invoke(command, "--as-of", text))
    assert f"--as-of {text!r} is no date such as 2026-11-21" in error


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("host_parallel = 0\n", "host_parallel = 0 is not a whole number of at least 1"),
        ("contcat = 'me@example.org'\n", "unknown setting 'contcat'; known: contact, "),
        ("contact = \n", "not valid TOML: Invalid value (at line 1"),
    ],
)
def test_a_wrong_setting_is_told_with_its_file(tmp_path, invoke, text, told):
    (tmp_path / "barograph.toml").write_text(text)
    error = refusal(invoke("status"))
    assert error.startswith(f"error: {tmp_path / 'barograph.toml'}: ")
    assert told in error


def test_a_wrong_setting_of_the_environment_is_told_by_its_name(invoke):
    error = refusal(invoke("status", BAROGRAPH_HOST_SPACING_SECONDS="soon"))
    assert error.startswith("error: BAROGRAPH_HOST_SPACING_SECONDS: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("organization,stage\na,Huge\n", "claims.csv, line 2, column stage: 'Huge' is not a stage"),
        ('organization,stage\n"a,2\n', "claims.csv, line 2: not readable as CSV"),
        ("stage\n2\n", "claims.csv, line 1"),
        ("organization,stage\na,2\nb,2\n", "not on the list of organizations: b; correct the ids"),
    ],
)
def test_a_mistake_in_the_claims_is_told_before_anyone_is_asked(tmp_path, invoke, text, told):
    (tmp_path / "organizations.toml").write_text(ONE)
    (tmp_path / "claims.csv").write_text(text)
    error = refusal(invoke("run", *ALLOWED))
    assert error.startswith(f"error: {tmp_path / 'claims.csv'}")
    assert told in error
    assert not (tmp_path / "data").exists()


def test_claims_that_are_not_there_are_named(tmp_path, invoke):
    (tmp_path / "organizations.toml").write_text(ONE)
    error = refusal(invoke("run", "--claims", "nowhere.csv", *ALLOWED))
    assert f"{tmp_path / 'nowhere.csv'}: no such file; correct the name" in error


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("frobnicate",), "No such command 'frobnicate'"),
        (("run", "--frob"), "No such option '--frob'"),
        (("export",), "Missing argument 'FOLDER'"),
        (("dashboard", "--port", "99999"), "99999 is not in the range 0<=x<=65535"),
        (("init", "extra"), "Got unexpected extra argument"),
    ],
)
def test_a_command_line_that_means_nothing_is_told_where_help_is(invoke, arguments, told):
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert "--help' for help" in done.stderr


@pytest.mark.parametrize("arguments", [("collect", *ALLOWED), ("replay", "--from", "other")])
def test_a_data_folder_that_is_a_file_is_named(tmp_path, barograph, arguments):
    (tmp_path / "organizations.toml").write_text(ONE)
    (tmp_path / "other" / "runs").mkdir(parents=True)
    (tmp_path / "data").write_text("a file")
    done = barograph(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path / 'data'}")
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "data").read_text() == "a file"


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_full_disk_is_told_wherever_in_what_is_done_side_by_side_it_is_met(capsys, depth):
    def write():
        try:
            Path("/dev/full").write_text("anything")
        except OSError as error:
            for _ in range(depth):
                error = ExceptionGroup("unhandled errors in a TaskGroup", [ValueError(), error])
            raise error from None

    with pytest.raises(SystemExit, match="1"):
        guarded(write)()
    told = capsys.readouterr().err
    assert told.startswith("error: the disk is full. What was collected is kept; make room")
    assert told.count("\n") == 1


@pytest.mark.parametrize("others", [{}, {"/posts.xml": rss(3)}])
def test_a_web_page_without_a_feed_is_told_so_after_looking_for_one(tmp_path, barograph, others):
    page = b"<html><head><link rel='alternate' type='application/rss+xml' href='/f.xml'></head>"
    with serving(others) as server:
        server.answers["/news"] = (200, {"Content-Type": "text/html"}, page)
        text = organizations_toml(server.base_url, ["/news", *others], 2)
        (tmp_path / "organizations.toml").write_text(text)
        done = barograph("collect", *ALLOWED)
    assert done.returncode == (3 if others else 1)
    assert f"organization-0  {server.base_url}/news\n" in done.stdout
    looked = f"it announces 1 feed: trying {server.base_url}/f.xml first"
    remedy = "none of these is a feed: give the address of its feed"
    assert f"a web page, not a feed; {looked}; {remedy}\n" in done.stdout
    assert done.stderr == ""


def test_a_web_page_in_place_of_a_feed_is_followed_to_its_feed(tmp_path, barograph):
    page = b"<html><head><link rel='alternate' type='application/rss+xml' href='/f.xml'></head>"
    with serving({"/f.xml": rss(3)}) as server:
        server.answers["/news"] = (200, {"Content-Type": "text/html"}, page)
        text = organizations_toml(server.base_url, ["/news"], 1)
        (tmp_path / "organizations.toml").write_text(text)
        first = barograph("collect", *ALLOWED)
        asked = [each.path for each in server.asked]
        again = barograph("collect", "--now", *ALLOWED)
        status = barograph("status")
    found = f"{server.base_url}/news is a web page: reads the feed that was found at"
    assert f"organization-0: {found} {server.base_url}/f.xml\n" in first.stdout
    assert "0 failed; 3 activities added" in first.stdout
    assert asked == ["/robots.txt", "/news", "/f.xml"]
    assert [each.path for each in server.asked[3:]] == ["/f.xml"]
    assert "1 unchanged, 0 failed" in again.stdout
    assert f"discovered: {server.base_url}/f.xml" in status.stdout


def test_of_two_runs_at_once_the_second_says_so_and_nothing_is_lost(
    tmp_path, barograph, barograph_json
):
    asked, may_answer = threading.Event(), threading.Event()
    with serving(feeds(4)) as server:
        answer = server.RequestHandlerClass._answer

        def wait_and_answer(handler):
            asked.set()
            may_answer.wait(60)
            return answer(handler)

        server.RequestHandlerClass = type(
            "Slow", (server.RequestHandlerClass,), {"_answer": wait_and_answer}
        )
        text = organizations_toml(server.base_url, list(server.documents), 2)
        (tmp_path / "organizations.toml").write_text(text)
        first = {}
        thread = threading.Thread(
            target=lambda: first.update(done=barograph_json("collect", *ALLOWED))
        )
        thread.start()
        assert asked.wait(60)
        second = barograph("collect", *ALLOWED)
        may_answer.set()
        thread.join()
    assert second.returncode == 1
    assert "another run is writing" in second.stderr
    assert "wait until it has ended" in second.stderr
    code, result = first["done"]
    assert (code, result["fetched"], result["state"]) == (0, 4, "completed")
    expected = sum(document.count(b"<item>") for document in server.documents.values())
    assert rows(tmp_path / "data", "select count(*) from raw.activities") == [(expected,)]
    assert rows(tmp_path / "data", "select state from raw.runs") == [("completed",)]


def refusal(done):
    """The message of a command that was refused for what it was given: one line, exit code 2."""
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr
