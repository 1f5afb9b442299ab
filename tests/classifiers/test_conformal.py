"""Sets calibrated on organizations of known stage."""

import doctest
import warnings

import numpy as np
import pytest
from crepes import ConformalClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers import conformal, out_of_fold
from classifiers.conformal import OrdinalConformalClassifier
from classifiers.nonconformity import scores_by
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.out_of_fold import folds_by, stratified_folds

STAGES = np.arange(1, 7)
SHARPEST = CumulativeLinkClassifier(alpha=0.01)


@parametrize_with_checks(
    [
        OrdinalConformalClassifier(
            CumulativeLinkClassifier(decision="mode"), cv=2, conditional="class"
        ),
    ]
)
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


@pytest.mark.parametrize("module", [conformal, out_of_fold])
def test_the_examples_in_the_documentation_run(module):
    assert doctest.testmod(module).failed == 0


@pytest.fixture(scope="module")
def model():
    return OrdinalConformalClassifier(SHARPEST).fit(*ordered_rows(seed=0))


@pytest.mark.parametrize("method", ["greedy", "rps"])
@pytest.mark.parametrize("alpha", [0.1, 0.2])
def test_sets_hold_the_truth_at_the_stated_rate(method, alpha):
    held_shares = [
        held_share(
            OrdinalConformalClassifier(SHARPEST, method, alpha=alpha).fit(*ordered_rows(seed)),
            *ordered_rows(seed + 100),
        )
        for seed in range(6)
    ]
    assert np.mean(held_shares) == pytest.approx(1 - alpha, abs=0.025)


def test_a_model_that_is_sure_of_nonsense_gets_wide_sets():
    features, _ = ordered_rows(seed=1)
    generator = np.random.default_rng(1)
    boosting = HistGradientBoostingClassifier(max_iter=12, max_bins=32, random_state=0)
    fitted = OrdinalConformalClassifier(boosting, cv=3).fit(features, generator.integers(1, 7, 300))
    assert fitted.predict_proba(features).max(axis=1).mean() > 0.3
    fresh, _ = ordered_rows(seed=2, count=2000)
    assert fitted.predict_set(fresh).sum(axis=1).mean() > 5
    assert held_share(fitted, fresh, generator.integers(1, 7, 2000)) > 0.85


@pytest.mark.parametrize("method", ["greedy", "rps"])
@pytest.mark.parametrize("conditional", ["none", "class", "group"])
def test_sets_are_nested_without_a_hole_and_hold_the_median(method, conditional):
    features, stages = ordered_rows(seed=3)
    regions = np.where(features[:, 0] > 0, "north", "south")
    fitted = OrdinalConformalClassifier(SHARPEST, method, conditional=conditional)
    fitted.fit(features, stages, conditions=regions)
    medians = 1 + (fitted.predict_proba(features).cumsum(axis=1) < 0.5).sum(axis=1)
    inner = np.zeros((len(features), 6), dtype=bool)
    for alpha in (0.9, 0.5, 0.2, 0.1, 0.02):
        sets = fitted.predict_set(features, alpha, conditions=regions)
        low, high = fitted.predict_interval(features, alpha, conditions=regions)
        np.testing.assert_array_equal(sets.sum(axis=1), high - low + 1)
        assert ((low <= medians) & (medians <= high)).all()
        assert (inner <= sets).all()
        inner = sets


def test_sets_of_another_level_need_no_new_fit(model):
    features, stages = ordered_rows(seed=0)
    other = OrdinalConformalClassifier(SHARPEST, alpha=0.3).fit(features, stages)
    np.testing.assert_array_equal(model.predict_set(features, 0.3), other.predict_set(features))
    assert model.predict_set(features, 0.3).sum() < model.predict_set(features).sum()


def test_it_predicts_as_the_classifier_alone(model):
    features, stages = ordered_rows(seed=0)
    alone = CumulativeLinkClassifier(alpha=0.01).fit(features, stages)
    np.testing.assert_array_equal(model.predict(features), alone.predict(features))
    np.testing.assert_array_equal(model.predict_proba(features), alone.predict_proba(features))


def test_scores_come_from_models_that_have_not_seen_the_row():
    features, stages = ordered_rows(seed=4)
    folds = list(KFold(4).split(features))
    fitted = OrdinalConformalClassifier(SHARPEST, "rps", cv=folds).fit(features, stages)
    training, held_out = folds[2]
    alone = CumulativeLinkClassifier(alpha=0.01).fit(features[training], stages[training])
    expected = alone.predict_proba(features[held_out])
    np.testing.assert_allclose(fitted.oof_proba_[held_out], expected)
    scores = scores_by("rps", expected)[np.arange(len(held_out)), stages[held_out] - 1]
    np.testing.assert_allclose(fitted.oof_scores_[held_out], scores)


def test_rows_of_one_group_are_never_in_training_and_held_out_at_once():
    _, stages = ordered_rows(seed=5)
    groups = np.random.default_rng(0).integers(0, 60, len(stages))
    for training, held_out in stratified_folds(stages - 1, 5, groups):
        assert not set(groups[training]) & set(groups[held_out])


def test_groups_keep_copies_of_a_row_from_making_sets_too_small():
    features, stages = (each.repeat(5, axis=0) for each in ordered_rows(seed=6, count=60))
    nearest = KNeighborsClassifier(n_neighbors=3)
    naive = OrdinalConformalClassifier(nearest).fit(features, stages)
    groups = np.arange(60).repeat(5)
    grouped = OrdinalConformalClassifier(nearest).fit(features, stages, groups=groups)
    by_setting = OrdinalConformalClassifier(nearest, groups=groups).fit(features, stages)
    fresh, truth = ordered_rows(seed=7)
    assert held_share(naive, fresh, truth) < 0.7
    assert held_share(grouped, fresh, truth) > 0.87
    np.testing.assert_array_equal(by_setting.oof_proba_, grouped.oof_proba_)


def test_rows_sorted_by_feature_and_stage_are_dealt_in_mixed_order():
    for training, held_out in stratified_folds(np.zeros(300, dtype=int), 5, None):
        assert 100 < np.mean(held_out) < 200
        assert len(training) == 240


@pytest.mark.parametrize("groups", [None, np.arange(60) // 2])
def test_classes_with_fewer_rows_than_folds_raise_no_warning(groups):
    features, _ = ordered_rows(seed=8, count=60)
    stages = np.r_[[1] * 2, [2] * 40, [3] * 15, [5] * 2, [6]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = OrdinalConformalClassifier(SHARPEST).fit(features, stages, groups=groups)
    np.testing.assert_allclose(fitted.oof_proba_.sum(axis=1), 1.0)
    assert fitted.classes_.tolist() == [1, 2, 3, 5, 6]


def test_every_class_may_have_fewer_rows_than_folds():
    features, _ = ordered_rows(seed=9, count=8)
    fitted = OrdinalConformalClassifier(SHARPEST).fit(features, [1, 1, 2, 3, 4, 4, 5, 6])
    assert fitted.predict_set(features).all()  # eight rows promise nothing at 90 %


def test_a_fold_that_saw_one_class_only_gives_it_all_probability():
    features, _ = ordered_rows(seed=10, count=6)
    fitted = OrdinalConformalClassifier(SHARPEST, cv=3).fit(features, [1, 1, 1, 1, 1, 2])
    np.testing.assert_array_equal(fitted.oof_proba_[5], [1.0, 0.0])
    assert fitted.oof_scores_[5] == 1.0


def test_a_fitted_classifier_is_calibrated_on_the_rows_given():
    fitted = CumulativeLinkClassifier(alpha=0.01).fit(*ordered_rows(seed=11))
    features, stages = ordered_rows(seed=12)
    model = OrdinalConformalClassifier(fitted, cv="prefit").fit(features, stages)
    assert model.estimator_ is fitted
    np.testing.assert_array_equal(model.oof_proba_, fitted.predict_proba(features))
    assert held_share(model, *ordered_rows(seed=13, count=2000)) == pytest.approx(0.9, abs=0.04)


def test_calibration_on_a_class_that_the_fitted_classifier_lacks_is_refused():
    features, stages = ordered_rows(seed=11)
    fitted = CumulativeLinkClassifier().fit(features[stages < 6], stages[stages < 6])
    with pytest.raises(ValueError, match=r"y holds \[6\], but the fitted estimator knows"):
        OrdinalConformalClassifier(fitted, cv="prefit").fit(features, stages)


def test_class_conditional_sets_equal_those_of_crepes():
    features, stages = ordered_rows(seed=14, count=597)
    fresh, _ = ordered_rows(seed=15)
    model = OrdinalConformalClassifier(
        SHARPEST, "rps", conditional="class", minimum_count=1, alpha=0.137
    ).fit(features, stages)
    oracle = ConformalClassifier().fit(model.oof_scores_, bins=stages)
    scores = scores_by("rps", model.predict_proba(fresh))
    expected = np.column_stack(
        [
            oracle.predict_set(
                scores[:, [stage - 1]],
                bins=np.full(len(fresh), stage),
                confidence=0.863,
                smoothing=False,
            )[:, 0]
            for stage in STAGES
        ]
    ).astype(bool)
    sets = model.predict_set(fresh)
    is_without_hole = np.abs(np.diff(np.pad(expected, ((0, 0), (1, 1))), axis=1)).sum(axis=1) == 2
    assert is_without_hole.mean() > 0.8
    np.testing.assert_array_equal(sets[is_without_hole], expected[is_without_hole])
    assert (expected <= sets).all()


def test_class_conditional_sets_hold_the_rare_stages_that_marginal_ones_miss():
    features, stages = skewed_rows(seed=16, count=1500)
    fresh, truth = skewed_rows(seed=17, count=4000)
    marginal = OrdinalConformalClassifier(SHARPEST).fit(features, stages)
    by_class = OrdinalConformalClassifier(SHARPEST, conditional="class").fit(features, stages)
    assert by_class.fallback_ == []
    assert np.mean(held_shares_by_class(marginal, fresh, truth)) < 0.8
    assert np.mean(held_shares_by_class(by_class, fresh, truth)) > 0.87


def test_a_stage_with_few_rows_falls_back_to_the_threshold_of_all():
    features, stages = ordered_rows(seed=18)
    is_kept = (stages != 6) | (np.cumsum(stages == 6) <= 19)
    features, stages = features[is_kept], stages[is_kept]
    by_class = OrdinalConformalClassifier(SHARPEST, conditional="class").fit(features, stages)
    assert by_class.fallback_ == [6]
    assert by_class.conditions_ == STAGES.tolist()
    all_fall_back = OrdinalConformalClassifier(
        SHARPEST, conditional="class", minimum_count=10_000
    ).fit(features, stages)
    marginal = OrdinalConformalClassifier(SHARPEST).fit(features, stages)
    np.testing.assert_array_equal(
        all_fall_back.predict_set(features), marginal.predict_set(features)
    )


def test_rows_of_weight_0_do_not_make_a_stage_frequent_enough():
    features, stages = ordered_rows(seed=18)
    weights = (stages != 6).astype(float)
    weights[np.flatnonzero(stages == 6)[:10]] = 1.0
    by_class = OrdinalConformalClassifier(SHARPEST, conditional="class")
    assert by_class.fit(features, stages).fallback_ == []
    assert by_class.fit(features, stages, sample_weight=weights).fallback_ == [6]


def test_group_conditional_sets_are_wide_only_where_the_group_is_hard():
    features, stages = ordered_rows(seed=19, count=600)
    kinds = np.random.default_rng(0).choice(["shop", "council"], 600)
    generator = np.random.default_rng(1)
    stages = np.where(kinds == "council", generator.integers(1, 7, 600), stages)
    fitted = OrdinalConformalClassifier(SHARPEST, conditional="group")
    fitted.fit(features, stages, conditions=kinds)
    width_by_kind = {
        kind: fitted.predict_set(features, conditions=np.full(600, kind)).sum(axis=1).mean()
        for kind in ("shop", "council")
    }
    assert width_by_kind["council"] > width_by_kind["shop"] + 1


def test_unknown_and_small_groups_take_the_threshold_of_all():
    features, stages = ordered_rows(seed=20)
    kinds = np.array(["shop"] * 290 + ["club"] * 9 + [None], dtype=object)
    fitted = OrdinalConformalClassifier(SHARPEST, conditional="group")
    fitted.fit(features, stages, conditions=kinds)
    marginal = OrdinalConformalClassifier(SHARPEST).fit(features, stages)
    assert fitted.conditions_ == ["shop", "club"]
    assert fitted.fallback_ == ["club"]
    for kind in ("club", "never seen", None, float("nan")):
        sets = fitted.predict_set(features, conditions=[kind] * 300)
        np.testing.assert_array_equal(sets, marginal.predict_set(features))


def test_weights_reach_the_classifier_and_the_calibration():
    features, stages = ordered_rows(seed=21)
    generator = np.random.default_rng(2)
    is_noisy = generator.random(300) < 0.5
    stages = np.where(is_noisy, generator.integers(1, 7, 300), stages)
    pipeline = make_pipeline(StandardScaler(), CumulativeLinkClassifier(alpha=0.01))
    fitted = OrdinalConformalClassifier(pipeline).fit(features, stages, sample_weight=~is_noisy)
    plain = OrdinalConformalClassifier(pipeline).fit(features, stages)
    fresh, truth = ordered_rows(seed=22)
    assert fitted.predict_set(fresh).sum() < 0.8 * plain.predict_set(fresh).sum()
    assert held_share(fitted, fresh, truth) > 0.85


def test_weights_are_refused_by_a_classifier_that_takes_none():
    features, stages = ordered_rows(seed=0)
    with pytest.raises(ValueError, match="KNeighborsClassifier takes no sample_weight"):
        OrdinalConformalClassifier(KNeighborsClassifier()).fit(features, stages, stages)


def test_missing_features_pass_if_the_classifier_takes_them():
    features, stages = ordered_rows(seed=23)
    features[::3, 1] = np.nan
    boosting = HistGradientBoostingClassifier(max_iter=10, random_state=0)
    fitted = OrdinalConformalClassifier(boosting, cv=2).fit(features, stages)
    assert fitted.predict_set(features).any(axis=1).all()
    imputing = make_pipeline(SimpleImputer(), SHARPEST)
    assert OrdinalConformalClassifier(imputing).fit(features, stages).predict_set(features).any()
    with pytest.raises(ValueError, match="NaN"):
        OrdinalConformalClassifier(SHARPEST).fit(features, stages)


@pytest.mark.parametrize(
    ("settings", "arguments", "message"),
    [
        ({"method": "aps"}, {}, "method='aps' is not one of"),
        ({"conditional": "stage"}, {}, "conditional='stage' is not one of"),
        ({"alpha": 0.0}, {}, "alpha=0.0 must lie between 0 and 1"),
        ({"alpha": 90}, {}, "alpha=90 must lie between 0 and 1"),
        ({"cv": 1}, {}, "needs two folds"),
        ({}, {"groups": np.zeros(300)}, "needs two folds.* 1 group"),
        ({}, {"groups": np.zeros(10)}, "inconsistent numbers of samples"),
        ({"cv": ShuffleSplit(2)}, {}, "must hold out each row exactly once"),
        ({"conditional": "group"}, {}, "needs `conditions`"),
        ({"conditional": "group"}, {"conditions": ["a"]}, "holds 1 labels for 300 rows"),
    ],
)
def test_settings_that_make_no_sets_are_refused(settings, arguments, message):
    with pytest.raises(ValueError, match=message):
        OrdinalConformalClassifier(SHARPEST, **settings).fit(*ordered_rows(seed=0), **arguments)


def test_a_classifier_without_probabilities_is_refused():
    with pytest.raises(ValueError, match="LinearSVC gives no probabilities"):
        OrdinalConformalClassifier(LinearSVC()).fit(*ordered_rows(seed=0))


def test_a_level_outside_0_to_1_is_refused_at_prediction(model):
    with pytest.raises(ValueError, match=r"alpha=1\.5 must lie"):
        model.predict_set(ordered_rows(seed=0)[0], alpha=1.5)


def test_any_splitter_may_deal_the_folds():
    folds = folds_by(KFold(3), np.zeros(7, dtype=int), None)
    assert sorted(np.concatenate([held_out for _, held_out in folds])) == list(range(7))


def ordered_rows(seed, count=300):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(count, 3))
    latent = features @ [2.0, -1.0, 0.0] + generator.logistic(size=count)
    return features, 1 + np.searchsorted([-3.0, -1.2, 0.0, 1.2, 3.0], latent)


def skewed_rows(seed, count):
    generator = np.random.default_rng(seed)
    stages = generator.choice(STAGES, count, p=[0.06, 0.4, 0.4, 0.05, 0.05, 0.04])
    return (stages[:, np.newaxis] + generator.normal(0, 1.3, (count, 2))), stages


def held_share(model, features, stages):
    sets = model.predict_set(features)
    return sets[np.arange(len(stages)), stages - 1].mean()


def held_shares_by_class(model, features, stages):
    return [
        held_share(model, features[stages == stage], stages[stages == stage]) for stage in STAGES
    ]
