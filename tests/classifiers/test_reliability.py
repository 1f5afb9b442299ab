"""Agreement of raters: published and recomputed vectors, an oracle, and what must not matter.

The vectors of alpha are Krippendorff's "Computing alpha-reliability" (published to three digits,
here recomputed with the package krippendorff 0.9.0). Those of kappa: A from the vignette of the R
package irrCAC (published), B (SexualFun of the R package vcd) and C (vision, Stuart 1953)
recomputed with statsmodels.
"""

import doctest
import math
from dataclasses import replace
from datetime import date
from itertools import chain

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from classifiers import reliability
from classifiers.consensus import coding_rounds
from classifiers.labels import ExpertCode, Saw
from classifiers.reliability import (
    alpha_interval,
    krippendorff_alpha,
    perfect_model_error,
    quadratic_kappa,
    rater_agreement,
)

NAN = math.nan
CANONICAL = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
ALPHAS = {"nominal": 0.743421, "ordinal": 0.815388, "interval": 0.849107}
KAPPAS = [
    ([[13, 0, 0], [0, 20, 7], [0, 4, 56]], 0.8921569),
    ([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]], 0.33205),
    (
        [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]],
        0.70233,
    ),
]
LEVELS = st.sampled_from(list(ALPHAS))
RATINGS = arrays.arrays(
    np.float64,
    st.tuples(st.integers(2, 5), st.integers(1, 12)),
    elements=st.sampled_from([1, 2, 3, 4, 5, 6, NAN, NAN]),
)


def test_the_examples_in_the_docstrings_hold():
    found = doctest.testmod(reliability)
    assert (found.failed, found.attempted >= 4) == (0, True)


@pytest.mark.parametrize("level", ALPHAS)
def test_alpha_is_the_published_one(level):
    assert krippendorff_alpha(CANONICAL, level) == pytest.approx(ALPHAS[level], abs=5e-7)


@pytest.mark.parametrize(("table", "expected"), KAPPAS)
def test_kappa_is_the_published_one(table, expected):
    digits = len(str(expected)) - 2
    assert quadratic_kappa(table) == pytest.approx(expected, abs=0.5 * 10**-digits)


def test_stages_that_nobody_gave_do_not_change_kappa():
    table = np.pad(KAPPAS[0][0], (1, 2))
    assert quadratic_kappa(table) == pytest.approx(KAPPAS[0][1])


@settings(max_examples=60, deadline=None)
@given(RATINGS, LEVELS)
def test_alpha_agrees_with_the_package_krippendorff(ratings, level):
    paired = ratings[:, (~np.isnan(ratings)).sum(axis=0) > 1]
    assume(len(np.unique(paired[~np.isnan(paired)])) > 1)
    expected = krippendorff.alpha(ratings, level_of_measurement=level, value_domain=range(1, 7))
    assert krippendorff_alpha(ratings, level) == pytest.approx(expected, abs=1e-10)


@settings(max_examples=30, deadline=None)
@given(RATINGS, LEVELS, st.randoms(use_true_random=False))
def test_neither_the_order_of_raters_nor_of_units_matters(ratings, level, random):
    rows, columns = map(list, map(range, ratings.shape))
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled = krippendorff_alpha(ratings[rows][:, columns], level)
    expected = krippendorff_alpha(ratings, level)
    assert shuffled == pytest.approx(expected, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(RATINGS)
def test_only_the_order_of_values_matters_to_the_ordinal_alpha(ratings):
    stretched = krippendorff_alpha(np.exp(ratings))
    assert stretched == pytest.approx(krippendorff_alpha(ratings), nan_ok=True)


@pytest.mark.parametrize("ratings", [[[1, 2], [NAN, NAN]], [[3, 3], [3, 3]], [[], []], [[NAN]]])
def test_where_nothing_can_be_compared_there_is_no_alpha(ratings):
    assert math.isnan(krippendorff_alpha(ratings))
    assert math.isnan(alpha_interval(ratings).low)


def test_full_agreement_is_one_and_turned_ratings_are_below_zero():
    assert krippendorff_alpha([[1, 2, 5], [1, 2, 5]]) == 1
    assert krippendorff_alpha([[1, 6], [6, 1]]) < 0


def test_wrong_shapes_and_levels_are_refused_with_what_to_do():
    with pytest.raises(ValueError, match="one row a rater and one column a unit"):
        krippendorff_alpha([1, 2, 3])
    with pytest.raises(ValueError, match="one of nominal, ordinal, interval"):
        krippendorff_alpha(CANONICAL, "ratio")


def test_the_interval_is_repeatable_and_holds_alpha():
    ratings = raters(unit_count=60, wrong_share=0.24)
    first, second = alpha_interval(ratings), alpha_interval(ratings)
    assert first == second
    assert first.low < krippendorff_alpha(ratings) < first.high
    assert first.undefined_count == 0


def test_the_interval_holds_the_alpha_of_all_organizations_in_about_95_of_100_samples():
    truth = krippendorff_alpha(raters(unit_count=20_000, wrong_share=0.24, seed=99))
    intervals = [alpha_interval(raters(80, 0.24, seed), resample_count=200) for seed in range(100)]
    held = sum(interval.low <= truth <= interval.high for interval in intervals)
    assert 87 <= held <= 99


def test_repeated_units_of_one_organization_make_the_interval_no_narrower():
    ratings = raters(unit_count=40, wrong_share=0.24)
    thrice = np.tile(ratings, 3)
    alone = alpha_interval(ratings)
    together = alpha_interval(thrice, np.tile(np.arange(40), 3))
    apart = alpha_interval(thrice)
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=0.1)
    assert apart.high - apart.low < 0.7 * (alone.high - alone.low)


def test_a_resample_in_which_everybody_gives_one_stage_is_left_out_and_counted():
    interval = alpha_interval([[2, 2, 3], [2, 2, 3]])
    assert (interval.low, interval.high) == (1, 1)
    assert 2000 / 9 < interval.undefined_count < 2000 / 2.5  # 8 + 1 of 27 draws


@pytest.mark.parametrize("wrong_share", [0.1, 0.24, 0.5])
def test_a_perfect_model_errs_as_much_as_one_rater_does(wrong_share):
    ratings = raters(200_000, wrong_share)
    low, high = perfect_model_error(ratings[0] - ratings[1])
    assert high == pytest.approx(wrong_share, abs=0.005)  # nobody errs by more than one
    assert low == pytest.approx(wrong_share - wrong_share**2 / 2, abs=0.005)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=4))
def test_the_error_of_a_perfect_model_lies_between_its_bounds(weights):
    """All pairs of errors of a symmetric distribution, each as often as it occurs."""
    errors = np.arange(1 - len(weights), len(weights))
    shares = np.array([*weights[:0:-1], *weights])
    differences = np.repeat(
        np.subtract.outer(errors, errors).ravel(), np.outer(shares, shares).ravel()
    )
    low, high = perfect_model_error(differences)
    truth = (np.abs(errors) * shares).sum() / shares.sum()
    assert low - 1e-12 <= truth <= high + 1e-12


def test_the_worked_example_of_the_documents_holds():
    shares = np.array([12, 76, 12])
    errors = np.array([-1, 0, 1])
    differences = np.repeat(
        np.subtract.outer(errors, errors).ravel(), np.outer(shares, shares).flat
    )
    assert np.abs(differences).mean() == pytest.approx(0.4224)
    assert perfect_model_error(differences) == pytest.approx((0.2112, 0.24))


def test_raters_of_three_organizations_are_compared_in_every_way():
    found = rater_agreement(
        coding_rounds(
            [
                *codes("a", r1=2, r2=2),
                *codes("b", r1=3, r2=5, r3=4),
                *codes("c", r1=1, r2=None),
                *codes("d", r3=6),
            ]
        )
    )
    assert (found.code_count, found.undecided_count, found.rater_count) == (8, 1, 3)
    assert (found.organization_count, found.double_coded_count, found.pair_count) == (4, 2, 4)
    assert (found.exact_share, found.within_one_share) == (0.25, 0.75)
    assert found.mean_absolute_difference == 1
    assert (found.ceiling_low, found.ceiling_high) == (0.5, 0.75)
    pairs = {(p.first, p.second): (p.unit_count, p.mean_difference) for p in found.rater_pairs}
    assert pairs == {("r1", "r2"): (2, -1), ("r1", "r3"): (1, -1), ("r2", "r3"): (1, 1)}
    assert np.argwhere(found.pair_counts).tolist() == [[1, 1], [2, 3], [2, 4], [3, 4]]
    rows = [[2, 3, 1], [2, 5, NAN], [NAN, 4, NAN]]
    assert found.alpha == pytest.approx(krippendorff_alpha(rows))


def test_the_interval_of_raters_draws_organizations_however_often_they_were_coded():
    once = [codes(f"o{n}", r1=1 + n % 6, r2=1 + (n + (n % 4 == 0)) % 6) for n in range(30)]
    twice = [*once, *([replace(one, codebook="2") for one in pair] for pair in once)]
    alone, doubled = (rater_agreement(coding_rounds(chain(*found))) for found in (once, twice))
    assert doubled.double_coded_count == alone.double_coded_count == 30
    assert doubled.alpha_low == pytest.approx(alone.alpha_low, abs=0.005)
    assert doubled.alpha_high == pytest.approx(alone.alpha_high, abs=0.005)
    as_if_independent = alpha_interval(np.tile(matrix(once), 2))
    assert as_if_independent.low > doubled.alpha_low + 0.01


def test_without_a_second_rater_nothing_is_said_of_agreement():
    found = rater_agreement(coding_rounds([*codes("a", r1=2), *codes("b", r1=3)]))
    assert (found.pair_count, found.double_coded_count, found.rater_pairs) == (0, 0, ())
    assert found.alpha is found.alpha_low is found.ceiling_low is found.exact_share is None


def matrix(found):
    return np.array([[code.stage_code for code in pair] for pair in found], dtype=float).T


def codes(organization_id, **stages):
    day = date(2026, 11, 2)
    return [
        ExpertCode(
            organization_id=organization_id,
            stage_code=stage,
            rater=rater,
            saw=Saw.DOCUMENTS,
            coded_on=day,
            about=day,
        )
        for rater, stage in stages.items()
    ]


def raters(unit_count, wrong_share, seed=0):
    """Two raters, each off by one, up or down, in a share of the units."""
    generator = np.random.default_rng(seed)
    stages = generator.integers(1, 7, unit_count)
    odds = [wrong_share / 2, 1 - wrong_share, wrong_share / 2]
    return stages + generator.choice([-1, 0, 1], size=(2, unit_count), p=odds)
