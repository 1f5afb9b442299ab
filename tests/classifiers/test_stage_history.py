"""The observed stage over time: held stages, smoothed ones, and claims beside them."""

import doctest
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers import stage_history
from classifiers.claims import Claim
from classifiers.stage_history import (
    WeeklyEstimate,
    claims_beside,
    held_stages,
    smooth,
    transition_matrix,
    window_weights,
)

MONDAY = date(2025, 1, 6)
FLAT = (1 / 6,) * 6


def test_examples_in_the_documentation_hold():
    assert doctest.testmod(stage_history).failed == 0


def test_a_stage_is_held_after_two_quarters_and_not_before():
    thirteen = [sure(2, at) for at in range(13)]
    assert held_stages(thirteen) == ()
    [held] = held_stages([*thirteen, sure(2, 13)])
    assert (held.stage_code, held.began_on, held.held_on) == (2, MONDAY, week(13))
    assert (held.ended_on, held.dwell_week_count) == (None, 13)


def test_a_new_stage_ends_the_former_where_its_run_began():
    series = [sure(2, at) for at in range(30)] + [sure(3, at) for at in range(30, 50)]
    first, second = held_stages(series)
    assert (first.ended_on, first.dwell_week_count) == (week(30), 30)
    assert (second.stage_code, second.began_on, second.dwell_week_count) == (3, week(30), 19)


def test_a_short_visit_to_another_stage_changes_nothing():
    series = [sure(3 if 20 <= at < 32 else 2, at) for at in range(60)]
    assert [(one.stage_code, one.dwell_week_count) for one in held_stages(series)] == [(2, 59)]


def test_abstained_weeks_are_gaps_and_never_changes():
    series = [sure(2, at) for at in range(20)]
    series += [sure(5, at)._replace(is_abstained=True) for at in range(20, 45)]
    assert held_stages(series) == held_stages(series[:20])
    bridged = [
        sure(2, 0),
        *(sure(2, at)._replace(is_abstained=True) for at in range(1, 13)),
        sure(2, 13),
    ]
    assert len(held_stages(bridged)) == 1


def test_quarters_that_do_not_follow_each_other_hold_nothing():
    assert held_stages([sure(2, 0), sure(2, 14)]) == ()


def test_strategic_and_converged_are_one_stage_unless_told_apart():
    series = [WeeklyEstimate(week(at), (0, 0, 0.1, 0.05, 0.45, 0.4)) for at in range(20)]
    assert [one.stage_code for one in held_stages(series)] == [5]
    assert held_stages(series, are_highest_told_apart=True) == ()


def test_seventy_nine_in_a_hundred_is_not_eighty():
    series = [WeeklyEstimate(week(at), (0.21, 0.79, 0, 0, 0, 0)) for at in range(30)]
    assert held_stages(series) == ()


def test_a_rule_that_two_stages_could_meet_is_refused():
    with pytest.raises(ValueError, match=r"more than 0\.5"):
        held_stages([], least_probability=0.5)


def test_transitions_lead_to_neighbours_only():
    matrix = transition_matrix(10, 20)
    assert matrix.sum(axis=1) == pytest.approx(np.ones(6))
    assert matrix[0, :3] == pytest.approx([0.9, 0.1, 0])
    assert matrix[2, 1:4] == pytest.approx([0.05, 0.85, 0.1])


@settings(max_examples=40)
@given(st.sets(st.integers(0, 60), min_size=1))
def test_no_week_of_activity_counts_more_than_once(weeks):
    weights = window_weights([week(at) for at in sorted(weeks)])
    seen_count = len({at - back for at in weeks for back in range(13)})
    assert sum(weights.values()) == pytest.approx(seen_count / 13)
    assert all(1 / 13 - 1e-12 <= weight <= 1 + 1e-12 for weight in weights.values())


@pytest.mark.parametrize("prior", [None, (0.1, 0.3, 0.3, 0.2, 0.05, 0.05)])
def test_an_estimate_that_stands_alone_comes_out_as_it_went_in(prior):
    shares = (0.05, 0.15, 0.35, 0.3, 0.1, 0.05)
    [found] = smooth([WeeklyEstimate(MONDAY, shares)], prior=prior)
    assert found.probabilities == pytest.approx(shares)


def test_two_windows_that_do_not_overlap_multiply_as_by_hand():
    shares = (0.6, 0.4, 0, 0, 0, 0)
    found = smooth([at_week(shares, 0), at_week(shares, 13)], transitions=np.eye(6))
    assert found[0].probabilities[:2] == pytest.approx((0.36 / 0.52, 0.16 / 0.52), abs=1e-5)
    assert len(found) == 14
    assert [one.is_gap for one in found] == [False, *[True] * 12, False]


def test_smoothing_is_that_of_all_paths():
    shares = [(0.7, 0.2, 0.1, 0, 0, 0), FLAT, (0.1, 0.6, 0.3, 0, 0, 0)]
    moves = transition_matrix(5, 9)
    found = smooth([at_week(one, at) for at, one in enumerate(shares)], transitions=moves)
    weight = list(window_weights([week(0), week(1), week(2)]).values())
    tempered = [(np.maximum(s, 1e-6) * 6) ** w for s, w in zip(shares, weight, strict=True)]
    paths = np.einsum("a,ab,b,bc,c->abc", tempered[0], moves, tempered[1], moves, tempered[2])
    paths /= paths.sum()
    assert found[1].probabilities == pytest.approx(paths.sum(axis=(0, 2)))
    assert found[1].rise_probability == pytest.approx(np.triu(paths.sum(axis=2), 1).sum())
    assert found[2].fall_probability == pytest.approx(np.tril(paths.sum(axis=0), -1).sum())


def test_overlapping_windows_do_not_make_a_small_lean_a_certainty():
    lean = (0.1, 0.3, 0.25, 0.15, 0.1, 0.1)
    found = smooth([at_week(lean, at) for at in range(13)])
    assert max(found[6].probabilities) < 0.45


def test_a_move_is_seen_about_when_it_was_and_counted_once():
    series = [sure(2, at) for at in range(60)] + [sure(3, at) for at in range(60, 120)]
    found = smooth(series)
    assert sum(one.rise_probability for one in found) == pytest.approx(1, abs=0.15)
    assert sum(one.fall_probability for one in found) < 0.15
    assert np.argmax([one.rise_probability for one in found]) == pytest.approx(60, abs=2)


def test_no_estimate_gives_no_history():
    abstained = [sure(2, 0)._replace(is_abstained=True)]
    assert (held_stages(abstained), smooth(abstained)) == ((), ())


def test_claims_stand_beside_the_stage_of_their_time():
    smoothed = smooth([at_week((0.1, 0.2, 0.3, 0.2, 0.1, 0.1), 0)])
    claims = [claim(4, week(0)), claim(2, None), claim(3, week(40))]
    undated, near, far = claims_beside(claims, smoothed)
    assert (near.week, near.below, near.same, near.above) == (
        MONDAY,
        pytest.approx(0.6),
        pytest.approx(0.2),
        pytest.approx(0.2),
    )
    assert (undated.claim.stage_code, undated.week) == (2, None)
    assert (far.week, far.above) == (None, None)


def week(at):
    return MONDAY + timedelta(weeks=at)


def at_week(shares, at):
    return WeeklyEstimate(week(at), shares)


def sure(stage_code, at):
    shares = np.full(6, 0.02)
    shares[stage_code - 1] = 0.9
    return at_week(tuple(shares.tolist()), at)


def claim(stage_code, day):
    return Claim(organization_id="a", stage_code=stage_code, claimed_on=day)
