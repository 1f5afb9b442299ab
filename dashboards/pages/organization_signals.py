"""All signals of one organization: value, interval, place among its peers, and course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from classifiers.signals import FAMILIES, SIGNALS, Signal
from dashboards.charts import strip
from dashboards.charts.sparkline import sparkline
from dashboards.figures import Column, Figure
from dashboards.filters import Narrowing
from dashboards.reading.organization import SPARK_WEEKS
from dashboards.reading.peers import peer_dots, peer_spreads
from dashboards.scales import Scale, scale_of
from dashboards.sentences import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from dashboards.pages.page import Visit
    from dashboards.reading.organization import MeasuredOrganization, OwnSignal
    from dashboards.reading.peers import PeerSpread
    from dashboards.reading.signals import SignalDot

#: Whom an organization may be compared with; named groups come on top of these.
PEERS = {
    "industry": "Same industry",
    "size": "Same size",
    "both": "Same industry and size",
    "all": "All organizations",
}
GROUP = "group:"
_WRITTEN_UNITS = ("posts", "days", "hours")
_UNSEEN = {
    "blocked": "we were not let in (a login, robots.txt, or a refusal)",
    "failed": "its channels could not be read",
    "out_of_window": "what its channels show does not reach back far enough",
    "mixed": "it could not be seen, for several reasons",
    "": "the platforms that we read do not show it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Whom an organization is compared with; `among` is None where that cannot be told."""

    label: str
    words: str
    among: Narrowing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """One signal as the page shows it; empty texts and drawings are left out."""

    signal: Signal
    value: str
    interval: str
    missing: str
    place: str
    drawing: Markup | str
    spark: Markup | str
    record: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The signals that answer one question."""

    name: str
    question: str
    rows: list[SignalRow]


def peers_of(row: MeasuredOrganization, asked: str, week: str) -> Peers:
    """Whom the reader asked to compare an organization with."""
    if asked.startswith(GROUP):
        name = asked.removeprefix(GROUP)
        return Peers(
            label=f"Group {name}",
            words=f"other organizations of the group {name}",
            among=Narrowing(group=name, week=week),
        )
    industry = row.industry or "" if asked in ("industry", "both") else None
    size = row.size_class or "" if asked in ("size", "both") else None
    wanted = {"industry": industry, "size": size}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    is_known = all(wanted.values())
    named = " and ".join(f"{name} {value}" for name, value in wanted.items())
    words = f"other organizations of {named}" if named else "all other organizations"
    return Peers(
        label=PEERS[asked],
        words=words if is_known else "",
        among=Narrowing(industry=industry or "", size=size or "", week=week) if is_known else None,
    )


def peer_options(groups: Sequence[str]) -> list[tuple[str, str]]:
    """Values and labels of the choice of peers."""
    return [*PEERS.items(), *((f"{GROUP}{name}", f"Group {name}") for name in groups)]


def families(
    visit: Visit,
    peers: Peers,
    own: Mapping[tuple[str, str], OwnSignal],
    courses: Sequence[Mapping[str, object]],
    week: str,
) -> tuple[list[Family], int]:
    """Every signal of the catalogue by family, and how many peers there are."""
    by_week = _by_week(courses, week)
    spreads: dict[str, PeerSpread] = {}
    dots: dict[str, list[SignalDot]] = {}
    if peers.among is not None:
        spreads = peer_spreads(visit.snapshot, peers.among, visit.organization_id)
        bounds = (strip.FEWEST_FOR_DOTS, strip.FEWEST_FOR_BANDS - 1)
        if any(bounds[0] <= spread.n <= bounds[1] for spread in spreads.values()):
            dots = peer_dots(visit.snapshot, peers.among, visit.organization_id, bounds)
    rows = [
        _row(
            signal,
            own.get((visit.organization_id, signal.code)),
            spreads.get(signal.code),
            dots.get(signal.code, ()),
            [_value_at(course, signal.code) for course in by_week],
        )
        for signal in SIGNALS
    ]
    count = max((spread.n + spread.missing_count for spread in spreads.values()), default=0)
    return _by_family(rows), count


def signals_figure(found: Sequence[Family], peers: Peers, peer_count: int, week: str) -> Figure:
    """One row a signal: value, interval, and how it is spread among the peers."""
    rows = [row for family in found for row in family.rows]
    drawn = [(row.signal.label, row.drawing) for row in rows if row.drawing]
    return Figure(
        name="signals",
        title="Signals among peers",
        definition=(
            "Value with its 95 % interval, and the mid-rank percentile among peers that have a "
            "value: those below, and half of those that have the same. The organization is none "
            f"of its peers ({peers.words or 'not known'}). No percentile below "
            f"{strip.FEWEST_FOR_DOTS} peers, no bands below {strip.FEWEST_FOR_BANDS}."
        ),
        anchor="peers",
        n=peer_count,
        window=f"13 or 26 weeks to that of {week}, see each signal",
        columns=_COLUMNS,
        rows=[row.record for row in rows],
        drawing=strip.stacked(drawn),
    )


def courses_figure(courses: Sequence[Mapping[str, object]], week: str) -> Figure:
    """Values of all signals in half a year of weeks."""
    return Figure(
        name="courses",
        title="Signals by week",
        definition="Each signal over its own window, week by week; empty where not seen.",
        anchor="signals",
        n=len(courses),
        unit="weeks" if len(courses) != 1 else "week",
        window=f"{SPARK_WEEKS} weeks to that of {week}",
        columns=(
            Column(name="as_of_week", label="Week of"),
            *(
                Column(
                    name=signal.code,
                    label=signal.label,
                    meaning=signal.definition,
                    write=_SCALES[signal.code].write,
                    is_number=True,
                )
                for signal in SIGNALS
            ),
        ),
        rows=[
            (course["as_of_week"], *(course[signal.code] for signal in SIGNALS))
            for course in courses
        ],
    )


def missing_words(signal: Signal, own: OwnSignal | None) -> str:
    """Why a signal has no value of the organization's own; "" when it has one."""
    if own is None:
        return "not measured in this week"
    if own.is_pooled:
        counted = _of_needed(signal, own)
        drawn = "the value is drawn towards its peers, and models do not read it"
        return f"too little of its own{counted}; {drawn}"
    if own.value is not None:
        return ""
    if own.missing_reason == "undefined":
        return f"seen, but too little to compute it from{_of_needed(signal, own)}"
    return _MISSING.get(own.missing_reason) or _UNSEEN.get(own.unseen_reason, _UNSEEN[""])


def written(signal: Signal, value: float | None) -> str:
    """A value in the unit of its signal."""
    words = _SCALES[signal.code].write(value)
    return (
        f"{words} {signal.unit}" if value is not None and signal.unit in _WRITTEN_UNITS else words
    )


def place_words(spread: PeerSpread | None, *, has_value: bool) -> str:
    """The percentile with its n, or why there is none."""
    n = spread.n if spread else 0
    if n < strip.FEWEST_FOR_DOTS:
        return f"Too few organizations (n = {n}) for percentiles"
    if spread is None or spread.percentile is None or not has_value:
        return f"n = {n}"
    return f"percentile {round(spread.percentile)} of n = {n}"


_SCALES: dict[str, Scale] = {signal.code: scale_of(signal, 1.0) for signal in SIGNALS}
_MISSING = {
    "absent": "it has no channel that could show it",
    "too_few_persons": "fewer than five persons: not shown, so that nobody is told apart",
}
_LEVELS = ("percentile_05", "percentile_25", "percentile_50", "percentile_75", "percentile_95")


def _by_week(courses: Sequence[Mapping[str, object]], week: str) -> list[Mapping[str, object]]:
    """One entry for each of the weeks that are drawn; empty where none was measured."""
    found = {course["as_of_week"]: course for course in courses}
    last = date.fromisoformat(week)
    ago = reversed(range(SPARK_WEEKS))
    return [found.get(last - timedelta(weeks=weeks), {}) for weeks in ago]


def _value_at(course: Mapping[str, object], code: str) -> float | None:
    value = course.get(code)
    return value if isinstance(value, float) else None


def _of_needed(signal: Signal, own: OwnSignal) -> str:
    if own.n is None or signal.minimum_count <= 1 or own.n >= signal.minimum_count:
        return ""
    return f" ({own.n} of {signal.minimum_count})"


def _row(
    signal: Signal,
    own: OwnSignal | None,
    spread: PeerSpread | None,
    dots: Sequence[SignalDot],
    course: Sequence[float | None],
) -> SignalRow:
    value = own.own_value if own else None
    missing = missing_words(signal, own)
    n = spread.n if spread else 0
    scale = scale_of(signal, max((spread.highest if spread else None) or 0.0, value or 0.0))
    drawing: Markup | str = ""
    if spread is not None and n >= strip.FEWEST_FOR_DOTS:
        drawing = strip.signal_strip(spread, dots, scale, signal.label, own=value)
    return SignalRow(
        signal=signal,
        value=written(signal, own.value) if own and own.value is not None else "",
        interval=_interval(own, scale),
        missing=missing,
        place=place_words(spread, has_value=value is not None),
        drawing=drawing,
        spark=sparkline(course, signal.label, scale.write),
        record=_record(signal, own, spread, missing),
    )


def _interval(own: OwnSignal | None, scale: Scale) -> str:
    if own is None or own.value is None or own.lower is None or own.upper is None:
        return ""
    return f"{scale.write(own.lower)} to {scale.write(own.upper)}"


def _record(
    signal: Signal, own: OwnSignal | None, spread: PeerSpread | None, missing: str
) -> tuple[object, ...]:
    has_value = own is not None and own.own_value is not None
    is_placed = spread is not None and spread.n >= strip.FEWEST_FOR_DOTS and has_value
    levels = [
        getattr(spread, name) if spread is not None and spread.n >= _fewest(name) else None
        for name in _LEVELS
    ]
    return (
        signal.label,
        signal.code,
        signal.family,
        own.value if own else None,
        own.lower if own else None,
        own.upper if own else None,
        own.n if own else None,
        own.is_pooled if own else None,
        missing or None,
        spread.n if spread else 0,
        round(spread.percentile, 1)
        if is_placed and spread and spread.percentile is not None
        else None,
        *levels,
    )


def _fewest(level: str) -> int:
    return strip.FEWEST_FOR_DOTS if level == "percentile_50" else strip.FEWEST_FOR_BANDS


def _by_family(rows: Sequence[SignalRow]) -> list[Family]:
    found = [
        Family(
            name=name.capitalize(),
            question=question,
            rows=[row for row in rows if row.signal.family == name],
        )
        for name, question in FAMILIES.items()
    ]
    return [family for family in found if family.rows]


def _blank(value: object) -> str:
    if value is None:
        return ""
    return number(value) if isinstance(value, float) else str(value)


def _yes(value: object) -> str:
    return "" if value is None else "yes" if value else "no"


_COLUMNS = (
    Column(name="signal", label="Signal"),
    Column(name="signal_code", label="Code"),
    Column(name="family", label="Family"),
    Column(
        name="value",
        label="Value",
        write=_blank,
        is_number=True,
        meaning="In the signal's unit; shares from 0 to 1.",
    ),
    Column(name="lower", label="95 % from", write=_blank, is_number=True),
    Column(name="upper", label="95 % to", write=_blank, is_number=True),
    Column(
        name="n",
        label="Observations",
        write=_blank,
        is_number=True,
        meaning="What the value rests on: posts, messages, channels.",
    ),
    Column(name="is_pooled", label="Drawn towards peers", write=_yes),
    Column(name="missing", label="Why there is no value of its own", write=_blank),
    Column(name="peer_n", label="n of peers", is_number=True, meaning="Peers that have a value."),
    Column(
        name="percentile",
        label="Percentile",
        write=_blank,
        is_number=True,
        meaning="Mid-rank percentile among the peers that have a value, 0 to 100.",
    ),
    *(
        Column(
            name=f"peer_{name}",
            label=f"Peers' {int(name[-2:])}th percentile",
            write=_blank,
            is_number=True,
        )
        for name in _LEVELS
    ),
)
