"""The drawings of a comparison as XML: what stands where, and what is never drawn."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.charts.gapforest import gap_forest
from dashboards.charts.gapheat import gap_heat
from dashboards.charts.honestybars import HonestyBar, honesty_bars
from dashboards.charts.intervals import IntervalRow
from dashboards.charts.sensitivitydots import sensitivity_dots

SVG = "{http://www.w3.org/2000/svg}"
MIDDLE = 49.0  # per cent: where 0 stands

stages = st.floats(-40, 40)


def test_a_forest_has_a_mean_a_group_and_tells_small_groups_apart():
    drawing = forest(row("education", 0.2, -0.4, 0.8, n=40), row("finance", 0.9, -0.6, 2.4, n=4))
    assert len(marks(drawing, "circle", "mean")) == 1
    assert len(marks(drawing, "circle", "mean few")) == 1
    assert drawing.get("role") == "img"
    assert "2 groups" in drawing.get("aria-label")
    assert {"By industry", "education", "n = 40", "honest claims"} <= texts(drawing)


def test_0_stands_in_the_middle_below_the_words_honest_claims():
    drawing = forest(row("one", 0.0, -0.1, 3.0))
    [line] = marks(drawing, "line", "honest")
    assert percent(line.get("x1")) == MIDDLE
    assert percent(marks(drawing, "circle", "mean")[0].get("cx")) == MIDDLE


@given(st.lists(st.tuples(stages, stages, stages).map(sorted), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_means_lie_within_their_intervals_and_all_on_the_axis(bounds):
    drawing = forest(
        *(row(str(at), value, low, high) for at, (low, value, high) in enumerate(bounds))
    )
    lines = [line for line in marks(drawing, "line", "whisker") if line.get("x1") != line.get("x2")]
    for circle in marks(drawing, "circle", "mean"):
        y, x = circle.get("cy"), percent(circle.get("cx"))
        assert 3 <= x <= 95
        for line in (line for line in lines if line.get("y1") == y):
            assert 3 <= percent(line.get("x1")) <= x <= percent(line.get("x2")) <= 95


def test_an_interval_that_goes_on_ends_in_an_arrow():
    assert texts(forest(row("two", 1.0, -9.0, 11.0))) >= {"◂", "▸"}
    assert not texts(forest(row("two", 1.0, -4.9, 4.9))) & {"◂", "▸"}


def test_a_group_without_an_interval_has_a_mean_alone():
    drawing = forest(row("one", 1.0, None, None))
    assert len(marks(drawing, "circle", "mean")) == 1
    assert not marks(drawing, "line", "whisker")


def test_what_is_not_known_is_said_and_not_drawn_at_0():
    drawing = forest(row("nobody", None, None, None))
    assert "not known" in texts(drawing)
    assert not marks(drawing, "circle", "mean")


def test_a_long_or_hostile_name_is_cut_and_stays_text():
    name = "</title><script>alert(1)</script>" + "x" * 300
    drawing = forest(row(name, 1.0, 0.0, 2.0))
    assert next(drawing.iter(f"{SVG}title")).text == name
    shown = [node.text or "" for node in drawing.iter(f"{SVG}text")]
    assert max(map(len, shown)) <= 40
    tails = [node.tail or "" for node in drawing.iter(f"{SVG}title")]
    assert max(map(len, tails)) <= 40


def test_the_reported_number_stands_above_its_variants():
    rows = [row("flat prior", 0.4, 0.1, 0.7), row("temperature 1.5", 0.3, 0.0, 0.6)]
    drawing = parsed(sensitivity_dots(row("As reported", 0.5, 0.2, 0.8), rows))
    circles = marks(drawing, "circle", "mean")
    places = [
        percent(circle.get("cx")) for circle in sorted(circles, key=lambda c: float(c.get("cy")))
    ]
    assert places == sorted(places, reverse=True)
    assert len(places) == 3


def test_bars_are_as_long_as_their_shares():
    bars = [HonestyBar("Above", 0.5, 0.4, 0.6, 0.25), HonestyBar("Below", 0.0, 0.0, 0.1, None)]
    drawing = parsed(honesty_bars(bars, 60))
    found, nothing = (percent(bar.get("width")) for bar in marks(drawing, "rect", "found"))
    [expected] = (percent(bar.get("width")) for bar in marks(drawing, "rect", "expected"))
    assert found == pytest.approx(46, abs=0.1)
    assert expected == pytest.approx(23, abs=0.1)
    assert nothing == pytest.approx(0)
    assert "n = 60" in drawing.get("aria-label")


def test_the_heat_map_counts_each_pair_where_its_gap_and_mean_are():
    drawing = parsed(gap_heat({(5, 3): 7, (1, 1): 2, (2, 6): 0}, bias=1.5, limits=(-0.5, 3.5)))
    counts = {node.text: node for node in marks(drawing, "text", "count")}
    assert set(counts) == {"7", "2"}
    assert percent(counts["7"].get("x")) == pytest.approx(10 + 12 * 3.5)  # mean of both: stage 4
    assert float(counts["7"].get("y")) < float(counts["2"].get("y"))  # a gap of 2 above one of 0
    assert len(list(drawing.iter(f"{SVG}rect"))) == 36


def test_the_limits_are_drawn_around_the_mean_and_their_words_do_not_run_together():
    drawing = parsed(gap_heat({(5, 3): 7}, bias=1.5, limits=(1.4, 1.6)))
    [bias], limits = marks(drawing, "line", "bias"), marks(drawing, "line", "limit")
    low, high = sorted((float(line.get("y1")) for line in limits), reverse=True)
    assert low > float(bias.get("y1")) > high
    heights = sorted(float(node.get("y")) for node in marks(drawing, "text", "name"))
    assert min(b - a for a, b in pairwise(heights)) >= 12


def test_without_limits_or_a_mean_no_line_is_drawn():
    assert not marks(parsed(gap_heat({(2, 2): 1}, bias=0.0, limits=None)), "line", "limit")
    assert not list(parsed(gap_heat({}, bias=None, limits=None)).iter(f"{SVG}line"))


def row(label, value, low, high, n=12):
    return IntervalRow(label, value, low, high, f"n = {n}", is_few=n < 10)


def forest(*rows):
    return parsed(gap_forest({"By industry": rows}))


def parsed(markup):
    return ET.fromstring(markup)


def marks(drawing, tag, kind):
    return [node for node in drawing.iter(f"{SVG}{tag}") if node.get("class") == kind]


def texts(drawing):
    return {"".join(node.itertext()) for node in drawing.iter(f"{SVG}text")} | {
        next(iter(node)).tail for node in drawing.iter(f"{SVG}text") if len(node)
    }


def percent(text):
    return float(text.removesuffix("%"))
