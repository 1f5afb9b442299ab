"""The comparison of two to six organizations: ladders, signals, claims side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from classifiers.signals import FAMILIES, SIGNALS, Signal
from dashboards.asked import Asked, UnknownValueError, one_of, searched, several_of
from dashboards.charts import stageladder
from dashboards.charts.letterstrip import LetterMark, letter_strip, strip_height
from dashboards.filters import Narrowing
from dashboards.pages import comparison_figures as figures
from dashboards.pages.benchmark import STRIPS
from dashboards.pages.comparison_figures import own_value
from dashboards.pages.organization_signals import missing_words, written
from dashboards.pages.organization_standing import Standing, standing
from dashboards.pages.page import Content, Page, week_of
from dashboards.reading import organization as reading
from dashboards.reading import signals as signal_reading
from dashboards.reading.header import known
from dashboards.scales import scale_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from dashboards.pages.page import Visit

FEWEST, MOST = 2, 6
_LETTERS = "ABCDEF"
_BY_CODE = {signal.code: signal for signal in SIGNALS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparing(Asked):
    """Which organizations are compared, and in which week; empty means that of the snapshot."""

    org: tuple[str, ...] = several_of("organization")
    week: str = one_of("week")
    find: str = searched()  #: what the name of one more contains, where there are many


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One organization with its letter."""

    letter: str
    row: reading.MeasuredOrganization
    standing: Standing
    ladder: Markup | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedStrip:
    """One signal with a letter for each organization that has a value."""

    signal: Signal
    n: int
    drawing: Markup | str
    height: int
    unmarked: str  #: letters of those without a value


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLine:
    """One signal in the table, a cell an organization: the value, or why there is none."""

    signal: Signal
    cells: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage:
    """What the template needs beside its figures."""

    week: str
    offered: Mapping[str, str]  #: names by identifier
    is_short_list: bool
    chosen: Mapping[str, str]
    compared: Sequence[Compared] = ()
    unmeasured: Sequence[str] = ()
    strips: Sequence[ComparedStrip] = ()
    families: Sequence[tuple[str, list[SignalLine]]] = ()

    def without(self, identifier: str) -> tuple[str, ...]:
        """Those that are chosen, but for one."""
        return tuple(each for each in self.chosen if each != identifier)

    def added(self, identifier: str) -> tuple[str, ...]:
        """Those that are chosen, and one more."""
        return (*self.chosen, identifier)

    @property
    def places(self) -> list[str]:
        """One field an organization: those that are chosen, then empty ones."""
        return [*self.chosen, *[""] * (MOST - len(self.chosen))]


def gather(visit: Visit) -> Content:
    """Two to six organizations side by side; a form to choose them where fewer were asked for.

    Raises:
        UnknownValueError: more than six were asked for.
    """
    chosen = visit.asked.org
    if len(chosen) > MOST:
        name = "org"
        raise UnknownValueError(name, ", ".join(chosen), ["two to six organizations"])
    week = week_of(visit)
    filters: dict[str, object] = {"org": list(chosen), "week": visit.asked.week}
    rows = reading.measured_organizations(visit.snapshot, chosen, week)
    if len(chosen) < FEWEST or not rows:
        return Content(title="Compare", shown=_choice(visit, rows), filters=filters)
    return _compared(visit, _in_order(rows, chosen), filters)


COMPARISON = Page(
    name="comparison",
    path="compare",
    label="Compare",
    gather=gather,
    asked=Comparing,
    is_static=False,
)


def _in_order(
    rows: Sequence[reading.MeasuredOrganization], chosen: Sequence[str]
) -> list[reading.MeasuredOrganization]:
    return sorted(rows, key=lambda row: chosen.index(row.organization_id))


def _choice(visit: Visit, rows: Sequence[reading.MeasuredOrganization]) -> ComparisonPage:
    """What was chosen and can be; of what was chosen some may not be measured in the week."""
    everybody, measured = known(visit.snapshot), {row.organization_id for row in rows}
    chosen = {each: everybody.names.get(each, each) for each in visit.asked.org}
    return ComparisonPage(
        week=week_of(visit),
        offered=everybody.offered(visit.asked.find),
        is_short_list=everybody.is_short,
        chosen=chosen,
        unmeasured=[name for each, name in chosen.items() if each not in measured],
    )


def _compared(
    visit: Visit,
    rows: Sequence[reading.MeasuredOrganization],
    filters: dict[str, object],
) -> Content:
    week = week_of(visit)
    own = reading.own_signals(visit.snapshot, [row.organization_id for row in rows], week)
    compared = [_one(letter, row, visit) for letter, row in zip(_LETTERS, rows, strict=False)]
    strips = _strips(visit, compared, own)
    shown = replace(
        _choice(visit, rows),
        compared=compared,
        strips=strips,
        families=_lines(compared, own),
    )
    found = (
        figures.stages_figure(compared, week),
        figures.strips_figure(compared, strips, own, week),
        figures.signals_figure(compared, own, week),
        figures.claims_figure(compared, week),
    )
    return Content(title="Compare", figures=found, shown=shown, filters=filters)


def _one(letter: str, row: reading.MeasuredOrganization, visit: Visit) -> Compared:
    is_known = row.probability_1 is not None
    return Compared(
        letter=letter,
        row=row,
        standing=standing(row, visit.header.model_version),
        ladder=stageladder.probability_ladder(row) if is_known else "",
    )


def _strips(
    visit: Visit,
    compared: Sequence[Compared],
    own: Mapping[tuple[str, str], reading.OwnSignal],
) -> list[ComparedStrip]:
    everybody = Narrowing(week=visit.asked.week)
    spreads = signal_reading.signal_strips(visit.snapshot, everybody, STRIPS)
    return [_strip(spread, compared, own) for spread in spreads]


def _strip(
    spread: signal_reading.SignalStrip,
    compared: Sequence[Compared],
    own: Mapping[tuple[str, str], reading.OwnSignal],
) -> ComparedStrip:
    signal = _BY_CODE[spread.signal_code]
    values = [(each, own_value(each, signal, own)) for each in compared]
    marks = [
        LetterMark(each.letter, each.row.name, value) for each, value in values if value is not None
    ]
    scale = scale_of(signal, max([spread.highest or 0.0, *(mark.value for mark in marks)]))
    return ComparedStrip(
        signal=signal,
        n=spread.n,
        drawing=letter_strip(spread, marks, scale, signal.label) if marks else "",
        height=strip_height(marks, scale),
        unmarked=", ".join(each.letter for each, value in values if value is None),
    )


def _lines(
    compared: Sequence[Compared], own: Mapping[tuple[str, str], reading.OwnSignal]
) -> list[tuple[str, list[SignalLine]]]:
    lines: dict[str, list[SignalLine]] = {}
    for signal in SIGNALS:
        found = [own.get((each.row.organization_id, signal.code)) for each in compared]
        cells = [_cell(signal, each) for each in found]
        lines.setdefault(signal.family, []).append(SignalLine(signal=signal, cells=cells))
    return [(name.capitalize(), lines[name]) for name in FAMILIES if name in lines]


def _cell(signal: Signal, own: reading.OwnSignal | None) -> tuple[str, bool]:
    """What stands in a cell, and whether it is a value."""
    if own is not None and own.own_value is not None:
        return written(signal, own.own_value), True
    return missing_words(signal, own).partition(";")[0].partition(" (")[0], False
