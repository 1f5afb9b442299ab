"""On what basis the sources of an import are used, and what they show (rules R1, R17, R18)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flows.errors import InputError
from flows.termsregister import read_terms, source_rows
from warehouse.durable import write_text
from warehouse.register import register_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from flows.importing.mapping import Basis
    from warehouse.archive import Archive
    from warehouse.db import Connection


def basis_rows(
    folder: Path, bases: Iterable[Basis], sources: Iterable[str], file: str
) -> list[dict[str, Any]]:
    """Rows of `raw.sources` for the sources of an import.

    The terms register, with what the project in `folder` decided, counts before a mapping.

    Raises:
        InputError: neither says anything of a source.
    """
    wanted = set(sources)
    rows = {row["source"]: row for row in source_rows(read_terms(folder), wanted)}
    said = {one.source: _row(one) for one in bases}
    for source in sorted(wanted - set(rows)):
        if source not in said:
            problem = (
                f"{file}: nothing says on what basis source {source!r} may be used; "
                f'add [[sources]] with source = "{source}" and basis = "…" to the mapping (rule R1)'
            )
            raise InputError(problem)
        rows[source] = said[source]
    return list(rows.values())


def learn(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put sources into the warehouse; what one import shows of a source, another need not."""
    kept = {row["source"]: row for row in _known(connection)}
    fresh = [{**row, **_together(row, kept.get(row["source"]))} for row in rows]
    register_sources(connection, fresh)


def write_record(archive: Archive, run_id: str, record: Mapping[str, Any]) -> None:
    """Keep in the archive what an import was: its files, its mapping and its sources."""
    text = json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True, default=str)
    write_text(archive.folder / "imports" / f"{run_id}.json", text)


def learn_again(connection: Connection, archive: Archive, run_id: str) -> None:
    """Put the sources of an archived import into a warehouse that is being rebuilt."""
    path = archive.folder / "imports" / f"{run_id}.json"
    if path.exists():
        learn(connection, json.loads(path.read_text("utf-8"))["sources"])


def _row(one: Basis) -> dict[str, Any]:
    return {
        "source": one.source,
        "terms_url": one.terms_url,
        "terms_dated": one.terms_dated,
        "reviewed_on": one.reviewed_on,
        "next_review_on": None,  # nobody is asked
        "is_enabled": True,
        "may_derive": one.may_derive,
        "shows_dialogue": one.shows_dialogue,
        "publishes": one.publishes,
    }


def _together(row: Mapping[str, Any], known: Mapping[str, Any] | None) -> dict[str, Any]:
    both = {
        name: bool(row[name] or (known and known[name])) for name in ("shows_dialogue", "publishes")
    }
    dates = ("terms_dated", "reviewed_on", "next_review_on")
    return {**both, **{name: _day(row[name]) for name in dates}}


def _day(value: date | str | None) -> date | None:
    from datetime import date

    return date.fromisoformat(value) if isinstance(value, str) else value


def _known(connection: Connection) -> list[dict[str, Any]]:
    found = connection.execute("select source, shows_dialogue, publishes from raw.sources")
    names = ("source", "shows_dialogue", "publishes")
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
