"""Learning from self-assessments with a few expert codes beside them."""

import doctest
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as statsmodels
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers import noisy_labels, report_shift, soft_labels
from classifiers.noisy_labels import (
    ESTIMATED_CLASS,
    SELF_ASSESSMENT,
    NoisyLabelOrdinalClassifier,
    SelfReportWarning,
    warn_of_self_reports,
)
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.report_shift import (
    ReportShift,
    ShiftPriors,
    fit_report_shift,
    regress_shift,
)
from classifiers.self_reports import NOT_CODED, SelfReports
from classifiers.soft_labels import SoftLabels, best_move, moved

STAGES = np.arange(1, 7)
STEPS = np.arange(-2, 4)
#: Mean shift of the reports by true stage.
SHIFTS = {
    "constant": np.full(6, 0.7),
    "falling": np.linspace(1.1, 0.2, 6),
    "rising": np.linspace(0.2, 1.1, 6),
}
SEEDS = range(3)
COUNT = 240
QUICK = {"classes": STAGES, "cv": 2, "max_iter": 2}

# The check asks that `predict` returns the most probable class; the median is another decision.
EXPECTED = {"check_classifiers_train": "predicts the median, not the mode"}


@pytest.mark.filterwarnings("ignore::classifiers.noisy_labels.SelfReportWarning")
@parametrize_with_checks([NoisyLabelOrdinalClassifier()], expected_failed_checks=lambda _: EXPECTED)
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


@pytest.mark.parametrize("module", [noisy_labels, report_shift, soft_labels])
def test_the_examples_in_the_documentation_run(module):
    assert doctest.testmod(module).failed == 0


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


def test_a_rater_group_without_anchors_and_with_few_rows_gets_nearly_the_common_shift():
    counts = np.zeros((2, 6, 6))
    counts[0] = 20 * np.array([0.02, 0.1, 0.38, 0.35, 0.12, 0.03])
    counts[1, 2, 5] = 1.0
    shift = fit_report_shift(counts, STEPS, ShiftPriors(rater_spread=0.1))
    common, few = shift.mean_steps()[:, 2]
    assert common < few < common + 0.1


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


@given(st.lists(st.floats(-3, 3), min_size=6, max_size=6), st.floats(-1, 1), st.floats(-2, 2))
@settings(deadline=None, max_examples=30)
def test_chances_of_reports_sum_to_1_and_stay_on_the_ladder(weights, slope, tilt):
    shift = ReportShift(
        steps=STEPS,
        log_weights=np.array(weights),
        slope=slope,
        tilts=np.array([0.0, tilt]),
        class_count=6,
    )
    reports = shift.report_probabilities()
    np.testing.assert_allclose(reports.sum(axis=2), 1.0)
    assert (reports >= 0).all()
    higher, lower = np.argsort([tilt, 0.0])
    assert (shift.mean_steps()[lower] <= shift.mean_steps()[higher] + 1e-9).all()


def test_the_gradient_of_the_shift_is_that_of_its_value():
    generator = np.random.default_rng(0)
    on_ladder = (STAGES[:, np.newaxis] + STEPS >= 1) & (STAGES[:, np.newaxis] + STEPS <= 6)
    objective = report_shift._Objective(
        counts=generator.integers(0, 9, (2, 6, 6)) * on_ladder,
        steps=STEPS,
        pseudo_counts=np.linspace(0.1, 1, 6),
        precisions=np.linspace(0.5, 2, 9),
    )
    point = generator.normal(0, 0.3, 9)
    error = check_grad(lambda at: objective(at)[0], lambda at: objective(at)[1], point)
    assert error < 1e-4 * np.linalg.norm(objective(point)[1])


def test_with_many_rows_the_shift_is_that_of_the_rows():
    true = ReportShift(
        steps=STEPS,
        log_weights=np.log([0.02, 0.1, 0.38, 0.35, 0.12, 0.03]),
        slope=-0.2,
        tilts=np.array([0.3, -0.3]),
        class_count=6,
    )
    counts = 1e5 * true.step_probabilities()
    found = fit_report_shift(counts, STEPS, ShiftPriors())
    np.testing.assert_allclose(found.step_probabilities(), true.step_probabilities(), atol=1e-3)
    assert found.slope == pytest.approx(-0.2, abs=0.01)


def test_without_rows_a_step_further_off_is_half_as_likely():
    shift = fit_report_shift(np.zeros((1, 6, 6)), STEPS, ShiftPriors(pseudo_count=3.0))
    chances = shift.step_probabilities()[0, 2]
    np.testing.assert_allclose(chances / chances[2], 0.5 ** np.abs(STEPS), rtol=0.1)


def test_posteriors_follow_from_bayes_and_anchors_stay_what_they_are():
    shift = fit_report_shift(np.zeros((1, 6, 6)), STEPS, ShiftPriors(slope_spread=0.0))
    reports = plain_reports(reported=[2, 2], anchors=[NOT_CODED, 5])
    shares = np.full(6, 1 / 6)
    posterior = reports.posterior(shares, shift)
    products = shares * shift.report_probabilities()[0, :, 2]
    np.testing.assert_allclose(posterior[0], products / products.sum(), atol=1e-6)
    np.testing.assert_array_equal(posterior[1], [0, 0, 0, 0, 0, 1])


def test_an_anchor_far_off_counts_at_the_end_of_the_support():
    reports = plain_reports(reported=[5, 0, 5], anchors=[0, 5, NOT_CODED])
    certain = np.eye(6)[[0, 5, 0]]
    counts = reports.step_counts(certain, STEPS)
    assert counts[0, 0].tolist() == [0, 0, 0, 0, 0, 1]
    assert counts[0, 5].tolist() == [1, 0, 0, 0, 0, 0]
    doubled = replace(reports, weights=np.full(3, 2.0))
    np.testing.assert_array_equal(doubled.step_counts(certain, STEPS), 2 * counts)


def test_soft_labels_of_whole_probability_are_plain_labels(world):
    features, reported, _, _ = world
    soft = SoftLabels(
        rows=features,
        classes=STAGES,
        probabilities=np.eye(6)[reported - 1],
        weights=np.ones(COUNT),
    )
    model = soft.fit(CumulativeLinkClassifier())
    alone = CumulativeLinkClassifier().fit(features, reported)
    np.testing.assert_allclose(model.coef_, alone.coef_)


def test_moving_keeps_probabilities_and_finds_its_way_back():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(6), 4000)
    raised = moved(probabilities, 0.8)
    np.testing.assert_allclose(raised.sum(axis=1), 1.0)
    assert (raised @ STAGES > probabilities @ STAGES).all()
    draws = np.random.default_rng(1).random((4000, 1))
    codes = (draws > raised.cumsum(axis=1)[:, :-1]).sum(axis=1)
    found = best_move(probabilities, codes, np.ones(4000), spread=5.0)
    assert found == pytest.approx(0.8, abs=0.1)
    assert best_move(probabilities, codes, np.ones(4000), spread=0.0) == 0.0
    assert abs(best_move(probabilities, codes, np.ones(4000), spread=0.01)) < 0.6


def test_the_regression_of_the_shift_equals_that_of_statsmodels():
    generator = np.random.default_rng(0)
    columns = {"stage": generator.normal(size=40), "size": generator.integers(0, 3, 40)}
    shift = 0.4 * columns["size"] + generator.normal(size=40) * (1 + columns["size"])
    test = regress_shift(shift, columns)
    design = statsmodels.add_constant(np.column_stack(list(columns.values())))
    oracle = statsmodels.OLS(shift, design).fit(cov_type="HC3", use_t=True)
    np.testing.assert_allclose(test.slopes, oracle.params[1:])
    np.testing.assert_allclose(test.standard_errors, oracle.bse[1:])
    np.testing.assert_allclose(test.p_values, oracle.pvalues[1:])


@pytest.mark.parametrize(
    ("count", "columns"),
    [(3, {"size": [1.0, 2.0, 4.0], "age": [1.0, 5.0, 2.0]}), (9, {"size": [1.0] * 9})],
)
def test_a_regression_that_says_nothing_is_none(count, columns):
    arrays = {name: np.array(column) for name, column in columns.items()}
    assert regress_shift(np.arange(float(count)), arrays) is None


def rows_of_world(seed, count, part=0):
    """Features of a world: the stage shifts most of them, some not in a straight line."""
    rule, generator = np.random.default_rng([seed, 9]), np.random.default_rng([seed, part])
    truth = generator.choice(STAGES, count, p=rule.dirichlet([4, 8, 7, 6, 4, 3]))
    slopes = rule.normal(0, 0.4, 6)
    position = truth + generator.normal(0, 0.4, count)
    bent = np.tanh(np.outer(position - 3, slopes[:3]))
    straight = np.outer(position - 3, slopes[3:])
    return np.hstack([bent, straight]) + generator.normal(0, 0.7, (count, 6)), truth


def reports_of_world(seed, shifts=SHIFTS["constant"], count=500, anchor_count=50):
    features, truth = rows_of_world(seed, count)
    generator = np.random.default_rng([seed, 5])
    reported = drawn_reports(truth, shifts, generator)
    anchors = np.full(count, np.nan)
    coded = generator.choice(count, anchor_count, replace=False)
    anchors[coded] = truth[coded]
    return features, reported, anchors, truth


def drawn_reports(truth, shifts, generator):
    steps = STAGES - truth[:, np.newaxis]
    chances = np.exp(-1.4 * np.abs(steps - shifts[truth - 1, np.newaxis]) ** 1.5)
    chances /= chances.sum(axis=1, keepdims=True)
    draws = generator.random((len(truth), 1))
    return 1 + (draws > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)


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


def plain_reports(reported, anchors):
    count = len(reported)
    return SelfReports(
        reported_codes=np.array(reported),
        true_codes=np.array(anchors),
        rater_codes=np.zeros(count, dtype=int),
        weights=np.ones(count),
        class_count=6,
    )
