"""Honest claims beside an observer who errs: what they show, and what is found beyond it.

In the invented worlds here a signal with an error of its own is all that is known of each
organization, so that its probabilities are calibrated by construction.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from classifiers.comparing.discoveries import discoveries, false_contradictions
from classifiers.comparing.excess import (
    excess_at_least,
    excess_by_group,
    excess_over_honesty,
    excess_sensitivity,
)
from classifiers.comparing.figure import mean_figure
from classifiers.comparing.honesty import (
    ceiling_of_estimates,
    confusion_of_estimates,
    expected_under_honesty,
)
from classifiers.comparing.judged_claims import judged_claims
from classifiers.comparing.kappa import weighted_kappa
from classifiers.comparing.posterior_gaps import posterior_gaps, weighted_rates

PRIOR = np.array([0.05, 0.25, 0.30, 0.23, 0.13, 0.04])
STAGES = np.arange(1, 7)
FEW_EXAMPLES = settings(max_examples=30, deadline=None)

seeds = st.integers(0, 10_000)


def world(count, seed, errors=(0.5, 1.2)):
    """True stages and calibrated probabilities."""
    generator = np.random.default_rng(seed)
    true = generator.choice(STAGES, p=PRIOR, size=count)
    spread = generator.uniform(*errors, count)
    signals = true + spread * generator.standard_normal(count)
    logs = -0.5 * ((signals[:, np.newaxis] - STAGES) / spread[:, np.newaxis]) ** 2
    masses = PRIOR * np.exp(logs - logs.max(axis=1, keepdims=True))
    return true, masses / masses.sum(axis=1, keepdims=True)


def honest(count, seed, **options):
    return judged_claims(*world(count, seed, **options))


def over_claiming(count, seed, share):
    """Organizations of which a share claims one stage more than it has."""
    true, probabilities = world(count, seed)
    raised = np.random.default_rng(seed + 1).random(count) < share
    return judged_claims(np.minimum(true + raised, 6), probabilities)


def holds_0(excess):
    return excess.low <= 0 <= excess.high


@pytest.mark.parametrize("errors", [(0.3, 0.5), (0.7, 1.7)])
@pytest.mark.parametrize(("count", "world_count"), [(5, 250), (30, 150), (300, 80)])
def test_the_excess_of_honest_claims_is_0_within_its_interval_in_95_of_100_worlds(
    count, world_count, errors
):
    worlds = (honest(count, seed, errors=errors) for seed in range(world_count))
    held = [
        [holds_0(one) for one in (found.above, found.below, found.gap)]
        for found in map(excess_over_honesty, worlds)
    ]
    three_errors = 3 * np.sqrt(0.95 * 0.05 / world_count)
    assert (np.mean(held, axis=0) >= 0.95 - three_errors).all()


def test_the_raw_over_claim_of_honest_claims_is_far_from_0():
    found = excess_over_honesty(honest(2000, 1))
    assert found.above.raw == pytest.approx(found.above.expected, abs=0.03)
    assert found.above.raw > 0.2


def test_the_interval_of_the_excess_shrinks_with_the_root_of_the_number_of_organizations():
    few, many = (excess_over_honesty(honest(count, 3)) for count in (100, 1600))
    for name in ("above", "below", "gap"):
        one, other = getattr(few, name), getattr(many, name)
        assert (one.high - one.low) / (other.high - other.low) == pytest.approx(4, rel=0.2)


def test_gaps_that_do_not_vary_are_no_surer_than_the_estimates_are():
    shares = [0.2, 0.5, 0.3]
    found = excess_over_honesty(judged_claims([3] * 4, [shares] * 4)).gap
    reach = 1.959964 * np.sqrt(0.49 / 4)
    assert (found.low, found.high) == pytest.approx((0.9 - reach, 0.9 + reach), abs=1e-6)


def test_gaps_that_vary_more_than_the_estimates_explain_have_their_own_t_interval():
    sure = judged_claims([1, 2, 3, 3], np.eye(3)[[0, 0, 0, 2]])
    found = excess_over_honesty(sure).gap
    mean = mean_figure([0, 1, 2, 0])
    assert (found.low, found.high) == pytest.approx((mean.low, mean.high))


def test_half_a_stage_of_over_claim_is_found_among_60_organizations():
    found = [excess_over_honesty(over_claiming(60, seed, 0.5)) for seed in range(40)]
    assert np.mean([one.gap.low > 0 for one in found]) > 0.9
    assert np.mean([one.above.low > 0 for one in found]) > 0.9
    assert np.mean([one.gap.excess for one in found]) == pytest.approx(0.48, abs=0.06)


@FEW_EXAMPLES
@given(seeds, st.integers(1, 3))
def test_raw_is_expected_and_excess_together(seed, margin):
    judged = honest(12, seed)
    found = excess_over_honesty(judged, margin)
    for one in (found.above, found.below, found.gap):
        assert one.raw == pytest.approx(one.expected + one.excess)
        assert one.low <= one.excess <= one.high
    assert found.above.raw == judged.table().above_count(margin) / 12
    assert found.below.raw == judged.table().below_count(margin) / 12


def test_reversing_the_ladder_turns_over_claims_into_under_claims():
    true, probabilities = world(40, 5)
    points = judged_claims(true, probabilities).points
    judged = judged_claims(true, probabilities, points)
    turned = judged_claims(7 - true, probabilities[:, ::-1], 7 - points)
    one, other = excess_over_honesty(judged), excess_over_honesty(turned)
    assert one.above.excess == pytest.approx(other.below.excess)
    assert one.gap.excess == pytest.approx(-other.gap.excess)


def test_the_share_at_or_above_a_stage_is_set_beside_its_expectation():
    judged = honest(3000, 2)
    found = excess_at_least(judged, 4)
    assert found.raw == pytest.approx((judged.claims >= 4).mean())
    assert found.expected == pytest.approx(judged.probabilities[:, 3:].sum(axis=1).mean())
    assert abs(found.excess) < 0.03


def test_the_planted_group_stands_out_and_small_groups_are_marked():
    true, probabilities = world(129, 11)
    groups = ["bank"] * 60 + ["shop"] * 50 + ["sea"] * 10 + ["zoo"] * 9
    raised = (np.arange(129) < 60) & (np.arange(129) % 2 == 0)
    judged = judged_claims(np.minimum(true + raised, 6), probabilities)
    bank, sea, shop, zoo = excess_by_group(judged, groups)
    assert (bank.group, shop.group, zoo.group) == ("bank", "shop", "zoo")
    assert bank.found.gap.low > 0 > bank.found.below.excess
    assert holds_0(shop.found.gap)
    assert (bank.is_small, sea.is_small, zoo.is_small) == (False, False, True)
    assert zoo.found.above.organization_count == 9


def test_nobody_and_a_single_organization_have_no_excess_or_a_wide_one():
    nobody = judged_claims([], np.zeros((0, 6)))
    found = excess_over_honesty(nobody)
    assert found.above.excess is found.gap.low is None
    assert found.gap.reason
    assert ceiling_of_estimates(nobody) is None
    assert weighted_rates(nobody).above.value is None
    alone = excess_over_honesty(honest(1, 4)).above
    assert alone.high - alone.low > 0.9


def test_less_sure_estimates_expect_more_over_claims_of_honest_organizations():
    judged = over_claiming(400, 6, 0.3)
    changed = excess_sensitivity(judged, temperatures=(1.5, 3))
    excesses = [one.above.excess for one in changed.values()]
    assert list(changed) == ["as estimated", "temperature 1.5", "temperature 3"]
    assert excesses == sorted(excesses, reverse=True)
    assert len({one.above.raw for one in changed.values()}) == 1
    with pytest.raises(ValueError, match="above 0"):
        judged.tempered(0)


def test_the_wrong_prior_shows_an_excess_that_the_right_one_does_not():
    true, probabilities = world(3000, 8)
    low = np.array([0.30, 0.30, 0.20, 0.12, 0.06, 0.02])
    wrong = judged_claims(true, probabilities).with_prior(PRIOR, low)
    changed = excess_sensitivity(wrong, used_prior=low, other_priors={"large firms": PRIOR})
    assert changed["as estimated"].gap.low > 0
    assert holds_0(changed["large firms"].gap)
    np.testing.assert_allclose(
        wrong.with_prior(low, PRIOR).probabilities,
        judged_claims(true, probabilities).probabilities,
    )
    assert wrong.points.tolist() == judged_claims(true, wrong.probabilities).points.tolist()
    with pytest.raises(ValueError, match="above 0"):
        wrong.with_prior(np.eye(6)[0], PRIOR)


def test_the_ceiling_of_a_table_of_errors_is_what_drawn_honest_claims_show():
    generator = np.random.default_rng(12)
    errors = generator.dirichlet(np.full(6, 0.8), 6)
    found = expected_under_honesty(errors, PRIOR)
    table = generator.multinomial(400_000, (errors * PRIOR[:, np.newaxis]).ravel()).reshape(6, 6)
    assert found.kappa == pytest.approx(weighted_kappa(table).value, abs=0.01)
    assert found.above_share == pytest.approx(np.tril(table, -1).sum() / 400_000, abs=0.005)
    total = found.exact_share + found.above_share + found.below_share
    assert total == pytest.approx(1)
    assert found.within_one_share >= found.exact_share


def test_the_ceiling_of_estimates_is_that_of_their_own_table_of_errors():
    judged = honest(500, 9)
    errors = confusion_of_estimates(judged.probabilities, judged.points)
    by_table = expected_under_honesty(errors, judged.probabilities.mean(axis=0))
    found = ceiling_of_estimates(judged)
    assert found.kappa == pytest.approx(by_table.kappa)
    assert found.above_share == pytest.approx(by_table.above_share)
    assert found.above_share == pytest.approx(excess_over_honesty(judged).above.expected)
    assert found.mean_gap == pytest.approx(excess_over_honesty(judged).gap.expected)


def test_a_faultless_observer_has_no_ceiling_below_1():
    found = expected_under_honesty(np.eye(6), PRIOR)
    assert (found.exact_share, found.kappa, found.above_share) == (pytest.approx(1), 1, 0)
    assert expected_under_honesty([[1, 0], [0, 1]], [1, 0]).kappa is None


def test_tables_that_do_not_sum_to_1_are_refused():
    with pytest.raises(ValueError, match="must sum to 1"):
        expected_under_honesty(np.eye(6) * 0.9, PRIOR)
    with pytest.raises(ValueError, match="a row and a share a stage"):
        expected_under_honesty(np.eye(5), PRIOR)


@FEW_EXAMPLES
@given(seeds)
def test_over_claim_match_and_under_claim_are_all_there_is(seed):
    judged = over_claiming(20, seed, 0.4)
    found = posterior_gaps(judged)
    total = found.above_probabilities + found.match_probabilities + found.below_probabilities
    np.testing.assert_allclose(total, 1)
    rates = weighted_rates(judged)
    assert rates.above.value + rates.match.value + rates.below.value == pytest.approx(1)
    assert rates.gap.value == pytest.approx(found.gaps.mean())


def test_the_interval_of_weighted_rates_is_that_of_drawing_organizations_and_then_stages():
    judged = over_claiming(50, 3, 0.4)
    found = weighted_rates(judged)
    generator = np.random.default_rng(5)
    drawn = generator.integers(0, 50, (8000, 50))
    cumulative = np.cumsum(judged.probabilities, axis=1)
    stages = (generator.random((8000, 50, 1)) > cumulative[drawn]).sum(axis=2) + 1
    gaps = judged.claims[drawn] - stages
    low, high = np.quantile((gaps > 0).mean(axis=1), [0.025, 0.975])
    assert (found.above.low, found.above.high) == pytest.approx((low, high), abs=0.021)
    assert found.gap.standard_error == pytest.approx(gaps.mean(axis=1).std(), rel=0.04)


def test_of_honest_claims_called_contradicted_no_more_are_false_than_was_asked_for():
    found = [discoveries(honest(300, seed)) for seed in range(60)]
    assert np.mean([one.contradicted_count > 0 for one in found]) <= 0.10 + 3 * 0.04
    true, probabilities = world(300, 21)
    far = np.arange(300) < 60
    mixed = discoveries(judged_claims(np.where(far, 6, true), probabilities))
    false = (mixed.is_contradicted & ~far).sum() / max(mixed.contradicted_count, 1)
    assert mixed.contradicted_count > 25
    assert false <= 0.15
    assert mixed.expected_false_count == pytest.approx(0.1 * mixed.contradicted_count)


@FEW_EXAMPLES
@given(seeds)
def test_p_values_of_honest_claims_are_small_as_rarely_as_they_say(seed):
    judged = honest(400, seed)
    for side in ("either", "above", "below"):
        p_values = discoveries(judged, side=side).p_values
        for level in (0.05, 0.2):
            assert (p_values <= level).mean() <= level + 4 * np.sqrt(level / 400)


def test_p_values_are_adjusted_as_scipy_does():
    found = discoveries(over_claiming(80, 2, 0.5))
    np.testing.assert_allclose(found.adjusted_p_values, false_discovery_control(found.p_values))
    assert discoveries(judged_claims([], np.zeros((0, 6)))).contradicted_count == 0


def test_sides_look_at_their_own_tail():
    judged = judged_claims([6, 1], [[0.02, 0.08, 0.4, 0.4, 0.08, 0.02]] * 2)
    assert discoveries(judged, side="above").p_values == pytest.approx([0.02, 1])
    assert discoveries(judged, side="below").p_values == pytest.approx([1, 0.02])
    assert discoveries(judged).p_values == pytest.approx([0.04, 0.04])
    with pytest.raises(ValueError, match="either, above, below"):
        discoveries(judged, side="both")


def test_claims_outside_their_sets_are_set_beside_what_honesty_would_give():
    judged = honest(2000, 13)
    cumulative = np.cumsum(judged.probabilities, axis=1)
    lows = (cumulative > 0.05).argmax(axis=1) + 1
    highs = (cumulative >= 0.95).argmax(axis=1) + 1
    found = false_contradictions(judged, lows, highs)
    assert found.expected_count <= 200
    assert found.count == pytest.approx(found.expected_count, rel=0.3)
    assert found.above_count == pytest.approx(found.expected_above_count, rel=0.4)


@pytest.mark.parametrize(
    ("claims", "probabilities", "points", "message"),
    [
        ([1, 2], [[0.5, 0.5], [0.5, 0.6]], None, "row 2 is no distribution"),
        ([1], [[0.5, np.nan]], None, "row 1 is no distribution"),
        ([3], [[0.5, 0.5]], None, "claimed code 3"),
        ([1], [[0.5, 0.5]], [0], "observed code 0"),
        ([1, 2], [[0.5, 0.5]], None, "2 claims, 1 rows"),
        ([1], [0.5, 0.5], None, "a row for each"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_place(
    claims, probabilities, points, message
):
    with pytest.raises(ValueError, match=message):
        judged_claims(claims, probabilities, points)
