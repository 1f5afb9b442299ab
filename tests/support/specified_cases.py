"""Specifications of signals as data: cases with small tables in and numbers out.

The format is told in tests/specifications/README.md. What is not understood is refused with
the file, the case and the column.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "specifications"
#: Columns of each table; of the last two a landed column may stand under its own name too.
COLUMNS = {
    "channels": {"channel", "source", "role", "function", "region"},
    "seen": {"channel", "from", "until"},
    "failures": {"channel", "when", "outcome"},
    "threads": {"thread", "read", "hidden"},
    "periods": {"channel", "from", "until", "dialogue", "observed"},
    "acts": None,
    "presences": None,
}
_WORLD = {"organization", *COLUMNS}
_CASE = {"title", "working", "expected", "apart", "peer", *_WORLD}
_UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d+(?:\.\d+)?) (min|h|d|w)")
_ROUNDED = 4  # decimals from which on a number stands for a rounded one
_EXACT = 1e-9
#: What an expected row says when it says nothing.
_UNSAID = {
    "value": None,
    "numerator": None,
    "denominator": None,
    "n": 0,
    "lower": None,
    "upper": None,
    "missing_reason": "",
    "is_pooled": False,
}
_ASIDE = {"coverage_share", "method_version"}


class SpecificationError(Exception):
    """A case that cannot be understood."""


@dataclass(frozen=True, kw_only=True)
class SmallWorld:
    """One organization and what was seen of it: rows of cells by table."""

    attributes: dict[str, str]
    tables: dict[str, list[dict[str, str]]]
    text: dict[str, str]  # the tables as written


@dataclass(frozen=True, kw_only=True)
class Case:
    """One specification: a world, its peers, and the measurements expected of it."""

    family: str
    number: int
    title: str
    as_of: datetime
    world: SmallWorld
    peers: list[SmallWorld]
    expected: dict[str, dict[str, Any]]
    working: str
    apart: str  # cases with the same word share a build of their own

    @property
    def name(self):
        return f"{self.family}-{self.number:02}"


def cases(folder=FOLDER):
    """All cases of a folder, by file and place."""
    return [case for path in sorted(folder.glob("*.toml")) for case in cases_of(path)]


def cases_of(path):
    """The cases of one file."""
    document = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    _known(document, {"as_of", "case"}, path.name)
    as_of = moment(document["as_of"])
    return [
        _case(path.stem, number, table, as_of)
        for number, table in enumerate(document["case"], start=1)
    ]


def _case(family, number, table, as_of):
    place = f"{family}.toml, case {number} ({table.get('title', 'without title')})"
    _known(table, _CASE, place)
    peers = [
        _small_world(_without_count(peer), f"{place}, peer")
        for peer in table.get("peer", [])
        for _ in range(peer.get("count", 1))
    ]
    return Case(
        family=family,
        number=number,
        title=table["title"],
        as_of=as_of,
        world=_small_world({name: table[name] for name in _WORLD & set(table)}, place),
        peers=peers,
        expected={code: _expected(row, place) for code, row in table["expected"].items()},
        working=" ".join(table["working"].split()),
        apart=table.get("apart", ""),
    )


def _without_count(peer):
    return {name: value for name, value in peer.items() if name != "count"}


def _small_world(table, place):
    _known(table, _WORLD, place)
    written = {name: table[name] for name in COLUMNS if name in table}
    return SmallWorld(
        attributes=dict(table.get("organization", {})),
        tables={name: _rows(name, text, place) for name, text in written.items()},
        text=written,
    )


def cells(text):
    """The lines of a written table, as lists of cells; the first is the head."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def _rows(name, text, place):
    head, *lines = cells(text)
    if COLUMNS[name] is not None:
        _known(head, COLUMNS[name] | {"times", "every"}, f"{place}, {name}")
    for line in lines:
        if len(line) != len(head):
            problem = f"{place}, {name}: {line} has not the {len(head)} cells of its head"
            raise SpecificationError(problem)
    return [row for line in lines for row in _repeated(dict(zip(head, line, strict=True)))]


def _repeated(row):
    """The rows that one with `times` and `every` stands for."""
    times, every = int(row.pop("times", "") or 1), row.pop("every", "")
    for number in range(1, times + 1):
        numbered = {name: cell.replace("#", str(number)) for name, cell in row.items()}
        if every:
            numbered["when"] = (
                f"{moment(row['when']) + (number - 1) * span(every):%Y-%m-%d %H:%M:%S}"
            )
        yield numbered


def moment(text):
    """A moment as written: a day, or a day and a time, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(text):
    """A span as written: `30 min`, `6 h`, `1 d`, `2 w`."""
    found = _SPAN.fullmatch(text)
    if not found:
        problem = f"{text!r} is no span such as 30 min, 6 h, 1 d or 2 w"
        raise SpecificationError(problem)
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


def _known(names, allowed, place):
    if unknown := sorted(set(names) - allowed):
        problem = f"{place}: {', '.join(unknown)} is not known; there are {sorted(allowed)}"
        raise SpecificationError(problem)


def _expected(row, place):
    _known(row, _UNSAID.keys() | _ASIDE, f"{place}, expected")
    return _UNSAID | row


def told(found, expected):
    """A measured row in the words of the expected one: equal to it when they agree.

    Numbers near enough to the expected ones are replaced by them; columns that the
    expectation does not speak of are left out.
    """
    return {
        name: wanted if _agree(found[name], wanted) else found[name]
        for name, wanted in expected.items()
    }


def _agree(number, wanted):
    if number is None or isinstance(number, str | bool) or wanted is None:
        return False
    return abs(number - figure(wanted)) <= _tolerance(wanted)


def figure(wanted):
    """An expected number: written as a fraction, a decimal or an integer."""
    return float(Fraction(wanted) if isinstance(wanted, str) else wanted)


def _tolerance(wanted):
    if not isinstance(wanted, Decimal) or (places := -wanted.as_tuple().exponent) < _ROUNDED:
        return _EXACT
    return 0.5 * 10.0**-places + _EXACT
