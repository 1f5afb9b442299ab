"""The first estimator: honest without a label."""

import dataclasses

import numpy as np
import pytest

from classifiers.abstention import MINIMUM_COVERAGE_SHARE
from classifiers.coldstart import estimate_stages, train_cold_start
from classifiers.estimates import SignalRow
from classifiers.features import feature_matrix
from classifiers.signals import FEATURE_CODES
from classifiers.simulators.graded_response import simulate_organizations

RHYTHM = ("burstiness", "weekend_share", "office_hours_share")
SEEN_59_PERCENT = (
    "Abstained: 59 % of the channel days in the window were seen; at least 60 % are needed."
)
BUSY = {
    "posts_per_week": 12.0,
    "active_weeks_share": 1.0,
    "burstiness": -0.1,
    "weekend_share": 0.1,
    "office_hours_share": 0.8,
    "dormant_share": 0.0,
    "days_since_last_post": 0.5,
}
SILENT = {
    "posts_per_week": 0.0,
    "active_weeks_share": 0.0,
    "dormant_share": 1.0,
    "days_since_last_post": 400.0,
}


@pytest.fixture(scope="module")
def unseen():
    worlds = simulate_organizations(30, 100, random_state=2026)
    return worlds.where(worlds.coverage_share >= MINIMUM_COVERAGE_SHARE)


@pytest.mark.parametrize(("level", "average", "worst"), [(0.8, 0.82, 0.7), (0.9, 0.92, 0.82)])
def test_sets_hold_the_true_stage_in_worlds_never_seen(cold_start, unseen, level, average, worst):
    sets = cold_start.calibration.predict_set(probabilities_of(cold_start, unseen), level)
    is_held = (sets.low <= unseen.stage_codes) & (unseen.stage_codes <= sets.high)
    by_world = [is_held[unseen.world_codes == world].mean() for world in range(30)]
    assert np.mean(by_world) >= average
    assert np.min(by_world) >= worst


def test_its_median_is_nearer_the_truth_than_any_constant_stage(cold_start, unseen):
    probabilities = probabilities_of(cold_start, unseen)
    medians = 1 + (probabilities.cumsum(axis=1) < 0.5).sum(axis=1)
    error = np.abs(medians - unseen.stage_codes).mean()
    constant_errors = [np.abs(stage - unseen.stage_codes).mean() for stage in range(1, 7)]
    assert error < 0.93 * min(constant_errors)


def test_dropping_signals_widens_the_sets_and_the_spread(cold_start, unseen):
    widths, spreads = zip(
        *[width_and_spread(cold_start, unseen, n) for n in (0, 2, 4, 6)], strict=True
    )
    assert list(widths) == sorted(widths)
    assert list(spreads) == sorted(spreads)
    assert widths[-1] > widths[0] + 0.3


def test_the_same_seed_trains_the_same_model(cold_start, unseen):
    again = train_cold_start(seed=0)
    assert again.model_version == cold_start.model_version
    assert again.calibration == cold_start.calibration
    np.testing.assert_array_equal(
        probabilities_of(again, unseen), probabilities_of(cold_start, unseen)
    )


def test_another_seed_trains_a_model_of_another_name(cold_start):
    other = train_cold_start(seed=1)
    assert other.model_version.startswith("cold-start-1+")
    assert other.model_version != cold_start.model_version


def test_an_estimate_is_six_probabilities_with_nested_sets_around_the_median(cold_start):
    [estimate] = estimate_stages(cold_start, [measured(BUSY)])
    assert sum(estimate.probabilities) == pytest.approx(1.0)
    assert len(estimate.probabilities) == 6
    cumulative = np.cumsum(estimate.probabilities)
    assert estimate.stage_code == 1 + (cumulative < 0.5).sum()
    assert estimate.set90_low <= estimate.set80_low <= estimate.stage_code
    assert estimate.stage_code <= estimate.set80_high <= estimate.set90_high
    assert estimate.model_version == cold_start.model_version


def test_estimates_come_in_the_order_of_the_rows(cold_start):
    rows = [measured(BUSY, organization_id="b"), measured(SILENT, organization_id="a")]
    estimates = estimate_stages(cold_start, rows)
    assert [estimate.organization_id for estimate in estimates] == ["b", "a"]
    assert estimates[1].probabilities[0] > 2 * estimates[0].probabilities[0]
    assert estimate_stages(cold_start, []) == []


def test_feeds_alone_never_single_out_a_stage_above_presence(cold_start):
    [estimate] = estimate_stages(cold_start, [measured(BUSY)])
    assert estimate.set90_high >= 5
    assert estimate.set90_low <= 2
    assert estimate.abstention_reason == "wide_set"
    assert "the evidence fits" in estimate.abstention_text
    assert "Presence to " in estimate.abstention_text


def test_an_organization_watched_for_thirteen_weeks_of_silence_is_estimated(cold_start):
    reasons = dict.fromkeys(RHYTHM, "undefined")
    [estimate] = estimate_stages(cold_start, [measured(SILENT, missing_reasons=reasons)])
    assert not estimate.is_abstained
    assert estimate.abstention_reason == estimate.abstention_text == ""
    assert estimate.set90_low == 1


def test_without_a_readable_channel_it_is_not_observable_and_has_no_stage(cold_start):
    row = measured({}, readable_channel_count=0, observed_week_count=0, coverage_share=None)
    [estimate] = estimate_stages(cold_start, [row])
    assert estimate.stage_code is None
    assert (estimate.set90_low, estimate.set90_high) == (1, 6)
    assert estimate.is_abstained
    assert estimate.abstention_reason == "not_observable"
    assert "no channel" in estimate.abstention_text


@pytest.mark.parametrize(
    ("changes", "reason", "text"),
    [
        (
            {"coverage_share": 0.599},
            "low_coverage",
            SEEN_59_PERCENT,
        ),
        (
            {"coverage_share": None},
            "low_coverage",
            "Abstained: 0 % of the channel days in the window were seen; at least 60 % are needed.",
        ),
        (
            {"observed_week_count": 3},
            "few_active_weeks",
            "Abstained: channels were seen in 3 of 13 weeks; at least 8 are needed.",
        ),
        (
            {"values": {"posts_per_week": 2.0, "active_weeks_share": 0.8}},
            "few_signals",
            "Abstained: 2 of 7 signals were seen; at least 40 % are needed.",
        ),
    ],
)
def test_too_little_evidence_is_said_with_its_numbers(cold_start, changes, reason, text):
    row = dataclasses.replace(measured(SILENT), **changes)
    [estimate] = estimate_stages(cold_start, [row])
    assert estimate.is_abstained
    assert estimate.abstention_reason == reason
    assert estimate.abstention_text == text


def test_evidence_exactly_at_every_limit_is_enough(cold_start):
    row = measured(
        {code: SILENT[code] for code in ("posts_per_week", "active_weeks_share", "dormant_share")},
        coverage_share=0.6,
        observed_week_count=8,
    )
    [estimate] = estimate_stages(cold_start, [row])
    assert estimate.abstention_reason in {"", "wide_set"}


def probabilities_of(model, worlds):
    return model.classifier.predict_proba(feature_matrix(worlds.values, worlds.reasons))


def width_and_spread(model, worlds, dropped_count):
    matrix = feature_matrix(worlds.values, worlds.reasons)
    order = np.random.default_rng(0).random(worlds.values.shape).argsort(axis=1)
    matrix[:, : len(FEATURE_CODES)][order < dropped_count] = np.nan
    probabilities = model.classifier.predict_proba(matrix)
    sets = model.calibration.predict_set(probabilities, 0.9)
    stages = np.arange(1, 7)
    variances = probabilities @ stages**2 - (probabilities @ stages) ** 2
    return (sets.high - sets.low + 1).mean(), np.sqrt(variances).mean()


def measured(values, **changes):
    row = SignalRow(
        organization_id="council",
        values=values,
        readable_channel_count=2,
        observed_week_count=13,
        coverage_share=1.0,
    )
    return dataclasses.replace(row, **changes)
