"""The kernel model: conventions, leaving one out, shapes that make kernels fail."""

import doctest

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.utils.estimator_checks import parametrize_with_checks

import classifiers.kernel
from classifiers.kernel import KernelOrdinalClassifier
from classifiers.metrics import log_loss, mean_absolute_stage_error
from classifiers.ordinal import CumulativeLinkClassifier

# Leaving out one of two equal rows leaves the other; leaving out a row of weight two does not.
ONE_ROW_IS_LEFT_OUT = {
    "check_sample_weight_equivalence_on_dense_data": "width and noise are chosen by rows",
}


@parametrize_with_checks(
    [KernelOrdinalClassifier(decision="mode", max_rows=100)],
    expected_failed_checks=lambda _: ONE_ROW_IS_LEFT_OUT,
)
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


def test_the_example_holds():
    assert doctest.testmod(classifiers.kernel).failed == 0


def test_the_score_is_the_mean_of_a_gaussian_process():
    features, codes = curved_rows(60)
    model = KernelOrdinalClassifier([0.5], alphas=[0.1]).fit(features, codes)
    process = GaussianProcessRegressor(RBF(1.0, "fixed"), alpha=0.1, optimizer=None)
    oracle = process.fit(features, codes - codes.mean()).predict(features) + codes.mean() - 1
    np.testing.assert_allclose(model.predict_score(features), oracle, atol=1e-3)


def test_the_link_sees_the_score_that_each_row_gets_from_the_others():
    features, codes = curved_rows(40)
    model = KernelOrdinalClassifier([0.5], alphas=[0.1]).fit(features, codes)
    target = codes - codes.mean()
    others = [np.delete(np.arange(40), row) for row in range(40)]
    process = GaussianProcessRegressor(RBF(1.0, "fixed"), alpha=0.1, optimizer=None)
    left_out = [
        process.fit(features[rest], target[rest]).predict(features[[row]])[0]
        for row, rest in enumerate(others)
    ]
    link = CumulativeLinkClassifier(alpha=0.01).fit(np.reshape(left_out, (-1, 1)), codes)
    np.testing.assert_allclose(model.link_.coef_, link.coef_, rtol=1e-2)


def test_a_row_of_weight_three_has_the_score_of_three_rows():
    features, codes = curved_rows(45)
    weights = np.tile([0, 1, 3], 15)
    model = KernelOrdinalClassifier([0.5], alphas=[0.1])
    weighted = model.fit(features, codes, sample_weight=weights).predict_score(features)
    repeated = model.fit(features.repeat(weights, 0), codes.repeat(weights))
    np.testing.assert_allclose(weighted, repeated.predict_score(features), atol=1e-3)


def test_it_follows_an_order_that_no_straight_line_follows():
    features, codes = curved_rows(300)
    new_features, new_codes = curved_rows(300, seed=1)
    curved = KernelOrdinalClassifier().fit(features, codes).predict(new_features)
    straight = CumulativeLinkClassifier().fit(features, codes).predict(new_features)
    assert mean_absolute_stage_error(new_codes, curved) < 0.3
    assert mean_absolute_stage_error(new_codes, straight) > 0.6


def test_pure_noise_gives_about_the_shares_of_the_training_set():
    generator = np.random.default_rng(0)
    codes = generator.choice([1, 2, 3], p=[0.2, 0.5, 0.3], size=200)
    model = KernelOrdinalClassifier().fit(generator.normal(size=(200, 5)), codes)
    new_codes = generator.choice([1, 2, 3], p=[0.2, 0.5, 0.3], size=500)
    probabilities = model.predict_proba(generator.normal(size=(500, 5)))
    entropy = -np.log([0.2, 0.5, 0.3]) @ [0.2, 0.5, 0.3]
    assert log_loss(new_codes, probabilities, classes=[1, 2, 3]) < entropy + 0.05


def test_a_constant_column_changes_nothing():
    features, codes = curved_rows(80)
    with_column = np.column_stack([features, np.full(80, 7.0)])
    model = KernelOrdinalClassifier()
    alone = model.fit(features, codes).predict_proba(features)
    together = model.fit(with_column, codes).predict_proba(with_column)
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("shape", [(40, 1), (12, 30), (3, 2)])
def test_one_feature_and_more_features_than_rows_make_a_model(shape):
    features = np.random.default_rng(0).normal(size=shape)
    codes = 1 + np.arange(len(features)) % 3
    probabilities = KernelOrdinalClassifier().fit(features, codes).predict_proba(features)
    assert np.isfinite(probabilities).all()


def test_equal_rows_say_no_more_than_the_shares_of_the_classes():
    model = KernelOrdinalClassifier().fit(np.ones((30, 2)), 1 + np.arange(30) % 3)
    np.testing.assert_allclose(model.predict_proba([[1.0, 1.0]]), 1 / 3, atol=0.02)


def test_a_class_without_rows_keeps_its_column():
    features, codes = curved_rows(80)
    is_kept = codes != 2
    model = KernelOrdinalClassifier(classes=[1, 2, 3]).fit(features[is_kept], codes[is_kept])
    assert model.predict_proba(features)[:, 1].max() < 0.01


def test_a_subset_of_rows_spans_nearly_the_same_score():
    features, codes = curved_rows(300)
    full = KernelOrdinalClassifier().fit(features, codes)
    spanned = KernelOrdinalClassifier(max_rows=60).fit(features, codes)
    assert spanned.landmarks_.shape == (60, 2)
    gap = np.abs(full.predict_proba(features) - spanned.predict_proba(features))
    assert gap.mean() < 0.02


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gammas": "mean"}, "gammas='mean' must hold numbers above 0"),
        ({"gammas": [0.0]}, "gammas=.0.0. must hold numbers above 0"),
        ({"alphas": []}, "alphas=.. must hold numbers above 0"),
        ({"max_rows": 0}, "max_rows=0 must be at least 1"),
        ({"link": "cauchit"}, "link='cauchit' is not one of"),
        ({"decision": "mean"}, "decision='mean' is not one of"),
    ],
)
def test_settings_that_make_no_model_are_refused(settings, message):
    features, codes = curved_rows(30)
    with pytest.raises(ValueError, match=message):
        KernelOrdinalClassifier(**settings).fit(features, codes)


def curved_rows(count, seed=0):
    generator = np.random.default_rng(seed)
    features = generator.uniform(-2, 2, size=(count, 2))
    distance = np.hypot(*features.T) + 0.15 * generator.normal(size=count)
    return features, 1 + np.searchsorted([1.0, 1.7], distance)
