"""Learning from self-assessments with a few expert codes beside them."""

import doctest

import numpy as np
import pytest
from reported_worlds import SHIFTS, STAGES, drawn_reports, reports_of_world, rows_of_world
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers import noisy_labels
from classifiers.noisy_labels import (
    ESTIMATED_CLASS,
    SELF_ASSESSMENT,
    NoisyLabelOrdinalClassifier,
    SelfReportWarning,
    warn_of_self_reports,
)
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.report_shift import regress_shift

SEEDS = range(3)
COUNT = 240
QUICK = {"classes": STAGES, "cv": 2, "max_iter": 2}

# The check asks that `predict` returns the most probable class; the median is another decision.
EXPECTED = {"check_classifiers_train": "predicts the median, not the mode"}


@pytest.mark.filterwarnings("ignore::classifiers.noisy_labels.SelfReportWarning")
@parametrize_with_checks([NoisyLabelOrdinalClassifier()], expected_failed_checks=lambda _: EXPECTED)
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


def test_the_examples_in_the_documentation_run():
    assert doctest.testmod(noisy_labels).failed == 0


@pytest.fixture(scope="module")
def world():
    return reports_of_world(seed=0, count=COUNT, anchor_count=40)


@pytest.fixture(scope="module")
def model(world):
    return fitted(NoisyLabelOrdinalClassifier(**QUICK), world)


@pytest.mark.parametrize("kind", sorted(SHIFTS))
def test_450_reports_and_50_anchors_beat_either_alone_without_running_high(kind):
    errors_by_name = {"model": [], "anchors": [], "naive": []}
    for seed in SEEDS:
        world = reports_of_world(seed, SHIFTS[kind])
        fresh, truth = rows_of_world(seed, count=1500, part=1)
        for name, classifier in trained_on(world).items():
            errors_by_name[name].append(classifier.predict(fresh) - truth)
    biases = {name: np.mean(errors) for name, errors in errors_by_name.items()}
    distances = {name: np.mean(np.abs(errors)) for name, errors in errors_by_name.items()}
    assert abs(biases["model"]) <= 0.15
    assert biases["naive"] > 0.35
    assert distances["model"] < distances["anchors"]
    assert distances["model"] < distances["naive"]


def test_an_estimator_that_runs_high_by_itself_is_corrected_by_the_anchors():
    biases = {0.0: [], 0.3: []}
    for seed in SEEDS:
        world = reports_of_world(seed)
        features, _, _, truth = world
        thresholds = CumulativeLinkClassifier(classes=STAGES).fit(features, truth).thresholds_ - 1.5
        high = CumulativeLinkClassifier(
            classes=STAGES, threshold_prior=thresholds.tolist(), alpha_threshold=10.0
        )
        fresh, fresh_truth = rows_of_world(seed, count=1500, part=1)
        for spread, of_seeds in biases.items():
            model = NoisyLabelOrdinalClassifier(high, correction_spread=spread, **QUICK)
            of_seeds.append(np.mean(fitted(model, world).predict(fresh) - fresh_truth))
    assert np.mean(biases[0.0]) > 0.25
    assert abs(np.mean(biases[0.3])) <= 0.15
    assert model.correction_ < 0


def test_a_shift_that_falls_with_the_stage_is_found():
    tested = [
        fitted(NoisyLabelOrdinalClassifier(**QUICK), reports_of_world(0, shifts))
        for shifts in (SHIFTS["falling"], SHIFTS["rising"])
    ]
    assert tested[0].shift_.slope < -0.05
    assert tested[1].shift_.slope > 0.05


def test_the_posterior_is_certain_for_anchors_and_nearer_the_truth_than_the_report(world, model):
    features, reported, anchors, truth = world
    is_anchor = ~np.isnan(anchors)
    np.testing.assert_array_equal(model.posterior_[is_anchor].max(axis=1), 1.0)
    np.testing.assert_allclose(model.posterior_.sum(axis=1), 1.0)
    medians = 1 + (model.posterior_.cumsum(axis=1) < 0.5).sum(axis=1)
    assert np.abs(medians - truth).mean() < 0.75 * np.abs(reported - truth).mean()
    assert np.abs(medians - truth).mean() < np.abs(model.predict(features) - truth).mean()


def test_estimates_out_of_fold_do_not_know_the_row_s_own_report(world):
    features, reported, anchors, _ = world
    changed = reported.copy()
    row = np.flatnonzero(np.isnan(anchors) & (reported == 3))[0]
    changed[row] = 4
    folds = splits([np.arange(COUNT) % 2 == fold for fold in (0, 1)])
    classifier = NoisyLabelOrdinalClassifier(
        classes=STAGES, cv=folds, max_iter=1, correction_spread=0.0
    )
    before = classifier.fit(features, reported, anchor_y=anchors)
    own, other = (before.oof_proba_[row], before.oof_proba_[row - 1])
    after = classifier.fit(features, changed, anchor_y=anchors)
    np.testing.assert_array_equal(after.oof_proba_[row], own)
    assert not np.array_equal(after.oof_proba_[row - 1], other)


def test_rater_groups_that_differ_get_shifts_of_their_own(world):
    features, reported, anchors, truth = world
    raters = np.random.default_rng(1).choice(["board", "staff"], COUNT)
    reported = np.where(raters == "staff", truth, reported)
    model = NoisyLabelOrdinalClassifier(**QUICK).fit(
        features, reported, rater=raters, anchor_y=anchors
    )
    steps = dict(zip(model.raters_, model.shift_.mean_steps(), strict=True))
    assert steps["board"][1] > steps["staff"][1] + 0.3
    assert abs(steps["staff"][1]) < 0.15


def test_rows_without_a_true_class_tell_of_the_shift_too(world):
    features, reported, anchors, truth = world
    raters = np.where(~np.isnan(anchors) | (np.arange(COUNT) % 2 == 0), "board", "staff")
    reported = np.where(raters == "staff", truth, reported)
    staff_steps = []
    for round_count in (1, 4):  # the first round knows the anchors only
        classifier = NoisyLabelOrdinalClassifier(**{**QUICK, "max_iter": round_count})
        classifier.fit(features, reported, rater=raters, anchor_y=anchors)
        staff_steps.append(classifier.shift_.mean_steps()[classifier.raters_.index("staff"), 1])
    assert staff_steps[1] < staff_steps[0] - 0.15


def test_anchors_may_be_given_with_the_settings(world, model):
    features, reported, anchors, _ = world
    same = NoisyLabelOrdinalClassifier(anchors=anchors, **QUICK).fit(features, reported)
    np.testing.assert_array_equal(same.predict_proba(features), model.predict_proba(features))
    assert same.anchor_count_ == 40


def test_classes_may_be_words_and_anchors_lists_with_none(world):
    features, reported, anchors, _ = world
    words = np.array(["a", "b", "c", "d", "e", "f"])
    listed = [None if np.isnan(stage) else str(words[int(stage) - 1]) for stage in anchors]
    numbered = fitted(NoisyLabelOrdinalClassifier(cv=2, max_iter=1), world)
    worded = NoisyLabelOrdinalClassifier(cv=2, max_iter=1).fit(
        features, words[reported - 1], anchor_y=listed
    )
    np.testing.assert_allclose(
        worded.predict_proba(features), numbered.predict_proba(features), atol=1e-6
    )
    assert set(worded.predict(features)) <= set(words)


def test_a_class_that_nobody_reports_is_a_step_of_the_ladder_too(world):
    features, reported, anchors, _ = world
    is_kept = (reported != 3) & (anchors != 3)
    kept = (features[is_kept], reported[is_kept], anchors[is_kept], None)
    whole = fitted(NoisyLabelOrdinalClassifier(**QUICK), kept)
    gapped = fitted(NoisyLabelOrdinalClassifier(**{**QUICK, "classes": None}), kept)
    assert whole.predict_proba(features).shape == (COUNT, 6)
    assert gapped.classes_.tolist() == [1, 2, 4, 5, 6]
    assert whole.shift_.step_probabilities()[0, 1, 3] < gapped.shift_.step_probabilities()[0, 1, 3]


def test_a_row_of_weight_two_counts_like_two_rows(world):
    features, reported, anchors, _ = (each[:160] for each in world)
    anchors = np.where(np.arange(160) < 40, world[3][:160], np.nan)
    weights = np.tile([1, 2], 80)
    folds = [np.arange(160) % 2 == fold for fold in (0, 1)]
    classifier = NoisyLabelOrdinalClassifier(classes=STAGES, max_iter=1)
    weighted = classifier.set_params(cv=splits(folds)).fit(
        features, reported, sample_weight=weights, anchor_y=anchors
    )
    expected = weighted.predict_proba(features)
    folds = [fold.repeat(weights) for fold in folds]
    repeated = classifier.set_params(cv=splits(folds)).fit(
        features.repeat(weights, axis=0),
        reported.repeat(weights),
        anchor_y=anchors.repeat(weights),
    )
    np.testing.assert_allclose(repeated.predict_proba(features), expected, atol=2e-3)


def test_codes_without_a_report_teach_the_stage_and_nothing_of_the_shift(world):
    features, reported, anchors, truth = world
    is_reported = np.arange(COUNT) < 200
    codes = np.where(is_reported, anchors, truth)
    whole, other = (
        NoisyLabelOrdinalClassifier(**QUICK).fit(
            features, reports, anchor_y=codes, is_reported=is_reported
        )
        for reports in (reported, np.where(is_reported, reported, 6))
    )
    np.testing.assert_array_equal(whole.predict_proba(features), other.predict_proba(features))
    np.testing.assert_array_equal(whole.posterior_[200:], np.eye(6)[truth[200:] - 1])
    assert whole.anchor_count_ == (~np.isnan(anchors[:200])).sum()
    assert np.isfinite(whole.surplus_).sum() == whole.anchor_count_
    part = NoisyLabelOrdinalClassifier(**QUICK).fit(
        features[:200], reported[:200], anchor_y=anchors[:200]
    )
    assert not np.allclose(whole.predict_proba(features), part.predict_proba(features), atol=1e-3)


def test_a_row_that_nobody_speaks_of_is_refused(world):
    features, reported, anchors, _ = world
    with pytest.raises(ValueError, match="without a report needs its true class"):
        NoisyLabelOrdinalClassifier(**QUICK).fit(
            features, reported, anchor_y=anchors, is_reported=np.zeros(COUNT)
        )


def test_missing_features_pass_if_the_classifier_takes_them(world):
    features, reported, anchors, _ = world
    features = np.where(np.random.default_rng(0).random(features.shape) < 0.1, np.nan, features)
    imputing = make_pipeline(SimpleImputer(), CumulativeLinkClassifier(classes=STAGES))
    model = NoisyLabelOrdinalClassifier(imputing, **QUICK)
    assert np.isfinite(model.fit(features, reported, anchor_y=anchors).oof_proba_).all()
    assert np.isfinite(model.predict_proba(features)).all()
    with pytest.raises(ValueError, match="NaN"):
        NoisyLabelOrdinalClassifier().fit(features, reported, anchor_y=anchors)


def test_without_anchors_it_warns_and_fits_the_reports_as_they_are(world):
    features, reported, _, _ = world
    with pytest.warns(SelfReportWarning, match="0 of the reports have a true class"):
        model = NoisyLabelOrdinalClassifier().fit(features, reported)
    alone = CumulativeLinkClassifier().fit(features, reported)
    np.testing.assert_array_equal(model.predict_proba(features), alone.predict_proba(features))
    assert model.shift_ is model.shift_test_ is model.oof_proba_ is None


def test_with_a_handful_of_anchors_it_warns(world):
    features, reported, _, truth = world
    anchors = np.where(np.arange(COUNT) < 4, truth, np.nan)
    with pytest.warns(SelfReportWarning, match=r"4 of the reports .* 10 are needed"):
        NoisyLabelOrdinalClassifier(cv=2, max_iter=1).fit(features, reported, anchor_y=anchors)


def test_self_assessments_in_a_classifier_that_takes_them_for_true_raise_a_warning():
    kinds = ["expert", SELF_ASSESSMENT, SELF_ASSESSMENT]
    with pytest.warns(SelfReportWarning, match="2 self-assessments are used as if they were true"):
        assert warn_of_self_reports(kinds, CumulativeLinkClassifier())
    assert not warn_of_self_reports(kinds, NoisyLabelOrdinalClassifier())
    assert not warn_of_self_reports(["expert"], CumulativeLinkClassifier())


def test_the_anchors_tell_when_the_shift_goes_with_size_and_when_it_does_not():
    features, _, _, truth = reports_of_world(1)
    generator = np.random.default_rng(2)
    sizes, noise = generator.integers(0, 2, 500), generator.normal(size=500)
    reported = np.minimum(truth + sizes + (generator.random(500) < 0.2), 6)
    anchors = np.where(np.arange(500) < 60, truth, np.nan)
    test = (
        NoisyLabelOrdinalClassifier(classes=STAGES, cv=2, max_iter=1)
        .fit(features, reported, anchor_y=anchors, covariates={"size": sizes, "noise": noise})
        .shift_test_
    )
    assert test.names == (ESTIMATED_CLASS, "size", "noise")
    assert test.row_count == 60
    assert test.p_values[1] < 1e-4
    assert test.slopes[1] == pytest.approx(0.9, abs=0.25)
    assert min(test.p_values[0], test.p_values[2]) > 0.01


def test_that_nobody_can_report_beyond_the_top_is_no_shift_that_goes_with_the_stage():
    generator = np.random.default_rng(0)
    truth = generator.choice(STAGES, 500)
    features = truth[:, np.newaxis] + generator.normal(size=(500, 2))
    reported = drawn_reports(truth, 1.5 * SHIFTS["constant"], generator)
    world = (features, reported, np.where(np.arange(500) < 300, truth, np.nan), truth)
    test = fitted(NoisyLabelOrdinalClassifier(**{**QUICK, "max_iter": 1}), world).shift_test_
    raw = regress_shift((reported - truth).astype(float), {"stage": truth.astype(float)})
    assert raw.p_values[0] < 1e-6
    assert test.p_values[0] > 0.02


def test_anchors_without_a_covariate_are_left_out_of_its_test(world):
    features, reported, anchors, _ = world
    sizes = np.where(np.cumsum(~np.isnan(anchors)) <= 20, np.nan, features[:, 0])
    model = NoisyLabelOrdinalClassifier(classes=STAGES, cv=2, max_iter=1)
    model.fit(features, reported, anchor_y=anchors, covariates={"size": sizes})
    assert model.shift_test_.row_count == 20


@pytest.mark.parametrize(
    ("settings", "arguments", "message"),
    [
        ({"support": (1, 3)}, {}, r"support=\(1, 3\) must hold 0"),
        ({"classes": [1, 2, 3]}, {}, "hold every class in y"),
        ({}, {"anchor_y": [1, 2]}, "anchor_y holds 2 labels for 240 rows"),
        ({}, {"anchor_y": ["x"] * COUNT}, "no classes like those of y"),
        ({}, {"anchor_y": [2.5] * COUNT}, "classes are whole numbers"),
        ({}, {"rater": ["board"]}, "rater holds 1 labels for 240 rows"),
        ({}, {"covariates": {"size": [1.0]}}, "inconsistent numbers of samples"),
        ({"estimator": KNeighborsClassifier()}, {}, "takes no sample_weight"),
    ],
)
def test_what_makes_no_model_is_refused(world, settings, arguments, message):
    features, reported, anchors, _ = world
    classifier = NoisyLabelOrdinalClassifier(**{"cv": 2, "max_iter": 0, **settings})
    with pytest.raises(ValueError, match=message):
        classifier.fit(features, reported, **{"anchor_y": anchors, **arguments})


def trained_on(world):
    features, reported, anchors, _ = world
    is_anchor = ~np.isnan(anchors)
    plain = CumulativeLinkClassifier(classes=STAGES)
    return {
        "model": fitted(NoisyLabelOrdinalClassifier(classes=STAGES, cv=3, max_iter=2), world),
        "anchors": CumulativeLinkClassifier(classes=STAGES).fit(
            features[is_anchor], anchors[is_anchor].astype(int)
        ),
        "naive": plain.fit(features, np.where(is_anchor, anchors, reported).astype(int)),
    }


def fitted(classifier, world):
    features, reported, anchors, _ = world
    return classifier.fit(features, reported, anchor_y=anchors)


def splits(folds):
    return [(np.flatnonzero(~fold), np.flatnonzero(fold)) for fold in folds]
