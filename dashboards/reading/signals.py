"""How signals are distributed among the organizations of a selection.

Values that were drawn towards those of peers for want of own evidence are no values here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.signals import SIGNALS
from dashboards.reading.query import narrowing, sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.filters import Narrowing
    from dashboards.reading.query import ReadableSnapshot

DOT_LIMIT = 100  #: a strip with more values than this shows its bands only
_CODES = frozenset(signal.code for signal in SIGNALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How values of one signal are distributed, in the signal's unit."""

    n: int
    missing_count: int
    lowest: float | None
    percentile_05: float | None
    percentile_25: float | None
    percentile_50: float | None
    percentile_75: float | None
    percentile_95: float | None
    highest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalStrip(Spread):
    """One signal among the selected organizations."""

    signal_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStrip(Spread):
    """One signal among the organizations of one industry."""

    group_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalDot:
    """One organization's value of one signal."""

    signal_code: str
    organization_id: str
    name: str
    value: float


def signal_strips(
    snapshot: ReadableSnapshot, asked: Narrowing, signal_codes: Sequence[str]
) -> list[SignalStrip]:
    """The distribution of each signal, in the order asked for."""
    parameters = narrowing(asked) | {"signal_codes": list(signal_codes)}
    rows = snapshot.rows(_about("signal_strips", signal_codes), parameters)
    return [SignalStrip(**_without_list(row)) for row in rows]  # type: ignore[arg-type]


def signal_groups(
    snapshot: ReadableSnapshot, asked: Narrowing, signal_code: str
) -> list[GroupStrip]:
    """The distribution of one signal in each industry, by name."""
    rows = snapshot.rows(_about("signal_groups", [signal_code]), narrowing(asked))
    return [GroupStrip(**_without_list(row)) for row in rows]  # type: ignore[arg-type]


def signal_dots(
    snapshot: ReadableSnapshot, asked: Narrowing, signal_codes: Sequence[str]
) -> dict[str, list[SignalDot]]:
    """Single values by signal, lowest first; none for a signal with over `DOT_LIMIT` values."""
    if not signal_codes:
        return {}
    parameters = narrowing(asked) | {"dot_limit": DOT_LIMIT}
    dots = defaultdict(list)
    for row in snapshot.rows(_about("signal_dots", signal_codes), parameters):
        dot = SignalDot(**row)  # type: ignore[arg-type]
        dots[dot.signal_code].append(dot)
    return dict(dots)


def _without_list(row: dict[str, object]) -> dict[str, object]:
    """A row without the list that its percentiles were computed in."""
    return {name: value for name, value in row.items() if name != "percentiles"}


def _about(query: str, signal_codes: Sequence[str]) -> str:
    """The query about some signals; only names of the catalogue get into its text."""
    unknown = [code for code in signal_codes if code not in _CODES]
    assert not unknown, unknown
    return sql(query).replace("@signals", ", ".join(signal_codes))
