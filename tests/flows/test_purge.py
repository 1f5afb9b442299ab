"""What has been kept for its time goes, and only that; sums stay as they were (rule R7)."""

from __future__ import annotations

import duckdb
import pyarrow.parquet as pq
import pytest
from collecting import Collecting
from corpus_server import serving
from small_world import rss
from town import DAY, PAGES, WEEK, killing, tables

from flows.build import verify_weeks
from flows.opening import open_project
from flows.project import Project
from flows.purging import purge_events
from flows.replaying import replay_archive
from warehouse.archive import read_pages

pytestmark = pytest.mark.thorough
ACTS = "select count(*) from raw.activities"
OF_PERSONS = "select count(*) from raw.activities where author_role <> 'organization'"
#: Where it is killed, in the order in which a purge comes there.
PLACES = (
    "flows.purging.purge",
    "flows.purging.keep_purges",
    "flows.purging.thin_closed_weeks",
    "flows.purging.keep_withdrawn",
    "flows.purging.thin_batches",
    "warehouse.keptrows.write_file",
    "flows.purging.remove_responses",
    "flows.purging.write_text",
)
SIGNALS = "select * from signals.measurements order by all"


def purge(town, *, after=0 * DAY, days=400):
    town.collecting.clock.moment += after
    with open_project(town.project) as connection:
        return purge_events(town.project, connection, town.collecting.clock(), days)


def count(town, query):
    return town.collecting.rows(query)[0][0]


def test_single_acts_are_kept_for_400_days_and_not_longer(town):
    town.run()
    before = count(town, ACTS)
    assert purge(town, after=399 * DAY).activity_count == 0
    assert count(town, ACTS) == before
    assert purge(town, after=2 * DAY).activity_count == before
    assert count(town, ACTS) == 0


def test_of_what_is_purged_sums_by_week_stay_and_no_single_act_in_any_table(town):
    town.run_a_day_later()
    town.collecting.build()
    acts, persons = count(town, ACTS), count(town, OF_PERSONS)
    assert persons > 0
    purge(town, after=401 * DAY)
    for table in (
        *("raw.activities", "raw.former_activities", "raw.former_counts", "raw.threads"),
        *("raw.thread_views", "raw.deletions", "facts.acts", "facts.answers", "facts.originals"),
        "facts.pairs",
    ):
        assert count(town, f"select count(*) from {table}") == 0, table
    kept = "select sum(act_count), sum(person_act_count) from raw.purged_weeks"
    assert town.collecting.rows(kept) == [(acts, persons)]
    assert count(town, "select count(*) from raw.attempts") > 0
    assert count(town, "select count(*) from raw.presences") > 0


def test_of_what_is_purged_the_archive_holds_no_act_either(town):
    town.run_a_day_later()
    purge(town, after=401 * DAY)
    assert town.kept() == []
    for table in ("threads", "deletions", "extents"):
        assert town.kept(table) == [], table
    assert not list(town.data.rglob("absences.parquet"))
    assert not town.project.archive.withdrawn.exists()
    assert town.kept("attempts") != []


def test_where_conversations_were_read_is_not_kept_for_longer_than_they_are(town, replayed):
    details = "select count(*) from raw.attempts where purpose = 'detail' and requested_url <> ''"
    town.run_a_day_later()
    assert count(town, details) > 0
    purge(town, after=401 * DAY)
    assert count(town, details) == 0
    for rows in (town.kept("attempts"), town.pages()):
        urls = {row["requested_url"] + row["url"] for row in rows if row["purpose"] == "detail"}
        assert urls == {""}
    before, after = replayed()
    assert after == before


def test_what_was_measured_of_purged_acts_stays_as_it_was(town):
    town.run_a_day_later()
    town.collecting.build()
    before = town.collecting.rows(SIGNALS)
    assert before
    purge(town, after=401 * DAY)
    town.collecting.clock.moment -= 401 * DAY
    town.collecting.build()
    assert town.collecting.rows(SIGNALS) == before
    assert town.collecting.rows("from signals.former_measurements") == []


def test_an_old_week_that_was_never_measured_is_not_measured_from_what_is_left(town):
    town.run_a_day_later()
    purge(town, after=401 * DAY)
    town.collecting.clock.moment -= 401 * DAY
    town.collecting.build()
    assert town.collecting.rows(SIGNALS) == []


def test_verifying_says_that_purged_weeks_cannot_be_measured_again(town, barograph):
    town.run_a_day_later()
    town.collecting.build()
    with open_project(town.project, read_only=True) as connection:
        (verified,) = verify_weeks(connection)
    assert verified.differences == []
    assert verified.measurement_count > 0
    purge(town, after=401 * DAY)
    done = barograph("verify")
    assert done.returncode == 0, done.stdout
    told = f"{verified.measurement_count} measurements cannot be measured again: their events"
    assert told in done.stdout
    assert "differ" not in done.stdout


def test_a_replay_after_a_purge_gives_the_same_tables(town, replayed):
    town.run_a_day_later()
    town.collecting.build()
    purge(town, after=401 * DAY)
    before, after = replayed()
    assert after == before
    assert before["activities"] == "[]"


def test_a_replay_after_a_purge_of_one_half_gives_the_same_tables(town, replayed):
    town.run()
    town.show(town.told.later)
    town.run(after=20 * DAY)
    purge(town, after=385 * DAY)
    left = count(town, ACTS)
    assert left > 0
    before, after = replayed()
    assert after == before
    assert count(town, ACTS) == left


def test_what_persons_did_in_a_purged_week_is_not_taken_in_again(town):
    town.run()
    purge(town, after=401 * DAY)
    town.collecting.clock.moment += DAY
    town.run(after=DAY)
    assert count(town, OF_PERSONS) == 0


def test_a_purge_done_twice_changes_nothing(town):
    town.run_a_day_later()
    town.collecting.build()
    purge(town, after=401 * DAY)
    before, files = tables(town.data), changes(town.data / "archive")
    assert not any(purge(town))
    assert tables(town.data) == before
    assert changes(town.data / "archive") == files


def test_a_purge_that_is_killed_at_place_after_place_is_finished_by_the_last(
    town, replayed, monkeypatch
):
    town.run_a_day_later()
    town.collecting.clock.moment += 401 * DAY
    for place in PLACES:
        with killing(monkeypatch, place):
            purge(town)
    purge(town)
    assert count(town, ACTS) == 0
    assert town.kept() == []
    assert town.bodies() == []
    before, after = replayed()
    assert after == before


def test_the_end_of_a_run_purges(town):
    town.run()
    town.server.answers.clear()
    town.run(after=401 * DAY)
    assert count(town, ACTS) == 0


def test_the_documents_of_a_feed_go_with_the_acts_in_them_and_a_replay_gives_the_same(
    tmp_path, monkeypatch
):
    collecting = Collecting(tmp_path, monkeypatch)
    archive = Project(tmp_path / "data").archive
    with serving({"/feed.xml": rss(3)}) as server:
        collecting.list([f"{server.base_url}/feed.xml"])
        collecting.run()
        server.documents["/feed.xml"] = rss(5, name="newer")
        collecting.run(after=100 * DAY)
        collecting.run(after=200 * DAY)  # 304
        collecting.run(after=101 * DAY)
    assert collecting.archived_bodies() == {rss(5, name="newer"), None}
    assert collecting.rows(ACTS) == [(5,)]
    collecting.build()
    before = tables(tmp_path / "data")
    replay_archive(tmp_path / "data", None, quiet=True)
    assert tables(tmp_path / "data") == before
    first, *_ = archive.page_files()
    assert all(row["body"] is None for row in read_pages(first))
    assert pq.read_table(archive.rows_files("activities")[0]).num_rows == 0


def test_what_a_feed_still_lists_stays_with_the_day_on_which_it_was_first_seen(
    tmp_path, monkeypatch
):
    collecting = Collecting(tmp_path, monkeypatch)
    with serving({"/feed.xml": rss(3)}) as server:
        collecting.list([f"{server.base_url}/feed.xml"])
        collecting.run()
        first = collecting.rows("select min(first_seen_at) from raw.activities")
        server.documents["/feed.xml"] = rss(4)
        collecting.run(after=300 * DAY)
        collecting.run(after=200 * DAY)
    assert collecting.rows(ACTS) == [(4,)]
    assert collecting.rows("select min(first_seen_at) from raw.activities") == first
    collecting.build()
    before = tables(tmp_path / "data")
    replay_archive(tmp_path / "data", None, quiet=True)
    assert tables(tmp_path / "data") == before


VIDEOS = "/feeds/videos.xml?channel_id=UCnorthgateLibrary012345"


@pytest.fixture
def videos(tmp_path, monkeypatch):
    """A project with a feed of videos and one of news, collected a day ago."""
    collecting = Collecting(tmp_path, monkeypatch)
    shown = (PAGES / "youtube" / "videos.xml").read_bytes()
    with serving({"/feed.xml": rss(3)}) as server:
        server.answers[VIDEOS] = (200, {"Content-Type": "text/xml"}, shown)
        listed = {"youtube": f"{server.base_url}{VIDEOS}", "feeds": f"{server.base_url}/feed.xml"}
        channels = ", ".join(f'{{ source = "{s}", address = "{a}" }}' for s, a in listed.items())
        text = f'[[organization]]\nid = "a"\nname = "A"\nchannels = [{channels}]\n'
        (tmp_path / "organizations.toml").write_text(text)
        collecting.run()
        collecting.shown = shown
        server.answers[VIDEOS] = (404, {}, b"")
        yield collecting


OF_VIDEOS = "select count(*) from raw.activities where channel_id like '%youtube%'"


def test_what_youtube_has_not_shown_for_30_days_goes_and_nothing_else(videos):
    videos.run(after=29 * DAY)
    assert videos.rows(OF_VIDEOS) != [(0,)]
    assert videos.shown in videos.archived_bodies()
    videos.run(after=2 * DAY)
    assert videos.rows(OF_VIDEOS) == [(0,)]
    assert videos.archived_bodies() - {b"", None} == {rss(3)}
    assert videos.rows(ACTS) == [(3,)]
    videos.build()
    before = tables(videos.folder / "data")
    replay_archive(videos.folder / "data", None, quiet=True)
    assert tables(videos.folder / "data") == before


def test_an_operator_who_accepted_the_amendment_keeps_it_like_anything_else(videos):
    decision = '[youtube]\nis_amended = true\nreason = "accepted on the first of June"\n'
    (videos.folder / "terms.toml").write_text(decision)
    videos.run(after=31 * DAY)
    assert videos.rows(OF_VIDEOS) != [(0,)]
    assert videos.shown in videos.archived_bodies()


def test_how_long_a_channel_has_been_silent_is_known_after_its_posts_have_gone(
    tmp_path, monkeypatch
):
    collecting = Collecting(tmp_path, monkeypatch)
    posted = collecting.clock() - DAY
    silent = "select value from signals.measurements where signal_code = 'days_since_last_post'"
    with serving({"/feed.xml": rss(3, start=posted)}) as server:
        collecting.list([f"{server.base_url}/feed.xml"])
        collecting.run()
        server.documents["/feed.xml"] = rss(0)
        for _ in range(5):
            collecting.run(after=90 * DAY)
        assert collecting.rows(ACTS) == [(0,)]
        collecting.build()
        ((days,),) = collecting.rows(silent)
        assert days > 400
    with open_project(Project(tmp_path / "data")) as connection:
        connection.execute("update signals.builds set engine_version = 'another'")
    collecting.clock.moment += WEEK
    collecting.build()
    assert max(collecting.rows(silent)) == (days + 7,)


def test_the_command_tells_what_would_go_and_what_went(town, barograph):
    town.run()
    acts = count(town, ACTS)
    with duckdb.connect(str(town.project.warehouse)) as connection:
        for table, column in (("activities", "first_seen_at"), ("activities", "last_listed_at")):
            connection.execute(f"update raw.{table} set {column} = {column} - interval 3000 day")
    would = barograph("purge", "--dry-run")
    assert would.returncode == 0, would.stderr
    assert f"would go: {len(town.bodies())} responses, {acts} acts" in would.stdout
    assert count(town, ACTS) == acts
    done = barograph("purge")
    assert f" {acts} acts" in done.stdout
    assert done.stdout.startswith("removed: ")
    assert count(town, ACTS) == 0
    assert "removed: 0 responses, 0 acts" in barograph("purge").stdout


def changes(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
