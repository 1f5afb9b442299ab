"""Which tables an export has, in which order their rows stand, and which rows are taken.

`exports/tables.toml` declares them. The order is total, so that the same rows give the same bytes.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from warehouse.build import Clock, set_variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from warehouse.db import Connection

_ORGANIZATION, _CHANNEL = "organization_id", "channel_id"
_WANTED = "(select unnest(getvariable('exported_organizations')))"
_WANTED_CHANNELS = f"select channel_id from raw.channels where organization_id in {_WANTED}"  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Which rows are exported: all of them, unless something is given.

    Attributes:
        since: what is about an earlier day stays out.
        clock: of a build; what came later, or was learned later, stays out.
        organization_ids: what is about others stays out.
        is_public: only what everybody may have: nothing about single acts or persons.
    """

    since: date | None = None
    clock: Clock | None = None
    organization_ids: tuple[str, ...] = ()
    is_public: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing stays out."""
        return self == Excerpt()

    def bind(self, connection: Connection) -> None:
        """Give the queries of an export what bounds them (moments in UTC)."""
        moments = self.clock.variables() if self.clock else {}
        values = {
            "exported_since": self.since,
            "exported_as_of": moments.get("as_of"),
            "exported_known_at": moments.get("known_at"),
            "exported_organizations": list(self.organization_ids) or None,
        }
        set_variables(connection, values)


EVERYTHING = Excerpt()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTable:
    """A table of an export, as declared.

    Attributes:
        name: also of its files.
        about: what a row is, in words.
        order: columns that its rows are sorted by.
        key: columns in which no two rows are alike; () where there are none for sure.
        when: an expression, the moment or day that a row is about; "" for what has none.
        known: an expression, when it was learned; "" for what has none.
        public: whether a public export has it.
        only_public: whether no other has it.
    """

    name: str
    about: str
    order: tuple[str, ...]
    key: tuple[str, ...] = ()
    when: str = ""
    known: str = ""
    public: bool = False
    only_public: bool = False

    def select(self, connection: Connection, excerpt: Excerpt) -> str:
        """The SELECT of its rows, in their order; `excerpt` must be bound."""
        sql = query(self.name, is_public=excerpt.is_public)
        columns = [str(name) for name, *_ in connection.execute(f"describe {sql}").fetchall()]
        wanted = " and ".join(self._conditions(columns, excerpt)) or "true"
        order = ", ".join(f"{name} nulls first" for name in self._sorted_by(columns))
        return f"select * from ({sql}) where {wanted} order by {order}"  # noqa: S608 - our own words

    def _sorted_by(self, columns: list[str]) -> list[str]:
        more = [] if self.key else [name for name in columns if name not in self.order]
        return [*self.order, *more]

    def _conditions(self, columns: list[str], excerpt: Excerpt) -> Iterator[str]:
        """What has no day of its own passes: not known is neither early nor late."""
        if excerpt.since and self.when:
            yield f"coalesce({self.when} >= getvariable('exported_since'), true)"
        if excerpt.clock and self.when:
            yield f"coalesce({self.when} < getvariable('exported_as_of'), true)"
        if excerpt.clock and self.known:
            yield f"coalesce({self.known} <= getvariable('exported_known_at'), true)"
        if excerpt.organization_ids and _ORGANIZATION in columns:
            yield f"{_ORGANIZATION} in {_WANTED}"
        elif excerpt.organization_ids and _CHANNEL in columns:
            yield f"{_CHANNEL} in ({_WANTED_CHANNELS})"


@cache
def declared_tables() -> dict[str, ExportTable]:
    """All tables that some export has, by name, in the order of the path of the data."""
    text = (resources.files("warehouse") / "exports" / "tables.toml").read_text("utf-8")
    return {name: _table(name, declared) for name, declared in tomllib.loads(text).items()}


def _table(name: str, declared: dict[str, object]) -> ExportTable:
    given = {key: tuple(v) if isinstance(v, list) else v for key, v in declared.items()}
    return ExportTable(name=name, **given)  # type: ignore[arg-type]


def tables_of(excerpt: Excerpt) -> list[ExportTable]:
    """The tables that an export has."""
    return [
        table
        for table in declared_tables().values()
        if (table.public if excerpt.is_public else not table.only_public)
    ]


def query(table: str, *, is_public: bool = False) -> str:
    """The SELECT that an exported table comes from."""
    folder = resources.files("warehouse") / "exports"
    public = folder / "public" / f"{table}.sql"
    if is_public and public.is_file():
        return public.read_text("utf-8")
    return (folder / f"{table}.sql").read_text("utf-8")
