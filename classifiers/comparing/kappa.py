"""Cohen's weighted kappa of claimed and observed stages, with its error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.comparing.agreement_weights import agreement_weights
from classifiers.comparing.bootstrap import RESAMPLE_COUNT, bca_bounds
from classifiers.comparing.figure import NOBODY, Figure, figure_by_normal
from classifiers.comparing.square_table import checked_counts

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.comparing.agreement_weights import Weighting
    from classifiers.comparing.square_table import SquareTable

    FloatArray = npt.NDArray[np.float64]

#: Below so many organizations the large-sample interval is not enough; show `bootstrap_kappa` too.
FEW_ORGANIZATIONS = 100

_ALL_ALIKE = "all claims and all observed stages are one and the same, so chance cannot disagree"
_TINY = 1e-12


def weighted_kappa(table: SquareTable | npt.ArrayLike, weights: Weighting = "quadratic") -> Figure:
    """Agreement beyond chance: 1 is full agreement, 0 is what chance gives.

    kappa = 1 - sum d_ij p_ij / sum d_ij p_i. p_.j (Cohen 1968, Psychological Bulletin 70), d_ij
    the weight of a disagreement. Standard error for large samples: Fleiss, Cohen and Everitt
    1969, Psychological Bulletin 72.

    Kappa depends on the margins: the same errors give a smaller kappa where most organizations
    are at one stage. Quadratic weights come near an intraclass correlation and forgive a constant
    shift of one stage almost, but not quite. So the margins and the mean gap stand beside it, and
    its ceiling under honesty (`classifiers.comparing.honesty`), as an observer who errs keeps
    even honest claims from reaching 1.

    Args:
        table: claimed in rows, observed in columns, over the full list of categories.
        weights: `quadratic`, `linear` or `unweighted`.

    Examples:
        >>> found = weighted_kappa([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
        >>> round(found.value, 7), round(found.standard_error, 8)
        (0.8921569, 0.03535151)
    """
    counts = checked_counts(table)
    total = counts.sum()
    agreement = agreement_weights(len(counts), weights)
    kappa = float(_kappas(counts, agreement))
    if not np.isfinite(kappa):
        return _without(total)
    shares = counts / total
    error = np.sqrt(_variance(shares, agreement) / total)
    found = figure_by_normal(kappa, float(error), int(total))
    return _capped(found)


def bootstrap_kappa(
    table: SquareTable | npt.ArrayLike,
    weights: Weighting = "quadratic",
    *,
    resample_count: int = RESAMPLE_COUNT,
    random_state: int = 0,
) -> Figure:
    """Kappa with a BCa bootstrap interval over organizations.

    Its standard error is that of the resamples. Resamples in which chance cannot disagree have
    no kappa and are left out.

    Args:
        table: as for `weighted_kappa`.
        weights: as for `weighted_kappa`.
        resample_count: how many times to draw as many organizations as there are.
        random_state: the same seed gives the same interval.
    """
    counts = checked_counts(table)
    total = counts.sum()
    agreement = agreement_weights(len(counts), weights)
    kappa = float(_kappas(counts, agreement))
    if not np.isfinite(kappa):
        return _without(total)
    drawn = _resampled(counts, resample_count, random_state)
    resampled = _kappas(drawn, agreement)
    resampled = resampled[np.isfinite(resampled)]
    low, high = bca_bounds(kappa, resampled, *_jackknifed(counts, agreement))
    error = float(resampled.std(ddof=1))
    return Figure(
        value=kappa, standard_error=error, low=low, high=high, organization_count=int(total)
    )


def _kappas(counts: FloatArray, agreement: FloatArray) -> FloatArray:
    """Kappa of each table in the last two axes; NaN where it has none."""
    rows, columns = counts.sum(axis=-1), counts.sum(axis=-2)
    total = np.maximum(counts.sum(axis=(-2, -1)), _TINY)
    far = 1 - agreement
    observed = (counts * far).sum(axis=(-2, -1)) / total
    expected = ((rows @ far) * columns).sum(axis=-1) / total**2
    kappas: FloatArray = 1 - observed / np.where(expected > _TINY, expected, np.nan)
    return kappas


def _variance(shares: FloatArray, agreement: FloatArray) -> float:
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = float((shares * agreement).sum())
    expected = float(rows @ agreement @ columns)
    means = np.add.outer(agreement @ columns, agreement.T @ rows)
    spread = shares * (agreement * (1 - expected) - means * (1 - observed)) ** 2
    centre = (observed * expected - 2 * expected + observed) ** 2
    return max(float(spread.sum()) - centre, 0.0) / (1 - expected) ** 4


def _resampled(counts: FloatArray, resample_count: int, random_state: int) -> FloatArray:
    generator = np.random.default_rng(random_state)
    total = counts.sum()
    drawn = generator.multinomial(int(total), counts.ravel() / total, size=resample_count)
    return drawn.reshape(-1, *counts.shape).astype(np.float64)


def _jackknifed(counts: FloatArray, agreement: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Kappa without one organization of each cell that has any, and how many it has."""
    cells = np.flatnonzero(counts)
    without = np.repeat(counts.reshape(1, -1), len(cells), axis=0)
    without[np.arange(len(cells)), cells] -= 1
    kappas = _kappas(without.reshape(-1, *counts.shape), agreement)
    is_defined = np.isfinite(kappas)
    return kappas[is_defined], counts.ravel()[cells][is_defined]


def _without(total: float) -> Figure:
    reason = _ALL_ALIKE if total else NOBODY
    return Figure(value=None, organization_count=int(total), reason=reason)


def _capped(found: Figure) -> Figure:
    assert found.high is not None
    return Figure(
        value=found.value,
        standard_error=found.standard_error,
        low=found.low,
        high=min(found.high, 1.0),
        organization_count=found.organization_count,
    )
