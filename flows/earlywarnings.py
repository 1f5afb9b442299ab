"""Early warnings of one organization: signals that got worse for good, with their sizes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any

from classifiers.early_warnings import (
    BASELINE_WEEKS,
    FEWEST_BASELINE_WEEKS,
    FEWEST_SIGNALS,
    WATCHED,
    WINDOW_WEEKS,
    Measured,
    deviations,
    early_warnings,
)
from classifiers.signals import signal_named
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from classifiers.early_warnings import Warned
    from warehouse.db import Connection

    Series = Mapping[str, Sequence[Measured]]

#: Measured weeks in a row of which the last can be set against its past.
FEWEST_WEEKS = FEWEST_BASELINE_WEEKS + WINDOW_WEEKS
_WEEK = timedelta(days=7)


def warnings_of(connection: Connection, name: str) -> dict[str, Any]:
    """Early warnings of an organization, and of how many weeks they are known.

    Args:
        connection: the warehouse; reading is enough.
        name: the organization's identifier.

    Returns:
        A record: warnings, oldest first, each with its signals, their usual value and the last;
        measured weeks; weeks that could be judged, for two signals were set against their own
        past; weeks in which a source was out.
    """
    asked = {"organization_id": name, "signal_codes": list(WATCHED)}
    found = [Measured(**row) for row in rows(connection, "course_signals", asked)]
    outages = [row["week"] for row in rows(connection, "course_outages", {"organization_id": name})]
    return warnings_among(found, outages)


def warnings_among(found: Sequence[Measured], outages: Sequence[date]) -> dict[str, Any]:
    """As `warnings_of`, of what was measured of one organization, by signal and week."""
    series = {
        code: list(run) for code, run in groupby(found, key=lambda measured: measured.signal_code)
    }
    measured_weeks = sorted({one.week for one in found})
    return {
        "warnings": [_warning(one, series) for one in early_warnings(found, outages)],
        "measured_week_count": len(measured_weeks),
        "last_measured_week": measured_weeks[-1] if measured_weeks else None,
        "judged_weeks": _judged_weeks(series, outages),
        "outages": [week for week in outages if week in measured_weeks],
    }


def _judged_weeks(series: Series, outages: Collection[date]) -> list[date]:
    counts = Counter(
        found.week
        for run in series.values()
        for found in deviations(run, outages)
        if found.deviation is not None
    )
    return sorted(week for week, count in counts.items() if count >= FEWEST_SIGNALS)


def _warning(warned: Warned, series: Series) -> dict[str, Any]:
    return {
        "since": warned.since,
        "until": warned.until,
        "signals": [_signal(warned, series[code]) for code in warned.signal_codes],
    }


def _signal(warned: Warned, run: Sequence[Measured]) -> dict[str, Any]:
    signal = signal_named(run[0].signal_code)
    usual = _values(run, _past_of(warned.since))
    now = [one for one in run if one.week <= warned.until and one.value is not None][-1]
    return {
        "signal_code": signal.code,
        "label": signal.label,
        "unit": signal.unit,
        "usual": median(usual) if usual else None,
        "usual_week_count": len(usual),
        "value": now.value,
        "n": now.n,
    }


def _past_of(week: date) -> tuple[date, date]:
    """The first and the last of the windows of a year that ended before that of a week began."""
    last = week - WINDOW_WEEKS * _WEEK
    return last - (BASELINE_WEEKS - 1) * _WEEK, last


def _values(run: Sequence[Measured], weeks: tuple[date, date]) -> list[float]:
    first, last = weeks
    return [one.value for one in run if one.value is not None and first <= one.week <= last]
