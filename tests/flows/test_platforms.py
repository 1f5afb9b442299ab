"""Recorded platforms through the whole of collecting: from HTTP to the tables, and on."""

import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from collecting import Collecting
from recordedserver import PLACES, expected, recorded_server
from warehouse_tables import rows

BAROGRAPH = Path(sys.executable).parent / "barograph"
COLLECT = ("collect", "--allow-host", "127.0.0.1")
DAY = timedelta(days=1)
ACTS = """
    select * exclude (first_seen_at, last_listed_at, page_id, last_page_id, author_key)
    from raw.activities order by activity_id
"""
MEMORY = "select channel_id, connector_state from raw.cursors order by channel_id"


@pytest.fixture(scope="module")
def server():
    with recorded_server() as server:
        yield server


@pytest.fixture(scope="module")
def observed(server, tmp_path_factory):
    """Five platforms, looked at twice: as recorded, and a day later."""
    server.show("first")
    with pytest.MonkeyPatch.context() as patch:
        observed = Collecting(tmp_path_factory.mktemp("project"), patch)
        (observed.folder / "organizations.toml").write_text(server.organizations())
        observed.clock.moment = max(s.fetched_at for s in server.scenarios.values())
        observed.first = observed.run()
        observed.build()
        observed.counted = {"first": {s: counted(observed, s) for s in PLACES}}
        server.show("later")
        observed.later = observed.run(DAY)
        observed.build()
        observed.counted["later"] = {s: counted(observed, s) for s in PLACES}
        yield observed


def counted(observed, source):
    """What the tables hold of a source, by the words of its scenario."""
    [found] = observed.rows(f"""
        select
            count(*),
            count(*) filter (direction = 'by_organization'),
            count(*) filter (direction = 'to_organization'),
            count(*) filter (direction = 'to_organization' and is_question),
        from raw.activities where organization_id = '{source}'
    """)
    [(answered,)] = observed.rows(f"""
        select count(*) from rollups.conversations
        where organization_id = '{source}' and answer_state = 'answered'
    """)
    names = ("activities", "by_organization", "to_organization", "questions")
    sizes = ("follower_count", "member_count", "active_member_count", "post_count")
    [last] = observed.rows(f"""
        select {", ".join(f"arg_max({s}, observed_at) filter ({s} is not null)" for s in sizes)}
        from raw.presences where organization_id = '{source}'
    """)
    return {**dict(zip(names, found, strict=True)), "answered": answered} | dict(
        zip(sizes, last, strict=True)
    )


@pytest.mark.parametrize("world", ["first", "later"])
@pytest.mark.parametrize("source", PLACES)
def test_the_tables_hold_what_the_scenario_says(observed, server, source, world):
    assert not [text for text in observed.first["failures"].values() if text]
    wanted = {k: v for k, v in expected(source, world, server).items() if k != "contributor_count"}
    found = observed.counted[world][source]
    assert {name: found[name] for name in wanted} == wanted


def test_what_was_deleted_is_in_no_table_and_no_count(observed):
    gone = observed.rows("select activity_id from raw.deletions")
    assert gone
    left = observed.rows("select activity_id from raw.activities")
    assert not set(gone) & set(left)
    counted = set(observed.rows("select act_key from rollups.conversations"))
    assert counted
    assert not counted & set(observed.rows("select hash(activity_id) from raw.deletions"))


def test_what_was_measured_before_the_changes_is_measured_alike_today(observed, barograph_in):
    said = barograph_in(observed.folder, "verify", "--every")
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.count("all equal, to the last bit") == 2
    gone = {name for (name,) in observed.rows("select activity_id from raw.deletions")}
    kept = observed.rows("select activity_id from raw.former_activities where is_withdrawn")
    assert kept
    assert not gone & {name for (name,) in kept}


def test_reading_the_same_again_adds_nothing(observed, server):
    server.show("later")
    before = observed.rows(ACTS)
    assert observed.run(DAY)["activities_added"] == 0
    assert observed.rows(ACTS) == before


def test_what_a_platform_changes_is_recorded_and_stops_nothing(
    server, tmp_path, monkeypatch, barograph
):
    server.show("first")
    collecting = Collecting(tmp_path, monkeypatch)
    (tmp_path / "organizations.toml").write_text(server.organizations("discourse", "lemmy"))
    path = next(p for p in server._answers if p.startswith("/api/v3/post/list"))
    server.change(path, b'"name":', b'"mood": "new", "name":')
    server.change("/t/11.json", b'"post_number": 2,', b'"post_number": "two",')
    summary = collecting.run()
    assert summary["failed"] == 0
    kinds = dict(collecting.rows("select source, any_value(kind) from raw.drifts group by source"))
    assert kinds == {"lemmy": "new_field", "discourse": "changed_type"}
    said = barograph("status")
    assert said.returncode == 0
    assert "platform's answers have changed" in said.stdout
    assert "lemmy: " in said.stdout
    assert "fields that are new to us" in said.stdout
    server.show("first")


def test_a_source_without_valid_terms_is_not_asked_and_its_days_are_blocked(
    server, tmp_path, monkeypatch
):
    server.show("first")
    collecting = Collecting(tmp_path, monkeypatch)
    (tmp_path / "organizations.toml").write_text(server.organizations("lemmy", "mastodon"))
    (tmp_path / "terms.toml").write_text('[lemmy]\nenabled = false\nreason = "we said no"\n')
    server.asked.clear()
    summary = collecting.run()
    assert not any(path.startswith("/api/v3") for path in server.asked)
    (sentence,) = (text for text in summary["failures"].values() if text)
    assert "Lemmy is switched off (we said no)" in sentence
    collecting.build()
    states = collecting.rows("""
        select distinct state from staging.coverage where organization_id = 'lemmy'
    """)
    assert states == [("blocked",)]


@pytest.mark.parametrize(("source", "parts"), [("discourse", (0.5,)), ("mastodon", (0.7,))])
def test_a_backfill_that_is_killed_goes_on_to_the_tables_of_a_clean_run(
    server, tmp_path, prepared, barograph_in, source, parts
):
    server.show("first")
    clean = project(server, tmp_path / "clean", source)
    server.asked.clear()
    assert barograph_in(clean, *COLLECT).returncode == 0
    total = sum(path != "/robots.txt" for path in server.asked)
    assert total >= 6
    for number in (round(part * total) for part in parts):
        killed = project(server, tmp_path / f"killed-{number}", source)
        running = prepared.start(COLLECT, killed)
        server.kill_after, server.victim = number, running.pid
        assert running.finish(timeout=60).returncode == -9
        assert barograph_in(killed, *COLLECT, "--now").returncode == 0
        assert rows(killed / "data", ACTS) == rows(clean / "data", ACTS)
        assert memories(killed) == memories(clean)


def project(server, folder, source):
    folder.mkdir()
    (folder / "organizations.toml").write_text(server.organizations(source))
    return folder


def memories(folder):
    """What the connector remembers of each channel; nothing must be left to ask."""
    states = [json.loads(state) for _, state in rows(folder / "data", MEMORY)]
    assert [state["errands"] for state in states] == [[]]
    return [state["memory"] for state in states]
