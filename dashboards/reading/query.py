"""Putting a query of `queries/` to a snapshot."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.filters import Narrowing

QUERIES = Path(__file__).parents[1] / "queries"
_SHARED = ("narrowed", "selected")  #: the later one may use the earlier

Row = TypeVar("Row")


class ReadableSnapshot(Protocol):
    """The part of a published snapshot that pages use."""

    @property
    def name(self) -> str:
        """For example `snapshot-000007`; another name means other data."""
        ...

    @property
    def path(self) -> str:
        """Of its file: the same path is the same data for as long as a process runs."""
        ...

    def rows(
        self, sql: str, parameters: dict[str, object] | None = None
    ) -> list[dict[str, object]]:
        """Answer one SELECT with named parameters, one dictionary a row."""
        ...


def read(
    snapshot: ReadableSnapshot,
    query: str,
    row_type: Callable[..., Row],
    parameters: dict[str, object] | None = None,
) -> list[Row]:
    """The rows of a query, each made to its type."""
    return [row_type(**row) for row in snapshot.rows(sql(query), parameters)]


def narrowing(asked: Narrowing) -> dict[str, object]:
    """The parameters of queries that read `@narrowed` or `@selected`.

    `@narrowed` stands for all weeks of the organizations asked for, `@selected` for one week of
    them: that which is asked for, else the week of the snapshot.
    """
    return {
        "industry": asked.industry,
        "size": asked.size,
        "country": asked.country,
        "group": asked.group,
        "sources": list(asked.source),
        "week": asked.week,
    }


@cache
def sql(query: str) -> str:
    """The text of a query, with the selections that it shares with others put in."""
    text = (QUERIES / f"{query}.sql").read_text(encoding="utf-8")
    for name in reversed(_SHARED):
        if f"@{name}" in text:
            shared = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
            text = text.replace(f"@{name}", shared)
    return text
