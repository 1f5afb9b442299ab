"""Organizations that claimed a stage twice or more: what changed, and what chance would change."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from classifiers.comparing.figure import mean_figure
from classifiers.comparing.regression_to_mean import expected_change
from classifiers.comparing.statistic import Statistic, from_figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from classifiers.claims import Claim

_FEWEST = 3  # pairs for a correlation to mean anything


def repeated_statistics(claims: Iterable[Claim]) -> Iterator[Statistic]:
    """Mean change from the first to the last claim by one rule, of all and of the lower half.

    Claims without a day are left out, for nobody knows which came first.
    """
    pairs = _pairs(claims)
    if not pairs:
        return
    first, last = np.array(pairs, dtype=np.float64).T
    yield from_figure("repeated_change", mean_figure(last - first)).about("all")
    if len(pairs) < _FEWEST or not (np.ptp(first) and np.ptp(last)):
        return
    is_low = first < first.mean()
    correlation = float(np.corrcoef(first, last)[0, 1])
    expected = expected_change(first[is_low], float(first.mean()), correlation)
    found = from_figure("repeated_change", mean_figure((last - first)[is_low]))
    yield Statistic(
        code=found.code,
        group="first claim below the mean",
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        expected=float(expected.mean()),
        reason="expected: by regression to the mean alone",
    )


def _pairs(claims: Iterable[Claim]) -> list[tuple[int, int]]:
    dated: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    for claim in claims:
        if claim.claimed_on:
            dated[claim.organization_id, claim.instrument][claim.claimed_on] = claim.stage_code
    return [
        (by_day[min(by_day)], by_day[max(by_day)])
        for _, by_day in sorted(dated.items())
        if len(by_day) > 1
    ]
