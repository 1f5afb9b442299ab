"""From measured signals to observed stages."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.abstention import abstain_for_width
from classifiers.estimates import SignalRow
from classifiers.estimating import estimate_stages
from classifiers.features import feature_matrix_of
from classifiers.signals import FEATURE_CODES

PRESENT = {
    "active_platforms": 2.0,
    "official_channels": 3.0,
    "functional_channel_share": 0.2,
    "profile_complete_share": 0.8,
    "verified_share": 0.4,
    "dormant_share": 0.3,
    "days_since_last_post": 2.0,
    "posts_per_week": 4.0,
    "active_weeks_share": 0.9,
    "burstiness": 0.3,
    "reply_clock_entropy": 0.3,
    "reply_rate_72h": 0.06,
    "question_reply_rate_72h": 0.08,
    "reply_rate_1h": 0.0,
    "response_hours_median": 20.0,
    "conversation_share": 0.05,
    "deep_thread_share": 0.05,
    "proactive_reply_share": 0.05,
    "participants_per_1000_followers": 3.0,
    "peer_answer_share": 0.05,
    "returning_participant_share": 0.1,
    "campaign_sync_share": 0.1,
    "verbatim_duplicate_share": 0.3,
    "functional_reply_share": 0.1,
    "reply_rate_sd": 1.0,
    "functions_in_dialogue": 1.0,
}
ENGAGED = PRESENT | {
    "posts_per_week": 9.0,
    "reply_rate_72h": 0.55,
    "question_reply_rate_72h": 0.65,
    "reply_rate_1h": 0.15,
    "response_hours_median": 5.0,
    "conversation_share": 0.4,
    "deep_thread_share": 0.2,
    "peer_answer_share": 0.2,
    "returning_participant_share": 0.3,
}
BETWEEN = PRESENT | {"reply_rate_72h": 0.2, "conversation_share": 0.2}
SILENT = {
    "active_platforms": 0.0,
    "official_channels": 1.0,
    "functional_channel_share": 0.0,
    "dormant_share": 1.0,
    "days_since_last_post": 400.0,
    "posts_per_week": 0.0,
    "active_weeks_share": 0.0,
}
TOO_LITTLE = {"low_coverage", "few_active_weeks", "few_signals"}
REASONS_OF_SILENCE = {"burstiness": "undefined"} | dict.fromkeys(
    FEATURE_CODES[FEATURE_CODES.index("reply_clock_entropy") :], "absent"
)


def test_an_estimate_is_six_probabilities_with_nested_sets_around_the_median(cold_start):
    [estimate] = estimate_stages(cold_start, [measured(PRESENT)])
    assert sum(estimate.probabilities) == pytest.approx(1.0)
    assert len(estimate.probabilities) == 6
    assert estimate.stage_code == 1 + (np.cumsum(estimate.probabilities) < 0.5).sum()
    assert_nested(estimate)
    assert estimate.model_version == cold_start.model_version
    assert not estimate.is_out_of_fold
    assert not estimate.saw_claim


@given(st.dictionaries(st.sampled_from(FEATURE_CODES), st.floats(0, 1), max_size=26))
@settings(max_examples=15, deadline=None)
def test_whatever_was_seen_sets_are_nested_and_hold_the_median(cold_start, values):
    [estimate] = estimate_stages(cold_start, [measured(values)])
    assert sum(estimate.probabilities) == pytest.approx(1.0)
    assert min(estimate.probabilities) > 0
    assert_nested(estimate)


def test_estimates_come_in_the_order_of_the_rows(cold_start):
    rows = [
        measured(ENGAGED, organization_id="b"),
        measured(SILENT, organization_id="a", missing_reasons=REASONS_OF_SILENCE),
        measured(PRESENT, organization_id="c"),
    ]
    estimates = estimate_stages(cold_start, rows)
    assert [estimate.organization_id for estimate in estimates] == ["b", "a", "c"]
    assert [estimate.stage_code for estimate in estimates] == [3, 1, 2]
    alone = [estimate_stages(cold_start, [row])[0].probabilities for row in rows]
    np.testing.assert_allclose([each.probabilities for each in estimates], alone, atol=1e-12)


def test_no_rows_give_no_estimates(cold_start):
    assert estimate_stages(cold_start, []) == []


def test_an_organization_watched_for_thirteen_weeks_of_silence_is_estimated(cold_start):
    row = measured(SILENT, missing_reasons=REASONS_OF_SILENCE)
    [estimate] = estimate_stages(cold_start, [row])
    assert estimate.abstention_reason not in TOO_LITTLE
    assert (estimate.stage_code, estimate.stage_label) == (1, "Planning")


def test_without_a_readable_channel_it_is_not_observable_and_has_no_stage(cold_start):
    row = measured({}, readable_channel_count=0, observed_week_count=0, coverage_share=None)
    [estimate] = estimate_stages(cold_start, [row])
    assert (estimate.stage_code, estimate.stage_label) == (None, "")
    assert estimate.probabilities == (1 / 6,) * 6
    assert (estimate.set80_low, estimate.set80_high) == (1, 6)
    assert (estimate.set90_low, estimate.set90_high) == (1, 6)
    assert estimate.is_abstained
    assert estimate.abstention_reason == "not_observable"
    assert estimate.abstention_text == (
        "Not observable: no channel of this organization could be read; at least 1 is needed."
    )
    assert estimate.contributions == ()


@pytest.mark.parametrize(
    ("changes", "reason", "text"),
    [
        (
            {"coverage_share": 0.599},
            "low_coverage",
            "59 % of the channel days in the window were seen; at least 60 % are needed.",
        ),
        (
            {"coverage_share": None},
            "low_coverage",
            "0 % of the channel days in the window were seen; at least 60 % are needed.",
        ),
        (
            {"observed_week_count": 3},
            "few_active_weeks",
            "channels were seen in 3 of 13 weeks; at least 8 are needed.",
        ),
        (
            {"values": dict.fromkeys(FEATURE_CODES) | {"posts_per_week": 2.0, "burstiness": 0.1}},
            "few_signals",
            "2 of 26 signals were seen; at least 40 % are needed.",
        ),
    ],
)
def test_too_little_evidence_is_said_with_its_numbers(cold_start, changes, reason, text):
    row = dataclasses.replace(measured(PRESENT), **changes)
    [estimate] = estimate_stages(cold_start, [row])
    assert estimate.is_abstained
    assert estimate.abstention_reason == reason
    assert estimate.abstention_text == f"Abstained: {text}"


@pytest.mark.parametrize(
    ("reason_of_the_eleventh", "is_enough"),
    [("absent", True), ("undefined", True), ("unobserved", False)],
)
def test_evidence_exactly_at_every_limit_is_enough(cold_start, reason_of_the_eleventh, is_enough):
    row = measured(
        dict(list(PRESENT.items())[:10]),  # 40 % of 26 signals are 10.4
        missing_reasons={FEATURE_CODES[10]: reason_of_the_eleventh},
        coverage_share=0.6,
        observed_week_count=8,
    )
    [estimate] = estimate_stages(cold_start, [row])
    assert (estimate.abstention_reason not in TOO_LITTLE) == is_enough


def test_what_is_unlike_the_training_population_is_said(cold_start):
    matrix = feature_matrix_of([measured(PRESENT)], FEATURE_CODES)
    [usual] = cold_start.evidence.unusualness(matrix, len(FEATURE_CODES))
    strict = dataclasses.replace(cold_start, unusual_limit=usual - 1e-9)
    lenient = dataclasses.replace(cold_start, unusual_limit=usual)
    [outside] = estimate_stages(strict, [measured(PRESENT)])
    [inside] = estimate_stages(lenient, [measured(PRESENT)])
    assert outside.abstention_reason == "outside_training"
    assert outside.abstention_text == (
        "Abstained: these signals together are unlike those of 999 in 1,000 organizations that "
        "the model was trained on; look for an error in the list or the collection."
    )
    assert inside.abstention_reason != "outside_training"


@pytest.mark.parametrize(
    ("inbound_count", "said"),
    [(None, "no channel shows what was said"), (19, "19 messages were seen")],
)
def test_presence_and_engagement_are_not_told_apart_by_few_messages(
    cold_start, inbound_count, said
):
    [estimate] = estimate_stages(cold_start, [measured(BETWEEN, inbound_count=inbound_count)])
    assert (estimate.stage_code, estimate.set90_high) == (2, 3)
    assert estimate.abstention_reason == "low_inbound"
    assert estimate.abstention_text == (
        f"Abstained: {said} to this organization; telling Presence from Engagement takes at "
        "least 20."
    )


def test_twenty_messages_are_enough(cold_start):
    [estimate] = estimate_stages(cold_start, [measured(BETWEEN, inbound_count=20)])
    assert estimate.abstention_reason != "low_inbound"


def test_a_set_that_is_too_wide_for_a_point_is_said_with_its_bounds(cold_start):
    values = dict(list(PRESENT.items())[:11])
    [estimate] = estimate_stages(cold_start, [measured(values, inbound_count=100)])
    names = ("Planning", "Presence", "Engagement", "Formalized", "Strategic", "Converged")
    low, high = names[estimate.set90_low - 1], names[estimate.set90_high - 1]
    width = estimate.set90_high - estimate.set90_low + 1 - (estimate.set90_high == 6)
    assert width >= 4
    assert estimate.abstention_reason == "wide_set"
    assert estimate.abstention_text == (
        f"Abstained: the evidence fits {width} of the 5 stages that the model tells apart, {low} "
        f"to {high}; a point needs fewer than 4."
    )


@pytest.mark.parametrize(
    ("low", "high", "labels_of_each", "is_wide"),
    [
        (3, 6, 0, False),
        (3, 6, 9, False),
        (3, 6, 10, True),
        (2, 6, 0, True),
        (1, 4, 0, True),
        (2, 5, 0, True),
        (4, 6, 10, False),
    ],
)
def test_stages_that_cannot_be_told_apart_make_a_set_no_wider(low, high, labels_of_each, is_wide):
    abstention = abstain_for_width(low, high, (labels_of_each,) * 6)
    assert (abstention.reason == "wide_set") == is_wide


def test_the_two_highest_stages_are_one_word_until_ten_labels_of_each(cold_start):
    rows = [measured(PRESENT | high_values())]
    untold, told, almost = (
        estimate_stages(dataclasses.replace(cold_start, label_counts=counts), rows)[0]
        for counts in ((0,) * 6, (0, 0, 0, 0, 10, 10), (99, 99, 99, 99, 99, 9))
    )
    assert untold.stage_code in {5, 6}
    assert untold.stage_label == almost.stage_label == "Strategic or Converged"
    assert told.stage_label == {5: "Strategic", 6: "Converged"}[told.stage_code]
    assert untold.probabilities == told.probabilities


def test_an_organization_with_a_label_is_estimated_by_the_model_that_did_not_see_it(corrected):
    rows = [measured(PRESENT, organization_id=name) for name in ("coded-4", "coded-7", "new")]
    matrix = feature_matrix_of(rows[:1], FEATURE_CODES)
    models = (*corrected.fold_classifiers, corrected.classifier)
    expected = [model.predict_proba(matrix)[0] for model in models]
    estimates = estimate_stages(corrected, rows)
    assert len({tuple(each) for each in expected}) == 3
    np.testing.assert_allclose([each.probabilities for each in estimates], expected, atol=1e-12)
    assert [each.is_out_of_fold for each in estimates] == [True, True, False]


def test_an_estimate_says_whether_the_claim_taught_the_model(corrected):
    rows = [measured(PRESENT, organization_id=name) for name in ("coded-1", "coded-2", "new")]
    assert [each.saw_claim for each in estimate_stages(corrected, rows)] == [True, False, False]


def test_ten_thousand_organizations_are_estimated(cold_start):
    rows = [measured(PRESENT, organization_id="first"), *[measured(ENGAGED)] * 9999]
    estimates = estimate_stages(cold_start, rows)
    assert len(estimates) == 10_000
    assert [estimates[0].stage_code, estimates[-1].stage_code] == [2, 3]


def assert_nested(estimate):
    assert 1 <= estimate.set90_low <= estimate.set80_low <= estimate.stage_code
    assert estimate.stage_code <= estimate.set80_high <= estimate.set90_high <= 6


def high_values():
    """Signals that only much coordination over many functions would bring about."""
    shares = [code for code in FEATURE_CODES if code.endswith(("_share", "_72h", "_1h"))]
    falling = {"dormant_share": 0.0, "verbatim_duplicate_share": 0.0, "reply_rate_sd": 0.05}
    counts = {"active_platforms": 7.0, "official_channels": 60.0, "functions_in_dialogue": 9.0}
    speed = {"response_hours_median": 0.5, "posts_per_week": 80.0, "reply_clock_entropy": 0.9}
    return dict.fromkeys(shares, 0.95) | falling | counts | speed


def measured(values, **changes):
    row = SignalRow(
        organization_id="council",
        values=values,
        readable_channel_count=2,
        observed_week_count=13,
        coverage_share=1.0,
        inbound_count=60,
        size_class="250-999",
    )
    return dataclasses.replace(row, **changes)
