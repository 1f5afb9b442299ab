"""The catalogue of signals."""

import re

import pytest

from classifiers.signals import (
    FAMILIES,
    FEATURE_CODES,
    SIGNAL_CODES,
    SIGNALS,
    UNOBTAINABLE,
    Direction,
    signal_named,
)

#: The metrics of the stage model, by family.
METRICS = {
    "presence": "P1 P2 P3 P4 P5",
    "cadence": "C1 C2 C3 C4",
    "dialogue": "D1 D1q D2 D3 D4 D5 D6 D7",
    "community": "M1 M2 M3 M4",
    "coordination": "O1 O2 O3 O4",
    "governance": "G1 G2",
    "people": "E1 E2 E3",
    "adaptation": "A1 A2 L1",
}


def test_every_code_stands_once():
    codes = [*SIGNAL_CODES, *(one.code for one in UNOBTAINABLE)]
    assert len(set(codes)) == len(codes) == 36 + 6


def test_every_metric_of_the_stage_model_is_measured_or_listed_with_the_reason_why_not():
    found = {family: set() for family in METRICS}
    for entry in (*SIGNALS, *UNOBTAINABLE):
        found[entry.family].add(entry.metric)
    assert {family: sorted(metrics - {""}) for family, metrics in found.items()} == {
        family: metrics.split() for family, metrics in METRICS.items()
    }


def test_signals_stand_by_family():
    families = [signal.family for signal in SIGNALS]
    assert families == sorted(families, key=list(FAMILIES).index)


def test_models_read_twenty_six_signals_in_an_order_that_never_changes():
    assert FEATURE_CODES == (
        "active_platforms",
        "official_channels",
        "functional_channel_share",
        "profile_complete_share",
        "verified_share",
        "dormant_share",
        "days_since_last_post",
        "posts_per_week",
        "active_weeks_share",
        "burstiness",
        "reply_clock_entropy",
        "reply_rate_72h",
        "question_reply_rate_72h",
        "reply_rate_1h",
        "response_hours_median",
        "conversation_share",
        "deep_thread_share",
        "proactive_reply_share",
        "participants_per_1000_followers",
        "peer_answer_share",
        "returning_participant_share",
        "campaign_sync_share",
        "verbatim_duplicate_share",
        "functional_reply_share",
        "reply_rate_sd",
        "functions_in_dialogue",
    )
    assert {signal.code for signal in SIGNALS if signal.is_feature} == set(FEATURE_CODES)


def test_models_read_what_the_organization_does_and_of_which_something_is_expected():
    read = [signal_named(code) for code in FEATURE_CODES]
    assert Direction.FREE not in {signal.direction for signal in read}
    families = [signal.family for signal in read]
    assert list(dict.fromkeys(families)) == [name for name in FAMILIES if name in families]


def test_a_signal_is_found_by_its_code():
    assert signal_named("burstiness").minimum_count == 20


def test_an_unknown_code_is_refused_with_those_that_exist():
    with pytest.raises(KeyError, match="no signal 'likes'; there are active_platforms, official_"):
        signal_named("likes")


@pytest.mark.parametrize("signal", SIGNALS, ids=SIGNAL_CODES)
def test_a_signal_says_what_it_is_and_what_it_cannot_tell(signal):
    assert signal.label[0].isupper()
    assert signal.definition.endswith(".")
    assert signal.caution.endswith(".")
    assert not signal.formula.endswith(".")
    assert not signal.expectation.endswith(".")
    assert signal.unit
    assert signal.window_weeks in {13, 26}
    assert re.fullmatch(rf"{signal.family}(_[a-z_]+)?\.sql", signal.model)


@pytest.mark.parametrize("signal", SIGNALS, ids=SIGNAL_CODES)
def test_a_signal_names_where_it_comes_from(signal):
    assert re.search(r"own definition|https?://\S+|\b(19|20)\d\d\b", signal.source)


@pytest.mark.parametrize("signal", SIGNALS, ids=SIGNAL_CODES)
def test_a_signal_says_how_it_moves_with_the_stage(signal):
    assert re.fullmatch(r"(\d/\d(, \d/\d)*)?", signal.separates)
    assert len(signal.ranges) in {0, 6}
    if signal.direction is Direction.FREE:
        assert not signal.separates
    else:
        assert signal.expectation != "none"


def test_only_shares_that_need_twenty_observations_are_drawn_towards_peers():
    needs = {(s.unit, s.minimum_count) for s in SIGNALS if s.is_pooled_when_small}
    assert needs == {("share", 20)}


@pytest.mark.parametrize("one", UNOBTAINABLE, ids=lambda one: one.code)
def test_what_cannot_be_had_says_why_and_what_it_takes(one):
    assert one.why.endswith(".")
    assert one.needed.endswith(".")
    assert one.family in FAMILIES
