"""The course in `barograph roadmap`: held stages, gaps, claims beside them, and early warnings."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest
from click.testing import CliRunner

from flows.cli import main

#: Weeks of `a` that end with the week last built, all alike: 0.9 for Presence.
WEEKS = """
    create temp table latest as from estimates.stages where organization_id = 'a';
    delete from estimates.stages where organization_id = 'a';
    insert into estimates.stages by name
    select latest.* replace (
        as_of_week - 7 * numbers.i::integer as as_of_week,
        2 as stage_code, 'Presence' as stage_label, false as is_abstained,
        1 as set90_low, 3 as set90_high, 'present' as model_version,
        0.02 as probability_1, 0.9 as probability_2, 0.02 as probability_3,
        0.02 as probability_4, 0.02 as probability_5, 0.02 as probability_6)
    from latest, range({count}) as numbers (i);
"""
#: Weekly replies and waiting of `a`; both get worse for good 20 weeks ago.
SIGNALS = """
    delete from signals.measurements where organization_id = 'a';
    insert into signals.measurements by name
    select measurements.* replace (
        'a' as organization_id, codes.code as signal_code, 'm-1' as method_version,
        as_of_week - 7 * numbers.i::integer as as_of_week,
        (1 + 0.02 * ((7 * numbers.i) % 5 - 2))
            * case when numbers.i >= 20 then codes.before else codes.after end as value,
        0.8 * case when numbers.i >= 20 then codes.before else codes.after end as lower,
        1.2 * case when numbers.i >= 20 then codes.before else codes.after end as upper,
        200 as n, 1.0 as coverage_share, false as is_pooled, '' as missing_reason,
        '' as unseen_reason)
    from signals.measurements, range({count}) as numbers (i),
        (values ('reply_rate_72h', 0.6, 0.2), ('response_hours_median', 4.0, 15.0))
            as codes (code, before, after)
    where organization_id = 'b' and signal_code = 'reply_rate_72h';
"""
#: Organizations of which the first ones were not answered on a day of each of some last weeks.
OUT = """
    insert into raw.channels by name
    select channels.* replace ('far-' || i as channel_id, 'far-' || i as organization_id)
    from (from raw.channels where organization_id = 'a' limit 1) as channels,
        range({count}) as n (i);
    insert into raw.attempts by name
    select attempts.* replace (
        'far-' || i as channel_id, 'far-' || i as organization_id, 'read' as purpose,
        if(i < {failed}, 'timeout', 'ok') as outcome,
        timestamp '2026-11-12 12:00' - interval (7 * k) day as fetched_at)
    from (from raw.attempts limit 1) as attempts, range({count}) as n (i), range({weeks}) as w (k);
"""


@pytest.fixture
def tell(finished, tmp_path, monkeypatch):
    """Changes a copy of the finished project, and gives its roadmap of `a` as record and text."""
    shutil.copytree(finished, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")

    def told(*statements):
        with duckdb.connect("data/warehouse.duckdb") as connection:
            for statement in statements:
                connection.execute(statement)
        record = CliRunner().invoke(main, ["roadmap", "a", "--json"])
        assert record.exit_code == 0, record.output
        text = CliRunner().invoke(main, ["roadmap", "a"]).output
        return json.loads(record.stdout), " ".join(text.split())

    return told


def test_one_week_is_no_course_and_what_makes_one_is_told(tell):
    record, text = tell(WEEKS.format(count=1))
    assert len(record["course"]["weeks"]) == 1
    assert "Only one week is estimated, so there is no course to tell yet." in text
    assert "`barograph build --since DATE` measures the weeks before" in text
    assert "`barograph estimate --since DATE` estimates them" in text


def test_without_any_estimate_there_is_no_course(tell):
    record, text = tell("delete from estimates.stages")
    assert (record["course"]["held_stages"], record["course"]["smoothed"]) == ([], None)
    assert "No week is estimated, so there is no course to tell." in text


def test_a_held_stage_is_told_with_its_dwell_and_gaps_are_no_change(tell):
    record, text = tell(
        WEEKS.format(count=30),
        "update estimates.stages set is_abstained = true, stage_code = 5 where organization_id = "
        "'a' and as_of_week between date '2026-08-03' and date '2026-08-17'",
        "delete from estimates.stages where as_of_week = date '2026-08-24'",
    )
    [held] = record["course"]["held_stages"]
    assert (held["stage_label"], held["ended_on"], held["dwell_week_count"]) == (
        "Presence",
        None,
        29,
    )
    gaps = [week["gap"] for week in record["course"]["weeks"]]
    assert (gaps.count(""), gaps.count("abstained"), gaps.count("not measured")) == (26, 3, 1)
    assert "26 name a single stage; the others are gaps, which are no change: 3 abstained" in text
    assert "still held at least 29" in text
    assert sum(record["course"]["smoothed"]["probabilities"]) == pytest.approx(1)


def test_weeks_of_another_model_are_gaps(tell):
    record, text = tell(
        WEEKS.format(count=20),
        "update estimates.stages set model_version = 'past', stage_code = 4, "
        "estimated_at = estimated_at - interval 1 day where as_of_week < date '2026-09-07'",
    )
    spans = record["course"]["spans"]
    assert [(span["gap"], span["stage_label"]) for span in spans] == [
        ("another model", None),
        ("", "Presence"),
    ]
    assert record["course"]["held_stages"] == []
    assert "No stage is held" in text
    assert "estimates by the last model what another one did" in text


def test_claims_stand_beside_the_stage_of_their_time(tell):
    record, text = tell(
        WEEKS.format(count=30),
        "update raw.claims set claimed_on = date '2026-09-01' where organization_id = 'a'",
        "insert into raw.claims by name select * replace ('altimeter_weakest' as instrument) "
        "from raw.claims where organization_id = 'a'",
    )
    [claim] = record["course"]["claims"]
    assert (claim["claimed_on"], claim["stage_code"]) == ("2026-09-01", 3)
    assert claim["below"] > 0.9
    assert "Above 2026-09-01 Engagement named by itself 100% 0% 0%" in text


def test_two_signals_that_got_worse_are_told_with_their_sizes(tell):
    record, text = tell(SIGNALS.format(count=90))
    [warned] = record["early_warnings"]["warnings"]
    sizes = {one["signal_code"]: (one["usual"], one["value"]) for one in warned["signals"]}
    assert sizes["reply_rate_72h"] == pytest.approx((0.6, 0.2), rel=0.05)
    assert [one["usual_week_count"] for one in warned["signals"]] == [52, 52]
    assert sizes["response_hours_median"] == pytest.approx((4, 15), rel=0.05)
    assert f"Early warning since the week of Monday {warned['since']}: Replies within" in text
    assert "two signals are not two witnesses" in text
    assert "One in 52 weeks" in text


@pytest.mark.parametrize("hidden", ["coverage_share = 0.5", "is_pooled = true"])
def test_where_less_was_seen_nothing_is_warned_of_and_fewer_weeks_are_judged(tell, hidden):
    record, text = tell(
        SIGNALS.format(count=90),
        f"update signals.measurements set {hidden} where as_of_week >= '2026-06-15'",
    )
    assert record["early_warnings"]["warnings"] == []
    assert record["early_warnings"]["judged_weeks"][-1] == "2026-06-08"
    assert "None in" in text
    assert "Early warning since" not in text


def test_what_another_method_measured_does_not_compare(tell):
    record, _ = tell(
        SIGNALS.format(count=90),
        "update signals.measurements set method_version = 'm-0' where as_of_week < '2026-06-15'",
    )
    assert record["early_warnings"]["warnings"] == []
    assert record["early_warnings"]["measured_week_count"] < 30


def test_a_short_past_says_that_nothing_is_known_of_warnings(tell):
    _, text = tell(SIGNALS.format(count=38))
    assert "Nothing is known of them: that takes two signals over 39 weeks" in text
    assert "measured until now: 38" in text


@pytest.mark.parametrize(
    ("count", "failed", "outages"), [(20, 16, ["2026-11-09"]), (20, 10, []), (8, 8, [])]
)
def test_a_week_in_which_most_were_not_answered_is_left_out(tell, count, failed, outages):
    record, text = tell(SIGNALS.format(count=90), OUT.format(count=count, failed=failed, weeks=1))
    assert record["early_warnings"]["outages"] == outages
    assert ("was out are left out: 2026-11-09" in text) == bool(outages)
    assert ("2026-11-09" in record["early_warnings"]["judged_weeks"]) != bool(outages)


def test_a_platform_that_is_out_for_long_never_warns(tell):
    record, _ = tell(SIGNALS.format(count=90), OUT.format(count=20, failed=16, weeks=21))
    assert record["early_warnings"]["warnings"] == []
