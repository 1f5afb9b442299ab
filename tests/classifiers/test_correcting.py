"""Training with labels."""

import dataclasses

import numpy as np
import pytest

from classifiers.correcting import correct
from classifiers.estimates import SignalRow
from classifiers.estimating import estimate_stages
from classifiers.evaluating.labelled_table import LabelledTable
from classifiers.signals import FEATURE_CODES
from classifiers.simulators import simulate_organizations
from classifiers.training import matrix_of


@pytest.fixture(scope="module")
def world():
    drawn = simulate_organizations("capability", 1, 900, random_state=5)
    return drawn.where(drawn.coverage_share >= 0.6)


@pytest.fixture(scope="module")
def corrected(cold_start, world):
    return correct(cold_start, labelled(world, 120))


def test_labels_of_one_world_make_its_other_estimates_better(cold_start, corrected, world):
    assert corrected.source in {"recalibrated", "offset"}
    assert error_of(corrected, world) < error_of(cold_start, world)


def test_it_records_what_was_tried_and_counts_labels_by_stage(corrected, world):
    tried = corrected.classifier.trials_
    assert [trial.source for trial in tried] == ["simulator", "recalibrated", "offset"]
    assert [t.source for t in tried if t.is_chosen][-1] == corrected.source
    counts = np.bincount(world.stage_codes[:120], minlength=7)[1:]
    assert corrected.label_counts == tuple(counts)
    assert corrected.model_version.startswith(f"{corrected.source}-120+")


def test_its_sets_are_calibrated_on_labels_once_there_are_fifty(cold_start, corrected, world):
    few = correct(cold_start, labelled(world, 30))
    assert few.calibration == cold_start.calibration
    assert corrected.calibration != cold_start.calibration
    sets = corrected.calibration.predict_set(
        corrected.classifier.predict_proba(matrix_of(world)[300:]), 0.9
    )
    truth = world.stage_codes[300:]
    assert ((sets.low <= truth) & (truth <= sets.high)).mean() > 0.84


def test_no_organization_is_estimated_by_a_model_that_saw_its_label(corrected):
    assert set(corrected.fold_of) == {f"organization-{at}" for at in range(120)}
    row = SignalRow(
        organization_id="organization-7",
        values={"posts_per_week": 4.0, "reply_rate_72h": 0.4, "active_weeks_share": 1.0},
        readable_channel_count=2,
        observed_week_count=13,
        coverage_share=1.0,
    )
    stranger = dataclasses.replace(row, organization_id="somebody-else")
    seen, unseen = estimate_stages(corrected, [row, stranger])
    assert seen.is_out_of_fold
    assert not unseen.is_out_of_fold
    assert seen.probabilities != unseen.probabilities


def test_labels_of_a_handful_change_nothing(cold_start, world):
    same = correct(cold_start, labelled(world, 6))
    assert same.source == "simulator"
    assert same.fold_of == {}
    np.testing.assert_allclose(
        same.classifier.predict_proba(matrix_of(world)),
        cold_start.classifier.predict_proba(matrix_of(world)),
        atol=0.01,
    )


def labelled(world, count):
    names = np.array([f"organization-{at}" for at in range(count)])
    nothing, day = np.full(count, ""), np.full(count, np.datetime64("2026-01-01"))
    return LabelledTable(
        X=matrix_of(world)[:count],
        reasons=world.reasons[:count],
        signal_codes=FEATURE_CODES,
        stage_codes=world.stage_codes[:count],
        weights=np.ones(count),
        organization_ids=names,
        groups=names,
        industries=nothing,
        size_classes=nothing,
        countries=nothing,
        source_mixes=nothing,
        saw=np.full(count, "documents"),
        first_seen_days=day,
        about_days=day,
        window_ends=day,
    )


def error_of(model, world):
    probabilities = model.classifier.predict_proba(matrix_of(world)[300:])
    medians = 1 + (probabilities.cumsum(axis=1) < 0.5).sum(axis=1)
    return np.abs(medians - world.stage_codes[300:]).mean()
