"""Audits catch what was planted, and are silent where nothing was."""

import numpy as np
import pytest
from labelled_worlds import labelled_table, small_simulator

from classifiers.audits import (
    HeldOut,
    Verdict,
    audit_all,
    audit_identifier,
    audit_missing_flags,
    audit_shuffled_labels,
    audit_single_features,
    audit_unseen_signals,
    audit_windows,
)
from classifiers.evaluating.pipeline import ColdStartPipeline
from classifiers.evaluating.splits import repeated_folds

POSTS = 7  # column of posts_per_week
REPLIES = (11, 12, 13, 14)  # columns of signals of replies


@pytest.fixture(scope="module")
def pipeline():
    return ColdStartPipeline(small_simulator()).fixed("offset")


@pytest.fixture(scope="module")
def clean():
    return labelled_table(100, seed=4)


@pytest.fixture(scope="module")
def held_out(clean, pipeline):
    return judged(clean, pipeline)


def test_a_clean_table_raises_no_alarm(clean, pipeline):
    audits = audit_all(clean, pipeline)
    assert [audit.text for audit in audits if audit.verdict is Verdict.WARNING] == []
    assert [audit.name for audit in audits] == [
        "shuffled_labels",
        "identifier",
        "unseen_signals",
        "missing_flags",
        "single_feature",
        "window",
    ]


def test_a_label_copied_into_a_feature_is_caught(clean, pipeline):
    copied = clean.X.copy()
    copied[:, POSTS] = clean.stage_codes
    audit = audit_single_features(judged(clean.changed(X=copied), pipeline))
    assert audit.verdict is Verdict.WARNING
    assert audit.figures["feature"] == "posts_per_week"
    assert audit.text.startswith("posts_per_week: may hold the label itself")


def test_a_label_copied_with_errors_into_a_feature_is_caught(clean, pipeline):
    generator = np.random.default_rng(0)
    is_off = generator.random(len(clean)) < 0.1
    copied = clean.X.copy()
    copied[:, POSTS] = clean.stage_codes + is_off * generator.choice([-1, 1], len(clean))
    audit = audit_single_features(judged(clean.changed(X=copied), pipeline))
    assert audit.verdict is Verdict.WARNING
    assert audit.figures["feature"] == "posts_per_week"


def test_a_feature_nearer_to_a_rater_than_raters_allow_is_caught(held_out):
    error = audit_single_features(held_out).figures["error_alone"]
    assert audit_single_features(held_out, ceiling=error + 0.01).verdict is Verdict.WARNING
    assert audit_single_features(held_out, ceiling=error - 0.01).verdict is Verdict.PASS


def test_shuffled_labels_are_caught_and_the_shuffled_copy_gains_nothing(clean, held_out, pipeline):
    order = np.random.default_rng(1).permutation(len(clean))
    mixed = clean.changed(stage_codes=clean.stage_codes[order])
    audit = audit_shuffled_labels(judged(mixed, pipeline))
    assert audit.verdict is Verdict.WARNING
    assert audit.text.startswith("labels do not follow the signals")
    assert audit_shuffled_labels(held_out).figures["gain_shuffled"]["low"] < 0


def test_a_crawler_that_fails_at_low_stages_is_caught():
    clean = labelled_table(160, seed=4)
    rows, reasons = clean.X.copy(), clean.reasons.copy()
    is_low = clean.stage_codes <= 2
    for column in REPLIES:
        is_gap = is_low & (reasons[:, column] != "absent")
        rows[is_gap, column], reasons[is_gap, column] = np.nan, "unobserved"
    spoiled = clean.changed(X=rows, reasons=reasons)
    audit = audit_unseen_signals(spoiled)
    assert audit.verdict is Verdict.WARNING
    tied = {test["gap"] for test in audit.figures["tied"]}
    replies = {clean.signal_codes[column] for column in REPLIES}
    assert tied & (replies | {"group dialogue", "group conversations"})
    assert audit_unseen_signals(clean).verdict is Verdict.PASS


def test_gaps_dealt_by_chance_are_no_artefact(clean):
    reasons = clean.reasons.copy()
    is_gap = np.random.default_rng(0).random(reasons.shape) < 0.3
    reasons[is_gap & (reasons == "")] = "unobserved"
    assert audit_unseen_signals(clean.changed(reasons=reasons)).verdict is Verdict.PASS


def test_identifiers_in_the_order_of_stages_are_caught(clean, held_out, pipeline):
    order = np.argsort(clean.stage_codes, kind="stable")
    names = np.empty_like(clean.organization_ids)
    names[order] = clean.organization_ids
    ordered = clean.changed(organization_ids=names, groups=names)
    assert audit_identifier(judged(ordered, pipeline)).verdict is Verdict.WARNING
    assert audit_identifier(held_out).verdict is Verdict.PASS


def test_gaps_that_say_all_that_the_model_knows_are_caught(clean, pipeline):
    rows = np.full_like(clean.X, np.nan)
    reasons = np.full_like(clean.reasons, "undefined")
    reasons[:, POSTS] = np.where(clean.stage_codes > 3, "unobserved", "undefined")
    audit = audit_missing_flags(judged(clean.changed(X=rows, reasons=reasons), pipeline))
    assert audit.figures["gain_unobserved"]["low"] > 0


def test_a_window_that_ends_after_the_day_of_the_label_is_told_with_its_organization(clean):
    ends = clean.window_ends.copy()
    ends[3] = clean.about_days[3] + np.timedelta64(9, "D")
    audit = audit_windows(clean.changed(window_ends=ends))
    assert audit.verdict is Verdict.WARNING
    assert audit.figures["organizations"] == ["organization-0003"]
    assert "by up to 9 days" in audit.text
    assert audit_windows(clean).verdict is Verdict.PASS


def test_too_few_labels_are_not_audited_and_it_says_so(clean, pipeline):
    *skipped, window = audit_all(clean.rows(np.arange(29)), pipeline)
    assert {audit.verdict for audit in skipped} == {Verdict.NOT_POSSIBLE}
    assert skipped[0].text == "29 labels; audits need 30, of 5 groups"
    assert window.verdict is Verdict.PASS


def judged(table, pipeline):
    return HeldOut(table, repeated_folds(table, 5, 1)[0], pipeline)
