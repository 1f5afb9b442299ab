"""What its source deletes leaves the archive too, and never comes back."""

from __future__ import annotations

import pytest
from town import DAY, killing


def test_what_its_source_deletes_leaves_the_archive_with_the_run_that_sees_it(town):
    town.run()
    deleted_words = [b for b in town.bodies() if b"My neighbour heard" in b]
    assert deleted_words
    town.show(town.told.later)
    town.run(after=DAY)
    assert len(town.deleted()) == 2
    assert not [b for b in town.bodies() if b"My neighbour heard" in b]
    assert town.bodies(), "what shows that it is gone stays"


def test_of_what_was_deleted_nothing_but_its_identity_is_kept(town):
    town.run_a_day_later()
    shells = [row for row in town.kept() if row["activity_id"] in town.deleted()]
    assert {row["activity_id"] for row in shells} == town.deleted()
    known = {"activity_id", "channel_id", "organization_id", "page_id", "first_seen_at"}
    for shell in shells:
        assert {name for name, value in shell.items() if value} == known


def test_a_replay_does_not_bring_back_what_was_deleted(town, replayed):
    town.run_a_day_later()
    before, after = replayed()
    assert after == before
    assert len(town.deleted()) == 2


def test_what_comes_back_at_its_source_is_known_again(town, replayed):
    town.run_a_day_later()
    gone = town.deleted()
    town.show(town.told.first)
    town.run(after=DAY)
    known = {row[0] for row in town.collecting.rows("select activity_id from raw.activities")}
    assert gone & known
    before, after = replayed()
    assert after == before


@pytest.mark.parametrize("step", ["remove_responses", "withdraw"])
def test_a_crash_while_a_deletion_is_mirrored_is_made_good_by_the_next_run(
    town, replayed, monkeypatch, step
):
    town.run()
    town.show(town.told.later)
    with killing(monkeypatch, f"flows.retention.{step}"):
        town.run(after=DAY)
    town.run(after=DAY)
    assert not [b for b in town.bodies() if b"My neighbour heard" in b]
    shells = [row for row in town.kept() if row["activity_id"] in town.deleted()]
    assert {row["kind"] for row in shells} == {""}
    before, after = replayed()
    assert after == before
