"""The plots of docs/shift.md: error and coverage by number of labels, one panel a direction.

SVG with a title and a description. Colours follow the reader's light or dark setting, on a ground
of their own; shapes and dashes say the same as the colours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboards.svg import NAMESPACE, element

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from markupsafe import Markup

    Case = dict[str, Any]

_WIDTH, _HEIGHT = 880, 420
_TOP, _BOTTOM = 124, 352
_PANELS = ((70, 430), (490, 850))
_SHIFT = 5  #: pixels that a second series stands to the right, so that intervals stay apart
#: Okabe and Ito's colours, lighter ones of them in the dark.
_STYLE = """
svg { --ground: #ffffff; --ink: #111417; --pale: #d5d9de;
  --model: #0072b2; --other: #b34a00; --limit: #59626b; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #14171a; --ink: #e8eaed; --pale: #3a4148;
    --model: #6cc0f5; --other: #f0a060; --limit: #b4bcc4; }
}
text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.ground { fill: var(--ground); } .grid { stroke: var(--pale); }
.title { font-size: 17px; font-weight: 600; } .head { font-weight: 600; }
.model { stroke: var(--model); } .other { stroke: var(--other); } .limit { stroke: var(--limit); }
.line { fill: none; stroke-width: 2; } .interval { stroke-width: 2; }
.full.model { fill: var(--model); } .mark.other { fill: var(--ground); stroke-width: 2; }
.dashed { stroke-dasharray: 8 5; stroke-width: 1.5; }
.dotted { stroke-dasharray: 2 4; stroke-width: 1.5; }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """What one line shows: a mean and its half width, or a single value, of each case."""

    words: str
    kind: str  #: class of the style sheet: "model", a disc, or "other", a triangle
    value: Callable[[Case], tuple[float, float | None] | None]
    text: Callable[[float], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """A line across a panel: of which height, and what it is."""

    words: str
    kind: str  #: "dashed" or "dotted"
    value: Callable[[list[Case]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    title: str
    axis: str
    series: tuple[_Series, ...]
    levels: tuple[_Level, ...]
    tick: float  #: distance of the lines of the grid
    text: Callable[[float], str]
    most: float = math.inf  #: no value lies above; an interval that does is cut


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """Heights of one plot, the same in both panels."""

    low: float
    high: float

    def y(self, value: float) -> float:
        share = min((value - self.low) / (self.high - self.low), 1.0)
        return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def draw_error(figures: dict[str, Any], name: Callable[[str], str]) -> str:
    """Mean absolute error by number of labels, beside labels alone and the published rule."""
    plot = _Plot(
        title="Mean absolute error by number of labels, 95 % intervals over worlds",
        axis="stages; the axis does not begin at 0",
        series=(
            _Series(
                words="simulation and labels",
                kind="model",
                value=_mean("mae"),
                text="{:.2f}".format,
            ),
            _Series(
                words="labels alone",
                kind="other",
                value=_mean("labels_alone_mae"),
                text="{:.2f}".format,
            ),
        ),
        levels=(_Level(words="published rule without labels", kind="dashed", value=_rule),),
        tick=0.1,
        text="{:.1f}".format,
    )
    return _draw(plot, figures, name)


def draw_coverage(figures: dict[str, Any], name: Callable[[str], str]) -> str:
    """Coverage of the 90 % sets by number of labels, on average and in the worst world."""
    plot = _Plot(
        title="What the 90 % sets hold, by number of labels, 95 % intervals over worlds",
        axis="share of organizations; the axis does not begin at 0",
        series=(
            _Series(words="mean of worlds", kind="model", value=_mean("coverage"), text=_percent),
            _Series(words="worst world", kind="other", value=_worst, text=_percent),
        ),
        levels=(
            _Level(words="asked of the mean without labels", kind="dashed", value=_fixed(0.89)),
            _Level(words="asked of every world", kind="dotted", value=_fixed(0.85)),
        ),
        tick=0.05,
        text=_percent,
        most=1.0,
    )
    return _draw(plot, figures, name)


def _mean(name: str) -> Callable[[Case], tuple[float, float | None] | None]:
    return lambda case: tuple(case["means"][name]) if name in case["means"] else None


def _worst(case: Case) -> tuple[float, float | None]:
    return case["worst_world_coverage"], None


def _rule(cases: list[Case]) -> float:
    rules = [case["means"]["rule_mae"][0] for case in cases if "rule_mae" in case["means"]]
    return rules[0] if rules else math.nan


def _fixed(value: float) -> Callable[[list[Case]], float]:
    return lambda _: value


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _draw(plot: _Plot, figures: dict[str, Any], name: Callable[[str], str]) -> str:
    directions: dict[tuple[str, str], list[Case]] = {}
    for case in figures["directions"]:
        directions.setdefault((case["learned"], case["judged"]), []).append(case)
    titles = {key: f"From {name(key[0])} to {name(key[1])}" for key in directions}
    axis = _axis(plot, directions.values())
    parts = [*_frame(plot), *_legend(plot)]
    for (left, right), (key, cases) in zip(_PANELS, directions.items(), strict=False):
        parts += _panel(plot, axis, cases, (left, right))
        parts.append(_text(titles[key], left, _TOP - 14, kind="head"))
    said = [f"{titles[key]}. {_words(plot, cases)}" for key, cases in directions.items()]
    return _document(plot.title, " ".join(said), parts) + "\n"


def _document(title: str, description: str, parts: list[Markup]) -> str:
    head = [
        element("title", title, id="title"),
        element("desc", description, id="description"),
        element("style", _STYLE),
    ]
    return str(
        element(
            "svg",
            *head,
            *parts,
            xmlns=NAMESPACE,
            viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
            width=_WIDTH,
            height=_HEIGHT,
            role="img",
            aria_labelledby="title description",
        )
    )


def _words(plot: _Plot, cases: list[Case]) -> str:
    told = []
    for series in plot.series:
        found = [(case["label_count"], series.value(case)) for case in cases]
        points = [f"{series.text(at[0])} with {count} labels" for count, at in found if at]
        told.append(f"{series.words.capitalize()}: {', '.join(points)}.")
    write = plot.series[0].text
    heights = {each.words: each.value(cases) for each in plot.levels}
    levels = [f"{k.capitalize()}: {write(v)}." for k, v in heights.items() if math.isfinite(v)]
    return " ".join([*told, *levels])


def _axis(plot: _Plot, panels: Iterable[list[Case]]) -> _Axis:
    heights = [height for cases in panels for height in _heights(plot, cases)]
    low, high = min(heights) / plot.tick, max(heights) / plot.tick
    top = min(math.ceil(high + 0.1) * plot.tick, plot.most)
    return _Axis(low=math.floor(low - 0.1) * plot.tick, high=top)


def _heights(plot: _Plot, cases: list[Case]) -> Iterator[float]:
    for series in plot.series:
        for at in filter(None, map(series.value, cases)):
            yield from (at[0] - (at[1] or 0.0), at[0] + (at[1] or 0.0))
    levels = (level.value(cases) for level in plot.levels)
    yield from (height for height in levels if math.isfinite(height))


def _frame(plot: _Plot) -> list[Markup]:
    return [
        element("rect", width=_WIDTH, height=_HEIGHT, class_="ground"),
        _text(plot.title, 16, 28, kind="title"),
        _text(plot.axis, 16, 78),
    ]


def _legend(plot: _Plot) -> list[Markup]:
    parts, left = [], 24.0
    for series in plot.series:
        parts += [_mark(series.kind, left, 50), _text(series.words, left + 14, 54)]
        left += 40 + 7.2 * len(series.words)
    for level in plot.levels:
        line = element(
            "line", x1=left - 8, x2=left + 26, y1=50, y2=50, class_=f"limit {level.kind}"
        )
        parts += [line, _text(level.words, left + 34, 54)]
        left += 60 + 7.2 * len(level.words)
    return parts


def _panel(plot: _Plot, axis: _Axis, cases: list[Case], sides: tuple[float, float]) -> list[Markup]:
    left, right = sides
    most = max(case["label_count"] for case in cases)
    at = {case["label_count"]: _place(case["label_count"], most, sides) for case in cases}
    parts = [*_grid(plot, axis, sides), *_counts(at, (left + right) / 2)]
    for level in plot.levels:
        parts += _across(plot, level, axis, cases, sides)
    for place, series in enumerate(plot.series):
        found = [(at[c["label_count"]] + _SHIFT * place, series.value(c)) for c in cases]
        parts += _line(series.kind, axis, [(x, *value) for x, value in found if value])
    return parts


def _across(
    plot: _Plot, level: _Level, axis: _Axis, cases: list[Case], sides: tuple[float, float]
) -> list[Markup]:
    value = level.value(cases)
    if not math.isfinite(value):
        return []
    (left, right), y = sides, axis.y(value)
    line = element("line", x1=left, x2=right, y1=y, y2=y, class_=f"limit {level.kind}")
    return [line, _text(plot.series[0].text(value), left + 76, y - 5, anchor="middle")]


def _place(count: int, most: int, sides: tuple[float, float]) -> float:
    """Counts stand by log(1 + count / 10), since early labels change most."""
    left, right = sides[0] + 16, sides[1] - 24
    share = math.log1p(count / 10) / math.log1p(most / 10) if most else 0.5
    return round(left + share * (right - left), 1)


def _grid(plot: _Plot, axis: _Axis, sides: tuple[float, float]) -> Iterator[Markup]:
    left, right = sides
    for step in range(round((axis.high - axis.low) / plot.tick) + 1):
        value = axis.low + step * plot.tick
        y = axis.y(value)
        yield element("line", x1=left, x2=right, y1=y, y2=y, class_="grid")
        yield _text(plot.text(value), left - 8, y + 4, anchor="end")


def _counts(at: dict[int, float], middle: float) -> Iterator[Markup]:
    for count, x in at.items():
        yield _text(str(count), x, _BOTTOM + 20, anchor="middle")
    yield _text("labels of the new world", middle, _BOTTOM + 44, anchor="middle", kind="head")


def _line(kind: str, axis: _Axis, points: list[tuple[float, float, float | None]]) -> list[Markup]:
    path = " ".join(f"{x:.1f},{axis.y(mean):.1f}" for x, mean, _ in points)
    parts = [element("polyline", points=path, class_=f"line {kind}")]
    for x, mean, half in points:
        if half is not None:
            ends = {"y1": axis.y(mean - half), "y2": axis.y(mean + half)}
            parts.append(element("line", x1=x, x2=x, **ends, class_=f"interval {kind}"))
        parts.append(_mark(kind, x, axis.y(mean)))
    return parts


def _mark(kind: str, x: float, y: float) -> Markup:
    """The model a full disc, what it is set beside an open triangle."""
    if kind == "model":
        return element("circle", cx=round(x, 1), cy=y, r=5, class_="full model")
    corners = ((0, -6), (6, 5), (-6, 5))
    points = " ".join(f"{x + across:.1f},{y + down:.1f}" for across, down in corners)
    return element("polygon", points=points, class_=f"mark {kind}")


def _text(words: str, x: float, y: float, *, anchor: str = "start", kind: str = "") -> Markup:
    return element("text", words, x=round(x, 1), y=y, text_anchor=anchor, class_=kind or "words")
