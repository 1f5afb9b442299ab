"""A comparison in six lines, for who wants to know at once how claims and observation differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.comparing.excess import SMALL_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.comparing.report import AgreementReport
    from classifiers.comparing.statistic import Statistic

_NO_CLAIMS = (
    "No claims to compare: write stages into claims.csv, or let organizations answer "
    "(`barograph assess`, `barograph claims`; docs/claims.md)."
)
_MOST_NAMES = 5


def six_lines(report: AgreementReport) -> list[str]:
    """Who was judged, sets, gap, points, groups, contradictions: a line each, every n in it."""
    if not report.rows:
        return [_NO_CLAIMS]
    if not report.value("judged_count").value:
        return [_judged_line(report)]
    return [
        _judged_line(report),
        _sets_line(report),
        _gap_line(report),
        _points_line(report),
        _groups_line(report),
        _contradicted_line(report),
    ]


def interval(statistic: Statistic, form: str = "+.2f") -> str:
    """A value with its 95 % interval, or why there is none."""
    if statistic.value is None:
        return f"not known ({statistic.reason})" if statistic.reason else "not known"
    if statistic.low is None or statistic.high is None:
        return f"{_told(statistic.value, form)} (no interval: {statistic.reason or 'too few'})"
    low, high = (_told(bound, form) for bound in (statistic.low, statistic.high))
    return f"{_told(statistic.value, form)} ({low} to {high})"


def _told(value: float, form: str) -> str:
    """A number as text; what rounds to nothing has no sign."""
    text = f"{value:{form}}"
    return f"{0.0:{form}}".lstrip("+") if not float(text) else text


def _judged_line(report: AgreementReport) -> str:
    codes = ("claim_count", "judged_count", "point_count")
    claimed, judged, pointed = (int(report.value(code).value or 0) for code in codes)
    told = f"Claimed against observed, {claimed} organizations with a claim:"
    if not judged:
        return f"{told} too little was seen to judge any of them."
    return (
        f"{told} enough was seen to judge {judged} of them, and for {pointed} a single stage is "
        "named."
    )


def _sets_line(report: AgreementReport) -> str:
    above, below = report.value("outside_above_count"), report.value("outside_below_count")
    expected = (above.expected or 0.0) + (below.expected or 0.0)
    return (
        f"90 % sets: {above.value:.0f} claim more than theirs allows (▲), {below.value:.0f} less "
        f"(▼), {above.n - (above.value or 0) - (below.value or 0):.0f} lie within it; if all were "
        f"honest, {expected:.1f} would lie outside."
    )


def _gap_line(report: AgreementReport) -> str:
    gap = report.value("excess_gap")
    return (
        f"Gap: claims lie {interval(gap)} stages from what is observed, on average of {gap.n}; "
        f"0 is what honest claims would show."
    )


def _points_line(report: AgreementReport) -> str:
    exact, within = report.value("exact_share"), report.value("within_one_share")
    if not exact.n:
        return "Single stages: the estimator names none for these, so there is none to compare."
    kappa, ceiling = report.value("kappa_quadratic"), report.value("ceiling_kappa")
    most = (
        f"; honest claims would reach {_told(ceiling.value, '.2f')}"
        if ceiling.value is not None
        else ""
    )
    return (
        f"Single stages: {(exact.value or 0) * exact.n:.0f} of {exact.n} claims equal it, "
        f"{(within.value or 0) * within.n:.0f} lie within one; quadratic kappa "
        f"{interval(kappa, '.2f')}{most}."
    )


def _groups_line(report: AgreementReport) -> str:
    groups = [each for each in report.statistics if each.code == "group_gap"]
    apart = [each for each in groups if (each.low or 0) > 0 or (each.high or 0) < 0]
    if not apart:
        return f"Groups: none of {len(groups)} industries and sizes stands out of chance."
    apart.sort(key=lambda each: each.n < SMALL_GROUP)
    named = "; ".join(map(_group_words, apart[:_MOST_NAMES]))
    more = f"; and {len(apart) - _MOST_NAMES} more" if len(apart) > _MOST_NAMES else ""
    return f"Groups whose mean gap is not 0: {named}{more} (stages, drawn towards all groups)."


def _group_words(group: Statistic) -> str:
    few = ", few" if group.n < SMALL_GROUP else ""
    return f"{group.group} {interval(group)}, n {group.n}{few}"


def _contradicted_line(report: AgreementReport) -> str:
    names = list(_contradicted(report))
    if not names:
        return "Contradicted, with one false in ten allowed: no claim."
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return (
        f"Contradicted, with one false in ten allowed: {len(names)}, "
        f"{', '.join(names[:_MOST_NAMES])}{more}."
    )


def _contradicted(report: AgreementReport) -> Iterator[str]:
    for row in report.rows:
        if row["is_contradicted"]:
            yield str(row["organization_id"])
