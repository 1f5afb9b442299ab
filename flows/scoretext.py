"""Figures, lists and tables of an evaluation, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from classifiers.evaluating.scores import Score


def shown(score: Score | Mapping[str, Any], sign: str = "") -> str:
    """A figure with its interval and n; `sign` "+" shows that of a difference."""
    told = score if isinstance(score, dict) else score._asdict()  # type: ignore[union-attr]  # a Score
    if told["value"] is None:
        return f"not defined (n = {told['n']})"
    value, low, high = (told[name] for name in ("value", "low", "high"))
    interval = "" if low is None else f" ({low:{sign}.3f} to {high:{sign}.3f})"
    return f"{value:{sign}.3f}{interval}, n = {told['n']}"


def bullets(title: str, lines: Iterable[str]) -> str:
    """A heading with a list below."""
    return f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines)


def table(title: str, heading: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """A heading with a table below; "" when it would have no rows."""
    body = "\n".join(_line(row) for row in cells)
    if not body:
        return ""
    return f"## {title}\n\n{_line(heading)}\n{'|---' * len(heading)}|\n{body}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_cell(text) for text in cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
