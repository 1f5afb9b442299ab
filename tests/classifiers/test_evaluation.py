"""An evaluation: figures that can be checked by hand, and the whole at once."""

import doctest
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from labelled_worlds import labelled_table, small_simulator

from classifiers import metrics
from classifiers.correcting import correct
from classifiers.evaluating import subgroups
from classifiers.evaluating.drift import drift_check
from classifiers.evaluating.ensemble_cost import MOST_SECONDS, EnsembleCost, ensemble_cost
from classifiers.evaluating.permutation import permutation_test
from classifiers.evaluating.pipeline import (
    CLASSES,
    ColdStartPipeline,
    Drawn,
    out_of_fold,
    out_of_fold_views,
)
from classifiers.evaluating.scores import (
    Resampler,
    calibration_curves,
    calibration_error_by_chance,
    point_scores,
    row_parts,
    set_scores,
)
from classifiers.evaluating.splits import repeated_folds, temporal_split
from classifiers.evaluating.subgroups import shrunken, subgroup_errors
from classifiers.evaluation import Raters, Settings, evaluate
from classifiers.world_sets import SetCalibration

QUICK = Settings(repeat_count=1, permutation_count=2, with_audits=False, resample_count=200)
PROBABILITIES = np.random.default_rng(0).dirichlet(np.ones(6), 40)
STAGES = np.tile([1, 2, 3, 3, 4, 4, 5, 6], 5)
GROUPS = np.array([f"group-{place // 2}" for place in range(40)])


@pytest.fixture(scope="module")
def pipeline():
    return ColdStartPipeline(
        small_simulator(), SetCalibration(thresholds={0.8: 0.8, 0.9: 0.9}), "recalibrated"
    )


@pytest.fixture(scope="module")
def table():
    days = np.repeat(np.array(["2026-03-31", "2026-09-30"], "datetime64[D]"), [55, 25])
    industries = np.tile(["culture", "energy", "water", "water"], 20)
    first_seen = np.where(np.arange(80) < 55, days - 100, days)
    return labelled_table(
        80, seed=1, about_days=days, industries=industries, first_seen_days=first_seen
    )


@pytest.fixture(scope="module")
def evaluation(table, pipeline):
    codes = [{"anna": int(stage), "ben": int(min(stage + 1, 6))} for stage in table.stage_codes]
    return evaluate(table, pipeline, QUICK, raters=Raters(codes=codes))


def test_the_examples_in_the_documentation_run():
    assert doctest.testmod(subgroups).failed == 0


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("mean_absolute_error", metrics.mean_absolute_stage_error),
        ("macro_mean_absolute_error", metrics.macro_averaged_mean_absolute_error),
        ("off_by_two_share", metrics.off_by_two_rate),
        ("bias", metrics.bias),
    ],
)
def test_figures_of_points_are_those_of_the_metrics(name, figure):
    said = np.argmax(PROBABILITIES.cumsum(axis=1) >= 0.5, axis=1) + 1
    assert scores_of(PROBABILITIES)[name].value == pytest.approx(figure(STAGES, said))


@pytest.mark.parametrize(
    "name", ["ranked_probability_score", "log_loss", "threshold_calibration_error"]
)
def test_figures_of_probabilities_are_those_of_the_metrics(name):
    expected = getattr(metrics, name)(STAGES, PROBABILITIES, classes=CLASSES)
    assert scores_of(PROBABILITIES)[name].value == pytest.approx(expected)


def test_kappa_is_that_of_the_metrics():
    said = np.argmax(PROBABILITIES.cumsum(axis=1) >= 0.5, axis=1) + 1
    expected = metrics.quadratic_weighted_kappa(STAGES, said, classes=CLASSES)
    assert scores_of(PROBABILITIES)["quadratic_weighted_kappa"].value == pytest.approx(expected)


def test_every_interval_holds_its_figure_and_tells_n():
    scores = scores_of(PROBABILITIES)
    del scores["threshold_calibration_error"]  # chance only ever adds to it
    assert all(score.low <= score.value <= score.high for score in scores.values())
    assert {score.n for score in scores.values()} == {40}


def test_organizations_are_drawn_and_not_labels():
    values = np.repeat(np.arange(20.0), 2)
    together = Resampler(GROUPS, 2000).mean(values)
    apart = Resampler(np.arange(40).astype(str), 2000).mean(values)
    assert together.high - together.low > 1.3 * (apart.high - apart.low)


def test_one_organization_has_no_interval():
    assert Resampler(np.array(["a", "a"]), 100).mean(np.array([1.0, 3.0])) == (2.0, None, None, 2)


def test_coverage_of_a_stage_without_labels_is_not_defined():
    sets = {0.9: np.ones((4, 6), dtype=bool)}
    parts = row_parts([Drawn(PROBABILITIES[:4], sets, "")], np.array([1, 2, 2, 3]))
    scores = set_scores(parts, Resampler(GROUPS[:4], 50))["0.9"]
    assert scores["coverage_converged"] == (None, None, None, 0)
    assert (scores["coverage"].value, scores["size"].value) == (1.0, 6.0)
    assert scores["coverage_presence"].n == 2


def test_no_group_is_on_both_sides_and_every_repeat_deals_anew(table):
    grouped = table.changed(groups=np.repeat([f"g{at}" for at in range(40)], 2))
    repeats = repeated_folds(grouped, 5, 3)
    for folds in repeats:
        held_out = np.concatenate([held for _, held in folds])
        assert sorted(held_out) == list(range(80))
        for training, held in folds:
            assert not set(grouped.groups[training]) & set(grouped.groups[held])
    assert len({tuple(folds[0][1]) for folds in repeats}) == 3


def test_by_time_newcomers_and_returning_organizations_are_told_apart(table):
    names = table.organization_ids.copy()
    names[70:] = names[:10]
    split = temporal_split(table.changed(organization_ids=names, groups=names), "2026-06-01")
    assert split.training.tolist() == list(range(55))
    assert split.newcomers.tolist() == list(range(55, 70))
    assert split.returning.tolist() == list(range(70, 80))


def test_by_time_says_why_it_is_not_possible(table):
    one_day = table.changed(about_days=np.full(80, np.datetime64("2026-09-30")))
    split = temporal_split(one_day)
    assert "0 labels speak of a day before 2026-09-30; 30 are needed" in split.why_not


def test_the_pipeline_never_sees_the_label_of_a_held_out_row(table, pipeline):
    [folds] = repeated_folds(table, 5, 1)
    other = table.stage_codes.copy()
    other[folds[0][1]] = 7 - other[folds[0][1]]
    before, after = (
        out_of_fold(pipeline.fixed("offset"), each, folds[:1]).probabilities
        for each in (table, table.changed(stage_codes=other))
    )
    np.testing.assert_array_equal(before, after)


def test_few_labels_keep_the_sets_of_the_simulated_worlds(table, pipeline):
    drawn = pipeline(table.rows(np.arange(40)), table.X[:5])
    [low], [high] = (
        each[:1] for each in pipeline.calibration.predict_set(drawn.probabilities, 0.9)
    )
    assert np.flatnonzero(drawn.sets[0.9][0])[[0, -1]].tolist() == [low - 1, high - 1]


@pytest.mark.parametrize("count", [40, 70])
@pytest.mark.parametrize("source", ["auto", "offset"])
def test_the_pipeline_says_what_training_on_the_same_labels_would(cold_start, table, count, source):
    """An evaluation is of the way that models are trained, so both have to be one way."""
    training, asked = table.rows(np.arange(count)), table.X[count:]
    drawn = ColdStartPipeline(cold_start.evidence, cold_start.calibration, source)(training, asked)
    model = correct(cold_start, training, source)
    probabilities = model.classifier.predict_proba(asked)
    np.testing.assert_allclose(drawn.probabilities, probabilities)
    assert drawn.source == model.source
    for level in (0.8, 0.9):
        low, high = model.calibration.predict_set(probabilities, level)
        places = np.arange(1, 7)
        is_in_set = (low[:, np.newaxis] <= places) & (places <= high[:, np.newaxis])
        np.testing.assert_array_equal(drawn.sets[level], is_in_set)


def test_the_same_models_speak_of_every_view_of_the_rows(table, pipeline):
    [folds] = repeated_folds(table, 5, 1)
    hidden = np.where(np.arange(table.X.shape[1]) < 5, np.nan, table.X)
    as_it_is, without = out_of_fold_views(pipeline, table, folds, [table.X, hidden])
    alone = out_of_fold(pipeline, table, folds)
    np.testing.assert_allclose(as_it_is.probabilities, alone.probabilities)
    np.testing.assert_array_equal(as_it_is.sets[0.9], alone.sets[0.9])
    assert np.abs(without.probabilities - alone.probabilities).max() > 0.01


def test_the_ensemble_is_not_tried_where_folds_have_too_few_labels(table, pipeline):
    assert ensemble_cost(pipeline, table, 5) == (0.0, 5)


@pytest.mark.parametrize(
    ("seconds", "is_affordable", "fewer"), [(0.0, False, 0), (100.0, True, 9), (300.0, False, 3)]
)
def test_the_ensemble_is_tried_as_often_as_there_is_time_for(seconds, is_affordable, fewer):
    cost = EnsembleCost(seconds, 5)
    assert cost.is_affordable is is_affordable
    assert cost.affordable_repeat_count == fewer
    assert fewer * seconds <= MOST_SECONDS


def test_a_pipeline_without_a_source_does_not_try_it(pipeline):
    assert pipeline.without("stack").tried_sources == ("simulator", "recalibrated", "offset")


def test_auto_chooses_inside_the_training_rows(table, pipeline):
    own = replace(pipeline, source="auto")
    assert own(table.rows(np.arange(60)), table.X[:5]).source in (
        "simulator",
        "recalibrated",
        "offset",
    )


def test_permuted_labels_do_worse_and_p_counts_the_data_themselves(table, pipeline):
    test = permutation_test(table, pipeline.fixed("recalibrated"), 4)
    assert test.score < test.permuted_lowest
    assert test.p == pytest.approx(1 / 5)
    assert test.source == "recalibrated"


def test_labels_alone_in_their_stratum_cannot_be_permuted(table, pipeline):
    lonely = table.changed(industries=table.organization_ids)
    assert permutation_test(lonely, pipeline.fixed("recalibrated"), 4) is None


def test_every_point_of_a_calibration_curve_lies_in_its_interval():
    curves = calibration_curves(Drawn(PROBABILITIES, {}, ""), STAGES)
    points = [point for curve in curves for point in curve]
    assert all(p["low"] <= p["true_share"] <= p["high"] for p in points)
    assert all(p["high"] - p["low"] > 0.1 for p in points if p["n"] < 10)
    assert sum(point["n"] for point in curves[0]) == len(STAGES)


def test_true_statements_err_in_calibration_by_chance_and_less_with_more_rows():
    few = calibration_error_by_chance(Drawn(PROBABILITIES, {}, ""))
    many = calibration_error_by_chance(Drawn(np.tile(PROBABILITIES, (10, 1)), {}, ""))
    assert 0.03 < few.low < few.value < few.high < 0.3
    assert many.value < few.value / 2
    assert (few.n, many.n) == (40, 400)


def test_errors_of_kinds_have_intervals_and_n(table):
    parts = row_parts([Drawn(PROBABILITIES[np.arange(80) % 40], {}, "")], table.stage_codes)
    [first, *_] = subgroup_errors(table, parts, Resampler(table.groups, 200))["industry"]
    for name in ("mean_absolute_error", "bias"):
        assert first[name].low < first[name].value < first[name].high
        assert first[name].n == first["n"] == 20


def test_kinds_with_fewer_than_twenty_labels_are_not_shown(table):
    parts = row_parts([Drawn(PROBABILITIES[np.arange(80) % 40], {}, "")], table.stage_codes)
    [*rows] = subgroup_errors(table, parts, Resampler(table.groups, 50))["industry"]
    assert [(row["kind"], row["n"]) for row in rows] == [
        ("culture", 20),
        ("energy", 20),
        ("water", 40),
    ]
    small = table.changed(industries=np.repeat(["a", "b"], [61, 19]))
    assert "industry" not in subgroup_errors(small, parts, Resampler(table.groups, 50))


@given(arrays(float, 5, elements=st.floats(0, 3)), st.floats(0.001, 1))
def test_shrunken_errors_lie_between_their_own_and_the_common_mean(means, variance):
    drawn = shrunken(means, np.full(5, variance))
    assert (np.minimum(means, means.mean()) - 1e-9 <= drawn).all()
    assert (drawn <= np.maximum(means, means.mean()) + 1e-9).all()


def test_rows_of_the_simulation_are_not_told_from_it_and_a_moved_feature_is_found():
    simulated = np.random.default_rng(0).normal(size=(300, 3))
    real = np.random.default_rng(1).normal(size=(60, 3))
    alike = drift_check(real, simulated, ["a", "b", "c"])
    assert alike.outside == ()
    assert 0.35 < alike.separation < 0.65
    assert alike.separation_low < alike.separation < alike.separation_high
    assert alike.separation_high - alike.separation_low > 0.05
    moved = drift_check(real + np.array([0, 4, 0]), simulated, ["a", "b", "c"])
    assert moved.outside == ("b",)
    assert moved.separation > 0.9
    assert moved.features[1].shift == pytest.approx(3, abs=0.5)


def test_a_feature_that_is_missing_far_more_often_is_found():
    simulated = np.random.default_rng(0).normal(size=(300, 1))
    real = np.where(np.arange(60) % 2, np.nan, 0.0)[:, np.newaxis]
    [shift] = drift_check(real, simulated, ["a"]).features
    assert shift.is_outside
    assert (shift.n, shift.missing_share, shift.missing_share_simulated) == (30, 0.5, 0.0)


def test_an_evaluation_has_all_its_parts_as_json(evaluation):
    found = json.loads(json.dumps(evaluation.as_json(), allow_nan=False))
    assert found["label_count"] == found["organization_count"] == 80
    assert found["sources"] == "recalibrated"
    assert (
        set(found["baselines"])
        == set(found["differences"])
        == {
            "majority",
            "prevalence",
            "best_signal",
            "published_rule",
            "labels_alone",
            "cold_start",
        }
    )
    assert "log_loss" not in found["baselines"]["majority"]
    assert len(found["calibration"]) == 5
    assert [point["training_count"] for point in found["learning"]][:2] == [20, 50]
    assert found["by_rater"][0]["kind"] == "blind"
    assert {"crawl gaps", "doubled posts", "no dialogue"} < {
        each["name"] for each in found["stress"]
    }
    assert found["against_consensus"]["double_coded_count"] == 80
    assert [row["rater"] for row in found["against_consensus"]["rows"]] == [
        "all raters",
        "anna",
        "ben",
    ]
    assert found["temporal"]["newcomers"]["scores"]["mean_absolute_error"]["n"] == 25
    assert "could be held out" in found["temporal"]["returning"]["why_not"]


def test_it_beats_the_majority_and_its_sets_hold(evaluation):
    difference = evaluation.differences["majority"]["ranked_probability_score"]
    assert difference.high < 0
    assert evaluation.sets["0.9"]["coverage"].value > 0.8
    assert evaluation.sets["0.9"]["size"].value > evaluation.sets["0.8"]["size"].value


def test_without_raters_in_pairs_the_ceiling_is_a_warning(evaluation):
    assert any("0 organizations were coded by two raters" in each for each in evaluation.warnings)


def test_too_few_labels_are_refused_with_what_is_needed(table, pipeline):
    refused = evaluate(table.rows(np.arange(15)), pipeline, QUICK, raters=Raters())
    assert refused.scores == {}
    assert refused.warnings[0].startswith("15 labels of 15 groups")


def test_a_stage_that_is_none_is_refused(table):
    with pytest.raises(ValueError, match=r"stage codes \[7\] are none of 1 to 6"):
        table.changed(stage_codes=np.full(80, 7))
    with pytest.raises(ValueError, match="one entry a row"):
        table.changed(weights=np.ones(3))


def scores_of(probabilities):
    parts = row_parts([Drawn(probabilities, {}, "")], STAGES)
    return point_scores(parts, Resampler(GROUPS, 500))
