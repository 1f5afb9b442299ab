"""Claimed against observed."""

from dataclasses import replace
from datetime import date

import pytest

from classifiers.agreement import Position, compare
from classifiers.claims import Claim
from classifiers.estimates import StageEstimate


def test_a_comparison_worked_by_hand():
    comparison = compare(
        [claim("a", 5), claim("b", 3), claim("c", 1), claim("d", 6), claim("e", 2), claim("f", 2)],
        [
            estimate("a", 2, (1, 3)),  # above, gap 3
            estimate("b", 3, (2, 4)),  # within, exact
            estimate("c", 2, (2, 4)),  # below, gap -1
            estimate("d", 3, (2, 5), reason="wide_set"),  # above although the point is withheld
            estimate("e", 2, (1, 4), reason="low_coverage"),  # not judged
            estimate("g", 2, (1, 3)),  # claims nothing
        ],
    )
    assert (comparison.both_count, comparison.claim_only_count) == (5, 1)
    assert comparison.estimate_only_count == 1
    assert (comparison.above_count, comparison.within_count, comparison.below_count) == (2, 1, 1)
    assert comparison.not_judged_count == 1
    assert comparison.abstained_count == 2
    assert comparison.point_count == 3
    assert (comparison.exact_count, comparison.within_one_count) == (1, 2)
    assert comparison.mean_gap == pytest.approx(2 / 3)
    assert [gap.gap for gap in comparison.gaps] == [3, 0, -1, None, None, None]


def test_the_gap_carries_the_bounds_of_the_set():
    [gap] = compare([claim("a", 5)], [estimate("a", 3, (2, 4))]).gaps
    assert (gap.gap_low, gap.gap, gap.gap_high) == (1, 2, 3)
    assert gap.position is Position.ABOVE


@pytest.mark.parametrize(
    ("claimed", "position"), [(1, "below"), (2, "within"), (4, "within"), (5, "above")]
)
def test_the_bounds_of_the_set_belong_to_it(claimed, position):
    [gap] = compare([claim("a", claimed)], [estimate("a", 3, (2, 4))]).gaps
    assert gap.position == position


def test_what_is_not_observable_is_not_judged():
    [gap] = compare([claim("a", 1)], [estimate("a", None, (1, 6), reason="not_observable")]).gaps
    assert (gap.gap, gap.gap_low, gap.gap_high, gap.position) == (None, None, None, "")


@pytest.mark.parametrize("reason", ["wide_set", "low_inbound"])
def test_a_set_stands_although_the_point_is_withheld(reason):
    [gap] = compare([claim("a", 6)], [estimate("a", 2, (2, 3), reason=reason)]).gaps
    assert (gap.gap, gap.gap_low, gap.position) == (None, 3, "above")


@pytest.mark.parametrize(
    "reason", ["low_coverage", "few_active_weeks", "few_signals", "outside_training"]
)
def test_without_enough_evidence_not_even_a_set_stands(reason):
    [gap] = compare([claim("a", 6)], [estimate("a", 2, (2, 3), reason=reason)]).gaps
    assert (gap.gap, gap.gap_low, gap.position) == (None, None, "")
    assert gap.has_estimate


def test_a_claim_never_meets_a_model_that_it_has_taught():
    taught = estimate("a", 3, (2, 4), saw_claim=True)
    comparison = compare([claim("a", 6)], [taught])
    [gap] = comparison.gaps
    assert (gap.stage_code, gap.position, gap.has_estimate) == (None, "", False)
    assert (comparison.both_count, comparison.claim_only_count) == (0, 1)
    assert (comparison.circular_count, comparison.out_of_fold_count) == (1, 0)


def test_a_claim_may_meet_the_fold_that_it_has_not_taught():
    untaught = estimate("a", 3, (2, 4), saw_claim=True, is_out_of_fold=True)
    comparison = compare([claim("a", 6)], [untaught, replace(untaught, organization_id="b")])
    [gap] = comparison.gaps
    assert (gap.gap, gap.position) == (3, "above")
    assert (comparison.circular_count, comparison.out_of_fold_count) == (0, 1)


def test_a_claim_without_an_estimate_is_kept_and_not_judged():
    [gap] = compare([claim("a", 4)], []).gaps
    assert (gap.claimed_code, gap.stage_code, gap.position) == (4, None, "")
    assert not gap.has_estimate


def test_the_latest_claim_counts_whatever_the_order():
    claims = [
        claim("a", 4, date(2026, 6, 1)),
        claim("a", 2, date(2025, 6, 1)),
        claim("a", 6),
    ]
    [gap] = compare(claims, [estimate("a", 3, (2, 4))]).gaps
    assert gap.claimed_code == 4


def test_of_claims_of_one_day_the_last_counts():
    day = date(2026, 6, 1)
    [gap] = compare([claim("a", 4, day), claim("a", 2, day)], []).gaps
    assert gap.claimed_code == 2


def test_nothing_to_compare_has_no_mean_gap():
    comparison = compare([], [])
    assert comparison.mean_gap is None
    assert comparison.both_count == 0


def claim(organization_id, stage_code, claimed_on=None):
    return Claim(organization_id=organization_id, stage_code=stage_code, claimed_on=claimed_on)


def estimate(organization_id, stage_code, set90, reason="", **changes):
    return StageEstimate(
        organization_id=organization_id,
        probabilities=(1 / 6,) * 6,
        stage_code=stage_code,
        stage_label="",
        set80_low=set90[0],
        set80_high=set90[1],
        set90_low=set90[0],
        set90_high=set90[1],
        is_abstained=bool(reason),
        abstention_reason=reason,
        abstention_text="",
        model_version="test",
        **changes,
    )
