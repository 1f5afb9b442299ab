"""Rates, their correction for an observer who errs, gaps, and what repeating alone changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from classifiers.comparing.misclassification import (
    adjusted_rates,
    adjusted_shares,
    condition_number,
    corrected_shares,
    merged_confusion,
)
from classifiers.comparing.prevalence import Counted, lang_reiczigel, rogan_gladen
from classifiers.comparing.proportions import exact_bounds, rate, rate_bounds
from classifiers.comparing.regression_to_mean import (
    expected_change,
    regression_to_mean,
    shrunken_changes,
)
from classifiers.comparing.signed_gaps import limits_of_agreement, mean_gap

FEW_EXAMPLES = settings(max_examples=30, deadline=None)
ERRORS = np.array(
    [
        [0.80, 0.15, 0.04, 0.01, 0.0, 0.0],
        [0.10, 0.70, 0.15, 0.04, 0.01, 0.0],
        [0.02, 0.15, 0.60, 0.17, 0.05, 0.01],
        [0.01, 0.05, 0.20, 0.50, 0.19, 0.05],
        [0.0, 0.02, 0.10, 0.28, 0.40, 0.20],
        [0.0, 0.01, 0.05, 0.20, 0.39, 0.35],
    ]
)
PRIOR = np.array([0.05, 0.25, 0.30, 0.23, 0.13, 0.04])

counts_of = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@FEW_EXAMPLES
@given(counts_of)
def test_intervals_of_shares_are_those_of_statsmodels_and_scipy(counted):
    found = rate(*counted)
    low, high = proportion_confint(*counted, method="wilson")
    assert (found.low, found.high) == pytest.approx((max(low, 0), min(high, 1)), abs=1e-12)
    exact = binomtest(*counted).proportion_ci(method="exact")
    assert exact_bounds(*counted) == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert found.low <= found.share <= found.high


def test_no_organization_has_no_share_and_more_than_all_is_refused():
    assert rate(0, 0).share is rate(0, 0).low is None
    assert rate(0, 0).reason
    with pytest.raises(ValueError, match="0 to the total"):
        rate(3, 2)
    with pytest.raises(ValueError, match="no organization"):
        exact_bounds(0, 0)


@FEW_EXAMPLES
@given(counts_of, st.integers(0, 50), st.integers(0, 50))
def test_worst_cases_hold_whatever_the_abstained_would_have_shown(counted, left_out, shown):
    found = rate_bounds(*counted, left_out)
    count = counted[0] + min(shown, left_out)
    revealed = rate(count, counted[1] + left_out)
    assert found.least.share <= revealed.share <= found.greatest.share
    assert found.low <= revealed.low
    assert revealed.high <= found.high


@FEW_EXAMPLES
@given(counts_of, st.floats(0.55, 1), st.floats(0.55, 1))
def test_a_share_that_needed_clipping_says_so_and_no_other_does(counted, sensitivity, specificity):
    found = rogan_gladen(Counted(count=counted[0], total=counted[1]), sensitivity, specificity)
    assert found.is_invalid == (not 0 <= found.raw_share <= 1) == bool(found.warning)
    assert found.share == min(max(found.raw_share, 0), 1)
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_a_perfect_observer_corrects_nothing():
    found = rogan_gladen(Counted(count=30, total=100), 1, 1)
    assert (found.low, found.share, found.high) == pytest.approx(
        (exact_bounds(30, 100)[0], 0.3, exact_bounds(30, 100)[1])
    )


def test_an_observer_who_tells_nothing_gives_a_warning_and_no_share():
    half = Counted(count=5, total=10)
    for found in (rogan_gladen(half, 0.5, 0.5), lang_reiczigel(half, half, half)):
        assert found.share is None
        assert "no more than chance" in found.warning
    with pytest.raises(ValueError, match="from 0 to 1"):
        rogan_gladen(half, 1.2, 0.5)


def test_the_interval_with_estimated_errors_holds_the_true_share_in_95_of_100_samples():
    generator = np.random.default_rng(4)
    true, sensitivity, specificity, count = 0.35, 0.8, 0.9, 600
    seen_share = true * sensitivity + (1 - true) * (1 - specificity)
    draws = (
        generator.binomial(200, seen_share, count),
        generator.binomial(60, sensitivity, count),
        generator.binomial(60, specificity, count),
    )
    held = 0
    for seen, positive, negative in zip(*draws, strict=True):
        found = lang_reiczigel(
            Counted(count=seen, total=200),
            Counted(count=positive, total=60),
            Counted(count=negative, total=60),
        )
        held += found.low <= true <= found.high
    assert 0.93 * count <= held <= 0.985 * count


@FEW_EXAMPLES
@given(st.integers(1, 59), st.floats(0.6, 0.99), st.floats(0.6, 0.99))
def test_with_two_stages_the_correction_is_that_of_rogan_and_gladen(count, high, low):
    found = corrected_shares([[low, 1 - low], [1 - high, high]], [1 - count / 60, count / 60])
    two = rogan_gladen(Counted(count=count, total=60), high, low)
    assert found[1] == pytest.approx(two.share, abs=1e-9)


@FEW_EXAMPLES
@given(arrays(np.float64, 6, elements=st.floats(0.01, 1)))
def test_true_shares_come_back_from_what_is_expected_to_be_observed(weights):
    shares = weights / weights.sum()
    np.testing.assert_allclose(corrected_shares(ERRORS, shares @ ERRORS), shares, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(arrays(np.float64, 6, elements=st.floats(0, 1)).filter(lambda shares: shares.sum() > 0.1))
def test_corrected_shares_fit_best_of_all_distributions(weights):
    observed = weights / weights.sum()

    def misfit(shares):
        return float(((shares @ ERRORS - observed) ** 2).sum())

    best = minimize(
        misfit,
        PRIOR,
        method="SLSQP",
        bounds=[(0, 1)] * 6,
        constraints={"type": "eq", "fun": lambda shares: shares.sum() - 1},
        options={"ftol": 1e-12, "maxiter": 500},
    )
    found = corrected_shares(ERRORS, observed)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    assert misfit(found) <= misfit(best.x) + 1e-8


def test_shares_are_corrected_and_only_merging_says_that_the_highest_stages_occur():
    known = np.round(ERRORS * 60)
    observed = np.round(400 * PRIOR @ ERRORS)
    found = adjusted_shares(observed, known, resample_count=300)
    assert found.shares == pytest.approx(PRIOR, abs=0.02)
    assert all(
        low <= share <= high
        for low, share, high in zip(found.low, found.shares, found.high, strict=True)
    )
    assert found.condition_number == pytest.approx(14.0, abs=1)
    assert found == adjusted_shares(observed, known, resample_count=300)
    joined = np.add.reduceat(np.add.reduceat(known, range(5), axis=0), range(5), axis=1)
    merged = adjusted_shares(np.add.reduceat(observed, range(5)), joined, resample_count=300)
    assert merged.condition_number < 4
    assert found.low[4] == 0 < merged.low[4]


def test_where_stages_cannot_be_told_apart_there_is_a_reason_instead_of_shares():
    known = ERRORS * 60
    known[4] = 0
    assert "stage 5" in adjusted_shares(np.ones(6), known).reason
    alike = np.array([[5, 5], [5, 5]])
    assert "told apart" in adjusted_shares([3, 4], alike).reason
    assert "no organization" in adjusted_shares(np.zeros(6), ERRORS).reason
    found = adjusted_rates(np.ones((2, 2)), alike)
    assert found.above.value is None
    assert "told apart" in found.above.reason


def test_merging_stages_keeps_rows_of_shares_and_improves_the_condition():
    parts = [[1], [2], [3], [4], [5, 6]]
    merged = merged_confusion(ERRORS, PRIOR, parts)
    assert merged.sum(axis=1) == pytest.approx(1)
    assert condition_number(merged) < condition_number(ERRORS)


def test_corrected_rates_of_honest_claims_are_0_within_their_interval_in_95_of_100_worlds():
    generator = np.random.default_rng(8)
    errors = merged_confusion(ERRORS, PRIOR, [[1], [2], [3], [4], [5, 6]])
    shares = np.append(PRIOR[:4], PRIOR[4:].sum())
    joint = shares[:, np.newaxis] * errors
    held = []
    for _ in range(80):
        table = generator.multinomial(200, joint.ravel()).reshape(5, 5)
        known = [generator.multinomial(50, row) for row in errors]
        found = adjusted_rates(table, known, resample_count=200)
        held.append([found.above.low <= 0 <= found.above.high, found.match.low <= 1])
    assert (np.mean(held, axis=0) >= 0.91).all()


def test_planted_over_claims_come_back_after_correction():
    claims = np.array([[0.2, 0.0, 0.0], [0.1, 0.3, 0.0], [0.0, 0.1, 0.3]])
    errors = np.array([[0.8, 0.15, 0.05], [0.1, 0.8, 0.1], [0.05, 0.25, 0.7]])
    found = adjusted_rates(claims @ errors * 10_000, errors * 10_000, resample_count=100)
    assert found.above.value == pytest.approx(0.2, abs=1e-9)
    assert found.match.value == pytest.approx(0.8, abs=1e-9)
    assert found.above.low < 0.2 < found.above.high


def test_gaps_without_a_partner_or_with_a_missing_value_are_refused():
    with pytest.raises(ValueError, match="one of each"):
        mean_gap([1, 2], [1])
    with pytest.raises(ValueError, match="missing"):
        limits_of_agreement([1, np.nan], [1, 2])


def test_gaps_of_one_organization_or_of_none_have_a_reason_instead_of_limits():
    assert mean_gap([], []).reason
    assert mean_gap([2], [1]).value == 1
    assert mean_gap([2], [1]).low is None
    assert limits_of_agreement([2], [1]).deviation is None
    assert limits_of_agreement([], []).bias is None
    assert limits_of_agreement([2, 2], [1, 3]).correlation is None


def test_a_constant_shift_is_all_bias_though_the_correlation_is_1():
    found = limits_of_agreement([2, 3, 5], [1, 2, 4])
    assert (found.bias, found.deviation, found.correlation) == (1, 0, pytest.approx(1))


@pytest.mark.parametrize("is_below", [True, False])
def test_the_expected_move_to_the_mean_is_what_simulated_organizations_show(is_below):
    generator = np.random.default_rng(6)
    true = 3.2 + 0.9 * generator.standard_normal(400_000)
    first, second = true + 0.6 * generator.standard_normal((2, 400_000))
    deviation = np.hypot(0.9, 0.6)
    cut = 2.0 if is_below else 4.5
    chosen = first < cut if is_below else first > cut
    moved = abs((second - first)[chosen].mean())
    expected = regression_to_mean(cut, 3.2, deviation, 0.81 / 1.17, is_below=is_below)
    assert moved == pytest.approx(expected, abs=0.01)
    mean_change = expected_change(first[chosen], 3.2, 0.81 / 1.17).mean()
    assert abs(mean_change) == pytest.approx(expected, abs=0.01)


def test_of_unchanged_organizations_few_are_said_to_have_changed_and_raw_changes_are_shrunk():
    generator = np.random.default_rng(7)
    true = 3 + generator.standard_normal(500)
    first, second = true + 0.7 * generator.standard_normal((2, 500))
    found = shrunken_changes(first, second, np.full(500, 0.49), np.full(500, 0.49))
    assert found.has_changed.mean() < 0.06
    assert np.std(found.shrunken) < 0.5 * np.std(found.raw)
    lowest = np.argsort(first)[:50]
    assert found.raw[lowest].mean() == pytest.approx(found.expected[lowest].mean(), abs=0.25)
    assert found.raw[lowest].mean() > 0.4
    assert abs(found.shrunken[lowest].mean()) < 0.2


def test_the_mean_change_of_a_few_organizations_is_not_taken_for_certain():
    generator = np.random.default_rng(3)
    is_said = []
    for _ in range(200):
        first, second = 3 + generator.standard_normal((2, 6))
        is_said += shrunken_changes(first, second, np.ones(6), np.ones(6)).has_changed.tolist()
    assert np.mean(is_said) < 0.15


def test_true_changes_lie_within_their_bounds_and_large_ones_are_found():
    generator = np.random.default_rng(9)
    true = 3 + generator.standard_normal(600)
    moved = np.where(generator.random(600) < 0.3, 2.0, 0.0)
    errors = generator.uniform(0.1, 0.5, (2, 600))
    noise = generator.standard_normal((2, 600)) * np.sqrt(errors)
    found = shrunken_changes(true + noise[0], true + moved + noise[1], *errors)
    held = (found.low <= moved) & (moved <= found.high)
    assert held.mean() > 0.9
    assert found.has_changed[moved > 0].mean() > 0.75


def test_too_few_repeated_assessments_keep_their_raw_change_only():
    found = shrunken_changes([1, 2], [3, 3], [0.1, 0.1], [0.1, 0.1])
    assert found.raw.tolist() == [2, 1]
    assert found.shrunken is found.low is found.has_changed is None
    assert found.reason


def test_the_mean_of_unequal_chances_lies_within_the_exact_bounds_more_often_than_a_binomial():
    """Hoeffding 1956, by simulation."""
    generator = np.random.default_rng(2)
    chances = np.linspace(0.02, 0.6, 25)
    counts = (generator.random((4000, 25)) < chances).sum(axis=1)
    bounds = np.array([exact_bounds(count, 25) for count in range(26)])[counts]
    held = ((bounds[:, 0] <= chances.mean()) & (chances.mean() <= bounds[:, 1])).mean()
    possible = np.array([exact_bounds(count, 25) for count in range(26)])
    is_held = (possible[:, 0] <= chances.mean()) & (chances.mean() <= possible[:, 1])
    binomial = binom.pmf(np.arange(26), 25, chances.mean())[is_held].sum()
    assert held >= binomial >= 0.95
