"""Each chart as XML: as many marks as rows, in the right places."""

from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from dashboards.charts.colours import STAGE_COLOURS, text_colour
from dashboards.charts.distribution import stage_distribution
from dashboards.charts.ladder import stage_ladder
from dashboards.charts.matrix import claim_matrix
from dashboards.charts.strip import signal_strip
from dashboards.reading.benchmark import MatrixCell, Organization, StageCount
from dashboards.reading.signals import SignalDot, SignalStrip
from dashboards.scales import balance_scale, count_scale, share_scale
from dashboards.svg import element

SVG = "{http://www.w3.org/2000/svg}"
MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize("week_count", [1, 3, 7, 52])
def test_the_distribution_has_one_segment_a_count(week_count):
    weeks = [MONDAY - timedelta(weeks=back) for back in range(week_count)]
    counts = [
        StageCount(as_of_week=week, stage_code=stage, organization_count=2 + (stage or 0))
        for week in weeks
        for stage in (None, 1, 3)
    ]
    drawing = parsed(stage_distribution(counts))
    assert len(marks(drawing, "rect", "segment")) == 3 * week_count
    assert drawing.get("role") == "img"
    assert "Planning 3" in drawing.get("aria-label")


def test_a_week_fills_its_row_exactly():
    counts = [
        StageCount(as_of_week=MONDAY, stage_code=stage, organization_count=count)
        for stage, count in ((None, 5), (1, 7), (2, 11), (6, 1))
    ]
    segments = marks(parsed(stage_distribution(counts)), "rect", "segment")
    ends = [percent(s.get("x")) + percent(s.get("width")) for s in segments]
    starts = [percent(s.get("x")) for s in segments]
    assert starts[0] == 0
    assert starts[1:] == pytest.approx(ends[:-1], abs=0.01)
    assert ends[-1] == pytest.approx(100, abs=0.01)


def test_the_matrix_writes_every_count_into_its_cell():
    cells = [
        MatrixCell(claimed_stage_code=3, stage_code=2, organization_count=12),
        MatrixCell(claimed_stage_code=1, stage_code=1, organization_count=4),
    ]
    drawing = parsed(claim_matrix(cells))
    assert len(marks(drawing, "rect", "cell")) + len(marks(drawing, "rect", "cell diagonal")) == 36
    assert sorted(text.text for text in marks(drawing, "text", "count")) == ["12", "4"]
    shades = [float(rect.get("fill-opacity")) for rect in drawing.iter(f"{SVG}rect")]
    assert max(shades) == pytest.approx(0.38)
    assert shades.count(0) == 34


def test_the_claimed_stage_rises_upwards():
    cells = [
        MatrixCell(claimed_stage_code=claimed, stage_code=1, organization_count=claimed)
        for claimed in range(1, 7)
    ]
    texts = marks(parsed(claim_matrix(cells)), "text", "count")
    heights = {int(text.text): float(text.get("y")) for text in texts}
    assert sorted(heights, key=heights.get) == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(("n", "band_count", "dot_count"), [(9, 0, 0), (19, 0, 19), (20, 2, 20)])
def test_a_strip_shows_no_more_than_its_n_allows(n, band_count, dot_count):
    drawing = parsed(strip_of([float(value) for value in range(n)]))
    bands = marks(drawing, "rect", "band-90") + marks(drawing, "rect", "band-50")
    assert len(bands) == band_count
    assert len(marks(drawing, "circle", "dot")) == dot_count
    assert len(marks(drawing, "line", "median")) == band_count // 2


def test_dots_stand_in_the_order_of_their_values():
    places = [
        percent(dot.get("cx"))
        for dot in marks(parsed(strip_of([0, 0.5, 1, 3, 9, 30, 31, 80, 200, 900])), "circle", "dot")
    ]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_a_hostile_name_in_a_dot_is_text():
    name = "</title><script>alert('1')</script>\x00\x0b"
    titles = parsed(strip_of([1.0] * 10, name=name)).iter(f"{SVG}title")
    assert next(titles).text == "</title><script>alert('1')</script>: 1"


def test_a_ladder_colours_its_set_and_marks_median_and_claim():
    drawing = parsed(stage_ladder(organization(stage_code=3, set90_low=2, set90_high=4)))
    inside = marks(drawing, "rect", "rung inside")
    assert [rung.get("fill") for rung in inside] == [STAGE_COLOURS[stage] for stage in (2, 3, 4)]
    assert len(marks(drawing, "rect", "rung")) == 3
    assert len(list(drawing.iter(f"{SVG}circle"))) == 1
    assert not marks(drawing, "path", "claim")
    assert drawing.get("aria-label") == "90 % set Presence to Formalized, median Engagement"


def test_an_abstained_ladder_is_grey_and_has_no_median():
    row = organization(
        stage_code=3, set90_low=1, set90_high=6, is_abstained=True, claimed_stage_code=5
    )
    drawing = parsed(stage_ladder(row))
    assert {rung.get("fill") for rung in marks(drawing, "rect", "rung inside")} == {
        STAGE_COLOURS[None]
    }
    assert not list(drawing.iter(f"{SVG}circle"))
    assert len(marks(drawing, "path", "claim")) == 1
    expected = "90 % set Planning to Converged, abstained, claimed Strategic"
    assert drawing.get("aria-label") == expected


def test_stage_colours_grow_darker_with_the_stage():
    lightness = [luminance(STAGE_COLOURS[stage]) for stage in range(1, 7)]
    assert lightness == sorted(lightness, reverse=True)


@pytest.mark.parametrize("stage", list(STAGE_COLOURS))
def test_numbers_on_a_stage_colour_can_be_read(stage):
    ground, ink = luminance(STAGE_COLOURS[stage]), luminance(text_colour(stage))
    contrast = (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05)
    assert contrast >= 4.5


@pytest.mark.parametrize(
    ("scale", "low", "high"),
    [(share_scale(1), 0, 1), (balance_scale(1), -1, 1), (count_scale(4000), 0, 4000)],
)
def test_a_scale_reaches_from_end_to_end_and_stays_inside(scale, low, high):
    assert scale.at(low) == 3
    assert scale.at(high) == 95
    assert scale.at(high * 2) == 95
    assert all(3 <= scale.at(tick) <= 95 for tick in scale.ticks)


@pytest.mark.parametrize("highest", [0, 0.3, 1, 2.5, 12, 480, 2_000_000])
def test_tick_labels_of_counts_keep_their_distance(highest):
    scale = count_scale(highest)
    places = [scale.at(tick) for tick in scale.ticks]
    assert scale.ticks[0] == 0
    assert all(after - before >= 9 for before, after in pairwise(places))


def test_an_attribute_cannot_break_out_of_its_quotes():
    drawn = ET.fromstring(element("text", "a < b", aria_label='" x="1'))
    assert drawn.attrib == {"aria-label": '" x="1'}
    assert drawn.text == "a < b"


def parsed(markup):
    return ET.fromstring(markup)


def marks(drawing, tag, kind):
    return [node for node in drawing.iter(f"{SVG}{tag}") if node.get("class") == kind]


def percent(text):
    return float(text.removesuffix("%"))


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def strip_of(values, name="One"):
    code, n = "posts_per_week", len(values)
    dots = [
        SignalDot(signal_code=code, organization_id="one", name=name, value=value)
        for value in values
    ]
    strip = SignalStrip(
        signal_code=code,
        n=n,
        missing_count=0,
        lowest=values[0],
        percentile_05=values[n // 20],
        percentile_25=values[n // 4],
        percentile_50=values[n // 2],
        percentile_75=values[3 * n // 4],
        percentile_95=values[19 * n // 20],
        highest=values[-1],
    )
    return signal_strip(strip, dots, count_scale(values[-1]), "Posts per week")


def organization(**known):
    blank = dict.fromkeys(Organization.__dataclass_fields__)
    return Organization(**{**blank, "name": "One", "as_of_week": MONDAY, **known})
