"""Reading mapping files: those that come with Barograph, and the user's own."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.errors import InputError
from flows.importing.column import Case, Column
from flows.importing.mapping import FIELDS, NEEDED, Basis, ImportMapping, Stretch
from flows.timezones import is_timezone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEYS = {
    *("title", "layout", "table", "extends", "members", "list_at", "columns", "constants"),
    *("skip", "keep", "time", "sources", "period", "replies", "is_latin1_slip"),
}
_COLUMN_KEYS = {f.name for f in fields(Column)} | {"column"}
_CASE_KEYS = {f.name for f in fields(Case)}
#: What `--set` may name beside fields.
_SETTINGS = ("zone",)
_REPLIES = ("as_given", "by_parent")


@dataclass(frozen=True, slots=True)
class _File:
    """A mapping file as TOML, with how to say what is wrong with it."""

    name: str
    table: Mapping[str, Any]


def _problem(file: _File, where: str, what: str) -> InputError:
    return InputError(f"{file.name}: {where}: {what}")


def shipped_mappings() -> dict[str, str]:
    """The mappings that come with Barograph: their names and titles."""
    files = sorted(_folder().glob("*.toml"))
    return {file.stem: str(_toml(file).get("title", "")) for file in files}


def read_mapping(named: str, constants: Mapping[str, str] | None = None) -> ImportMapping:
    """A mapping by its name, or from a file of the user's.

    Args:
        named: a shipped mapping's name, or a path that ends in .toml.
        constants: fields that have one value in all rows, as `--set` gives them.

    Raises:
        InputError: there is no such mapping, or something in it means nothing.
    """
    path = _path(named)
    file = _File(str(path) if path.parent != _folder() else path.stem, _whole(path, ()))
    return _mapping(file, path.stem, dict(constants or {}))


def _folder() -> Path:
    return Path(str(resources.files("flows.importing") / "mappings"))


def _path(named: str) -> Path:
    path = Path(named) if named.endswith(".toml") else _folder() / f"{named}.toml"
    if not path.is_file() or (not named.endswith(".toml") and "/" in named):
        known = ", ".join(shipped_mappings())
        problem = f"--mapping {named}: no such mapping; shipped: {known}; or name a .toml file"
        raise InputError(problem)
    return path


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"{path}: not valid TOML: {error}"
        raise InputError(problem) from error


def _whole(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """A file laid over the mapping that it extends, table by table."""
    own = _toml(path)
    parent = own.get("extends")
    if not parent:
        return own
    origin = _path(str(parent))
    if origin in (*seen, path):
        problem = f"{path}: extends: the mappings extend each other in a circle"
        raise InputError(problem)
    under = _whole(origin, (*seen, path))
    both = {key: value for key, value in own.items() if _is_in_both(under, key, value)}
    merged = {key: {**under[key], **value} for key, value in both.items()}
    return {**under, **own, **merged}


def _is_in_both(under: Mapping[str, Any], key: str, value: object) -> bool:
    return isinstance(value, dict) and isinstance(under.get(key), dict)


def _mapping(file: _File, name: str, constants: dict[str, str]) -> ImportMapping:
    table = file.table
    if unknown := sorted(set(table) - _KEYS):
        raise _problem(file, unknown[0], f"unknown; known: {', '.join(sorted(_KEYS))}")
    kind = table.get("table", "activities")
    if kind not in FIELDS:
        raise _problem(file, "table", f"{kind!r} is neither activities nor presences")
    columns, zone = _columns(file, kind, constants), constants.get("zone") or _zone(file)
    if not is_timezone(zone):
        raise _problem(file, "[time] zone", f"{zone!r} is no IANA name such as Europe/Paris")
    if table.get("replies", "as_given") not in _REPLIES:
        raise _problem(file, "replies", f"none of {', '.join(_REPLIES)}")
    return ImportMapping(
        name=name,
        title=str(table.get("title", "")),
        table=kind,
        members=_texts(table.get("members", ())),
        list_at=str(table.get("list_at", "")),
        columns=columns,
        skip=_rows(file, "skip"),
        keep=_rows(file, "keep"),
        time_formats=_texts(table.get("time", {}).get("formats", ("iso",))),
        zone=zone,
        replies=table.get("replies", "as_given"),
        is_latin1_slip=bool(table.get("is_latin1_slip")),
        bases=tuple(_basis(file, one) for one in table.get("sources", ())),
        stretches=_stretches(file),
    )


def _zone(file: _File) -> str:
    return str(file.table.get("time", {}).get("zone", "UTC"))


def _columns(file: _File, kind: str, given: Mapping[str, str]) -> dict[str, Column]:
    """The fields by name; what `--set` gives counts before what the file says."""
    constants = {**file.table.get("constants", {}), **given}
    named = {name: _column(file, name, v) for name, v in file.table.get("columns", {}).items()}
    fixed = {k: Column(default=v) for k, v in constants.items() if k not in _SETTINGS}
    columns = {**named, **fixed}
    if unknown := sorted(set(columns) - set(FIELDS[kind])):
        raise _problem(file, unknown[0], f"no field of {kind}; known: {', '.join(FIELDS[kind])}")
    if lacking := [name for name in NEEDED[kind] if name not in columns]:
        how = " ".join(f"--set {name}=…" for name in lacking)
        raise _problem(file, "incomplete", f"nothing says the {', '.join(lacking)}; add {how}")
    return columns


def _column(file: _File, name: str, given: object) -> Column:
    where = f"[columns] {name}"
    if isinstance(given, str):
        return Column(columns=(given,))
    if isinstance(given, list):
        return Column(columns=_texts(given))
    if not isinstance(given, dict):
        raise _problem(file, where, "give a column, a list of columns or a table")
    if unknown := sorted(set(given) - _COLUMN_KEYS):
        raise _problem(file, where, f"unknown {unknown[0]!r}; known: {', '.join(_COLUMN_KEYS)}")
    return Column(
        columns=_texts(given.get("column", given.get("columns", ()))),
        joined=_texts(given.get("joined", ())),
        template=str(given.get("template", "")),
        digest=_texts(given.get("digest", ())),
        cases=tuple(_case(file, where, case) for case in given.get("cases", ())),
        match=_pattern(file, where, given.get("match")),
        values=given.get("values", {}),
        otherwise=given.get("otherwise"),
        default=given.get("default"),
    )


def _case(file: _File, where: str, given: Mapping[str, str]) -> Case:
    if set(given) - _CASE_KEYS or not {"column", "then"} <= set(given):
        raise _problem(file, f"{where} cases", f"give {', '.join(sorted(_CASE_KEYS))}")
    return Case(**given)


def _pattern(file: _File, where: str, given: str | None) -> re.Pattern[str] | None:
    try:
        pattern = re.compile(given) if given else None
    except re.error as error:
        raise _problem(file, f"{where} match", f"no regular expression: {error}") from error
    if pattern is not None and pattern.groups != 1:
        raise _problem(file, f"{where} match", "needs exactly one group, in parentheses")
    return pattern


def _rows(file: _File, key: str) -> dict[str, frozenset[str]]:
    """Which rows are not meant, or alone meant: by a column's values."""
    given = file.table.get(key, {})
    return {column: frozenset(_texts(values)) for column, values in given.items()}


def _basis(file: _File, given: Mapping[str, Any]) -> Basis:
    known = {f.name for f in fields(Basis)}
    if set(given) - known or not {"source", "basis"} <= set(given):
        raise _problem(file, "[[sources]]", f"give source and basis; known: {', '.join(known)}")
    return Basis(**given)


def _stretches(file: _File) -> tuple[Stretch, ...]:
    given = file.table.get("period", {})
    every = {key: value for key, value in given.items() if key != "channel"}
    tables: Sequence[Mapping[str, Any]] = (*given.get("channel", ()), every)
    return tuple(_stretch(file, one) for one in tables)


def _stretch(file: _File, given: Mapping[str, Any]) -> Stretch:
    known = {f.name for f in fields(Stretch)}
    if unknown := set(given) - known:
        raise _problem(file, "[period]", f"unknown {unknown.pop()!r}; known: {', '.join(known)}")
    return Stretch(
        address=str(given.get("address", "")),
        covered_from=bound(given.get("covered_from")),
        covered_until=bound(given.get("covered_until"), is_end=True),
        is_dialogue_whole=given.get("is_dialogue_whole"),
    )


def own_stretches(constants: Mapping[str, str]) -> tuple[Stretch, ...]:
    """The span that `--set` gives for tables in our own columns.

    Raises:
        InputError: something else is set; our own columns say the rest themselves.
    """
    known = ("covered_from", "covered_until", "is_dialogue_whole")
    if unknown := sorted(set(constants) - set(known)):
        problem = f"--set {unknown[0]}: with our own columns only {', '.join(known)} can be set"
        raise InputError(problem)
    return (
        Stretch(
            covered_from=bound(constants.get("covered_from")),
            covered_until=bound(constants.get("covered_until"), is_end=True),
            is_dialogue_whole=constants.get("is_dialogue_whole", "").lower() == "true",
        ),
    )


def bound(value: object, *, is_end: bool = False) -> datetime | None:
    """The moment at which a period begins or ends, UTC; a day that ends one belongs to it.

    Raises:
        InputError: it is neither a date nor a moment.
    """
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        problem = f"{value!r} is no date such as 2026-11-22"
        raise InputError(problem) from error
    is_day = not isinstance(moment, datetime) or (isinstance(value, str) and len(value) <= 10)  # noqa: PLR2004
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time()) if isinstance(moment, date) else None
    if moment is None:
        problem = f"{value!r} is no date such as 2026-11-22"
        raise InputError(problem)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment + timedelta(days=1) if is_day and is_end else moment


def _texts(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    return tuple(map(str, given)) if isinstance(given, list | tuple) else ()
