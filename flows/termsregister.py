"""Which sources may be asked: the shipped terms register, and what this project decided."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import connectors
from connectors.terms.register import Terms, shipped
from flows.errors import InputError
from warehouse.register import register_sources, unknown_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from warehouse.db import Connection

FILE_NAME = "terms.toml"


def read_terms(folder: Path) -> dict[str, Terms]:
    """The records of all sources, as the project in `folder` decided.

    Raises:
        InputError: the project's file is no TOML, or a decision in it is not allowed.
    """
    records = dict(shipped())
    path = folder / FILE_NAME
    for source, decision in _decisions(path).items():
        if source not in records:
            problem = f"{path}: unknown source {source!r}; known: {', '.join(records)}"
            raise InputError(problem)
        try:
            records[source] = records[source].decided(decision)
        except (ValueError, TypeError) as error:
            problem = f"{path}: [{source}]: {error}"
            raise InputError(problem) from error
    return records


def refusals(records: Mapping[str, Terms], sources: Iterable[str], day: date) -> dict[str, str]:
    """Why some sources may not be asked on a day, by source."""
    found = {source: _refusal(records.get(source), source, day) for source in set(sources)}
    return {source: sentence for source, sentence in found.items() if sentence}


def learn_sources(connection: Connection) -> None:
    """See to it that the warehouse knows every listed source, as Barograph is shipped."""
    if unknown := unknown_sources(connection):
        register_sources(connection, source_rows(shipped(), unknown))


def source_rows(records: Mapping[str, Terms], sources: Iterable[str]) -> list[dict[str, Any]]:
    """The records of some sources as rows of `raw.sources`; loads no other connector."""
    wanted = set(sources) & set(connectors.names())
    return [
        {
            "source": terms.source,
            "terms_url": terms.terms_url,
            "terms_dated": terms.terms_dated,
            "reviewed_on": terms.reviewed_on,
            "next_review_on": terms.next_review,
            "is_enabled": terms.enabled,
            "may_derive": terms.may_derive,
            "shows_dialogue": connectors.load(terms.source).shows_dialogue,
            "publishes": connectors.load(terms.source).publishes,
            "kept_days": terms.limit_days,
        }
        for terms in records.values()
        if terms.source in wanted
    ]


def _refusal(terms: Terms | None, source: str, day: date) -> str:
    if terms is None:
        return f"not asked: connectors/terms/ has no record of {source} (rule R1)"
    return terms.refusal(day)


def _decisions(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"{path}: not valid TOML: {error}"
        raise InputError(problem) from error
    wrong = next((key for key, value in table.items() if not isinstance(value, dict)), None)
    if wrong is not None:
        problem = f"{path}: {wrong}: write one table a source, such as [reddit]"
        raise InputError(problem)
    return table
