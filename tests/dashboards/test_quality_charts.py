"""Charts of quality and collection as XML: as many marks as rows, in the right places."""

from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from dashboards.charts.abstention import abstention_columns, set_size_columns
from dashboards.charts.daystrip import DayState, day_state, day_strip
from dashboards.charts.distribution import Mark
from dashboards.charts.reliability import reliability_panels, small_multiples, threshold_name
from dashboards.charts.setcoverage import CoverageRow, Held, set_coverage
from dashboards.reading.collection import SourceDay
from dashboards.reading.quality import EstimateWeek, ReliabilityBin

SVG = "{http://www.w3.org/2000/svg}"
MONDAY = date(2026, 11, 16)
LAST_DAY = date(2026, 11, 22)


def test_a_diagram_has_a_point_an_interval_and_a_bar_for_each_bin():
    bins = [bin_of(1, number, number / 10, 0.5, n=8 + number) for number in range(1, 5)]
    (panel,) = map(parsed, reliability_panels(bins))
    assert len(marks(panel, "circle", "mean")) == 4
    assert len(marks(panel, "line", "whisker")) == 4
    heights = [float(bar.get("height")) for bar in marks(panel, "rect", "found")]
    assert heights == pytest.approx([40 * n / 12 for n in (9, 10, 11, 12)], abs=0.01)


def test_a_statement_that_always_came_true_as_stated_lies_on_the_diagonal():
    (panel,) = map(parsed, reliability_panels([bin_of(2, 1, 0.25, 0.25)]))
    (diagonal,) = marks(panel, "line", "promised")
    (point,) = marks(panel, "circle", "mean")
    ends = [(share_at(diagonal.get(f"x{end}")), float(diagonal.get(f"y{end}"))) for end in "12"]
    (left, bottom), (right, top) = ends
    assert share_at(point.get("cx")) == pytest.approx(left + (right - left) / 4)
    assert float(point.get("cy")) == pytest.approx(bottom + (top - bottom) / 4)


def test_each_threshold_has_a_diagram_of_its_own():
    bins = [bin_of(code, number, 0.3, 0.4) for code in range(1, 6) for number in (1, 2)]
    panels = reliability_panels(bins)
    assert [words(panel) for panel in panels] == [threshold_name(code) for code in range(1, 6)]
    whole = parsed(small_multiples(panels))
    assert len(marks(whole, "circle", "mean")) == 10
    assert small_multiples([]) == ""


def test_the_lowest_threshold_is_planning_itself():
    assert threshold_name(1) == "Planning"
    assert threshold_name(3) == "Engagement or lower"


def test_sets_have_a_point_a_level_and_rules_at_what_they_promise():
    held = (Held(0.9, 0.95, 0.85, 1.0), Held(0.8, 0.7, 0.5, 0.9))
    drawing = parsed(set_coverage([CoverageRow("All labels", 40, held)]))
    filled, hollow = marks(drawing, "circle", "mean"), marks(drawing, "circle", "mean few")
    rules = sorted(share_at(rule.get("x1")) for rule in marks(drawing, "line", "promised"))
    assert rules[0] < rules[1] < share_at(filled[0].get("cx"))
    assert share_at(hollow[0].get("cx")) < rules[0]
    assert len(marks(drawing, "line", "whisker")) == 2 * 3
    assert "All labels: 90\u00a0% sets held 95\u00a0% (85\u00a0% to 100\u00a0%)" in label(drawing)


def test_a_stage_without_labels_has_no_point():
    unknown = (Held(0.9, None, None, None), Held(0.8, None, None, None))
    drawing = parsed(set_coverage([CoverageRow("Converged", 0, unknown)]))
    assert not list(drawing.iter(f"{SVG}circle"))
    assert label(drawing) == "Converged: no label"


def test_a_share_without_an_interval_has_no_whisker():
    drawing = parsed(set_coverage([CoverageRow("One", 1, (Held(0.9, 1.0, None, None),))]))
    assert len(list(drawing.iter(f"{SVG}circle"))) == 1
    assert not marks(drawing, "line", "whisker")


def test_abstentions_are_as_high_as_their_share():
    weeks = [week_of(0, estimates=20, abstained=5), week_of(1, estimates=10, abstained=10)]
    columns = marks(parsed(abstention_columns(weeks)), "rect", "segment")
    assert [float(one.get("height")) for one in columns] == [40.0, 160.0]
    assert columns[0].get("fill") == "url(#hatch-abstained)"


def test_sizes_of_sets_fill_their_column():
    weeks = [week_of(0, estimates=20, sizes=(1, 2, 3, 4, 5, 5))]
    columns = marks(parsed(set_size_columns(weeks)), "rect", "segment")
    assert [one.get("class") for one in columns] == [f"segment set-size-{s}" for s in range(1, 7)]
    heights = [float(one.get("height")) for one in columns]
    assert heights == pytest.approx([8, 16, 24, 32, 40, 40])
    bottoms = [float(one.get("y")) + float(one.get("height")) for one in columns]
    assert bottoms == pytest.approx([168, 160, 144, 120, 88, 48])


@pytest.mark.parametrize("count", [1, 3, 12, 13, 25, 52])
def test_dates_under_weeks_have_their_room_on_a_telephone(count):
    weeks = [week_of(index, estimates=4) for index in range(count)]
    drawing = parsed(set_size_columns(weeks))
    lefts = [share_at(text.get("x")) for text in drawing.iter(f"{SVG}text") if date_in(text)]
    room = 66 / 358 * 100
    assert all(later - left >= room for left, later in zip(lefts, [*lefts[1:], 100], strict=True))
    assert lefts[0] == 12


def test_a_noted_week_has_a_numbered_rule():
    weeks = [week_of(index, estimates=4) for index in range(3)]
    noted = [Mark(as_of_week=weeks[1].as_of_week, number=1, words="another model")]
    drawing = parsed(abstention_columns([*weeks], noted))
    (rule,) = marks(drawing, "line", "rule")
    assert share_at(rule.get("x1")) == pytest.approx(12 + 1.5 * 88 / 12, abs=0.01)
    assert [text.text for text in marks(drawing, "text", "badge-text")] == ["1"]


@pytest.mark.parametrize(
    ("asked", "seen", "state"),
    [
        (5, 5, DayState.ALL_SEEN),
        (5, 3, DayState.SOME_SEEN),
        (5, 0, DayState.NONE_SEEN),
        (0, 0, DayState.NOT_ASKED),
    ],
)
def test_a_day_is_told_by_what_was_asked_and_seen(asked, seen, state):
    assert day_state(day_of(0, asked, seen)) is state


def test_a_day_without_a_row_is_one_on_which_nothing_was_asked():
    assert day_state(None) is DayState.NOT_ASKED


def test_the_strip_has_one_cell_a_day_and_tells_how_many_were_not_seen():
    days = [day_of(0, 5, 5), day_of(1, 5, 3), day_of(2, 4, 0), day_of(3, 400, 200)]
    drawing = parsed(day_strip(days, ["feeds", "mastodon"], LAST_DAY))
    assert len(marks(drawing, "circle", "day-idle")) == 2 * 28 - 4
    digits = [text.text for text in marks(drawing, "text", "day-digit")]
    assert digits == ["99+", "4", "2", "0"]
    assert len(marks(drawing, "rect", "day-seen")) == 3
    striped = [r for r in drawing.iter(f"{SVG}rect") if r.get("fill") == "url(#hatch-days)"]
    assert [float(r.get("height")) for r in striped] == pytest.approx([12, 24, 9.6])
    assert "feeds, 28 days: nothing asked on 24, all seen on 1" in label(drawing)
    assert "mastodon, 28 days: nothing asked on 28" in label(drawing)


def test_the_last_day_stands_at_the_right_end():
    drawing = parsed(day_strip([day_of(0, 1, 1)], ["feeds"], LAST_DAY))
    (cell,) = marks(drawing, "rect", "day-cell")
    assert share_at(cell.get("x")) + share_at(cell.get("width")) == pytest.approx(100, abs=0.2)


def bin_of(code, number, stated, was, n=8):
    return ReliabilityBin(
        threshold_code=code,
        bin_number=number,
        predicted_share=stated,
        observed_share=was,
        lower=max(0.0, was - 0.2),
        upper=min(1.0, was + 0.2),
        n=n,
    )


def week_of(index, estimates, abstained=0, sizes=None):
    counts = sizes or (0, 0, estimates, 0, 0, 0)
    return EstimateWeek(
        as_of_week=MONDAY + timedelta(weeks=index),
        organization_count=estimates,
        estimate_count=estimates,
        abstained_count=abstained,
        **{f"size_{size}_count": count for size, count in enumerate(counts, 1)},
    )


def day_of(back, asked, seen):
    return SourceDay(
        source="feeds",
        day=LAST_DAY - timedelta(days=back),
        asked_channel_count=asked,
        seen_channel_count=seen,
        attempt_count=asked,
        failed_attempt_count=asked - seen,
    )


def parsed(drawing):
    return ET.fromstring(str(drawing))


def marks(drawing, tag, kind):
    wanted = set(kind.split())
    found = [(each, set((each.get("class") or "").split())) for each in drawing.iter(f"{SVG}{tag}")]
    if kind == "mean":
        return [each for each, classes in found if classes == wanted]
    return [each for each, classes in found if wanted <= classes]


def words(panel):
    return parsed(panel).findtext(f"{SVG}text")


def label(drawing):
    return drawing.get("aria-label")


def share_at(text):
    return float(text.removesuffix("%"))


def date_in(text):
    return (text.text or "").startswith("20")
