"""All numbers that a reviewer of methods expects of claimed against observed stages.

The order is that of `definitions.toml`, which says of each number what it is and how it can be
recomputed from the rows of organizations that go with a report.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from classifiers.comparing.compared import UNKNOWN, compared_rows, judged_of
from classifiers.comparing.discoveries import discoveries, false_contradictions
from classifiers.comparing.excess import (
    SMALL_GROUP,
    excess_at_least,
    excess_by_group,
    excess_over_honesty,
)
from classifiers.comparing.figure import Figure
from classifiers.comparing.groups import group_gaps
from classifiers.comparing.gwet import gwet_agreement
from classifiers.comparing.honesty import ceiling_of_estimates
from classifiers.comparing.kappa import bootstrap_kappa, weighted_kappa
from classifiers.comparing.marginals import (
    FEW_DISAGREEING,
    bhapkar,
    bowker,
    direction,
    stuart_maxwell,
)
from classifiers.comparing.misclassification import adjusted_rates
from classifiers.comparing.posterior_gaps import weighted_rates
from classifiers.comparing.proportions import rate, rate_bounds
from classifiers.comparing.signed_gaps import limits_of_agreement, mean_gap
from classifiers.comparing.statistic import (
    Statistic,
    counted,
    from_bounds,
    from_excess,
    from_figure,
    from_rate,
    from_test,
)
from classifiers.reliability import alpha_interval, krippendorff_alpha
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from classifiers.comparing.compared import Compared
    from classifiers.comparing.judged_claims import JudgedClaims
    from classifiers.comparing.square_table import SquareTable

#: Below this many organizations, kappa's interval is a bootstrap one.
FEW_FOR_LARGE_SAMPLE = 100
#: Expert-coded organizations below which the observer's errors are too uncertain to turn round.
FEWEST_KNOWN = 50
_TOO_FEW = f"fewer than {SMALL_GROUP} organizations"
_STAGES = tuple(stage.value for stage in Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementReport:
    """A comparison in full.

    Attributes:
        rows: one an organization with a claim; see `compared_rows`.
        table: claims (rows) by points (columns).
        statistics: in the order of a report.
    """

    rows: list[dict[str, Any]]
    table: SquareTable
    statistics: tuple[Statistic, ...]

    def value(self, code: str, group: str = "") -> Statistic:
        """The statistic with this code, and group.

        Raises:
            KeyError: there is none.
        """
        for statistic in self.statistics:
            if (statistic.code, statistic.group) == (code, group):
                return statistic
        raise KeyError(code, group)


def agreement_report(
    compared: Sequence[Compared],
    known: SquareTable | None = None,
    others: Iterable[Statistic] = (),
) -> AgreementReport:
    """Compute everything that follows from claims beside their estimates.

    Args:
        compared: organizations with a claim.
        known: organizations with an expert code: the code in rows, the point of an estimate that
            did not learn from it in columns.
        others: numbers that need more than this, such as variants and repeated claims; they
            follow at the end.
    """
    judged = [each for each in compared if each.is_judged]
    pointed = [each for each in judged if each.has_point]
    all_judged, points = judged_of(judged), judged_of(pointed)
    parts: tuple[Iterable[Statistic], ...] = (
        _counts(compared, judged, pointed),
        _margins(all_judged, points),
        _agreement(points),
        _gaps(points),
        _tests(points.table()),
        _directions(points, _abstained_count(compared, pointed)),
        _weighted(all_judged),
        _adjusted(points.table(), known),
        _honesty(points, all_judged),
        _sets(judged, all_judged),
        _groups(judged, pointed),
        others,
    )
    return AgreementReport(
        rows=compared_rows(compared),
        table=points.table(),
        statistics=tuple(chain.from_iterable(parts)),
    )


def kappa_of(table: SquareTable) -> Figure:
    """Quadratic kappa with the interval that suits the number of organizations.

    Fewer than ten resample into tables so alike that a bootstrap interval would look exact.
    """
    if table.organization_count < SMALL_GROUP:
        found = weighted_kappa(table)
        return replace(found, low=None, high=None, reason=found.reason or _TOO_FEW)
    is_few = table.organization_count < FEW_FOR_LARGE_SAMPLE
    return bootstrap_kappa(table) if is_few else weighted_kappa(table)


def _counts(
    compared: Sequence[Compared], judged: Sequence[Compared], pointed: Sequence[Compared]
) -> Iterator[Statistic]:
    total = len(compared)
    yield counted("claim_count", total, total)
    yield counted("judged_count", len(judged), total)
    yield counted("point_count", len(pointed), total)
    reasons = Counter(
        str(each.estimate.abstention_reason)
        for each in compared
        if each.estimate and each.estimate.is_abstained
    )
    for reason, count in sorted(reasons.items()):
        yield counted("abstained_count", count, total).about(reason)


def _abstained_count(compared: Sequence[Compared], pointed: Sequence[Compared]) -> int:
    return sum(each.estimate is not None for each in compared) - len(pointed)


def _margins(judged: JudgedClaims, points: JudgedClaims) -> Iterator[Statistic]:
    claimed, observed = points.table().claimed_counts, points.table().observed_counts
    all_claimed = np.bincount(judged.claims, minlength=len(_STAGES) + 1)[1:]
    expected = judged.probabilities.sum(axis=0)
    assert sum(claimed) == sum(observed)
    for place, stage in enumerate(_STAGES):
        n = judged.organization_count
        found = counted("claimed_count", int(all_claimed[place]), n)
        yield found.about(str(stage))
    for place, stage in enumerate(_STAGES):
        yield counted("observed_count", observed[place], sum(observed)).about(str(stage))
    for place, stage in enumerate(_STAGES):
        value, n = float(expected[place]), judged.organization_count
        yield Statistic(code="expected_observed_count", value=value, n=n).about(str(stage))


def _agreement(points: JudgedClaims) -> Iterator[Statistic]:
    table, n = points.table(), points.organization_count
    yield from_rate("exact_share", rate(table.within_count(), n))
    yield from_rate("within_one_share", rate(table.within_count(1), n))
    yield from_figure("kappa_quadratic", kappa_of(table))
    yield from_figure("ac2_quadratic", gwet_agreement(table))
    yield _alpha(points)


def _alpha(points: JudgedClaims) -> Statistic:
    n = points.organization_count
    ratings = np.array([points.claims, points.points], dtype=np.float64)
    value = krippendorff_alpha(ratings) if n > 1 else float("nan")
    if not np.isfinite(value):
        reason = "too few organizations, or all at one stage"
        return Statistic(code="alpha_ordinal", value=None, n=n, reason=reason)
    if n < SMALL_GROUP:
        return Statistic(code="alpha_ordinal", value=value, n=n, reason=_TOO_FEW)
    bounds = alpha_interval(ratings)
    low, high = (bound if np.isfinite(bound) else None for bound in (bounds.low, bounds.high))
    return Statistic(code="alpha_ordinal", value=value, low=low, high=high, n=n)


def _gaps(points: JudgedClaims) -> Iterator[Statistic]:
    yield from_figure("mean_gap", mean_gap(points.claims, points.points))
    limits = limits_of_agreement(points.claims, points.points)
    yield Statistic(
        code="gap_deviation",
        value=limits.deviation,
        low=limits.low,
        high=limits.high,
        n=limits.organization_count,
        reason=limits.reason,
    )


def _tests(table: SquareTable) -> Iterator[Statistic]:
    n = table.organization_count
    tests: tuple[tuple[str, Callable[[SquareTable], Any]], ...] = (
        ("stuart_maxwell", stuart_maxwell),
        ("bhapkar", bhapkar),
        ("bowker", bowker),
    )
    for code, test in tests:
        yield from_test(code, test(table), n)
    above, below = table.above_count(), table.below_count()
    found = direction(above, below)
    is_exact = above + below < FEW_DISAGREEING
    yield Statistic(
        code="direction",
        value=found.statistic,
        p_value=found.exact_p_value if is_exact else found.p_value,
        n=n,
        reason=found.reason or ("exact p-value" if is_exact else ""),
    )


def _directions(points: JudgedClaims, abstained_count: int) -> Iterator[Statistic]:
    table, n = points.table(), points.organization_count
    above, below = table.above_count(), table.below_count()
    yield from_rate("above_share", rate(above, n))
    yield from_rate("below_share", rate(below, n))
    yield from_rate("above_two_share", rate(table.above_count(2), n))
    yield from_rate("below_two_share", rate(table.below_count(2), n))
    yield from_bounds("above_share_bounds", rate_bounds(above, n, abstained_count))
    yield from_bounds("below_share_bounds", rate_bounds(below, n, abstained_count))


def _weighted(judged: JudgedClaims) -> Iterator[Statistic]:
    found = weighted_rates(judged)
    yield from_figure("above_probability", found.above)
    yield from_figure("match_probability", found.match)
    yield from_figure("below_probability", found.below)


def _adjusted(table: SquareTable, known: SquareTable | None) -> Iterator[Statistic]:
    known_count = known.organization_count if known else 0
    if known is None or known_count < FEWEST_KNOWN:
        reason = f"{known_count} organizations with an expert code; {FEWEST_KNOWN} are needed"
        missing = Figure(value=None, organization_count=table.organization_count, reason=reason)
        above = below = missing
    else:
        # six stages turn round so badly that the interval says nothing; see docs/agreement.md
        found = adjusted_rates(*(each.merged(Stage.STRATEGIC.value) for each in (table, known)))
        above, below = found.above, found.below
    yield from_figure("adjusted_above_share", above)
    yield from_figure("adjusted_below_share", below)


def _honesty(points: JudgedClaims, judged: JudgedClaims) -> Iterator[Statistic]:
    ceiling, n = ceiling_of_estimates(points), points.organization_count
    yield Statistic(code="ceiling_exact_share", value=ceiling.exact_share if ceiling else None, n=n)
    yield Statistic(code="ceiling_kappa", value=ceiling.kappa if ceiling else None, n=n)
    found = excess_over_honesty(points)
    yield from_excess("excess_above", found.above)
    yield from_excess("excess_below", found.below)
    yield _without_expected(from_excess("excess_gap", excess_over_honesty(judged).gap))
    for stage in _STAGES[1:]:
        yield from_excess("at_least_excess", excess_at_least(judged, stage)).about(str(stage))


def _without_expected(gap: Statistic) -> Statistic:
    """An excess gap needs no point, so what is expected of points says nothing beside it."""
    return replace(gap, expected=0.0 if gap.value is not None else None)


def _sets(judged: Sequence[Compared], arrays: JudgedClaims) -> Iterator[Statistic]:
    estimates = [each.estimate for each in judged if each.estimate]
    lows, highs = ([getattr(e, name) for e in estimates] for name in ("set90_low", "set90_high"))
    found = false_contradictions(arrays, lows, highs)
    n = arrays.organization_count
    for code, count, expected in (
        ("outside_above_count", found.above_count, found.expected_above_count),
        ("outside_below_count", found.below_count, found.expected_below_count),
    ):
        yield Statistic(code=code, value=float(count), n=n, expected=expected)
    contradicted = discoveries(arrays) if n else None
    yield Statistic(
        code="contradicted_count",
        value=float(contradicted.contradicted_count) if contradicted else None,
        n=n,
        expected=contradicted.expected_false_count if contradicted else None,
        reason="expected: false ones among them, at most on average",
    )


def _groups(judged: Sequence[Compared], pointed: Sequence[Compared]) -> Iterator[Statistic]:
    kinds: tuple[tuple[str, Callable[[Compared], str]], ...] = (
        ("industry", lambda each: each.organization.industry or UNKNOWN),
        ("size", lambda each: each.organization.size_class or UNKNOWN),
    )
    for kind, name_of in kinds:
        if judged:
            yield from _group_gaps(judged, kind, [name_of(each) for each in judged])
        if pointed:
            yield from _group_excess(pointed, kind, [name_of(each) for each in pointed])


def _group_gaps(judged: Sequence[Compared], kind: str, names: Sequence[str]) -> Iterator[Statistic]:
    arrays = judged_of(judged)
    for each in group_gaps(arrays, names).groups:
        yield Statistic(
            code="group_gap",
            group=f"{kind}: {each.group}",
            value=each.shrunken_mean,
            low=each.low,
            high=each.high,
            n=each.organization_count,
            reason="fewer than ten" if each.is_small else "",
        )
    for found in excess_by_group(arrays, names):
        alone = _without_expected(from_excess("group_excess_gap", found.found.gap))
        yield alone.about(f"{kind}: {found.group}")


def _group_excess(
    pointed: Sequence[Compared], kind: str, names: Sequence[str]
) -> Iterator[Statistic]:
    for each in excess_by_group(judged_of(pointed), names):
        found = from_excess("group_excess_above", each.found.above)
        yield found.about(f"{kind}: {each.group}")
