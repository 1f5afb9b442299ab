"""Gwet's AC1 and AC2: agreement beyond chance that skewed margins do not drag down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from classifiers.comparing.agreement_weights import agreement_weights
from classifiers.comparing.figure import NOBODY, ONLY_ONE, Figure, figure_by_t
from classifiers.comparing.square_table import checked_counts

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.comparing.agreement_weights import Weighting
    from classifiers.comparing.square_table import SquareTable

    FloatArray = npt.NDArray[np.float64]


def gwet_agreement(table: SquareTable | npt.ArrayLike, weights: Weighting = "quadratic") -> Figure:
    """AC2 of claimed and observed stages; AC1 with `weights="unweighted"`.

    AC = (p_a - p_e) / (1 - p_e) with p_e = T / (k (k - 1)) sum pi_c (1 - pi_c), T the sum of all
    weights and pi_c the mean of both margins. Variance: Gwet 2008, British Journal of
    Mathematical and Statistical Psychology 61, and 2014, Handbook of Inter-Rater Reliability.
    The interval takes the t distribution and ends at 1.

    Most organizations are at two or three stages; kappa is low there even if few disagree, and
    AC2 is not. AC2 in turn is high where kappa shows no more than chance: show both.

    Examples:
        >>> found = gwet_agreement([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
        >>> round(found.value, 7), round(found.standard_error, 8)
        (0.9402369, 0.01792019)
    """
    counts = checked_counts(table)
    total = counts.sum()
    agreement = agreement_weights(len(counts), weights)
    if not total:
        return Figure(value=None, organization_count=0, reason=NOBODY)
    shares = counts / total
    margin = (shares.sum(axis=0) + shares.sum(axis=1)) / 2
    observed = float((shares * agreement).sum())
    factor, expected = _chance(margin, agreement)
    value = (observed - expected) / (1 - expected)
    pull = 2 * (1 - value) * factor * (1 - np.add.outer(margin, margin) / 2)
    spread = float((shares * (agreement - pull) ** 2).sum())
    centre = (observed - 2 * (1 - value) * expected) ** 2
    variance = max(spread - centre, 0.0) / (total * (1 - expected) ** 2)
    return _figure(value, variance, int(total))


def gwet_agreement_of_raters(
    ratings: npt.ArrayLike, category_count: int, weights: Weighting = "quadratic"
) -> Figure:
    """AC2 of any number of raters, some of whom may not have rated every unit (Gwet 2014).

    Args:
        ratings: codes 1 to `category_count`, shape (n_raters, n_units), NaN for missing.
        category_count: length of the full list of categories.
        weights: `quadratic`, `linear` or `unweighted` (AC1).

    Returns:
        AC2 over units; `organization_count` is the number of units with a rating.
    """
    rows = np.asarray(ratings, dtype=np.float64)
    agreement = agreement_weights(category_count, weights)
    counts = (rows.T[:, :, np.newaxis] == np.arange(1, category_count + 1)).sum(axis=1)
    counts = counts[counts.sum(axis=1) > 0].astype(np.float64)
    rating_counts = counts.sum(axis=1)
    is_paired = rating_counts > 1
    if not is_paired.any():
        reason = "no unit was rated twice"
        return Figure(value=None, organization_count=len(counts), reason=reason)
    pair_counts = np.where(is_paired, rating_counts * (rating_counts - 1), 1)
    agreeing = (counts * (counts @ agreement.T - 1)).sum(axis=1) / pair_counts
    observed = float(agreeing[is_paired].mean())
    by_unit = counts / rating_counts[:, np.newaxis]
    factor, expected = _chance(by_unit.mean(axis=0), agreement)
    value = (observed - expected) / (1 - expected)
    chances = factor * by_unit @ (1 - by_unit.mean(axis=0))
    parts = (agreeing - expected * is_paired) / is_paired.mean()
    parts = (parts - 2 * (1 - value) * (chances - expected)) / (1 - expected)
    unit_count = len(counts)
    variance = float(((parts - value) ** 2).sum()) / max(unit_count * (unit_count - 1), 1)
    return _figure(value, variance, unit_count)


def _chance(margin: FloatArray, agreement: FloatArray) -> tuple[float, float]:
    category_count = len(margin)
    factor = float(agreement.sum()) / (category_count * (category_count - 1))
    return factor, factor * float((margin * (1 - margin)).sum())


def _figure(value: float, variance: float, count: int) -> Figure:
    if count == 1:
        return Figure(value=value, organization_count=1, reason=ONLY_ONE)
    found = figure_by_t(value, float(np.sqrt(variance)), count)
    return replace(found, high=min(found.high or 1.0, 1.0))
