"""Exports: rows in an order of their own, the same bytes every time, only what was asked for."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from exported_folders import contents, tables

from flows.errors import InputError, NothingDoneError
from flows.exporting import ExportOrder, export_all
from flows.project import Project
from flows.publish import publish
from warehouse.export import TABLES
from warehouse.exporttables import EVERYTHING, Excerpt, declared_tables, tables_of
from warehouse.statetables import state_tables

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
WEEK = 7 * DAY
#: Columns that could lead to a person or to one act.
PERSONAL = {"author_key", "activity_id", "parent_id", "thread_id", "page_id", "answer_id"}


@pytest.fixture(scope="module")
def former(new_world):
    """Two organizations whose channels were read; a thread, a claim in confidence, an estimate."""
    with new_world() as world:
        world.organization("acme", "news", "forum")
        world.organization("bee", "buzz")
        for channel in ("news", "buzz"):
            posts = [AS_OF - day * DAY for day in range(1, 90, 3)]
            world.see(channel, AS_OF - 120 * DAY, AS_OF - DAY, posts)
        asked = [world.said(f"q{n}", AS_OF - (20 + n) * DAY, thread=f"q{n}") for n in range(5)]
        view = {"reply_count": 1, "shown_count": 1, "is_truncated": False, "withheld_count": 0}
        views = [{"thread_id": said["thread_id"], **view} for said in asked]
        world.talk("forum", AS_OF - DAY, *asked, threads=views)
        for name, is_public in (("acme", "true"), ("bee", "false")):
            world.connection.execute(
                f"insert into raw.claims by name select '{name}' as organization_id, "
                "'altimeter_direct' as instrument, 3 as stage_code, '' as respondent_role, "
                "date '2026-10-01' as claimed_on, 'words' as note, "
                "now()::timestamp as imported_at, "
                f"false as is_answered, true as is_headline, {is_public} as is_public"
            )
        world.build(AS_OF)
        yield world


@pytest.fixture
def world(former, copy_of):
    former.connection.execute("checkpoint")
    return copy_of(former)


def export(world, folder, **order):
    export_all(world.connection, folder, ExportOrder(**order))
    return folder


def cells(folder, table):
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_rows_that_lie_in_another_order_are_exported_as_the_same_bytes(world, tmp_path):
    first = contents(export(world, tmp_path / "first"))
    for table in state_tables(world.connection):
        world.connection.execute(f"create table turned as from {table} order by random()")
        world.connection.execute(f"delete from {table}")
        world.connection.execute(f"insert into {table} from turned")
        world.connection.execute("drop table turned")
    world.connection.execute("set threads = 4")
    second = contents(export(world, tmp_path / "second"))
    assert [name for name in first if first[name] != second.get(name)] == []
    assert len(first) == len(second)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_sorted_by_what_it_declares_and_has_its_key_once(world, tmp_path, table):
    export(world, tmp_path)
    declared = declared_tables()[table]
    with duckdb.connect() as connection:
        path = tmp_path / f"{table}.parquet"
        order = ", ".join(f"{name} nulls first" for name in declared.order)
        lie = connection.execute(f"select {', '.join(declared.order)} from '{path}'").fetchall()
        sorted_ = connection.execute(
            f"select {', '.join(declared.order)} from '{path}' order by {order}"
        ).fetchall()
        assert lie == sorted_
        if declared.key:
            keys = (
                f"select {', '.join(declared.key)} from '{path}' group by all having count(*) > 1"
            )
            assert connection.execute(keys).fetchall() == []


def test_as_of_a_week_tells_what_was_known_when_it_was_measured(world, tmp_path):
    before = export(world, tmp_path / "before")
    late = world.entry(AS_OF - 10 * DAY)  # of a measured week, and seen after it was
    world.listed_at = AS_OF + 367 * DAY
    world.organization("later", "later-news")
    world.read("news", AS_OF + 370 * DAY, late, listed_from=AS_OF - 20 * DAY)
    world.build(AS_OF + WEEK)
    now = export(world, tmp_path / "now")
    then = export(world, tmp_path / "then", as_of=AS_OF - DAY)
    for table in ("signals", "signal_revisions", "attempts", "threads", "sources"):
        path = f"{table}.parquet"
        assert (then / path).read_bytes() == (before / path).read_bytes(), table
    for table, key in (("organizations", "organization_id"), ("activities", "activity_id")):
        assert ids(then, table, key) == ids(before, table, key) < ids(now, table, key)
    manifests = [json.loads((f / "manifest.json").read_text()) for f in (before, then)]
    assert len({(m["as_of"], m["known_at"], m["as_of_week"]) for m in manifests}) == 1
    assert [m["is_whole"] for m in manifests] == [True, False]
    assert not (then / "state").exists()


def test_what_was_corrected_since_is_exported_as_it_was(world, tmp_path):
    before = export(world, tmp_path / "before")
    world.read(
        "news", AS_OF + 400 * DAY, world.entry(AS_OF - 9 * DAY), listed_from=AS_OF - 20 * DAY
    )
    clock = world.clock(AS_OF, known_at=AS_OF + 500 * DAY)
    world.build(AS_OF + WEEK)
    measured = "update signals.measurements set known_at = $late where value is not null"
    world.connection.execute(
        "insert into signals.former_measurements by name select *, $late as known_until "
        "from signals.measurements where value is not null and as_of_week = $week",
        {"late": clock.variables()["known_at"], "week": date(2026, 10, 26)},
    )
    world.connection.execute(
        f"{measured} and as_of_week = '2026-10-26'", {"late": clock.variables()["known_at"]}
    )
    then = export(world, tmp_path / "then", as_of=AS_OF - DAY)
    assert (then / "signals.csv").read_bytes() == (before / "signals.csv").read_bytes()
    now = export(world, tmp_path / "now")
    assert (now / "signals.csv").read_bytes() != (before / "signals.csv").read_bytes()


def ids(folder, table, key):
    return {row[key] for row in cells(folder, table)}


def test_a_week_that_was_not_measured_is_no_week_to_export(world, tmp_path):
    told = r"the week of Monday 2025-12-29 was not measured; measured are 2026-10-26 "
    with pytest.raises(InputError, match=told):
        export(world, tmp_path / "out", as_of=datetime(2026, 1, 1, tzinfo=UTC))
    assert not (tmp_path / "out").exists()


def test_since_a_day_nothing_is_about_an_earlier_one(world, tmp_path):
    whole, part = (
        export(world, tmp_path / "a"),
        export(world, tmp_path / "b", since=date(2026, 10, 1)),
    )
    days = [row["occurred_at"][:10] for row in cells(part, "activities") if row["occurred_at"]]
    assert min(days) == "2026-10-01" or min(days) > "2026-10-01"
    assert len(days) < len(cells(whole, "activities"))
    assert {row["day"] for row in cells(part, "coverage")} == {
        str(date(2026, 10, 1) + n * DAY) for n in range(32)
    }
    assert (part / "organizations.csv").read_bytes() == (whole / "organizations.csv").read_bytes()
    undated = [row for row in cells(whole, "activities") if not row["occurred_at"]]
    assert undated  # these count by when they were first seen


def test_an_export_of_some_organizations_is_about_no_other(world, tmp_path):
    folder = export(world, tmp_path, organization_ids=("bee",))
    for name, content in tables(folder).items():
        if name.endswith(".csv"):
            assert b"acme" not in content, name
    assert {row["organization_id"] for row in cells(folder, "activities")} == {"bee"}
    assert json.loads((folder / "manifest.json").read_text())["organizations"] == ["bee"]


def test_an_organization_that_is_not_there_is_named(world, tmp_path):
    with pytest.raises(InputError, match="no such organization: nobody"):
        export(world, tmp_path, organization_ids=("acme", "nobody"))


@pytest.fixture
def published(world, tmp_path):
    publish(Project(tmp_path / "data"), world.connection)
    return world


def test_a_public_export_has_no_table_of_acts_and_no_column_of_persons(published, tmp_path):
    folder = export(published, tmp_path / "out", is_public=True)
    with (folder / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    expected = {table.name for table in tables_of(Excerpt(is_public=True))}
    assert {row["table"] for row in told} == expected
    assert expected.isdisjoint({"activities", "threads", "presences", "attempts", "labels"})
    assert PERSONAL.isdisjoint(row["column"] for row in told)
    everything = b"".join(contents(folder).values())
    keys = "select activity_id from raw.activities union select page_id from raw.activities"
    found = published.connection.execute(keys).fetchall()
    assert found
    assert [key for (key,) in found if key and key.encode() in everything] == []


def test_of_private_claims_a_public_export_has_totals_alone(published, tmp_path):
    folder = export(published, tmp_path / "out", is_public=True)
    claims = cells(folder, "claims")
    assert [row["organization_id"] for row in claims] == ["acme"]
    assert {"note", "respondent_role", "is_public"}.isdisjoint(claims[0])
    assert {row["scope"] for row in cells(folder, "agreement_statistics")} <= {"public", "all"}
    assert "saw_claim" not in (folder / "estimates.csv").read_text().splitlines()[0]


def test_a_public_export_replaces_all_that_a_whole_one_left_there(published, tmp_path):
    export(published, tmp_path / "out")
    (tmp_path / "out" / "mine.txt").write_text("of somebody else")
    before = set(contents(export(published, tmp_path / "other", is_public=True)))
    export(published, tmp_path / "out", is_public=True)
    assert set(contents(tmp_path / "out")) == before | {"mine.txt"}
    assert "author_key" not in (tmp_path / "out" / "README.md").read_text()


def test_what_is_not_published_yet_is_not_made_public(world, tmp_path):
    for _ in range(2):
        with pytest.raises(NothingDoneError, match="run `barograph publish` first"):
            export(world, tmp_path / "out", is_public=True)
        publish(Project(tmp_path / "data"), world.connection)
        world.build(AS_OF + WEEK)
    with pytest.raises(InputError, match="leave out --as-of"):
        export(world, tmp_path / "out", is_public=True, as_of=AS_OF)


@pytest.mark.parametrize("step", ["_told", "data_package", "write_state"])
def test_an_export_that_dies_never_verifies(world, tmp_path, monkeypatch, step):
    export(world, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(f"warehouse.export.{step}", die)
        with pytest.raises(SystemExit):
            export(world, tmp_path)
    assert not (tmp_path / "checksums.txt").exists()
    export(world, tmp_path)
    assert (tmp_path / "checksums.txt").exists()


def die(*_given):
    raise SystemExit


def test_rows_of_a_table_with_a_key_are_sorted_by_it_so_that_their_order_is_total():
    for table in declared_tables().values():
        assert set(table.key) <= set(table.order), table.name
        assert table.about.endswith("."), table.name


def test_whole_means_whole():
    assert EVERYTHING.is_whole
    for part in (
        Excerpt(since=date(2026, 1, 1)),
        Excerpt(organization_ids=("a",)),
        Excerpt(is_public=True),
    ):
        assert not part.is_whole
