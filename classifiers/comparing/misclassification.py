"""Shares of the true stages, and of true over-claims, given a table of the observer's errors.

Organizations of known stage tell how often each stage is observed as each other one. Turning
that table round corrects what is observed of all, if the errors are the same there and do not
depend on the claim. The table of six stages turns badly: the {5, 6} rows are almost alike, so
that merging them is worth more than any method (`condition_number`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import nnls

from classifiers.comparing.figure import BOUNDS, NOBODY, Figure
from classifiers.comparing.square_table import checked_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.comparing.square_table import SquareTable

    FloatArray = npt.NDArray[np.float64]

RESAMPLE_COUNT = 1000

_NOT_KNOWN = "no organization is known to be at stage {}; merge it with a neighbour"
_SINGULAR = "two stages are observed alike, so they cannot be told apart; merge them"
_WORST_CONDITION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedShares:
    """Share of each true stage with 95 % bounds; None, with the reason, where it cannot be said.

    Attributes:
        shares: at least 0, summing to 1.
        raw_shares: before negative ones were ruled out; far below 0 says that the errors do not
            fit what is observed.
        condition_number: by how much the correction may enlarge an error of the sample.
    """

    shares: tuple[float, ...] | None
    raw_shares: tuple[float, ...] | None
    low: tuple[float, ...] | None
    high: tuple[float, ...] | None
    condition_number: float | None
    organization_count: int
    known_count: int  #: organizations of known stage that the errors were taken from
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedRates:
    """Shares of true over-claims, matches and under-claims, with bootstrap intervals.

    They may fall outside 0 to 1, as any such correction may; `is_invalid` then says so.
    """

    above: Figure
    match: Figure
    below: Figure
    is_invalid: bool


def condition_number(confusion: npt.ArrayLike) -> float:
    """Greatest by least singular value; 1 is best (the 2-norm condition number)."""
    return float(np.linalg.cond(np.asarray(confusion, dtype=np.float64)))


def merged_confusion(
    confusion: npt.ArrayLike, prior: npt.ArrayLike, parts: Sequence[Sequence[int]]
) -> FloatArray:
    """The table of errors with stages made one, weighted by how frequent they are.

    Args:
        confusion: shares of observed stages (columns) for each true stage (rows).
        prior: share of each true stage.
        parts: stage codes by merged stage, such as [[1], [2], [3], [4], [5, 6]].

    Examples:
        >>> merged_confusion([[0.8, 0.2], [0.4, 0.6]], [0.5, 0.5], [[1, 2]]).tolist()
        [[1.0]]
    """
    errors = np.asarray(confusion, dtype=np.float64)
    joins = np.zeros((len(errors), len(parts)))
    for place, part in enumerate(parts):
        joins[np.asarray(part) - 1, place] = 1
    weights = joins.T * np.asarray(prior, dtype=np.float64)
    merged: FloatArray = weights / weights.sum(axis=1, keepdims=True) @ errors @ joins
    return merged


def corrected_shares(confusion: npt.ArrayLike, observed: npt.ArrayLike) -> FloatArray:
    """Shares of true stages, at least 0 and summing to 1, that fit what is observed best.

    Least squares of M' p = q over all distributions p. (The row of ones makes the sum free; the
    direction of its best solution is that of the constrained one.)

    Args:
        confusion: M, shares of observed stages (columns) for each true stage (rows).
        observed: q, share of each observed stage.
    """
    errors, shares = np.asarray(confusion, dtype=float), np.asarray(observed, dtype=float)
    system = np.vstack([errors.T - shares[:, np.newaxis], np.ones(len(shares))])
    target = np.append(np.zeros(len(shares)), 1.0)
    found, _ = nnls(system, target)
    corrected: FloatArray = found / found.sum()
    return corrected


def adjusted_shares(
    observed_counts: npt.ArrayLike,
    known: SquareTable | npt.ArrayLike,
    *,
    resample_count: int = RESAMPLE_COUNT,
    random_state: int = 0,
) -> AdjustedShares:
    """Shares of the true stages among organizations of which only the observed stage is known.

    The interval is that of a bootstrap of both: organizations are drawn again, and the errors of
    each true stage from a Dirichlet distribution of its counts.

    Args:
        observed_counts: organizations by observed stage.
        known: organizations of known stage: true stage in rows, observed stage in columns.
        resample_count: how many times to draw.
        random_state: the same seed gives the same interval.
    """
    counts, table = np.asarray(observed_counts, dtype=float), checked_counts(known)
    total = int(counts.sum())
    reason = _hindrance(total, table)
    if reason:
        return _no_shares(total, table, reason)
    errors, shares = table / table.sum(axis=1, keepdims=True), counts / total
    generator = np.random.default_rng(random_state)
    tables = _drawn_errors(table, resample_count, generator)
    samples = generator.multinomial(total, shares, size=resample_count) / total
    drawn = [corrected_shares(one, sample) for one, sample in zip(tables, samples, strict=True)]
    low, high = np.quantile(drawn, BOUNDS, axis=0)
    return AdjustedShares(
        shares=tuple(corrected_shares(errors, shares).tolist()),
        raw_shares=tuple(np.linalg.solve(errors.T, shares).tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        condition_number=condition_number(errors),
        organization_count=total,
        known_count=int(table.sum()),
    )


def adjusted_rates(
    table: SquareTable | npt.ArrayLike,
    known: SquareTable | npt.ArrayLike,
    *,
    resample_count: int = RESAMPLE_COUNT,
    random_state: int = 0,
) -> AdjustedRates:
    """Over- and under-claims corrected for the observer's errors.

    The shares n of claim and observed stage are t M for shares t of claim and true stage, where
    the observer's errors do not depend on the claim; so t = n M^-1. Negative parts are kept, as
    ruling them out would find over-claims where there are none. Intervals as for
    `adjusted_shares`.

    Args:
        table: organizations by claimed (rows) and observed stage (columns).
        known: organizations of known stage: true stage in rows, observed stage in columns.
        resample_count: how many times to draw.
        random_state: the same seed gives the same interval.
    """
    counts, known_counts = checked_counts(table), checked_counts(known)
    total = int(counts.sum())
    reason = _hindrance(total, known_counts)
    if reason:
        missing = Figure(value=None, organization_count=total, reason=reason)
        return AdjustedRates(above=missing, match=missing, below=missing, is_invalid=True)
    shares = counts / total
    rates = _signed_shares(shares, known_counts / known_counts.sum(axis=1, keepdims=True))
    generator = np.random.default_rng(random_state)
    errors = _drawn_errors(known_counts, resample_count, generator)
    samples = generator.multinomial(total, shares.ravel(), size=resample_count) / total
    drawn = _signed_shares(samples.reshape(-1, *shares.shape), errors)
    low, high = np.quantile(drawn, BOUNDS, axis=0)
    above, match, below = (
        Figure(
            value=float(rates[place]),
            standard_error=float(drawn[:, place].std(ddof=1)),
            low=float(low[place]),
            high=float(high[place]),
            organization_count=total,
        )
        for place in range(3)
    )
    is_invalid = bool(((rates < 0) | (rates > 1)).any())
    return AdjustedRates(above=above, match=match, below=below, is_invalid=is_invalid)


def _signed_shares(shares: FloatArray, errors: FloatArray) -> FloatArray:
    """Shares above, at and below the true stage, in the last axis."""
    true = shares @ np.linalg.inv(errors)
    places = np.arange(shares.shape[-1])
    steps = np.sign(np.subtract.outer(places, places))
    return np.stack([(true * (steps == sign)).sum(axis=(-2, -1)) for sign in (1, 0, -1)], axis=-1)


def _drawn_errors(table: FloatArray, count: int, generator: np.random.Generator) -> FloatArray:
    """Tables of errors; each row gets one organization more, as a row of few is not sure of 0."""
    added = table + 1 / len(table)
    drawn = generator.standard_gamma(added, size=(count, *table.shape))
    errors: FloatArray = drawn / drawn.sum(axis=2, keepdims=True)
    return errors


def _hindrance(total: int, known: FloatArray) -> str:
    if not total:
        return NOBODY
    row_counts = known.sum(axis=1)
    if not row_counts.all():
        return _NOT_KNOWN.format(int(np.argmin(row_counts)) + 1)
    is_singular = condition_number(known / row_counts[:, np.newaxis]) > _WORST_CONDITION
    return _SINGULAR if is_singular else ""


def _no_shares(total: int, known: FloatArray, reason: str) -> AdjustedShares:
    return AdjustedShares(
        shares=None,
        raw_shares=None,
        low=None,
        high=None,
        condition_number=None,
        organization_count=total,
        known_count=int(known.sum()),
        reason=reason,
    )
