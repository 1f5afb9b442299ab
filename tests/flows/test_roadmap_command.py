"""`barograph roadmap` tells the steps in order, with their targets, and where they come from."""

from __future__ import annotations

import csv
import json
import shutil

import duckdb
import pytest
from answer_builders import ESM3, climbed
from click.testing import CliRunner

from flows.cli import main
from flows.roadmap import answers_by_organization, roadmap
from flows.roadmapreport import sections

#: Invented others that are like `a`, with the values 0, 1, 2 … hundredths of a signal.
OTHERS = """
    insert into raw.organizations by name
    select organizations.* replace ('other-' || numbers.i as organization_id)
    from raw.organizations, range({count}) as numbers (i) where organization_id = 'a';
    insert into signals.measurements by name
    select measurements.* replace ('other-' || numbers.i as organization_id,
        numbers.i / 100 as value, '' as missing_reason, false as is_pooled)
    from signals.measurements, range({count}) as numbers (i)
    where organization_id = 'a' and signal_code = 'reply_rate_72h';
"""
ALONE = "delete from signals.measurements where organization_id in ('b', 'c', 'd')"
FEW_REPLIES = (
    "update signals.measurements set value = 0.01, lower = 0, upper = 0.02, n = 90, "
    "missing_reason = '', is_pooled = false, unseen_reason = '' "
    "where organization_id = 'a' and signal_code = 'reply_rate_72h'"
)
SEEN = (
    "update estimates.stages set stage_code = 2, stage_label = 'Presence', set80_low = 1, "
    "set80_high = 3, set90_low = 1, set90_high = 4 where organization_id = 'a'"
)


@pytest.fixture
def folder(finished, tmp_path):
    """A copy of the finished project, that may be changed."""
    shutil.copytree(finished, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def ask(folder, monkeypatch):
    monkeypatch.chdir(folder)

    def call(*arguments):
        return CliRunner().invoke(main, list(map(str, arguments)))

    return call


@pytest.fixture
def change(folder):
    def run(*statements):
        with duckdb.connect(str(folder / "data" / "warehouse.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)

    return run


@pytest.fixture
def assess(folder, ask):
    """Imports the answers of one respondent."""

    def answer(organization, instrument, values, day="2026-11-02"):
        path = folder / f"{organization}-{instrument}-{day}.csv"
        row = {"organization": organization, "instrument": instrument, "version": "1"}
        row |= {"answered_on": day, "respondent": "1", **values}
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerow(row)
        done = ask("claims", "import", path)
        assert done.exit_code == 0, done.output

    return answer


def test_without_a_self_assessment_only_what_can_be_seen_is_told(ask, change):
    change(ALONE, OTHERS.format(count=10), FEW_REPLIES, SEEN)
    found = json.loads(ask("roadmap", "a", "--json").stdout)
    assert found["claimed"] is None
    assert found["roadmap"]["basis"] == "signals"
    [step] = [s for s in found["roadmap"]["steps"] if s["metric"]["standing"] == "behind"]
    metric = step["metric"]
    assert (metric["signal_code"], metric["target"]) == ("reply_rate_72h", 0.045)
    assert (metric["peer_count"], metric["peer_group"]) == (10, "all organizations")
    text = " ".join(ask("roadmap", "a").output.split())
    assert "signals are consistent with stages {1, 2, 3, 4} (Planning to Formalized)" in text
    assert "Without a self-assessment these are only what can be seen" in text
    assert "is at stage" not in text


def test_nine_peers_give_no_target(ask, change):
    change(ALONE, OTHERS.format(count=9), FEW_REPLIES, SEEN)
    assert json.loads(ask("roadmap", "a", "--json").stdout)["roadmap"]["steps"] == []


def test_open_gates_come_in_order_each_with_what_shows_it(ask, assess, change):
    change(ALONE, OTHERS.format(count=10), FEW_REPLIES)
    assess("a", "altimeter", climbed(2, 2, 2, 2, 2, 1) | {"EN3": 1})
    found = json.loads(ask("roadmap", "a", "--json").stdout)
    codes = [step["item_code"] for step in found["roadmap"]["steps"]]
    assert codes == ["PE2", "EN3", "ST3", "OR3", "ME3", "GO3", "PE3"]
    assert found["claimed"]["cumulative"] == {"low": 2, "high": 2}
    first, nearest = found["roadmap"]["steps"][:2]
    assert (first["is_foundation"], first["metric"]) == (True, None)
    assert nearest["metric"]["signal_code"] == "reply_rate_72h"
    assert nearest["metric"]["standing"] == "behind"
    text = " ".join(ask("roadmap", "a").output.split())
    assert "claims Presence by its gates (all dimensions but one), Planning by its weakest" in text
    assert "Towards Engagement: statements that are not in place" in text
    assert "Begin with PE2, a missing foundation." in text
    assert "The first that is seen to be behind: EN3, by" in text
    assert "your own evidence: the training" in text
    assert "Peers are all others: fewer than ten of its industry show these signals." in text


def test_a_signal_that_is_reached_does_not_close_its_step(ask, assess, change, folder):
    many = FEW_REPLIES.replace("value = 0.01, lower = 0, upper = 0.02", "value = 0.9")
    change(ALONE, OTHERS.format(count=10), many)
    assess("a", "altimeter", climbed(2, 2, 2, 2, 2, 2))
    step = {step["item_code"]: step for step in steps_of(ask)}["EN3"]
    assert step["metric"]["standing"] == "reached"
    assert step["own_evidence"] == "The stated time, and how often it was kept."
    assert "None is seen to be behind for certain." in " ".join(ask("roadmap", "a").output.split())
    with duckdb.connect(str(folder / "data" / "warehouse.duckdb")) as connection:
        steps = sections(roadmap(connection, "a", answers_by_organization(connection)))[1]
    [row] = [row for row in steps.tables[0].rows if row[1].startswith("EN3")]
    assert "; your own evidence: the stated time, and how often it was kept" in row[3]
    assert row[-1] == "signal reached"


def test_a_median_of_none_is_no_aim(ask, assess, change):
    none = "update signals.measurements set value = 0 where organization_id like 'other-%'"
    change(ALONE, OTHERS.format(count=10), FEW_REPLIES, none)
    assess("a", "altimeter", climbed(2, 2, 2, 2, 2, 2))
    assert "most of them show none" in " ".join(ask("roadmap", "a").output.split())


def test_inside_is_told_from_answers_with_the_percentile_among_ten_others(ask, assess, change):
    levels = dict.fromkeys((item.code for item in ESM3.items), 2)
    assess("a", "esm3", levels | {"BUS1": 1})
    assess("a", "esm3", levels, "2025-11-02")
    few = json.loads(ask("roadmap", "a", "--json").stdout)["inside"]
    assert (few["percentiles"]["mean"]["share"], few["percentiles"]["mean"]["peer_count"]) == (
        None,
        0,
    )
    assert [one["item_code"] for one in few["quick_wins"]] == ["BUS1"]
    assert [one["mean"] for one in few["history"]] == [2, pytest.approx(23 / 12)]
    change(OTHERS.format(count=10))
    for number in range(10):
        assess(f"other-{number}", "esm3", levels)
    found = json.loads(ask("roadmap", "a", "--json").stdout)["inside"]["percentiles"]
    assert (found["employee"]["share"], found["business"]["share"]) == (0.5, 0)
    text = " ".join(ask("roadmap", "a").output.split()).split("Inside the")[1]
    assert "Percentiles are among 10 others that assessed themselves, all organizations" in text
    assert "fewer than ten" not in text


def test_channels_that_are_silent_or_lack_their_rules_are_named(ask, change):
    change(
        "update raw.seen_spans set from_day = date '2026-01-01', until_day = date '2026-12-01'",
        "delete from facts.post_weeks where channel_key in "
        "(select channel_key from staging.channels where organization_id = 'a')",
        "update rollups.profiles set is_linked_back = false where organization_id = 'b'",
    )
    [fix] = json.loads(ask("roadmap", "a", "--json").stdout)["fixes"]
    assert (fix["code"], len(fix["addresses"])) == ("dormant", fix["known_count"])
    [fix] = json.loads(ask("roadmap", "b", "--json").stdout)["fixes"]
    assert fix["code"] == "link_back"
    assert "does not link back" in " ".join(ask("roadmap", "b").output.split())


def test_without_an_estimate_it_says_that_nothing_can_be_told(ask, change):
    change("delete from estimates.stages")
    text = " ".join(ask("roadmap", "a").output.split())
    assert "there is neither a self-assessment nor enough to see" in text
    assert "`barograph explain a` tells what was not seen" in text


def test_a_name_that_is_not_listed_is_told_with_those_alike(ask):
    done = ask("roadmap", "aa")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no organization 'aa' on the list; did you mean a?" in done.stderr


def test_without_a_warehouse_the_first_step_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["roadmap", "a"])
    assert done.exit_code == 1
    assert "no warehouse yet" in done.stderr


def steps_of(ask):
    return json.loads(ask("roadmap", "a", "--json").stdout)["roadmap"]["steps"]
