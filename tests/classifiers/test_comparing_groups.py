"""Groups of organizations: small ones are drawn to the rest, and a planted one still stands out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classifiers.comparing.groups import group_gaps, paule_mandel, pool_means
from classifiers.comparing.judged_claims import judged_claims

STAGES = np.arange(1, 7)
PRIOR = np.array([0.05, 0.25, 0.30, 0.23, 0.13, 0.04])
# Effects of coaching in eight schools and their errors (Rubin 1981, Journal of Educational
# Statistics 6, Table 1), and the means after pooling (Gelman and others, Bayesian Data Analysis,
# Table 5.3: medians 10, 8, 7, 8, 5, 6, 10, 8).
SCHOOLS = [28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]
POOLED_SCHOOLS = [10, 8, 7, 8, 5, 6, 10, 8]

groups_of_means = st.integers(2, 8).flatmap(
    lambda count: st.tuples(
        arrays(np.float64, count, elements=st.floats(-2, 2)),
        arrays(np.float64, count, elements=st.floats(0.05, 1)),
    )
)


def world(group_count, size, seed, planted_share=0.0):
    """Honest groups, and a first one of which a share claims one stage too many."""
    generator = np.random.default_rng(seed)
    count = group_count * size
    true = generator.choice(STAGES, p=PRIOR, size=count)
    spread = generator.uniform(0.5, 1.2, count)
    signals = true + spread * generator.standard_normal(count)
    logs = -0.5 * ((signals[:, np.newaxis] - STAGES) / spread[:, np.newaxis]) ** 2
    masses = PRIOR * np.exp(logs - logs.max(axis=1, keepdims=True))
    places = np.repeat(np.arange(group_count), size)
    raised = (places == 0) & (generator.random(count) < planted_share)
    probabilities = masses / masses.sum(axis=1, keepdims=True)
    judged = judged_claims(np.minimum(true + raised, 6), probabilities)
    return judged, [f"industry {place}" for place in places]


@pytest.mark.parametrize(("size", "power"), [(60, 0.9), (30, 0.65)])
def test_half_a_stage_planted_in_one_of_five_industries_is_found(size, power):
    found = [group_gaps(*world(5, size, seed, planted_share=0.5)) for seed in range(80)]
    is_found = [one.groups[0].low > 0 for one in found]
    is_wrong = [group.low > 0 or group.high < 0 for one in found for group in one.groups[1:]]
    assert np.mean(is_found) > power
    assert np.mean(is_wrong) < 0.08
    assert np.mean([one.groups[0].raw_mean for one in found]) == pytest.approx(0.48, abs=0.05)


def test_honest_groups_are_rarely_said_to_differ_and_rarely_from_0():
    found = [group_gaps(*world(5, 20, seed)) for seed in range(120)]
    assert np.mean([one.difference_p_value < 0.05 for one in found]) < 0.11
    is_wrong = [group.low > 0 or group.high < 0 for one in found for group in one.groups]
    assert np.mean(is_wrong) < 0.05
    assert np.mean([one.residual_variance for one in found]) < 0.1


def test_eight_schools_are_pooled_as_in_the_book():
    pooled = pool_means(*SCHOOLS, widest_spread=100)
    np.testing.assert_allclose(pooled.means, POOLED_SCHOOLS, atol=1.6)
    assert pooled.overall_mean == pytest.approx(8, abs=0.5)
    assert pooled.spread == pytest.approx(5, abs=1)  # median of Table 5.3


@settings(max_examples=40, deadline=None)
@given(groups_of_means)
def test_pooled_means_lie_between_the_raw_ones_and_their_common_mean(found):
    means, errors = found
    pooled = pool_means(means, errors)
    low, high = min(means.min(), pooled.overall_mean), max(means.max(), pooled.overall_mean)
    assert (pooled.means >= low - 1e-9).all()
    assert (pooled.means <= high + 1e-9).all()
    assert np.ptp(pooled.means) <= np.ptp(means) + 1e-9


def test_a_group_of_few_is_drawn_further_than_a_group_of_many():
    pooled = pool_means([0.0, 0.1, -0.1, 0.6, 0.6], [0.1, 0.1, 0.1, 0.1, 0.5])
    assert pooled.means[4] < pooled.means[3] < 0.6
    assert pooled.errors[4] > pooled.errors[3]


def test_a_single_group_is_left_as_it_is():
    judged, groups = world(1, 12, 3)
    found = group_gaps(judged, groups)
    assert found.groups[0].shrunken_mean == found.groups[0].mean
    assert found.difference_p_value is found.spread is None
    assert not found.groups[0].is_small


def test_small_groups_are_marked_and_shown():
    judged, groups = world(3, 10, 5)
    groups[:4] = ["zoo"] * 4
    found = {one.group: one for one in group_gaps(judged, groups).groups}
    assert (found["zoo"].is_small, found["industry 1"].is_small) == (True, False)
    assert found["zoo"].organization_count == 4
    assert list(found) == sorted(found)
    gaps = judged.weighted_gaps[:4]
    assert found["zoo"].raw_mean == pytest.approx(gaps.mean())


def test_without_organizations_there_are_no_groups_and_every_one_needs_a_group():
    found = group_gaps(judged_claims([], np.zeros((0, 6))), [])
    assert found.groups == ()
    assert found.overall_mean is None
    judged, groups = world(2, 5, 1)
    with pytest.raises(ValueError, match="9 groups for 10 organizations"):
        group_gaps(judged, groups[1:])


def test_the_variance_within_groups_is_found_beyond_that_of_the_estimates():
    generator = np.random.default_rng(2)
    members = np.repeat(np.arange(4), 500)
    variances = generator.uniform(0.2, 1.5, 2000)
    true = members + np.sqrt(0.7) * generator.standard_normal(2000)
    values = true + np.sqrt(variances) * generator.standard_normal(2000)
    assert paule_mandel(values, variances, members) == pytest.approx(0.7, abs=0.1)
    assert paule_mandel(members.astype(float), variances, members) == 0


def test_estimates_that_are_sure_of_their_stage_are_compared_too():
    judged = judged_claims([2, 3, 3, 4, 1, 5], np.eye(6)[[1, 1, 2, 2, 1, 3]])
    found = group_gaps(judged, ["a", "a", "a", "b", "b", "b"])
    assert found.residual_variance == pytest.approx(0.83, abs=0.4)
    error = np.sqrt(found.residual_variance / 3)
    assert [group.standard_error for group in found.groups] == pytest.approx([error] * 2, rel=1e-4)
