"""A figure: one drawing with the table that it is drawn from.

Every figure can be had as CSV, JSON and SVG under its name; the three, the table on the page and
the drawing rest on the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markupsafe import Markup


def as_it_is(value: object) -> str:
    """Text for a cell that needs no unit; unknown is said to be so."""
    return "not known" if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a figure's table.

    Attributes:
        name: in CSV and JSON; tells its unit.
        label: on the page.
        meaning: what it is, for the metadata; "" where the label tells all.
        write: how a value reads on the page.
        is_number: right-aligned.
    """

    name: str
    label: str
    meaning: str = ""
    write: Callable[..., str] = as_it_is
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one figure shows.

    Attributes:
        name: the last part of its addresses, as `stages` in `/benchmark/stages.csv`.
        title: a heading.
        definition: what is counted or measured, and how; one or two sentences.
        anchor: of its explanation on the page `/method`.
        n: organizations, or what `unit` says, that it rests on.
        window: the time that it is about, in words.
        columns: of the table.
        rows: values in the order of the columns; None is not known.
        drawing: the chart; "" where there is nothing to draw.
        note: what a reader must know beside it.
        unit: what n counts.
    """

    name: str
    title: str
    definition: str
    anchor: str = ""
    n: int
    window: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    drawing: Markup | str = ""
    note: str = ""
    unit: str = "organizations"

    def records(self) -> list[dict[str, object]]:
        """The rows by the names of their columns."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def meanings(self) -> Mapping[str, str]:
        """What each column is, by its name."""
        return {column.name: column.meaning or column.label for column in self.columns}
