"""How the pages put numbers, stages and sets into words.

No stage is ever written without its set, and what was not seen is said to be so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from classifiers.stages import Stage

if TYPE_CHECKING:
    from dashboards.filters import Filters, Narrowing
    from dashboards.reading.benchmark import Organization, Selection
    from dashboards.reading.header import SnapshotHeader

NOT_SEEN = "not seen"
WIDE_SET_STAGES = 4  #: from this width on, the set is told before the stage
STALE_DAYS = 8  #: a weekly run that is more than a day late
NOT_COMPARED = "not compared"

RUN_NOTICES = {
    "completed_with_failures": (
        "The last run could not read every channel; the coverage of each organization tells "
        "how much was seen."
    ),
    "failed": "The last run failed; the numbers rest on what earlier runs saw.",
}


class Observed(NamedTuple):
    """An observed stage in two lines, the more telling first.

    `is_stage_first` is False where the set, or the lack of an estimate, says more.
    """

    lead: str
    detail: str
    is_stage_first: bool


def percent(share: float | None) -> str:
    """A share from 0 to 1 in whole per cent, with a no-break space."""
    return NOT_SEEN if share is None else f"{round(share * 100):d}\N{NO-BREAK SPACE}%"


def number(value: float | None) -> str:
    """About two significant digits: 0.42, 3.1, 12, 1,240; a true minus sign."""
    if value is None:
        return NOT_SEEN
    size = abs(value)
    digits = 0 if size >= 10 or value == round(value) else 1 if size >= 1 else 2  # noqa: PLR2004 - powers of ten
    return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def rate(value: float | None) -> str:
    """A rate with one decimal, so that a column of them lines up."""
    return NOT_SEEN if value is None else f"{value:,.1f}"


def stage_label(stage_code: int) -> str:
    """Altimeter's name of a stage, from Planning (1) to Converged (6)."""
    return Stage(stage_code).label


def stage_set(low: int | None, high: int | None) -> str:
    """A prediction set in words; sets are gapless, so their ends tell them."""
    if low is None or high is None:
        return "set unknown"
    if low == high:
        return f"{stage_label(low)} only"
    return f"{stage_label(low)} {'or' if high - low == 1 else 'to'} {stage_label(high)}"


def observed(row: Organization) -> Observed:
    """The observed stage with its 90 % set; the set first where it says more than the stage."""
    words = stage_set(row.set90_low, row.set90_high)
    if row.is_abstained:
        return Observed(f"90 % set: {words}", _abstention(row), is_stage_first=False)
    if row.stage_code is None:
        return Observed("No estimate", "", is_stage_first=False)
    point = row.stage_label or stage_label(row.stage_code)
    if _width(row) >= WIDE_SET_STAGES:
        lead = f"{words}: the signals do not tell these apart"
        detail = f"90 % set; median {point}"
        return Observed(lead, detail, is_stage_first=False)
    return Observed(point, f"90 % set: {words}", is_stage_first=True)


def claim_sentence(chosen: Selection) -> str:
    """How many claims lie above, below and within their 90 % prediction set."""
    above = _counted(chosen.above_count, "claims", "claim", chosen.compared_count)
    below = _counted(chosen.below_count, "claims", "claim")
    within = _counted(chosen.within_count, "lies", "lie")
    return f"{above} more than their 90 % set allows, {below} less, {within} within."


def filter_words(asked: Narrowing) -> str:
    """The filters in force, for the status line and for paper; "" when none are."""
    named = (
        ("industry", asked.industry),
        ("size", asked.size),
        ("country", asked.country),
        ("group", asked.group),
        ("sources", " or ".join(asked.source)),
        ("week of", asked.week),
    )
    return ", ".join(f"{name} {value}" for name, value in named if value)


def filters_asked(asked: Narrowing) -> dict[str, object]:
    """The filters in force by their names, for metadata."""
    names = ("industry", "size", "country", "group", "source", "week")
    return {name: getattr(asked, name) for name in names}


def list_words(filters: Filters) -> str:
    """What narrows the table of organizations alone; "" when nothing does."""
    named = (
        ("name contains", filters.search),
        ("claimed", stage_label(int(filters.claimed)) if filters.claimed else ""),
        ("observed", stage_label(int(filters.observed)) if filters.observed else ""),
    )
    return ", ".join(f"{name} {value}" for name, value in named if value)


def page_numbers(current: int, last: int) -> list[int | None]:
    """Pages to link to: the first, the last and those around the current one; None is a gap."""
    near = {1, 2, last - 1, last, *range(current - 2, current + 3)}
    numbers = sorted(number for number in near if 1 <= number <= last)
    shown: list[int | None] = []
    for before, number in zip([0, *numbers], numbers, strict=False):
        if number - before > 1:
            shown.append(None)
        shown.append(number)
    return shown


def notices(header: SnapshotHeader) -> list[str]:
    """What a reader must know of this snapshot before its numbers."""
    found = []
    if header.data_to is None:
        found.append("No fetch has succeeded yet: nothing was seen.")
    elif (header.as_of - header.data_to).days >= STALE_DAYS:
        days = (header.as_of - header.data_to).days
        found.append(
            f"Data end {header.data_to:%Y-%m-%d}, {days} days before this snapshot's date."
        )
    if header.run_state in RUN_NOTICES:
        found.append(RUN_NOTICES[header.run_state])
    return found


def _abstention(row: Organization) -> str:
    reason = row.abstention_text or (row.abstention_reason or "").replace("_", " ")
    if reason.startswith("Abstained"):
        return reason
    return f"Abstained. {reason}".rstrip()


def _width(row: Organization) -> int:
    if row.set90_low is None or row.set90_high is None:
        return 0
    return row.set90_high - row.set90_low + 1


def _counted(count: int, one: str, many: str, total: int | None = None) -> str:
    amount = "none" if count == 0 else str(count)
    of_total = "" if total is None else f" of {total}"
    words = f"{amount}{of_total} {one if count <= 1 else many}"
    return words if total is None else words[0].upper() + words[1:]
