"""What people said leaves the archive, and every table can be made again without it."""

from __future__ import annotations

import shutil

import pyarrow.parquet as pq
import pytest
from collecting import Collecting
from corpus_server import serving
from small_world import rss
from town import DAY, WEEK, killing, tables

from flows.errors import NothingDoneError
from flows.project import Project
from flows.replaying import replay_archive
from warehouse.archive import read_pages

pytestmark = pytest.mark.thorough


def test_the_rows_of_a_batch_are_kept_where_people_speak(town):
    town.run()
    assert list(town.project.landing.glob("*")) == []
    known = {row[0] for row in town.collecting.rows("select activity_id from raw.activities")}
    assert len(known) == town.told.expected["first"]["activities"]
    assert {row["activity_id"] for row in town.kept()} == known
    assert {row["page_id"] for row in town.kept("attempts")} == {r["page_id"] for r in town.pages()}


def test_where_only_the_organization_speaks_nothing_is_kept_twice_and_nothing_removed(
    tmp_path, monkeypatch
):
    collecting = Collecting(tmp_path, monkeypatch)
    with serving({"/feed.xml": rss(3)}) as server:
        collecting.list([f"{server.base_url}/feed.xml"])
        collecting.run()
        collecting.run(after=30 * DAY)
    archive = Project(tmp_path / "data").archive
    assert rss(3) in collecting.archived_bodies()
    assert sorted(path.name for path in archive.folder.iterdir()) == [
        "organizations",
        "pages",
        "runs",
    ]
    assert list((tmp_path / "data" / "landing").glob("*")) == []


def test_responses_are_removed_after_a_week_and_everything_else_of_them_stays(town):
    town.run()
    before = town.pages()
    town.retain(after=WEEK - DAY)
    assert town.pages() == before
    town.retain(after=DAY)
    assert town.bodies() == []
    for was, now in zip(before, town.pages(), strict=True):
        assert {**was, "body": None, "headers": None} == {**now, "headers": None}
        assert {h["name"] for h in was["headers"]} - {h["name"] for h in now["headers"]} == {
            "set-cookie"
        }


def test_only_responses_that_are_due_are_removed(town):
    town.run()
    town.show(town.told.later)
    town.run(after=WEEK - DAY)
    newest = town.project.archive.page_files()[-1]
    recent = read_pages(newest)
    town.retain(after=DAY)
    assert read_pages(newest) == recent
    assert any(row["body"] for row in recent)


def test_nothing_is_written_again_when_there_is_nothing_to_do(town):
    town.run_a_day_later()
    town.retain(after=WEEK)
    before = changes(town.data / "archive")
    town.retain()
    assert changes(town.data / "archive") == before


def test_responses_can_be_removed_on_the_very_day(town):
    town.run()
    town.retain(days=0)
    assert town.bodies() == []


def test_a_response_stays_as_long_as_its_rows_are_not_safe(town):
    town.run()
    rows, aside = town.data / "archive" / "rows", town.data / "aside"
    rows.rename(aside)
    before = town.pages()
    town.retain(after=30 * DAY)
    assert town.pages() == before
    aside.rename(rows)
    town.retain(after=DAY)
    assert town.bodies() == []


def test_a_clock_that_was_ahead_keeps_nothing_for_ever(town):
    town.run()
    town.retain(after=3650 * DAY)
    town.collecting.clock.moment -= 3650 * DAY
    town.show(town.told.later)
    town.run(after=DAY)
    assert town.bodies() != []
    town.retain(after=WEEK)
    assert town.bodies() == []


def test_a_damaged_page_file_stops_neither_a_run_nor_the_removal_of_others(town):
    town.run()
    first, *_ = town.project.archive.page_files()
    first.write_bytes(b"PAR1")
    town.show(town.told.later)
    town.run(after=8 * DAY)
    town.retain(after=WEEK)
    first.unlink()
    assert town.bodies() == []


def test_what_a_killed_run_left_of_a_response_goes_too(town):
    town.run()
    (path,) = town.project.archive.page_files()[:1]
    leftover = path.with_name(f".{path.name}.unfinished")
    shutil.copy(path, leftover)
    town.retain(after=WEEK)
    assert not leftover.exists()


def test_a_replay_without_the_responses_gives_the_same_tables(town, replayed):
    town.run_a_day_later()
    town.retain(after=30 * DAY)
    assert town.bodies() == []
    before, after = replayed()
    assert after == before


def test_a_copy_of_the_archive_without_responses_gives_the_same_tables(town, tmp_path):
    town.run_a_day_later()
    town.retain(after=30 * DAY)
    town.collecting.build()
    replay_archive(tmp_path / "copy", town.data, quiet=True)
    assert tables(tmp_path / "copy") == town.tables()


def test_a_feed_beside_it_keeps_its_documents_and_the_tables_stay_the_same(town, replayed):
    town.before = None
    town.server.documents["/feed.xml"] = rss(3)
    listed = town.collecting.folder / "organizations.toml"
    feed = f'{{ source = "feeds", address = "http://{town.host}/feed.xml" }}'
    listed.write_text(listed.read_text().replace("[{", f"[{feed}, {{"))
    town.run()
    town.retain(after=WEEK)
    assert town.bodies() == [rss(3)]
    before, after = replayed()
    assert after == before


def test_a_replay_of_half_the_responses_gives_the_same_tables(town, replayed):
    town.run()
    town.show(town.told.later)
    town.run(after=WEEK - DAY)
    town.retain(after=DAY)
    before, after = replayed()
    assert after == before


def test_a_replay_goes_on_being_possible_after_a_replay(town, replayed):
    town.run_a_day_later()
    before, _ = replayed()
    town.retain(after=30 * DAY)
    _, after = replayed()
    assert after["activities"] == before["activities"]
    assert after["deletions"] == before["deletions"]


def test_rows_of_an_older_version_are_loaded_with_what_they_know(town, replayed):
    town.run()
    town.retain(after=30 * DAY)
    for path in town.project.archive.rows_files("activities"):
        pq.write_table(pq.read_table(path).drop_columns(["thread_shape", "like_count"]), path)
    before, after = replayed()
    assert after["cursors"] == before["cursors"]
    assert town.collecting.rows("select distinct thread_shape from raw.activities") == [("",)]


def test_damaged_rows_are_named_and_the_old_warehouse_stays(town):
    town.run()
    town.retain(after=30 * DAY)
    town.collecting.build()
    before = town.tables()
    path = town.project.archive.rows_files("activities")[0]
    path.write_bytes(b"PAR1")
    with pytest.raises(NothingDoneError, match=f"{path.parent}: damaged"):
        replay_archive(town.data, None, quiet=True)
    assert town.tables() == before


def test_a_crash_between_loading_and_keeping_loses_no_rows(town, replayed, monkeypatch):
    town.run()
    town.show(town.told.later)
    with killing(monkeypatch, "warehouse.archive.Archive.keep_rows"):
        town.run(after=DAY)
    assert list(town.project.landing.glob("*")) != []
    town.run(after=DAY)
    assert list(town.project.landing.glob("*")) == []
    town.retain(after=WEEK)
    assert town.bodies() == []
    before, after = replayed()
    assert after == before


def test_a_crash_between_two_steps_of_keeping_loses_no_rows(town, monkeypatch):
    town.run()
    town.collecting.build()
    with killing(monkeypatch, "pathlib.Path.rename", dies_on_leaving_landing):
        # a replay lands the rows again; the former ones are already aside
        replay_archive(town.data, None, quiet=True)
    town.run()
    assert all(town.project.archive.has_rows(p.stem) for p in town.project.archive.page_files())
    assert not list((town.data / "archive" / "rows").rglob("*.unfinished"))


def test_a_failed_run_removes_what_is_due_all_the_same(town, monkeypatch):
    town.run()
    monkeypatch.setattr("flows.job.make_batches", failed)
    with pytest.raises(RuntimeError, match="it failed"):
        town.run(after=30 * DAY)
    assert town.bodies() == []


def failed(*_, **__):
    message = "it failed"
    raise RuntimeError(message)


def dies_on_leaving_landing(path, target):
    """A rename during which the process dies, if it would take rows out of the landing folder."""
    if path.parent.name == "landing" and target.parent.name != "landing":
        raise KeyboardInterrupt
    path.replace(target)


def changes(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
