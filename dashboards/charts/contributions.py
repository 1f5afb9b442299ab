"""What pushes an estimate towards a higher stage, and what against it: diverging bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.svg import chart, element, nested, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

_TOP, _ROW = 22, 36  # pixels
_MIDDLE, _REACH = 50.0, 46.0  # per cent of the width
_LEAST_REACH = 1.0  #: log-odds: smaller pushes are not blown up to the full width


class Push(NamedTuple):
    """One part of the log-odds of being above a threshold."""

    label: str
    log_odds: float
    words: str
    is_start: bool = False  #: where all begin; may lie beyond the axis


def pushes(title: str, parts: Sequence[Push]) -> Markup:
    """One bar a part: to the right for a higher stage, to the left against it.

    The axis fits the parts that differ between organizations; where all begin may be cut off
    there, and has an arrow then.
    """
    reach = max([_LEAST_REACH, *(abs(part.log_odds) for part in parts if not part.is_start)])
    drawn = [
        element("text", "◂ against", x=f"{_MIDDLE - 1}%", y=13, text_anchor="end", class_="tick"),
        element("text", "for ▸", x=f"{_MIDDLE + 1}%", y=13, class_="tick"),
    ]
    for place, part in enumerate(parts):
        drawn += _row(part, reach, _TOP + _ROW * place)
    height = _TOP + _ROW * len(parts) + 4
    drawn.append(upright(_MIDDLE, 18, height, "zero"))
    words = ", ".join(f"{part.label} {signed(part.log_odds)}" for part in parts)
    return chart("chart pushes", height, f"{title}: {words}", *drawn)


def below_one_another(drawings: Sequence[tuple[str, Markup, int]]) -> Markup | str:
    """Several drawings of pushes with their titles and numbers of parts, in one; "" without any."""
    if not drawings:
        return ""
    placed, top = [], 0
    for title, drawing, part_count in drawings:
        placed.append(element("text", title, x=0, y=top + 14, class_="heading"))
        placed.append(nested(drawing, top + 22))
        top += _TOP + _ROW * part_count + 42
    return chart("chart pushes", top, "; ".join(title for title, _, _ in drawings), *placed)


def signed(log_odds: float) -> str:
    """Log-odds with two decimals and a true sign."""
    return f"{log_odds:+.2f}".replace("-", "\N{MINUS SIGN}")


def _row(part: Push, reach: float, top: float) -> list[Markup]:
    share = part.log_odds / reach
    width = _REACH * min(abs(share), 1.0)
    left = _MIDDLE if share >= 0 else _MIDDLE - width
    bar = element(
        "rect",
        x=f"{left:.2f}%",
        y=top + 17,
        width=f"{max(width, 0.2):.2f}%",
        height=11,
        class_="push for" if share >= 0 else "push against",
    )
    label = element("text", part.label, x=0, y=top + 12, class_="name")
    note = f"{signed(part.log_odds)} {part.words}"
    number = element("text", note, x="100%", y=top + 12, text_anchor="end", class_="tick")
    return [bar, label, number, *_arrow(share, top)]


def _arrow(share: float, top: float) -> list[Markup]:
    """Where a bar goes on beyond the axis."""
    if abs(share) <= 1:
        return []
    at, sign = (_MIDDLE + _REACH + 0.5, "▸") if share > 0 else (_MIDDLE - _REACH - 0.5, "◂")
    anchor = "start" if share > 0 else "end"
    return [element("text", sign, x=f"{at}%", y=top + 27, text_anchor=anchor, class_="name")]
