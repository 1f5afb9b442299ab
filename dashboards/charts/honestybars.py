"""Claims above, at and below the observed stage, each beside what honest claims would show."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.scales import LEFT_PERCENT, share_scale
from dashboards.sentences import percent
from dashboards.svg import chart, element, upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

_ROW = 52
_SCALE = share_scale(1)


class HonestyBar(NamedTuple):
    """A share of claims as found, with its interval, and as expected of honest claims."""

    label: str
    found: float
    low: float | None
    high: float | None
    expected: float | None


def honesty_bars(bars: Sequence[HonestyBar], n: int) -> Markup:
    """Two bars a direction: solid as found, outlined as expected if all claims were honest."""
    bottom = _ROW * len(bars) + 2
    parts = [part for place, bar in enumerate(bars) for part in _pair(bar, _ROW * place)]
    told = "; ".join(f"{bar.label} {_words(bar)}" for bar in bars)
    ticks = [_tick(share, bottom) for share in _SCALE.ticks]
    return chart("chart honesty", bottom + 24, f"{told}; n = {n}", *parts, *ticks)


def _words(bar: HonestyBar) -> str:
    return f"found {percent(bar.found)}" + (
        "" if bar.expected is None else f", honest {percent(bar.expected)}"
    )


def _pair(bar: HonestyBar, top: float) -> list[Markup]:
    label = element("text", bar.label, x=f"{LEFT_PERCENT}%", y=top + 13, class_="name")
    words = element("text", _words(bar), x="95%", y=top + 13, text_anchor="end", class_="tick")
    drawn = [label, words, _bar(bar.found, top + 19, "found")]
    if bar.expected is not None:
        drawn.append(_bar(bar.expected, top + 33, "expected"))
    if bar.low is not None and bar.high is not None:
        drawn += _whisker(bar.low, bar.high, top + 25)
    return drawn


def _bar(share: float, y: float, kind: str) -> Markup:
    width = f"{_SCALE.at(share) - LEFT_PERCENT:.2f}%"
    return element("rect", x=f"{LEFT_PERCENT}%", y=y, width=width, height=12, class_=kind)


def _whisker(low: float, high: float, y: float) -> list[Markup]:
    left, right = _SCALE.at(low), _SCALE.at(high)
    line = element("line", x1=f"{left:.2f}%", x2=f"{right:.2f}%", y1=y, y2=y, class_="whisker")
    return [line, *(upright(at, y - 4, y + 4, "whisker") for at in (left, right))]


def _tick(share: float, y: float) -> Markup:
    at, words = _SCALE.at(share), percent(share)
    text = element("text", words, x=f"{at:.2f}%", y=y + 18, text_anchor="middle", class_="tick")
    return upright(at, y, y + 5, "axis") + text
