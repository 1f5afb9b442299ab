"""The ceiling under honesty: what comparing looks like if every claim is the true stage.

An observer errs, so that even honest claims lie above some of the observed stages and below
others. What is found is to be read beside this, never beside perfect agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.reliability import quadratic_kappa

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.comparing.judged_claims import JudgedClaims

    FloatArray = npt.NDArray[np.float64]

_TOLERANCE = 1e-3  # shares in tables are rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestCeiling:
    """What honest claims are expected to show beside the observed stages.

    `above_share` is the expected share of claims above the observed stage, though nobody
    over-claims; `kappa` (quadratic) is None where chance cannot disagree.
    """

    exact_share: float
    within_one_share: float
    above_share: float
    below_share: float
    mean_gap: float  #: claimed minus observed, in stages
    kappa: float | None


def expected_under_honesty(confusion: npt.ArrayLike, prior: npt.ArrayLike) -> HonestCeiling:
    """The ceiling of an observer whose errors are known as a table.

    Args:
        confusion: shares of observed stages (columns) for each true stage (rows); rows sum to 1.
        prior: share of each true stage.

    Raises:
        ValueError: the table is not square, or a row or the prior does not sum to 1.

    Examples:
        >>> found = expected_under_honesty([[0.9, 0.1], [0.2, 0.8]], [0.5, 0.5])
        >>> round(found.above_share, 2), round(found.below_share, 2)
        (0.1, 0.05)
    """
    errors, shares = _checked(confusion, prior)
    return _ceiling(errors * shares[:, np.newaxis])


def ceiling_of_estimates(judged: JudgedClaims) -> HonestCeiling | None:
    """The ceiling of these very estimates: every claim replaced by draws from the probabilities.

    None without organizations.
    """
    if not judged.organization_count:
        return None
    is_point = (judged.points[:, np.newaxis] == judged.codes).astype(np.float64)
    return _ceiling(judged.probabilities.T @ is_point / judged.organization_count)


def confusion_of_estimates(probabilities: npt.ArrayLike, points: npt.ArrayLike) -> FloatArray:
    """How often each true stage is shown as each stage, if the probabilities are calibrated.

    Rows are true stages and sum to 1; NaN for a stage that no organization can be at.

    Args:
        probabilities: of stages 1 to k, a row an organization.
        points: the stage that is shown, 1 to k.
    """
    given = np.asarray(probabilities, dtype=np.float64)
    is_point = np.asarray(points)[:, np.newaxis] == np.arange(1, given.shape[1] + 1)
    joint = given.T @ is_point
    masses = joint.sum(axis=1, keepdims=True)
    unknown = np.full_like(joint, np.nan)
    shares: FloatArray = np.divide(joint, masses, out=unknown, where=masses > 0)
    return shares


def _ceiling(joint: FloatArray) -> HonestCeiling:
    places = np.arange(len(joint))
    steps = np.subtract.outer(places, places)
    kappa = quadratic_kappa(joint)
    return HonestCeiling(
        exact_share=float(joint[steps == 0].sum()),
        within_one_share=float(joint[np.abs(steps) <= 1].sum()),
        above_share=float(joint[steps > 0].sum()),
        below_share=float(joint[steps < 0].sum()),
        mean_gap=float((joint * steps).sum()),
        kappa=kappa if np.isfinite(kappa) else None,
    )


def _checked(confusion: npt.ArrayLike, prior: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    errors, shares = np.asarray(confusion, dtype=np.float64), np.asarray(prior, dtype=np.float64)
    if errors.ndim != 2 or errors.shape != (len(shares),) * 2:  # noqa: PLR2004 - rows, columns
        message = f"table {errors.shape} and prior {shares.shape}: give a row and a share a stage"
        raise ValueError(message)
    sums = np.append(errors.sum(axis=1), shares.sum())
    if not (np.abs(sums - 1) < _TOLERANCE).all():
        message = f"rows and prior must sum to 1, not to {sums.round(4).tolist()}"
        raise ValueError(message)
    return errors, shares / shares.sum()
