"""Parts of a document that a script renews, and the tables in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def write_section(document: Path, name: str, text: str) -> None:
    """Renew what stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.

    Raises:
        ValueError: the marks are not there.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, is_begun, rest = document.read_text("utf-8").partition(begin)
    _, is_ended, after = rest.partition(end)
    if not is_begun or not is_ended:
        message = f"{document.name} lacks {begin} or {end}"
        raise ValueError(message)
    document.write_text(f"{before}{begin}\n{text}{end}{after}", "utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[object]], text_column_count: int = 1) -> str:
    """A table in Markdown whose first columns are text, and all others numbers."""
    rule = ["---" if place < text_column_count else "---:" for place in range(len(head))]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in (head, rule, *rows))
