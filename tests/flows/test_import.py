"""What comes from elsewhere is the same as what is collected: known once, private, covered."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from import_files import HANDLE, ImportProject, answered, asked, write_csv, write_lines
from warehouse_tables import WHOLE_ACTIVITIES, digest, rows

from flows.build import build_signals
from flows.commands.importing import import_
from flows.errors import InputError
from flows.exporting import export_all
from flows.project import Project
from flows.replaying import replay_archive
from warehouse.db import open_warehouse

FORUM = [
    asked(1, "2019-05-06T10:00:00Z"),
    answered(1, "2019-05-06T12:00:00Z"),
    asked(2, "2019-05-07T10:00:00Z"),
    asked(3, "2019-05-08T09:00:00Z", event_id="p3", kind="reply", thread_id="t2", parent_id="q2"),
    asked(4, "2020-02-01T10:00:00Z"),
    answered(4, "2020-02-09T10:00:00Z"),
]
TABLES = ("activities", "attempts", "channels", "organizations", "periods", "presences", "sources")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """An empty warehouse to copy."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    with open_warehouse(path):
        return path


@pytest.fixture(scope="module")
def imported(warehouse, tmp_path_factory):
    """A project with a small forum in it, and what was said of its import; not to be changed."""
    folder = tmp_path_factory.mktemp("imported")
    project = ImportProject(folder / "project", warehouse)
    project.done = project.bring(write_csv(folder / "forum.csv", FORUM))
    return project


@pytest.fixture(scope="module")
def export(imported, tmp_path_factory):
    """The folder that the small forum is exported to."""
    folder = tmp_path_factory.mktemp("exported")
    shutil.copytree(imported.data, folder / "data")
    with open_warehouse(folder / "data" / "warehouse.duckdb") as connection:
        build_signals(Project(folder / "data"), connection)
        export_all(connection, folder / "export")
    return folder / "export"


@pytest.fixture
def project(tmp_path, warehouse):
    return ImportProject(tmp_path / "project", warehouse)


def test_a_file_imported_twice_and_one_that_overlaps_double_nothing(project, tmp_path):
    whole = write_csv(tmp_path / "forum.csv", FORUM)
    first = project.bring(write_csv(tmp_path / "half.csv", FORUM[:3]))
    second, third = project.bring(whole), project.bring(whole)
    added = [one.landed.added_count for one in (first, second, third)]
    known = [one.landed.known_count for one in (first, second, third)]
    assert (added, known) == ([3, 3, 0], [0, 3, 6])
    assert project.value("select count(*) from raw.activities") == 6
    assert project.value("select count(*) from raw.periods") == 2  # the half's, and the whole's


def test_the_same_event_twice_in_a_file_is_one(project, tmp_path):
    done = project.bring(write_csv(tmp_path / "forum.csv", [*FORUM, FORUM[0]]))
    assert (done.landed.added_count, done.landed.repeated_count) == (6, 1)


def test_in_an_imported_forum_whatever_comes_later_in_a_thread_may_answer(imported):
    shapes = imported.rows("select distinct thread_shape, found_through from raw.activities")
    assert shapes == [("list", "listing")]


def test_only_what_answers_the_organization_is_said_to_it(imported):
    found = imported.rows("select kind, direction from raw.activities order by occurred_at")
    assert found == [
        ("post", "to_organization"),
        ("reply", "by_organization"),
        ("post", "to_organization"),
        ("reply", "among_others"),
        ("post", "to_organization"),
        ("reply", "by_organization"),
    ]


def test_who_spoke_is_nowhere_in_the_data_folder(imported):
    stored = [path for path in imported.data.rglob("*") if path.is_file()]
    tables = [pq.read_table(path).to_pylist() for path in stored if path.suffix == ".parquet"]
    with open_warehouse(imported.data / "warehouse.duckdb", read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
        ).fetchall()
        tables += [connection.execute(f"from {name}").fetchall() for (name,) in names]
    assert tables
    assert HANDLE not in repr(tables)
    texts = [path for path in stored if path.suffix in {".json", ".txt"}]
    assert not any(HANDLE in path.read_text("utf-8") for path in texts)


def test_nobody_can_be_followed_from_one_year_into_the_next(imported):
    keys = imported.rows(
        "select year(occurred_at), count(distinct author_key), min(length(author_key)) "
        "from raw.activities where author_role = 'outsider' group by 1 order by 1"
    )
    assert keys == [(2019, 1, 32), (2020, 1, 32)]
    query = "select count(distinct author_key) from raw.activities where author_role = 'outsider'"
    assert imported.value(query) == 2


def test_an_import_vouches_for_the_span_between_first_and_last_event_and_says_so(imported):
    found = imported.rows("select from_at, until_at, is_dialogue_whole from raw.periods")
    assert found == [(datetime(2019, 5, 6, 10), datetime(2020, 2, 9, 10), True)]  # noqa: DTZ001
    (channel,) = imported.done.summary()["channels"]
    assert channel["is_span_assumed"]


def test_a_span_that_is_said_is_taken(project, tmp_path):
    file = write_csv(tmp_path / "forum.csv", FORUM)
    project.bring(file, covered_from="2019-01-01", covered_until="2020-12-31")
    found = project.rows("select from_at, until_at from raw.periods")
    assert found == [(datetime(2019, 1, 1), datetime(2021, 1, 1))]  # noqa: DTZ001


def test_a_channel_that_is_collected_too_is_the_same_channel(project, tmp_path):
    (project.folder / "organizations.toml").write_text(
        '[[organization]]\nid = "tinkerfield"\nname = "Tinkerfield Toy Works (invented)"\n'
        'channels = [{ source = "discourse", address = "https://forum.tinkerfield.example/" }]\n'
    )
    project.bring(write_csv(tmp_path / "forum.csv", FORUM))
    found = project.rows(
        "select name, address from raw.channels join raw.organizations using (organization_id)"
    )
    assert found == [("Tinkerfield Toy Works (invented)", "https://forum.tinkerfield.example/")]


def test_rows_that_cannot_be_used_are_left_out_with_their_lines(project, tmp_path):
    bad = [
        asked(5, "2020-03-01", channel="carrier-pigeon"),
        asked(6, "2020-03-01", event_id=""),
        asked(7, "2020-03-01", direction="sideways"),
        asked(8, "2020-03-01", account=""),
    ]
    done = project.bring(write_csv(tmp_path / "forum.csv", [*FORUM, *bad]))
    assert done.landed.added_count == 6
    assert [line.split(":")[1] for line in done.left_out.examples] == ["8", "9", "10", "11"]
    assert "channel is 'carrier-pigeon', which the mapping does not name" in str(done.left_out)
    assert "no event id" in str(done.left_out)


def test_dates_that_cannot_be_are_kept_and_not_counted_by(project, tmp_path):
    odd = [asked(5, "2120-01-01"), asked(6, "1823-01-01"), asked(7, "soon"), asked(8, "")]
    project.bring(write_csv(tmp_path / "forum.csv", [*FORUM, *odd]))
    found = project.rows(
        "select date_flag from raw.activities where occurred_at is null order by 1"
    )
    assert [flag for (flag,) in found] == ["future", "implausible", "missing", "unparsable"]
    assert project.value("select until_at from raw.periods") == datetime(2020, 2, 9, 10)  # noqa: DTZ001


def test_the_command_tells_what_was_left_out_and_ends_with_three(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "forum.csv", [*FORUM, asked(9, "2020-03-01", direction="?")])
    done = CliRunner().invoke(import_, ["forum.csv", "--mapping", "activity-series"])
    assert done.exit_code == 3
    assert "7 rows read: 6 added, 0 known already, 1 left out" in done.output
    assert "forum.csv:8: kind/direction is 'post/?'" in done.output
    assert "covers 2019-05-06 to 2020-02-09 (assumed)" in done.output


@pytest.mark.parametrize(
    ("text", "mapping", "said"),
    [
        ("a,b\n1,2\n", "activity-series", "no header with the columns 'org_id'"),
        ("", "activity-series", "no header with the columns"),
        ("a,b\n1,2\n", "", "not our own columns"),
        ("org_id,account\n", "nonsense", "--mapping nonsense: no such mapping"),
        ("Post ID,Page ID,Publish time\n1,2,05/06/2024 10:00\n", "", "--mapping facebook-content"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_and_changes_nothing(
    text, mapping, said, project, tmp_path
):
    file = tmp_path / "table.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=said):
        project.bring(file, mapping=mapping)
    assert not (project.data / "archive").exists()


def test_a_file_without_a_usable_row_is_an_error_that_says_why(project, tmp_path):
    file = write_csv(tmp_path / "forum.csv", [asked(1, "2020-01-01", direction="?")])
    with pytest.raises(InputError, match=r"none of its rows can be used\nforum.csv:2: kind/dir"):
        project.bring(file)


def test_a_source_without_a_basis_is_refused(project, tmp_path):
    (tmp_path / "mine.toml").write_text(
        'extends = "activity-series"\n[columns]\nsource = { column = "channel" }\n'
    )
    file = write_csv(tmp_path / "forum.csv", [asked(1, "2020-01-01", channel="parlour")])
    with pytest.raises(InputError, match=r"on what basis source 'parlour' may be used"):
        project.bring(file, mapping=str(tmp_path / "mine.toml"))


def test_a_dry_run_counts_and_changes_nothing(tmp_path):
    project = ImportProject(tmp_path / "project")
    done = project.bring(write_csv(tmp_path / "forum.csv", FORUM), is_dry=True)
    assert done.landed.added_count == 6
    assert not project.data.exists()


def test_what_its_source_has_deleted_does_not_come_back(project, tmp_path):
    file = write_csv(tmp_path / "forum.csv", FORUM)
    project.bring(file)
    with open_warehouse(project.data / "warehouse.duckdb") as connection:
        connection.execute(
            "insert into raw.deletions select activity_id, channel_id, first_seen_at, 'absent', '' "
            "from raw.activities where kind = 'reply'"
        )
        connection.execute("delete from raw.activities where kind = 'reply'")
    done = project.bring(file)
    assert (done.landed.added_count, done.landed.gone_count) == (0, 3)


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl.gz"])
def test_an_export_comes_back_as_it_was(form, imported, export, project, tmp_path):
    file = export / f"activities.{form}"
    if form == "jsonl.gz":
        plain = pq.read_table(export / "activities.parquet").to_pylist()
        written = json.loads(json.dumps(plain, default=str))
        file = write_lines(tmp_path / "activities.jsonl.gz", written)
        for name in ("channels.csv", "organizations.csv"):
            (tmp_path / name).write_bytes((export / name).read_bytes())
    done = project.bring(file, mapping="", is_dialogue_whole="true")
    assert (done.landed.added_count, done.left_out.total) == (6, 0)
    same = (
        "select * exclude (first_seen_at, last_listed_at, page_id, last_page_id) "
        "from raw.activities order by activity_id"
    )
    assert project.rows(same) == imported.rows(same)
    assert project.rows("select from_at, until_at, is_dialogue_whole from raw.periods") == (
        imported.rows("select from_at, until_at, is_dialogue_whole from raw.periods")
    )


def test_our_own_columns_with_a_name_in_place_of_a_hash_are_left_out(export, project, tmp_path):
    table = pq.read_table(export / "activities.parquet").to_pylist()
    named = [row | {"author_key": HANDLE, "text_length": 77} for row in table[:1]]
    for name in ("channels.csv", "organizations.csv"):
        (tmp_path / name).write_bytes((export / name).read_bytes())
    written = json.loads(json.dumps([*named, *table[1:]], default=str))
    done = project.bring(write_lines(tmp_path / "acts.jsonl", written), mapping="")
    assert done.landed.added_count == 5
    assert "author_key is no keyed hash" in str(done.left_out)


def test_a_replay_brings_an_import_back_exactly(imported, tmp_path):
    again = tmp_path / "again"
    replay_archive(again, imported.data, quiet=True)
    assert digest(again, WHOLE_ACTIVITIES) == digest(imported.data, WHOLE_ACTIVITIES)
    for table in TABLES:
        query = f"select * from raw.{table} order by all"
        assert rows(again, query) == imported.rows(query)


PROFILE = {
    "org_id": "tinkerfield",
    "company": "Tinkerfield Toy Works (invented)",
    "sector": "Toys",
    "channel": "twitter",
    "account": "tinkerfield",
    "followers_count": "1200",
    "tweet_count": "77",
    "verified": "True",
    "has_description": "True",
    "observed": "2022-11",
}


def test_profiles_come_in_once_and_not_without_their_moment(project, tmp_path):
    undated = PROFILE | {"observed": "lately"}
    file = write_csv(tmp_path / "profiles.csv", [PROFILE, undated])
    done = [project.bring(file, mapping="profile-series") for _ in range(2)]
    assert [one.landed.added_count for one in done] == [1, 0]
    assert done[0].left_out.examples == ["profiles.csv:3: observed at 'lately': unparsable"]
    found = project.rows("select follower_count, observed_at, verification from raw.presences")
    assert found == [(1200, datetime(2022, 11, 1), "organization_badge")]  # noqa: DTZ001


CHILD = """
import sys
from pathlib import Path
from flows.importing import delimited, staging
from flows.importing.job import import_files
from flows.importing.order import ImportOrder
from flows.settings import Settings

delimited.CHUNK_ROWS = staging.PART_ROWS = 100
import_files(ImportOrder(
    settings=Settings(folder=Path(sys.argv[1])), files=(Path(sys.argv[2]),), mapping=sys.argv[3]
))
"""
#: What is there at the moment of the kill: rows of a part, the record of it, the second part's.
MOMENTS = ("rows/*/*/*/*-00000-0", "pages/*/*/*/*-00001-0.parquet")


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_import_that_is_killed_and_done_again_equals_one_that_was_not(
    moment, warehouse, tmp_path
):
    many = [asked(n, f"2019-05-06T10:{n // 60 % 60:02}:{n % 60:02}Z") for n in range(300)]
    file = write_csv(tmp_path / "forum.csv", many)
    killed = ImportProject(tmp_path / "killed", warehouse)
    child = subprocess.Popen([sys.executable, "-c", CHILD, killed.folder, file, "activity-series"])
    while child.poll() is None and not list((killed.data / "archive").glob(moment)):
        time.sleep(0.001)
    child.kill()
    assert child.wait() == -signal.SIGKILL
    killed.bring(file)
    assert killed.value("select count(*) from raw.activities") == 300
    assert killed.value("select count(distinct activity_id) from raw.activities") == 300
    assert killed.rows("select from_at, until_at from raw.periods") == [
        (datetime(2019, 5, 6, 10), datetime(2019, 5, 6, 10, 4, 59))  # noqa: DTZ001
    ]
    states = killed.rows("select state from raw.runs order by started_at")
    assert states == [("interrupted",), ("completed",)]
    assert not list((killed.data / "landing").glob("*"))
