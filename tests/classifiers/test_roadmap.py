"""The steps to the next stage: in their order, each with what shows it and a fair target."""

import doctest
from datetime import date

import pytest
from answer_builders import answered, climbed
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.assessing.esm3_scores import esm3_scores
from classifiers.assessing.internal_profile import (
    internal_percentiles,
    internal_profile,
    scores_over_time,
)
from classifiers.improving import percentile, roadmap
from classifiers.improving.free_fixes import ChannelLook, free_fixes
from classifiers.improving.percentile import Peers, percentile_among
from classifiers.improving.roadmap import (
    Basis,
    Observation,
    Standing,
    consistent_stages,
    evidence_metric,
    roadmap_of_answers,
    roadmap_of_signals,
    stages_of,
    standing,
)
from classifiers.signals import SIGNALS, Direction, signal_named

LOW_REPLIES = {"value": 0.1, "lower": 0.05, "upper": 0.2, "n": 50}


def test_examples_in_the_documentation_hold():
    assert doctest.testmod(roadmap).failed == doctest.testmod(percentile).failed == 0


def test_missing_foundations_come_first_then_what_is_partly_in_place():
    values = climbed(3, 3, 3, 3, 3, 0) | {"EN4": 1, "ME4": 1, "PE1": 1}
    found = roadmap_of_answers(answered(values), ())
    assert (found.basis, found.next_stage_code) == (Basis.ANSWERS, 4)
    codes = [step.item_code for step in found.steps]
    assert codes[:3] == ["PE1", "PE2", "PE3"]
    assert codes[3:5] == ["EN4", "ME4"]
    assert [step.is_foundation for step in found.steps] == [True] * 3 + [False] * 6
    assert {step.waits_for for step in found.steps if step.dimension == "people"} == {"", "PE1"}


def test_a_statement_without_an_answer_comes_last_of_its_stage():
    values = climbed(2, 2, 2, 2, 2, 2)
    values.pop("ST3")
    steps = [
        step for step in roadmap_of_answers(answered(values), ()).steps if step.stage_code == 3
    ]
    assert (steps[-1].item_code, steps[-1].answer) == ("ST3", None)


def test_after_the_last_stage_no_other_is_named():
    found = roadmap_of_answers(answered(climbed(6, 6, 6, 6, 6, 6)), ())
    assert (found.next_stage_code, found.steps) == (None, ())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=6, max_size=6))
def test_no_step_is_in_place_or_beyond_the_next_stage(levels):
    values = climbed(*levels)
    found = roadmap_of_answers(answered(values), ())
    stages = [step.stage_code for step in found.steps]
    assert stages == sorted(stages)
    assert all(values[step.item_code] < 2 for step in found.steps)
    assert max(stages, default=0) <= (found.next_stage_code or 6)


def test_a_step_is_shown_by_the_signal_of_which_most_is_known():
    seen = observed("conversation_share", value=0.2, lower=0.1, upper=0.3, peer_median=0.4)
    metric = evidence_metric(("question_reply_rate_72h", "conversation_share"), by_code(seen))
    assert (metric.signal_code, metric.target, metric.peer_count) == ("conversation_share", 0.4, 12)
    assert metric.standing is Standing.BEHIND
    assert evidence_metric((), by_code(seen)) is None
    unseen = evidence_metric(("question_reply_rate_72h", "conversation_share"), {})
    assert (unseen.signal_code, unseen.value, unseen.target) == (
        "question_reply_rate_72h",
        None,
        None,
    )


def test_the_target_is_the_median_of_ten_peers_or_none():
    nine = observed("reply_rate_72h", **LOW_REPLIES, peer_median=0.5, peer_count=9)
    ten = observed("reply_rate_72h", **LOW_REPLIES, peer_median=0.5, peer_count=10)
    told = [evidence_metric(("reply_rate_72h",), by_code(each)) for each in (nine, ten)]
    assert [(one.target, one.peer_group, one.standing) for one in told] == [
        (None, "", Standing.UNKNOWN),
        (0.5, "all organizations", Standing.BEHIND),
    ]


def test_a_value_that_is_drawn_towards_peers_is_not_set_against_them():
    pooled = observed("reply_rate_72h", **LOW_REPLIES, peer_median=0.5, is_pooled=True)
    metric = evidence_metric(("reply_rate_72h",), by_code(pooled))
    assert (metric.value, metric.standing) == (None, Standing.UNKNOWN)


@pytest.mark.parametrize(
    ("direction", "seen", "expected"),
    [
        (Direction.RISES, {"value": 0.5}, Standing.REACHED),
        (Direction.RISES, {"value": 0.4, "upper": 0.45}, Standing.BEHIND),
        (Direction.RISES, {"value": 0.4, "upper": 0.6}, Standing.UNSURE),
        (Direction.RISES, {"value": 0.4}, Standing.UNSURE),
        (Direction.RISES, {"value": None}, Standing.UNKNOWN),
        (Direction.FALLS, {"value": 0.5}, Standing.REACHED),
        (Direction.FALLS, {"value": 0.6, "lower": 0.55}, Standing.BEHIND),
        (Direction.FALLS, {"value": 0.6, "lower": 0.4}, Standing.UNSURE),
        (Direction.FALLS, {"value": None, "is_never_reached": True}, Standing.BEHIND),
        (Direction.PEAKS, {"value": 0.6, "lower": 0.55}, Standing.BEHIND),
        (Direction.FREE, {"value": 0.6, "lower": 0.55}, Standing.UNKNOWN),
    ],
)
def test_a_value_is_behind_only_if_its_interval_is(direction, seen, expected):
    assert standing(direction, observed("dormant_share", peer_median=0.5, **seen)) is expected


def test_without_a_self_assessment_steps_are_signals_behind_their_peers():
    found = roadmap_of_signals(
        [
            observed("reply_rate_72h", **LOW_REPLIES, peer_median=0.5),
            observed("reply_rate_7d", **LOW_REPLIES, peer_median=0.5),
            observed("campaign_sync_share", value=0.1, lower=0, upper=0.2, peer_median=0.3),
            observed("verbatim_duplicate_share", value=0.4, peer_median=0.3),
            observed("functional_reply_share", value=0.9, lower=0.8, upper=1, peer_median=0.3),
            observed("official_channels", value=1, lower=1, upper=1, peer_median=9),
            observed("functions_in_dialogue", value=1, lower=1, upper=1, peer_median=3),
            observed("engagement_rate", value=0.01, lower=0, upper=0.02, peer_median=3),
        ],
        stage_code=3,
    )
    told = [(step.metric.signal_code, step.stage_code, step.is_foundation) for step in found.steps]
    assert (found.basis, found.next_stage_code) == (Basis.SIGNALS, 4)
    assert told == [
        ("reply_rate_72h", 3, True),
        ("campaign_sync_share", 4, False),
        ("verbatim_duplicate_share", 4, False),  # last: it may be chance
    ]
    assert found.steps[0].text == "Replies within 72 hours: up to the peers' median"
    assert found.steps[2].text == "Verbatim duplicates: down to the peers' median"


def test_what_leads_to_a_stage_that_the_set_has_left_behind_is_no_step():
    seen = [observed("reply_rate_72h", **LOW_REPLIES, peer_median=0.5)]
    assert roadmap_of_signals(seen, 3, reached_code=3).steps == ()
    assert roadmap_of_signals(seen, 6).next_stage_code is None


def test_every_boundary_of_the_catalogue_is_read():
    assert stages_of(signal_named("response_hours_median")) == {3, 4}
    assert stages_of(signal_named("weekend_share")) == set()
    assert all(bool(stages_of(signal)) == bool(signal.separates) for signal in SIGNALS)


def test_the_observed_stage_is_told_as_a_set():
    assert consistent_stages(5, 5).endswith("are consistent with stage {5} (Strategic)")
    assert "is at stage" not in consistent_stages(1, 6)


def test_fixes_name_the_channels_that_were_seen_to_need_them():
    found = free_fixes(
        [
            look("old", is_dormant=True, has_rules=False),
            look("open", is_dormant=False, has_rules=False, is_linked_back=True),
            look("kept", has_rules=True),
        ]
    )
    assert [(fix.code, fix.addresses, fix.known_count) for fix in found] == [
        ("dormant", ("old",), 2),
        ("rules", ("open",), 2),
    ]
    assert free_fixes([look("unseen")]) == ()


def test_quick_wins_are_the_lowest_criteria_of_a_weakest_perspective():
    levels = dict.fromkeys(("EMP1", "EMP2", "EMP3", "BUS1", "BUS2", "BUS3"), 2)
    found = internal_profile(internal(levels | {"BUS2": 1, "EMP3": 3, "ORG1": 1, "ORG2": 3}))
    [win] = found.quick_wins
    assert (win.item_code, win.level, win.level_text.split(":")[0]) == ("BUS2", 1, "bottom-up")
    assert win.next_text.startswith("controlled")
    areas = [one.item_code for one in found.improvement_areas]
    assert areas == ["ORG1", "EMP1", "EMP2", "BUS1", "BUS3"]
    assert found.unanswered == ("ORG3", "TEC1", "TEC2", "TEC3")


def test_a_profile_at_the_highest_level_has_nothing_to_improve():
    codes = [item.code for item in roadmap.read_instrument("esm3").items]
    found = internal_profile(internal(dict.fromkeys(codes, 3)))
    assert (found.quick_wins, found.improvement_areas) == ((), ())


def test_a_percentile_counts_equal_ones_half_and_takes_the_narrowest_group_of_ten():
    groups = [Peers("near", (1.0,) * 9), Peers("all", (1.0,) * 5 + (2.0,) * 10 + (3.0,) * 5)]
    found = percentile_among(2.0, groups)
    assert (found.share, found.peer_count, found.group) == (0.5, 20, "all")
    assert (found.low, found.high) == pytest.approx((0.2993, 0.7007), abs=1e-4)  # Wilson 10 of 20
    assert found.passed_over == (("near", 9),)
    none = percentile_among(2.0, groups[:1])
    assert (none.share, none.peer_count, none.group) == (None, 9, "near")


@settings(max_examples=30)
@given(st.lists(st.sampled_from([1.0, 1.5, 2.0, 3.0]), min_size=10, max_size=30))
def test_a_higher_score_has_no_lower_percentile_and_lies_in_its_interval(scores):
    found = [percentile_among(own, [Peers("all", tuple(scores))]) for own in (1.0, 1.5, 2.0, 3.0)]
    shares = [one.share for one in found]
    assert shares == sorted(shares)
    assert all(one.low <= one.share <= one.high for one in found)


def test_perspectives_are_compared_with_others_who_answered_them():
    others = [esm3_scores(internal({"EMP1": 1})) for _ in range(10)]
    own = esm3_scores(internal({"EMP1": 2}))
    found = internal_percentiles(own, [("all organizations", others)])
    assert found["employee"].share == 1
    assert found["business"] is None
    assert found["mean"] is None


def test_assessments_stand_in_the_order_of_their_days():
    given_ones = [
        internal({"EMP1": 3}, answered_on=date(2026, 5, 1)),
        internal({"EMP1": 1}, answered_on=None),
        internal({"EMP1": 2}, answered_on=date(2025, 5, 1)),
    ]
    days = [one.answered_on for one in scores_over_time(given_ones)]
    assert days == [None, date(2025, 5, 1), date(2026, 5, 1)]


def observed(code, **seen):
    return Observation(
        **{"signal_code": code, "peer_count": 12, "peer_group": "all organizations", **seen}
    )


def by_code(*seen):
    return {one.signal_code: one for one in seen}


def look(address, **marks):
    blank = dict.fromkeys(("is_dormant", "has_rules", "is_linked_back"))
    return ChannelLook(**{"source": "feeds", "address": address, **blank, **marks})


def internal(levels, **changes):
    return answered(levels, instrument="esm3", **changes)
