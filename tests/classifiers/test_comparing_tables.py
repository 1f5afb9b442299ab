"""Tables of claims and observations: counting, agreement and margins, beside other packages."""

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, bootstrap, chi2
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import SquareTable as OtherTable
from statsmodels.stats.inter_rater import cohens_kappa

from classifiers.comparing.bootstrap import bca_bounds
from classifiers.comparing.gwet import gwet_agreement, gwet_agreement_of_raters
from classifiers.comparing.kappa import bootstrap_kappa, weighted_kappa
from classifiers.comparing.marginals import bhapkar, bowker, direction, stuart_maxwell
from classifiers.comparing.square_table import tabulate
from classifiers.reliability import krippendorff_alpha

FEW_EXAMPLES = settings(max_examples=30, deadline=None)
STAGES = [1, 2, 3, 4, 5, 6]
OTHER_NAMES = {"quadratic": "quadratic", "linear": "linear", "unweighted": None}

codes = st.sampled_from(STAGES)
pairs = st.lists(st.tuples(codes, codes), min_size=4, max_size=60).map(lambda p: np.array(p).T)
weightings = st.sampled_from(list(OTHER_NAMES))
full_tables = arrays(np.int64, (4, 4), elements=st.integers(1, 30))


@FEW_EXAMPLES
@given(pairs)
def test_each_organization_is_counted_once(pair):
    table = tabulate(*pair)
    gaps = pair[0] - pair[1]
    assert table.organization_count == len(gaps)
    assert sorted(table.gaps()) == sorted(gaps)
    for margin in (1, 2):
        assert table.above_count(margin) == (gaps >= margin).sum()
        assert table.below_count(margin) == (gaps <= -margin).sum()
        assert table.within_count(margin) == (np.abs(gaps) <= margin).sum()
    assert table.claimed_counts == tuple((pair[0] == code).sum() for code in STAGES)
    assert table.observed_counts == tuple((pair[1] == code).sum() for code in STAGES)


@FEW_EXAMPLES
@given(pairs, st.integers(1, 5))
def test_merging_is_counting_with_the_higher_of_the_two_renamed(pair, lower):
    renamed = np.where(pair > lower, pair - 1, pair)
    assert tabulate(*pair).merged(lower).counts == tabulate(*renamed, category_count=5).counts


def test_merged_categories_are_named_for_both_and_the_highest_for_all_above():
    table = tabulate([1], [1])
    assert table.merged(5).labels == ("1", "2", "3", "4", "5+")
    assert table.merged(2).labels == ("1", "2-3", "4", "5", "6")
    assert table.merged(5).merged(4).labels == ("1", "2", "3", "4+")
    with pytest.raises(ValueError, match="give 1 to 5"):
        table.merged(6)


@pytest.mark.parametrize("wrong", [0, 7, 2.5, np.nan])
def test_what_is_no_stage_is_refused_with_its_place(wrong):
    with pytest.raises(ValueError, match="at place 2 is none of 1 to 6"):
        tabulate([1, 2], [1, wrong])


def test_claims_without_a_partner_are_refused():
    with pytest.raises(ValueError, match="2 claimed and 1 observed"):
        tabulate([1, 2], [1])


@FEW_EXAMPLES
@given(full_tables, weightings)
def test_kappa_and_its_error_are_those_of_statsmodels(table, weights):
    found = weighted_kappa(table, weights)
    other = cohens_kappa(table, wt=OTHER_NAMES[weights])
    assert found.value == pytest.approx(other.kappa, abs=1e-12)
    assert found.standard_error == pytest.approx(other.std_kappa, abs=1e-9)
    assert found.low == pytest.approx(other.kappa_low, abs=1e-9)
    assert found.high == pytest.approx(min(other.kappa_upp, 1.0), abs=1e-9)


@FEW_EXAMPLES
@given(pairs, weightings)
def test_kappa_is_that_of_scikit_learn_with_the_full_list_of_stages(pair, weights):
    found = weighted_kappa(tabulate(*pair), weights)
    assume(len(np.unique(pair)) > 1)
    expected = cohen_kappa_score(*pair, labels=STAGES, weights=OTHER_NAMES[weights])
    assert found.value == pytest.approx(expected, abs=1e-12)


@FEW_EXAMPLES
@given(pairs)
def test_alpha_of_claims_and_observations_is_that_of_krippendorff(pair):
    assume(len(np.unique(pair)) > 1)
    ratings = pair.astype(float)
    expected = krippendorff.alpha(ratings, level_of_measurement="ordinal", value_domain=STAGES)
    assert krippendorff_alpha(ratings) == pytest.approx(expected, abs=1e-10)


@FEW_EXAMPLES
@given(pairs, weightings)
def test_gwet_s_agreement_of_a_table_is_that_of_two_raters(pair, weights):
    found = gwet_agreement(tabulate(*pair), weights)
    by_raters = gwet_agreement_of_raters(pair, 6, weights)
    assert found.value == pytest.approx(by_raters.value, abs=1e-12)
    assert found.high <= 1


def test_the_error_of_gwet_s_agreement_is_how_far_samples_scatter():
    generator = np.random.default_rng(3)
    shares = np.array([[0.30, 0.06, 0.01], [0.05, 0.33, 0.05], [0.02, 0.04, 0.14]])
    tables = generator.multinomial(400, shares.ravel(), size=400).reshape(-1, 3, 3)
    found = [gwet_agreement(table) for table in tables]
    scatter = np.std([one.value for one in found])
    assert np.mean([one.standard_error for one in found]) == pytest.approx(scatter, rel=0.1)


def test_bootstrap_bounds_of_kappa_are_those_of_scipy():
    generator = np.random.default_rng(1)
    claimed = generator.integers(1, 7, 60)
    observed = np.clip(claimed + generator.choice([-1, 0, 0, 1, 1], 60), 1, 6)

    def kappa(one, other):
        return weighted_kappa(tabulate(one, other)).value

    scipy_s = bootstrap(
        (claimed, observed),
        kappa,
        paired=True,
        vectorized=False,
        n_resamples=600,
        rng=np.random.default_rng(2),
    ).confidence_interval
    found = bootstrap_kappa(tabulate(claimed, observed))
    assert (found.low, found.high) == pytest.approx(tuple(scipy_s), abs=0.03)
    assert found.standard_error == pytest.approx(
        weighted_kappa(tabulate(claimed, observed)).standard_error, rel=0.15
    )
    assert found == bootstrap_kappa(tabulate(claimed, observed))


def test_bounds_of_a_skewed_mean_are_scipy_s_for_the_same_resamples():
    values = np.random.default_rng(4).lognormal(sigma=1.2, size=30)
    other = bootstrap((values,), np.mean, n_resamples=999, rng=np.random.default_rng(5))
    jackknifed = (values.sum() - values) / 29
    found = bca_bounds(values.mean(), other.bootstrap_distribution, jackknifed, np.ones(30))
    assert found == pytest.approx(tuple(other.confidence_interval), rel=1e-9)


def test_where_chance_cannot_disagree_there_is_no_kappa_but_a_reason():
    for find in (weighted_kappa, bootstrap_kappa):
        alike = find(tabulate([3, 3], [3, 3]))
        assert (alike.value, alike.low, alike.organization_count) == (None, None, 2)
        assert "chance cannot disagree" in alike.reason
        assert "no organization" in find(np.zeros((6, 6))).reason


def test_stages_that_nobody_has_change_gwet_s_agreement_but_not_the_quadratic_kappa():
    table = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    padded = np.pad(table, (0, 2))
    assert weighted_kappa(padded).value == pytest.approx(weighted_kappa(table).value)
    assert gwet_agreement(padded).value > gwet_agreement(table).value


def test_no_interval_of_kappa_goes_beyond_full_agreement():
    found = weighted_kappa([[5, 0, 0], [1, 5, 0], [0, 0, 5]], "linear")
    assert found.value + 1.96 * found.standard_error > found.high == 1


def test_without_a_second_organization_agreement_has_no_interval():
    found = gwet_agreement(tabulate([2], [3]))
    assert found.low is None
    assert "one organization" in found.reason
    assert gwet_agreement(np.zeros((6, 6))).value is None
    assert gwet_agreement_of_raters([[1, np.nan], [np.nan, 2]], 6).reason


@FEW_EXAMPLES
@given(full_tables)
def test_tests_of_the_margins_are_those_of_statsmodels(table):
    other = OtherTable(table, shift_zeros=False)
    for found, expected in (
        (stuart_maxwell(table), other.homogeneity(method="stuart_maxwell")),
        (bhapkar(table), other.homogeneity(method="bhapkar")),
        (bowker(table), other.symmetry()),
    ):
        assert found.statistic == pytest.approx(expected.statistic, abs=1e-7)
        assert found.p_value == pytest.approx(expected.pvalue, abs=1e-9)
        assert found.dropped_labels == ()


@FEW_EXAMPLES
@given(full_tables, st.integers(0, 4), st.integers(0, 50))
def test_a_category_about_which_nobody_disagrees_is_dropped_and_named(table, place, agreed):
    wider = np.insert(np.insert(table, place, 0, axis=0), place, 0, axis=1)
    wider[place, place] = agreed
    for find in (stuart_maxwell, bhapkar, bowker):
        found, expected = find(wider), find(table)
        assert found.dropped_labels == (str(place + 1),)
        assert found.degrees == expected.degrees
        assert found.statistic == pytest.approx(expected.statistic)


def test_the_margins_of_two_blocks_without_traffic_lose_a_degree_of_freedom_each():
    block = np.array([[5, 4], [1, 6]])
    table = np.zeros((4, 4))
    table[:2, :2] = table[2:, 2:] = block
    found = stuart_maxwell(table)
    assert (found.degrees, found.statistic) == (2, pytest.approx(2 * 9 / 5))
    assert found.p_value == pytest.approx(chi2.sf(3.6, 2))


def test_margins_of_full_agreement_or_of_one_way_traffic_have_a_reason_instead_of_a_test():
    for find in (stuart_maxwell, bhapkar, bowker):
        found = find(np.diag([3, 4, 5]))
        assert (found.statistic, found.p_value, found.degrees) == (None, None, 0)
        assert found.reason
        assert found.dropped_labels == ("1", "2", "3")
    assert "disagree" in bhapkar([[0, 5], [0, 0]]).reason
    assert direction(0, 0).p_value is None
    assert direction(0, 0).reason


def test_a_merged_table_names_the_merged_category_it_drops():
    table = tabulate([1, 2, 5, 6], [2, 1, 6, 5]).merged(5)
    assert stuart_maxwell(table).dropped_labels == ("3", "4", "5+")


def test_the_exact_direction_is_more_careful_with_few_who_disagree():
    found = direction(5, 0)
    assert found.p_value < 0.05 < found.exact_p_value
    assert direction(4, 9).exact_p_value == pytest.approx(binomtest(4, 13).pvalue)
    assert direction(4, 4).exact_p_value == 1
    assert direction(3, 8).statistic == direction(8, 3).statistic


@pytest.mark.parametrize("table", [[[1, 2]], [[1, -1], [0, 1]], [[1, np.nan], [0, 1]]])
def test_what_is_no_table_of_counts_is_refused(table):
    with pytest.raises(ValueError, match=r"not square|negative or missing"):
        weighted_kappa(table)


def test_unknown_weights_and_a_single_category_are_refused():
    with pytest.raises(ValueError, match="give one of quadratic, linear, unweighted"):
        weighted_kappa(np.eye(3), "cubic")
    with pytest.raises(ValueError, match="at least two categories"):
        weighted_kappa([[4]])
