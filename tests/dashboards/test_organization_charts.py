"""The drawings of single organizations: as many marks as values, in words as well."""

from datetime import date, timedelta

import pytest
from lxml import etree

from dashboards.charts.activityweeks import activity_weeks
from dashboards.charts.contributions import Push, pushes
from dashboards.charts.esm3 import level_squares
from dashboards.charts.letterstrip import LetterMark, letter_strip, strip_height
from dashboards.charts.sparkline import sparkline
from dashboards.charts.stagehistory import ClaimedFrom, stage_history
from dashboards.reading.evidence import ActivityWeek
from dashboards.reading.organization import HistoryWeek
from dashboards.reading.signals import Spread
from dashboards.scales import share_scale
from dashboards.sentences import number

FIRST = date(2026, 9, 7)
SPREAD = Spread(
    n=30,
    missing_count=0,
    lowest=0.0,
    percentile_05=0.1,
    percentile_25=0.3,
    percentile_50=0.5,
    percentile_75=0.7,
    percentile_95=0.9,
    highest=1.0,
)


def test_equal_weeks_are_one_band_and_a_gap_parts_them():
    drawn = history_of((0, 3), (1, 3), (2, 3), (5, 3))
    bands = found(drawn, "rect", "band-90")
    assert len(bands) == 2
    assert [float(band.get("width").rstrip("%")) for band in bands] == [
        pytest.approx(43, abs=0.01),
        pytest.approx(14.333, abs=0.01),
    ]
    assert len(found(drawn, "line", "observed-line")) == 2


def test_a_change_of_stage_is_a_step_and_a_gap_is_none():
    assert len(found(history_of((0, 3), (1, 4)), "line", "observed-line")) == 3
    assert len(found(history_of((0, 3), (2, 4)), "line", "observed-line")) == 2


def test_abstained_weeks_are_hatched_and_have_no_line():
    drawn = history_of((0, 3), (1, None))
    assert len(found(drawn, "rect", "set-abstained")) == 1
    assert len(found(drawn, "line", "observed-line")) == 1


@pytest.mark.parametrize(
    ("claimed_on", "start"),
    [(None, 13.0), (date(2020, 1, 1), 13.0), (FIRST + timedelta(weeks=3), 56.0)],
)
def test_a_claim_is_dashed_from_its_date_on(claimed_on, start):
    drawn = history_of((0, 3), (5, 3), claim=ClaimedFrom(5, claimed_on))
    line = found(drawn, "line", "claimed-line")[0]
    assert float(line.get("x1").rstrip("%")) == pytest.approx(start)
    assert line.get("x2") == "99.000%"


def test_a_claim_of_a_later_day_is_not_drawn():
    later = ClaimedFrom(5, FIRST + timedelta(weeks=9))
    assert not found(history_of((0, 3), (5, 3), claim=later), "line", "claimed-line")


def test_another_model_has_a_number_over_its_first_week():
    drawn = history_of((0, 3), (1, 3), (2, 3), models=("m-1", "m-1", "m-2"))
    assert [node.text for node in found(drawn, "text", "badge-text")] == ["1"]


def test_the_history_says_its_last_week_in_words():
    words = history_of((0, 3), (1, None), claim=ClaimedFrom(5, None)).get("aria-label")
    assert words == (
        "2 weeks to that of 2026-09-14: last abstained, 90 % set Presence to Formalized, claimed "
        "Strategic"
    )


def test_a_sparkline_breaks_where_nothing_was_seen():
    drawn = parsed(sparkline([1.0, 2.0, None, 4.0], "Posts", number))
    assert drawn.xpath("*[local-name()='path']/@d")[0].count("M") == 2
    assert drawn.get("aria-label") == (
        "Posts, 4 weeks, 3 with a value: lowest 1, highest 4, last 4"
    )


def test_a_sparkline_without_a_value_is_not_drawn():
    assert sparkline([None, None], "Posts", number) == ""


@pytest.mark.parametrize("values", [[0.0, 0.0], [-1.0, -0.5], [5.0]])
def test_a_sparkline_stays_within_its_place(values):
    drawn = parsed(sparkline(values, "Posts", number))
    end = drawn.xpath("*[local-name()='circle']")[0]
    assert 0 <= float(end.get("cy")) <= 26
    assert 0 <= float(end.get("cx")) <= 124


def test_pushes_go_to_the_right_for_and_to_the_left_against():
    drawn = parsed(pushes("Above Presence?", [Push("A", 2.0, "for"), Push("B", -1.0, "against")]))
    bars = list(drawn.iter("{*}rect"))
    assert [(bar.get("x"), bar.get("width"), bar.get("class")) for bar in bars] == [
        ("50.00%", "46.00%", "push for"),
        ("27.00%", "23.00%", "push against"),
    ]
    assert drawn.get("aria-label") == "Above Presence?: A +2.00, B \N{MINUS SIGN}1.00"


def test_where_all_begin_does_not_shrink_the_other_bars():
    parts = [Push("start", -9.0, "against", is_start=True), Push("B", 1.0, "for")]
    drawn = parsed(pushes("Above Presence?", parts))
    assert [bar.get("width") for bar in drawn.iter("{*}rect")] == ["46.00%", "46.00%"]
    assert "◂" in [node.text for node in drawn.iter("{*}text")]


def test_levels_are_filled_squares():
    drawn = parsed(level_squares(2, 3, "Level 2 of 3"))
    assert [node.get("class") for node in drawn] == ["level reached", "level reached", "level"]


def test_posts_go_up_replies_down_and_unseen_weeks_are_hatched():
    weeks = [act(0, 4, 2), act(1, None, None), act(2, 0, 1)]
    drawn = parsed(activity_weeks(weeks))
    assert [len(found(drawn, "rect", kind)) for kind in ("posted", "replied", "unseen-week")] == [
        1,
        2,
        1,
    ]
    assert drawn.get("aria-label") == (
        "feeds: up to 4 posts a week, up to 2 replies; 1 week not seen"
    )


def test_letters_that_would_touch_stand_above_one_another():
    marks = [LetterMark(letter, letter, 0.5) for letter in "AB"]
    near = letter_strip(SPREAD, marks, share_scale(1), "Share")
    apart = [LetterMark("A", "A", 0.1), LetterMark("B", "B", 0.9)]
    far = letter_strip(SPREAD, apart, share_scale(1), "Share")
    assert len({node.get("cy") for node in found(parsed(near), "circle", "lettered")}) == 2
    assert len({node.get("cy") for node in found(parsed(far), "circle", "lettered")}) == 1
    assert strip_height(marks, share_scale(1)) == int(parsed(near).get("height"))


@pytest.mark.parametrize("name", ["<script>x</script>", '" onload="x', "bell\x07"])
def test_a_hostile_name_leaves_a_drawing_whole(name):
    drawn = letter_strip(SPREAD, [LetterMark("A", name, 0.5)], share_scale(1), name)
    assert not list(parsed(drawn).iter("{*}script"))


def history_of(*weeks, claim=None, models=None):
    """Weeks as (place, stage); None stands for abstained."""
    shown = [
        HistoryWeek(
            as_of_week=FIRST + timedelta(weeks=place),
            name="One",
            stage_code=stage or 3,
            set90_low=2,
            set90_high=4,
            is_abstained=stage is None,
            model_version=models[index] if models else "m-1",
        )
        for index, (place, stage) in enumerate(weeks)
    ]
    axis = [FIRST + timedelta(weeks=place) for place in range(weeks[-1][0] + 1)]
    return parsed(stage_history(shown, axis, claim))


def act(place, posts, replies):
    return ActivityWeek(
        source="feeds",
        week=FIRST + timedelta(weeks=place),
        post_count=posts,
        reply_count=replies,
        received_count=replies,
        covered_day_count=7,
        channel_day_count=7,
    )


def parsed(drawing):
    return etree.fromstring(str(drawing).encode())


def found(drawn, tag, kind):
    return [node for node in drawn.iter(f"{{*}}{tag}") if kind in (node.get("class") or "").split()]
