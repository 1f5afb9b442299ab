"""Evidence that gets worse: what is done to it, and whether estimates widen or jump."""

import numpy as np
import pytest
from labelled_worlds import labelled_table

from classifiers.estimates import SIZE_CLASSES, SignalRow
from classifiers.evaluating.pipeline import Drawn
from classifiers.evaluating.scores import Resampler
from classifiers.evaluating.stress_tests import (
    FEWEST_ROWS,
    StressVerdict,
    stress_labelled,
    stress_measured,
)
from classifiers.evaluating.stresses import GAP_SHARE, Stress, stresses
from classifiers.signals import FEATURE_CODES, signal_named

SIGNALS = slice(0, len(FEATURE_CODES))


@pytest.fixture(scope="module")
def table():
    return labelled_table(60, seed=3)


@pytest.fixture(scope="module")
def by_name(table):
    return {each.name: each.X for each in stresses(table.X, FEATURE_CODES)}


def test_a_hidden_view_takes_its_signals_and_nothing_else(table, by_name):
    is_dialogue = np.array([signal_named(code).family == "dialogue" for code in FEATURE_CODES])
    hidden = by_name["no dialogue"]
    assert np.isnan(hidden[:, np.flatnonzero(is_dialogue)]).all()
    kept = np.setdiff1d(np.arange(table.X.shape[1]), np.flatnonzero(is_dialogue))
    np.testing.assert_array_equal(hidden[:, kept], table.X[:, kept])


def test_every_family_is_hidden_once_and_absence_and_size_stay_known(table, by_name):
    families = {signal_named(code).family for code in FEATURE_CODES}
    assert {f"no {name}" for name in families} < set(by_name)
    for changed in by_name.values():
        np.testing.assert_array_equal(
            changed[:, len(FEATURE_CODES) :], table.X[:, len(FEATURE_CODES) :]
        )


def test_half_the_history_loses_the_signals_of_more_than_a_quarter(by_name):
    lost = {
        code
        for code, column in zip(FEATURE_CODES, by_name["half the history"].T, strict=False)
        if np.isnan(column).all()
    }
    assert lost >= {"dormant_share", "burstiness", "returning_participant_share"}
    assert "posts_per_week" not in lost


def test_crawl_gaps_take_about_three_tenths_of_what_was_there(table, by_name):
    was_there = ~np.isnan(table.X[:, SIGNALS])
    lost = np.isnan(by_name["crawl gaps"][:, SIGNALS])[was_there].mean()
    assert lost == pytest.approx(GAP_SHARE, abs=0.04)


def test_posts_that_appear_twice_are_counted_as_they_would_be(table, by_name):
    changed = by_name["doubled posts"]
    own, after = (dict(zip(FEATURE_CODES, X.T, strict=False)) for X in (table.X, changed))
    np.testing.assert_array_equal(after["posts_per_week"], 2 * own["posts_per_week"])
    replies, posts = own["conversation_share"], 1 - own["conversation_share"]
    np.testing.assert_allclose(after["conversation_share"], replies / (replies + 2 * posts))
    np.testing.assert_array_equal(np.isnan(table.X), np.isnan(changed))
    assert set(after["verbatim_duplicate_share"][~np.isnan(own["verbatim_duplicate_share"])]) == {
        1.0
    }


def test_estimates_that_stay_as_they_are_widen_enough():
    test = compared(said(3, 1.0), said(3, 1.0))
    assert test.verdict is StressVerdict.WIDENS
    assert test.excess_spread.value == test.shift.value == test.error_change.value == 0


def test_estimates_that_get_wider_in_their_place_widen():
    test = compared(said(3, 0.7), said(3, 1.2))
    assert test.verdict is StressVerdict.WIDENS
    assert test.spread_growth.value > 0.3
    assert test.size.value > test.size_before.value


def test_estimates_that_move_by_half_a_stage_jump_however_wide():
    assert compared(said(3, 0.7), said(3.6, 1.2)).verdict is StressVerdict.JUMPS


def test_estimates_that_err_more_and_look_as_certain_jump():
    worse = said(3 + np.tile([1.0, -1.0], 20), 0.7)
    test = compared(said(3, 0.7), worse)
    assert abs(test.shift.value) < 0.1
    assert test.excess_spread.high < 0
    assert test.verdict is StressVerdict.JUMPS


def test_what_chance_could_explain_is_not_clear():
    moved = np.random.default_rng(1).normal(0, 0.3, 40)
    test = compared(said(3, 0.7), said(3 + moved, 0.7))
    assert test.excess_spread.low < test.excess_spread.value < 0 < test.excess_spread.high
    assert test.verdict is StressVerdict.UNCLEAR


def test_without_labels_spread_and_shift_are_known_and_errors_are_not(cold_start, table):
    tests = {test.name: test for test in stress_measured(rows_of(table), cold_start)}
    hidden = tests["no conversations"]
    assert hidden.error_change is hidden.coverage is hidden.root_error_growth is None
    assert hidden.spread_growth.value > 0
    assert hidden.excess_spread == hidden.spread_growth
    assert hidden.size.n > FEWEST_ROWS


def test_too_few_measured_organizations_are_not_judged(cold_start, table):
    assert stress_measured(rows_of(table)[: FEWEST_ROWS - 1], cold_start) == []


def compared(before, after):
    """One stress of forty organizations around Engagement."""
    table = labelled_table(40, seed=0)
    stages = np.tile([2, 3, 3, 4], 10)
    stress = Stress("test", "test", table.X)
    [test] = stress_labelled(
        table.changed(stage_codes=stages),
        [before, after],
        [stress],
        Resampler(table.groups, 500),
    )
    return test


def said(means, spread):
    places = np.arange(1, 7)
    centres = np.broadcast_to(np.asarray(means, dtype=float), 40)[:, np.newaxis]
    masses = np.exp(-((places - centres) ** 2) / (2 * spread**2))
    probabilities = masses / masses.sum(axis=1, keepdims=True)
    return Drawn(probabilities, {0.9: probabilities > 0.05}, "")


def rows_of(table):
    return [
        SignalRow(
            organization_id=str(name),
            values={
                c: None if np.isnan(v) else float(v)
                for c, v in zip(FEATURE_CODES, row, strict=False)
            },
            missing_reasons=dict(zip(FEATURE_CODES, map(str, reasons), strict=True)),
            readable_channel_count=2,
            observed_week_count=13,
            coverage_share=1.0,
            size_class=SIZE_CLASSES[2],
        )
        for name, row, reasons in zip(table.organization_ids, table.X, table.reasons, strict=True)
    ]
