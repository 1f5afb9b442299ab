"""The cells of some rows by field, and what they say as texts and counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Cells:
    """Columns of a chunk by field; one that the mapping does not have is empty."""

    columns: Mapping[str, Sequence[Any]]
    count: int

    def __getitem__(self, name: str) -> Sequence[Any]:
        found = self.columns.get(name)
        return [None] * self.count if found is None else found


def count_of(cell: Any) -> int | None:  # noqa: ANN401 - whatever a table holds
    """A count as tables write it ("12,400"); None for what is none."""
    if cell is None or cell == "":
        return None
    try:
        number = int(float(cell.replace(",", "") if isinstance(cell, str) else cell))
    except (ValueError, TypeError, OverflowError):
        return None
    return number if 0 <= number < 2**31 else None


def text_of(cell: Any) -> str:  # noqa: ANN401 - whatever a table holds
    """A cell as text without space around it; "" where there is nothing."""
    if cell is None:
        return ""
    return cell.strip() if isinstance(cell, str) else str(cell)
