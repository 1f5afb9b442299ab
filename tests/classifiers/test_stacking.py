"""The ensemble: conventions, weights, folds, temperature, and its default members."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import classifiers.pooling
import classifiers.stacking
from classifiers.metrics import log_loss, ranked_probability_score
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.pooling import POOLS, fitted_temperature, tempered
from classifiers.stacking import OrdinalStackingClassifier, default_members

CLASSES = [1, 2, 3, 4, 5]
LINEAR = ("linear", CumulativeLinkClassifier())
IGNORANT = ("ignorant", DummyClassifier(strategy="prior"))


@parametrize_with_checks([OrdinalStackingClassifier([LINEAR, IGNORANT], cv=2, decision="mode")])
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


def test_the_examples_hold():
    assert doctest.testmod(classifiers.stacking).failed == 0


@pytest.mark.parametrize("loss", POOLS)
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 5), st.integers(2, 40))
def test_weights_are_shares(loss, seed, model_count, row_count):
    stacked, codes = drawn_models(seed, model_count, row_count)
    shares = POOLS[loss](stacked, codes, np.ones(row_count))
    assert (shares >= 0).all()
    assert shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("loss", "metric"), [("rps", ranked_probability_score), ("log_loss", log_loss)]
)
def test_no_other_mixture_scores_better(loss, metric):
    stacked, codes = drawn_models(seed=3, model_count=3, row_count=4000)
    shares = POOLS[loss](stacked, codes, np.ones(len(codes)))
    others = np.random.default_rng(0).dirichlet(np.ones(3), size=200)

    def score(mixture):
        return metric(codes, np.tensordot(mixture, stacked, axes=1), classes=range(4))

    assert score(shares) <= min(score(other) for other in [*others, *np.eye(3)]) + 1e-5


@pytest.mark.parametrize("loss", POOLS)
def test_equal_models_get_equal_weights(loss):
    stacked, codes = drawn_models(seed=4, model_count=1, row_count=50)
    shares = POOLS[loss](np.repeat(stacked, 4, axis=0), codes, np.ones(50))
    np.testing.assert_allclose(shares, 0.25, atol=1e-6)


@pytest.mark.parametrize("loss", POOLS)
def test_a_row_of_weight_three_counts_like_three_rows(loss):
    stacked, codes = drawn_models(seed=5, model_count=3, row_count=30)
    weights = 1 + np.arange(30) % 3
    weighted = POOLS[loss](stacked, codes, weights.astype(float))
    ones = np.ones(weights.sum())
    repeated = POOLS[loss](stacked.repeat(weights, axis=1), codes.repeat(weights), ones)
    np.testing.assert_allclose(weighted, repeated, atol=1e-6)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_temperature_undoes_a_power_of_the_probabilities(power):
    generator = np.random.default_rng(0)
    shares = generator.dirichlet(np.ones(4), size=5000)
    codes = (shares.cumsum(axis=1) < generator.random((5000, 1))).sum(axis=1)
    temperature = fitted_temperature(tempered(shares, 1 / power), codes, np.ones(5000))
    assert temperature == pytest.approx(power, rel=0.06)


def test_a_model_that_knows_nothing_gets_next_to_no_weight():
    features, codes = ordered_rows()
    model = OrdinalStackingClassifier([IGNORANT, LINEAR]).fit(features, codes)
    assert model.weights_[0] < 0.1
    assert list(model.members_) == ["ignorant", "linear"]


def test_a_model_that_learns_by_heart_is_judged_on_rows_it_has_not_seen():
    features, codes = ordered_rows()
    by_heart = ("by heart", KNeighborsClassifier(1))
    model = OrdinalStackingClassifier([by_heart, LINEAR]).fit(features, codes)
    assert model.weights_[0] < 0.3


def test_probabilities_out_of_fold_come_from_models_without_the_row():
    features, codes = ordered_rows(count=60)
    model = OrdinalStackingClassifier([("by heart", KNeighborsClassifier(1))], calibrated=False)
    probabilities = model.fit(features, codes).oof_proba_
    assert probabilities.shape == (60, 5)
    assert (probabilities.argmax(axis=1) + 1 == codes).mean() < 0.8
    assert (model.predict(features) == codes).all()


def test_a_group_is_never_on_both_sides_of_a_fold():
    features, codes = ordered_rows(count=60)
    twins = features.repeat(2, axis=0), codes.repeat(2)
    model = OrdinalStackingClassifier([("by heart", KNeighborsClassifier(1))])
    apart = model.fit(*twins).oof_proba_
    together = model.fit(*twins, groups=np.arange(60).repeat(2)).oof_proba_
    assert log_loss(twins[1], apart, classes=CLASSES) < log_loss(
        twins[1], together, classes=CLASSES
    )


def test_calibration_never_raises_the_log_loss_out_of_fold():
    features, codes = ordered_rows()
    stiff = [("stiff", LogisticRegression(C=0.002))]
    models = [OrdinalStackingClassifier(stiff, calibrated=each) for each in (True, False)]
    calibrated, raw = (model.fit(features, codes) for model in models)
    assert calibrated.temperature_ < 0.9
    assert raw.temperature_ == 1.0
    losses = [log_loss(codes, each.oof_proba_, classes=CLASSES) for each in (calibrated, raw)]
    assert losses[0] < losses[1]


def test_a_class_of_one_row_and_a_class_of_none_keep_their_columns():
    features, codes = ordered_rows()
    is_kept = ~np.isin(codes, [1, 5]) | (np.arange(len(codes)) == np.flatnonzero(codes == 5)[0])
    members = [LINEAR, ("logistic", LogisticRegression())]
    model = OrdinalStackingClassifier(members, classes=CLASSES)
    model.fit(features[is_kept], codes[is_kept])
    probabilities = model.predict_proba(features)
    assert probabilities.shape == (len(features), 5)
    assert probabilities.min() > 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


def test_weights_reach_the_members_and_the_loss():
    features, codes = ordered_rows()
    pipeline = ("scaled", make_pipeline(StandardScaler(), LogisticRegression()))
    model = OrdinalStackingClassifier([LINEAR, pipeline])
    is_kept = codes < 4
    weighted = model.fit(features, codes, sample_weight=np.where(is_kept, 1.0, 1e-9))
    assert weighted.predict_proba(features)[:, 3:].max() < 0.01


def test_the_default_members_take_gaps_a_constant_column_and_a_rare_class():
    features, codes = ordered_rows(count=70)
    features = np.column_stack([features, np.ones(70)])
    features[::4, 0] = np.nan
    features[:, 2] = np.nan
    model = OrdinalStackingClassifier(cv=2, classes=[*CLASSES, 6]).fit(features, codes)
    assert list(model.members_) == ["linear", "boosting", "forest", "kernel"]
    assert np.isfinite(model.predict_proba(features)).all()


def test_gaps_are_refused_when_one_member_does_not_take_them():
    features, codes = ordered_rows(count=40)
    features[0, 0] = np.nan
    members = [LINEAR, ("boosting", dict(default_members())["boosting"])]
    with pytest.raises(ValueError, match="contains NaN"):
        OrdinalStackingClassifier(members).fit(features, codes)


def test_the_same_rows_give_the_same_ensemble():
    features, codes = ordered_rows(count=60)
    members = [("forest", RandomForestClassifier(10, random_state=0))]
    one, other = (OrdinalStackingClassifier(members, cv=2).fit(features, codes) for _ in range(2))
    np.testing.assert_array_equal(one.predict_proba(features), other.predict_proba(features))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "crps"}, "loss='crps' is not one of"),
        ({"decision": "mean"}, "decision='mean' is not one of"),
        ({"cv": 1}, "cv=1"),
        ({"classes": [1, 2]}, "hold every class in y"),
    ],
)
def test_settings_that_make_no_model_are_refused(settings, message):
    features, codes = ordered_rows(count=40)
    with pytest.raises(ValueError, match=message):
        OrdinalStackingClassifier([LINEAR], **settings).fit(features, codes)


def drawn_models(seed, model_count, row_count):
    generator = np.random.default_rng(seed)
    truth = generator.dirichlet(np.ones(4), size=row_count)
    codes = (truth.cumsum(axis=1) < generator.random((row_count, 1))).sum(axis=1)
    noise = generator.dirichlet(np.ones(4), size=(model_count, row_count))
    return 0.5 * truth + 0.5 * noise, codes


def ordered_rows(count=200):
    generator = np.random.default_rng(0)
    features = generator.normal(size=(count, 3))
    latent = features @ [1.2, -0.7, 0.0] + generator.logistic(size=count)
    return features, 1 + np.searchsorted([-2.0, -0.5, 0.5, 2.0], latent)
