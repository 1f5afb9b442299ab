"""The whole job from the command line, over real HTTP."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from corpus_server import organizations_toml, serving
from small_world import AS_OF, MONDAY, feeds, rss
from warehouse_tables import digests, rows

RUN = ("run", "--now", "--allow-host", "127.0.0.1", "--as-of", AS_OF)
#: The part of a run that asks servers; where the rest has no say, it is not waited for.
BUILD = ("build", "--as-of", AS_OF)
COLLECT = ("collect", "--now", "--allow-host", "127.0.0.1")


@pytest.fixture
def world(tmp_path, models):
    """Twelve feeds of four organizations, served, with their list in the project folder.

    A trained model is there already, for training takes longer than all the rest.
    """
    shutil.copytree(models, tmp_path / "data" / "models")
    with serving(feeds(12)) as server:
        _list(tmp_path, server, list(server.documents))
        yield server


def test_every_entry_of_every_feed_is_stored_once(tmp_path, world, barograph_json):
    code, result = barograph_json(*COLLECT)
    assert code == 0
    expected = sum(document.count(b"<item>") for document in world.documents.values())
    assert result["activities_added"] == expected
    stored = rows(
        tmp_path / "data", "select count(*), count(distinct activity_id) from raw.activities"
    )
    assert stored == [(expected, expected)]


def test_a_second_run_on_unchanged_servers_asks_conditionally_and_adds_nothing(
    tmp_path, world, barograph, barograph_json
):
    barograph_json(*COLLECT)
    assert barograph(*BUILD).returncode == 0
    before = digests(tmp_path / "data")
    asked = len(world.asked)
    code, result = barograph_json(*COLLECT)
    assert code == 0
    assert barograph(*BUILD).returncode == 0
    assert (result["activities_added"], result["not_modified"]) == (0, 12)
    assert [a.status for a in world.asked[asked:]] == [304] * 12
    assert all(a.is_conditional for a in world.asked[asked:])
    assert digests(tmp_path / "data") == before


def test_without_now_a_channel_is_not_asked_again_before_its_interval(world, barograph_json):
    barograph_json(*COLLECT)
    asked = len(world.asked)
    code, result = barograph_json("collect", "--allow-host", "127.0.0.1")
    assert code == 0
    assert result["asked"] == 0
    assert len(world.asked) == asked


def test_a_servers_hold_is_obeyed_even_with_now(tmp_path, world, barograph, barograph_json):
    world.answers["/feed-3.xml"] = (429, {"Retry-After": "7200"}, b"slow down")
    code, first = barograph_json(*COLLECT)
    assert code == 3
    assert first["failed"] == 1
    del world.answers["/feed-3.xml"]
    asked = len(world.asked)
    code, second = barograph_json(*COLLECT)
    assert second["held"] == 1
    assert barograph(*BUILD).returncode == 0
    assert "/feed-3.xml" not in [a.path for a in world.asked[asked:]]
    # The held channel was never seen, so its days are blocked, not empty.
    query = """
        select distinct state from staging.coverage join raw.channels using (channel_id)
        where address like '%feed-3.xml'
    """
    assert rows(tmp_path / "data", query) == [("blocked",)]


def test_one_bad_channel_never_stops_the_others(tmp_path, world, barograph_json):
    world.answers["/feed-0.xml"] = (500, {}, b"")
    world.answers["/feed-1.xml"] = (200, {"Content-Type": "text/html"}, b"<html><body>hi</body>")
    world.answers["/feed-2.xml"] = (200, {"Content-Type": "application/xml"}, b"<rss><channel>")
    code, result = barograph_json(*COLLECT)
    assert code == 3
    assert result["fetched"] + result["failed"] == 12
    assert result["failed"] >= 2
    outcomes = dict(
        rows(tmp_path / "data", "select outcome, count(*) from raw.attempts group by 1")
    )
    assert outcomes["server_error"] == 3  # tried again twice in the same run
    assert outcomes["wrong_type"] >= 1


def test_when_every_channel_fails_the_exit_code_says_that_nothing_was_done(tmp_path, barograph):
    with serving({}) as server:
        _list(tmp_path, server, ["/gone.xml"])
        assert barograph(*COLLECT).returncode == 1


def test_an_item_that_scrolls_out_of_its_feed_is_kept_and_aged(tmp_path, barograph_json):
    with serving({"/a.xml": rss(5, name="a")}) as server:
        _list(tmp_path, server, ["/a.xml"])
        barograph_json(*COLLECT)
        server.documents["/a.xml"] = rss(5, name="a", start=MONDAY + timedelta(days=2))
        _, result = barograph_json(*COLLECT)
    assert result["activities_added"] == 2
    data = tmp_path / "data"
    assert rows(data, "select count(*) from raw.activities") == [(7,)]
    listed = (
        "select count(*) from raw.activities join raw.cursors on last_page_id = document_page_id"
    )
    assert rows(data, listed) == [(5,)]
    assert rows(data, "select sum(is_overflow::int) from raw.listings") == [(0,)]


def test_a_listing_of_nothing_but_new_entries_is_recorded_as_window_overflow(
    tmp_path, barograph_json
):
    with serving({"/a.xml": rss(5, name="a")}) as server:
        _list(tmp_path, server, ["/a.xml"])
        barograph_json(*COLLECT)
        server.documents["/a.xml"] = rss(5, name="a", start=MONDAY + timedelta(days=40))
        barograph_json(*COLLECT)
    flags = rows(tmp_path / "data", "select is_overflow from raw.listings order by observed_at")
    assert flags == [(False,), (True,)]


@pytest.mark.usefixtures("world")
def test_json_output_is_json_and_nothing_else(barograph_json):
    _, result = barograph_json(*COLLECT)
    assert {"run_id", "asked", "fetched", "not_modified", "failed", "elapsed_seconds"} <= set(
        result
    )


@pytest.mark.usefixtures("world")
def test_every_printed_stage_comes_with_its_set(barograph):
    done = barograph(*RUN)
    assert done.returncode == 0, done.stderr
    table = [line for line in done.stdout.splitlines() if line.startswith("Organization ")]
    assert len(table) == 1 + 4  # the head and four organizations
    assert all(" to " in line or "not observable" in line for line in table[1:]), done.stdout


def test_public_hosts_are_not_asked_without_a_contact(tmp_path, barograph):
    (tmp_path / "organizations.toml").write_text(
        '[[organization]]\nid = "a"\n'
        'channels = [{ source = "feeds", address = "https://example.org/x" }]\n'
    )
    done = barograph("run", "--now")
    assert done.returncode == 2
    assert "example.org will not be asked" in done.stderr
    assert "BAROGRAPH_CONTACT" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_private_host_is_refused_without_permission(world, barograph_json):
    code, result = barograph_json("collect", "--now", BAROGRAPH_CONTACT="test@example.org")
    assert code == 1
    assert world.asked == []
    assert all("--allow-host 127.0.0.1" in text for text in result["failures"].values())


def _list(folder, server, paths, channels_each=3):
    text = organizations_toml(server.base_url, paths, channels_each)
    (folder / "organizations.toml").write_text(text)
