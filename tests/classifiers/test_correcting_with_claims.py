"""Training with expert codes and with what organizations say of themselves."""

import doctest
from dataclasses import replace

import numpy as np
import pytest
import skops.io
from labelled_worlds import labelled_table
from measured_project import small_model
from scipy.stats import binomtest, ttest_1samp

from classifiers import correcting_with_claims, shift_checks, shift_summary
from classifiers.correcting import correct
from classifiers.correcting_with_claims import TooFewAnchorsError, correct_with_claims
from classifiers.estimates import SIZE_CLASSES, SignalRow
from classifiers.estimating import estimate_stages
from classifiers.persistence import TRUSTED_TYPES
from classifiers.self_assessments import (
    NEAR_DAYS,
    NONE_SAID,
    SelfAssessments,
    set_beside,
)
from classifiers.shift_checks import SIZE, STAGE, holm_adjusted
from classifiers.shift_summary import mean_with_interval, share_with_interval

CLAIM_COUNT, CODED_COUNT = 200, 50
SHARES = {0: 0.35, 1: 0.45, 2: 0.2}


@pytest.fixture(scope="module")
def cold():
    return small_model()


@pytest.fixture(scope="module")
def table():
    return labelled_table(900, seed=4, simulator="capability")


@pytest.fixture(scope="module")
def coded(table):
    return table.rows(np.arange(CODED_COUNT))


@pytest.fixture(scope="module")
def said(table):
    return self_assessments(table.rows(np.arange(CLAIM_COUNT)))


@pytest.fixture(scope="module")
def taught(cold, coded, said):
    return correct_with_claims(cold, coded, said, "offset")


def test_claims_beside_codes_beat_the_codes_alone_and_do_not_run_high(taught, cold, table, said):
    fresh = table.rows(np.arange(CLAIM_COUNT, 900))
    naive_table = table.rows(np.arange(CLAIM_COUNT)).changed(stage_codes=said.stage_codes)
    off = {
        name: points(model, fresh.X) - fresh.stage_codes
        for name, model in {
            "with": taught.model,
            "without": taught.without,
            "naive": correct(cold, naive_table, "offset"),
        }.items()
    }
    errors = {name: np.abs(each).mean() for name, each in off.items()}
    assert errors["with"] < min(errors["without"], errors["naive"])
    assert abs(off["with"].mean()) <= 0.25
    assert off["naive"].mean() > 0.3


def test_the_model_without_claims_is_that_of_the_codes_alone(taught, cold, coded):
    alone = correct(cold, coded, "offset")
    assert taught.without.model_version == alone.model_version
    assert taught.without.claiming == frozenset()


def test_it_names_whom_it_learned_from_and_counts_codes_by_stage(taught, coded, table):
    names = table.organization_ids[:CLAIM_COUNT].tolist()
    assert taught.model.claiming == frozenset(names)
    assert set(taught.model.fold_of) == set(names)
    assert taught.model.label_counts == coded.stage_counts
    assert taught.model.model_version.startswith("offset-50-claims-200+")
    assert taught.model.source == taught.model.classifier.source_ == "offset"


def test_nothing_that_is_saved_needs_a_new_type(taught):
    content = skops.io.dumps([taught.model.classifier, *taught.model.fold_classifiers])
    assert set(skops.io.get_untrusted_types(data=content)) <= set(TRUSTED_TYPES)


def test_the_part_that_estimates_an_organization_does_not_know_its_claim(
    taught, cold, coded, said, table
):
    anchor = 3
    claims = np.array(said.stage_codes)
    claims[anchor] = 7 - claims[anchor]
    changed = correct_with_claims(cold, coded, replace(said, stage_codes=claims), "offset").model
    assert changed.model_version != taught.model.model_version
    np.testing.assert_array_equal(
        own_part(changed, table, anchor), own_part(taught.model, table, anchor)
    )


def test_the_part_that_estimates_an_organization_learned_from_the_others_alone(
    taught, cold, coded, said, table
):
    fold_of, reported = taught.model.fold_of, set_beside(coded, said)
    fold = fold_of[str(table.organization_ids[3])]
    others = np.array([fold_of[name] != fold for name in reported.organization_ids.tolist()])
    learned = correcting_with_claims._learn(cold.evidence, reported.rows(others), "offset")
    np.testing.assert_array_equal(
        learned.classifier.predict_proba(table.X),
        taught.model.fold_classifiers[fold].predict_proba(table.X),
    )


def test_the_classifier_says_what_the_bias_model_says(cold, coded, said, table):
    learned = correcting_with_claims._learn(cold.evidence, set_beside(coded, said), "offset")
    prepared = correcting_with_claims._prepared(cold.evidence, table.X)
    assert abs(learned.reports.correction_) > 0.05
    np.testing.assert_allclose(
        learned.classifier.predict_proba(table.X),
        learned.reports.predict_proba(prepared),
        atol=2e-3,
    )


def test_an_estimate_of_a_claiming_organization_is_out_of_fold_and_says_so(taught):
    row = SignalRow(
        organization_id="organization-0003",
        values={"posts_per_week": 4.0, "reply_rate_72h": 0.4, "active_weeks_share": 1.0},
        readable_channel_count=2,
        observed_week_count=13,
        coverage_share=1.0,
    )
    stranger = replace(row, organization_id="somebody-else")
    own, other = estimate_stages(taught.model, [row, stranger])
    assert (own.saw_claim, own.is_out_of_fold) == (True, True)
    assert (other.saw_claim, other.is_out_of_fold) == (False, False)
    assert own.probabilities != other.probabilities


def test_sets_are_calibrated_on_fifty_codes_and_never_on_claims(taught, cold, coded, said):
    assert taught.model.calibration != cold.calibration
    few = correct_with_claims(cold, coded.rows(np.arange(49)), said, "recalibrated")
    assert few.model.calibration == cold.calibration


def test_the_kind_that_does_better_on_codes_held_out_is_chosen(cold, coded, said):
    few = said.rows(np.arange(100))
    made = correct_with_claims(cold, coded, few).model
    trials = made.classifier.trials_
    assert [trial.source for trial in trials] == ["recalibrated", "offset"]
    best = min(trials, key=lambda trial: trial.ranked_probability_score)
    assert made.source == best.source == [t for t in trials if t.is_chosen][-1].source


def test_with_few_organizations_features_are_not_let_speak(cold, coded, said):
    few = correct_with_claims(cold, coded.rows(np.arange(20)), said.rows(np.arange(40)))
    assert [trial.source for trial in few.model.classifier.trials_] == ["recalibrated"]


def test_too_few_anchors_are_refused_with_their_number(cold, coded, said):
    with pytest.raises(TooFewAnchorsError, match=r"^9 organizations .* at least 10 are needed"):
        correct_with_claims(cold, coded.rows(np.arange(9)), said)


@pytest.mark.parametrize("source", ["simulator", "stack"])
def test_a_kind_that_cannot_learn_from_claims_is_refused(cold, coded, said, source):
    with pytest.raises(ValueError, match="cannot learn from self-assessments"):
        correct_with_claims(cold, coded, said, source)


def test_the_summary_tells_the_shift_of_the_anchors_with_its_interval(taught, coded, said):
    summary = taught.summary
    off = said.stage_codes[:CODED_COUNT] - coded.stage_codes
    assert (summary.claim_count, summary.label_count, summary.anchor_count) == (
        CLAIM_COUNT,
        CODED_COUNT,
        CODED_COUNT,
    )
    assert {e.step: e.anchor_count for e in summary.steps if e.anchor_count} == {
        int(step): int(count)
        for step, count in zip(*np.unique(off, return_counts=True), strict=True)
    }
    assert summary.anchor_mean.value == pytest.approx(off.mean())
    assert sum(each.share for each in summary.steps) == pytest.approx(1, abs=0.02)
    assert summary.mean == pytest.approx(off.mean(), abs=0.2)
    assert not summary.is_copied
    assert summary.judged.bias.low < summary.judged.bias.value < summary.judged.bias.high
    assert summary.judged_without is not None


def test_codes_that_are_the_claims_are_noticed(cold, coded, said):
    same = coded.changed(stage_codes=said.stage_codes[:CODED_COUNT])
    assert correct_with_claims(cold, same, said, "recalibrated").summary.is_copied


def test_a_shift_that_goes_with_size_is_suspected_and_one_that_does_not_is_not(cold, table, said):
    ranks = np.arange(CLAIM_COUNT) % len(SIZE_CLASSES)
    sizes = np.array(SIZE_CLASSES)[ranks]
    truth = table.stage_codes[:CLAIM_COUNT]
    boasting = np.clip(truth + np.where(ranks >= 3, 2, 0), 1, 6)
    coded = table.rows(np.arange(CODED_COUNT)).changed(size_classes=sizes[:CODED_COUNT])
    sized = replace(said, size_classes=sizes)
    with_size = replace(sized, stage_codes=boasting)
    suspects = correct_with_claims(cold, coded, with_size, "recalibrated").summary.suspects
    assert SIZE in [check.name for check in suspects]
    honest = correct_with_claims(cold, coded, sized, "recalibrated").summary
    assert honest.suspects == ()
    asked = [check.name for check in honest.checks]
    assert asked[:2] == [STAGE, SIZE]
    assert all(name.startswith("industry ") for name in asked[2:])


def test_a_claim_stands_beside_the_code_that_is_nearest_in_time(table):
    days = np.array(["2026-01-01", "2026-03-01", "2026-09-01"], dtype="datetime64[D]")
    names = np.full(3, "council")
    codes = table.rows(np.arange(3)).changed(
        organization_ids=names, groups=names, about_days=days, stage_codes=np.array([2, 3, 4])
    )
    claim = replace(
        self_assessments(table.rows([0])),
        organization_ids=np.array(["council"]),
        days=np.array(["2026-03-20"], dtype="datetime64[D]"),
        stage_codes=np.array([5]),
    )
    beside = set_beside(codes, claim)
    assert beside.reported_codes.tolist() == [NONE_SAID, 5, NONE_SAID]
    assert beside.stage_codes.tolist() == [2, 3, 4]
    assert beside.anchor_count == 1


@pytest.mark.parametrize(("days", "is_anchor"), [(NEAR_DAYS, True), (NEAR_DAYS + 1, False)])
def test_a_claim_of_another_time_is_no_anchor_and_has_a_row_of_its_own(table, days, is_anchor):
    codes = table.rows(np.arange(3))
    far = self_assessments(codes)
    far = replace(far, days=codes.about_days + np.timedelta64(days, "D"))
    beside = set_beside(codes, far)
    assert beside.anchor_count == (3 if is_anchor else 0)
    assert len(beside) == (3 if is_anchor else 6)
    assert beside.groups.tolist() == (2 * codes.groups.tolist())[: len(beside)]


def test_a_claim_beside_which_nothing_was_measured_counts_at_an_anchor_only(table):
    unmeasured = self_assessments(table.rows(np.arange(4)))
    unmeasured = replace(
        unmeasured, is_measured=np.zeros(4, dtype=bool), X=np.full_like(unmeasured.X, np.nan)
    )
    beside = set_beside(table.rows(np.arange(2)), unmeasured)
    assert beside.organization_ids.tolist() == table.organization_ids[:2].tolist()
    assert beside.is_anchor.all()
    assert np.isfinite(beside.X).any(axis=1).all()


def test_without_any_claim_the_codes_stay_what_they_are(table):
    beside = set_beside(table.rows(np.arange(3)), self_assessments(table.rows(np.arange(0))))
    assert beside.stage_codes.tolist() == table.stage_codes[:3].tolist()
    assert not beside.is_reported.any()
    assert beside.claiming == frozenset()


def test_intervals_are_those_of_scipy():
    values = np.random.default_rng(0).normal(1, 2, 12)
    found, oracle = mean_with_interval(values), ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high))
    share, wilson = share_with_interval(3, 40), binomtest(3, 40).proportion_ci(method="wilson")
    assert (share.low, share.high) == pytest.approx((wilson.low, wilson.high))


def test_equal_weights_change_no_interval():
    values = np.array([1.0, 2.0, 4.0, 4.0])
    assert mean_with_interval(values, np.full(4, 3.0)) == mean_with_interval(values)


def test_p_values_adjusted_by_holm_keep_their_order():
    p_values = [0.2, 0.001, 0.04, 0.9]
    adjusted = holm_adjusted(p_values)
    assert np.argsort(adjusted).tolist() == np.argsort(p_values).tolist()
    assert adjusted[1] == 0.004
    assert max(adjusted) <= 1


@pytest.mark.parametrize("module", [shift_checks, shift_summary])
def test_the_examples_in_the_documentation_run(module):
    assert doctest.testmod(module).failed == 0


def self_assessments(table):
    """What each organization of a labelled table says of itself: its code, or more."""
    steps = np.random.default_rng(7).choice(list(SHARES), len(table), p=list(SHARES.values()))
    return SelfAssessments(
        X=table.X,
        is_measured=np.ones(len(table), dtype=bool),
        stage_codes=np.clip(table.stage_codes + steps, 1, 6),
        organization_ids=table.organization_ids,
        days=table.about_days,
        industries=table.industries,
        size_classes=np.full(len(table), ""),
    )


def points(model, matrix):
    probabilities = model.classifier.predict_proba(matrix)
    return 1 + (probabilities.cumsum(axis=1) < 0.5).sum(axis=1)


def own_part(model, table, place):
    fold = model.fold_of[str(table.organization_ids[place])]
    return model.fold_classifiers[fold].predict_proba(table.X[place : place + 1])
