"""Estimating from partial evidence."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.partial_evidence import PartialEvidenceClassifier

MEDIAN = "predicts the median, not the mode"
EXPECTED = {"check_classifiers_train": MEDIAN}


@parametrize_with_checks([PartialEvidenceClassifier()], expected_failed_checks=lambda _: EXPECTED)
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def drawn():
    """Rows of three features, of which two follow the class, the second only from 3 to 4."""
    generator = np.random.default_rng(0)
    y = generator.integers(1, 6, 4000)
    rows = generator.normal(size=(4000, 3))
    rows[:, 0] += y
    rows[:, 1] += 3.0 * (y > 3)
    return rows, y


def test_without_gaps_and_with_common_slopes_it_is_the_cumulative_link_model(drawn):
    rows, y = drawn
    ours = PartialEvidenceClassifier(alpha_deviation=np.inf, alpha_threshold=0.01).fit(rows, y)
    plain = CumulativeLinkClassifier(alpha_threshold=0.01).fit(rows, y)
    np.testing.assert_allclose(ours.predict_proba(rows), plain.predict_proba(rows), atol=2e-4)


def test_slopes_of_their_own_find_what_tells_one_threshold_only(drawn):
    rows, y = drawn
    model = PartialEvidenceClassifier(alpha_deviation=3.0).fit(rows, y)
    assert model.coef_[2, 1] > 2 * np.delete(model.coef_[:, 1], 2).max()
    common = PartialEvidenceClassifier(alpha_deviation=np.inf).fit(rows, y)
    assert loss(model, rows, y) < 0.97 * loss(common, rows, y)


def test_a_row_of_which_nothing_was_seen_gets_the_prevalences(drawn):
    rows, y = drawn
    model = PartialEvidenceClassifier().fit(rows, y)
    [probabilities] = model.predict_proba(np.full((1, 3), np.nan))
    np.testing.assert_allclose(probabilities, np.bincount(y)[1:] / len(y), atol=0.04)


def test_hidden_features_widen_by_as_much_as_the_error_grows(drawn):
    rows, y = drawn
    model = PartialEvidenceClassifier().fit(rows[:2000], y[:2000])
    seen, hidden = rows[2000:], rows[2000:].copy()
    hidden[:, 1] = np.nan
    spread, error = zip(
        *[spread_and_error(model, each, y[2000:]) for each in (seen, hidden)], strict=True
    )
    assert error[1] > 1.02 * error[0]
    assert spread[1] / spread[0] == pytest.approx(error[1] / error[0], rel=0.04)


def test_gaps_in_training_do_not_blunt_complete_rows(drawn):
    rows, y = drawn
    holed = rows.copy()
    holed[np.random.default_rng(1).random(rows.shape) < 0.4] = np.nan
    whole, partly = (PartialEvidenceClassifier().fit(each, y) for each in (rows, holed))
    assert loss(partly, rows, y) < 1.03 * loss(whole, rows, y)


def test_signs_are_kept_at_every_threshold(drawn):
    rows, y = drawn
    model = PartialEvidenceClassifier(monotonic_cst=[-1, 0, 1], alpha_deviation=0.1).fit(rows, y)
    assert (model.coef_[:, 0] <= 0).all()
    assert (model.coef_[:, 2] >= 0).all()


def test_a_class_without_rows_keeps_its_column(drawn):
    rows, y = drawn
    model = PartialEvidenceClassifier(classes=range(1, 7)).fit(rows, y)
    probabilities = model.predict_proba(rows)
    assert probabilities.shape == (4000, 6)
    assert probabilities[:, 5].max() < 0.05
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


def test_probabilities_are_never_negative_where_thresholds_cross(drawn):
    rows, y = drawn
    model = PartialEvidenceClassifier(alpha_deviation=0.01).fit(rows[:60], y[:60])
    assert model.predict_proba(100 * rows).min() >= 0


def test_the_scaler_goes_first(drawn):
    rows, y = drawn
    wide = 1000 * rows
    scaled = PartialEvidenceClassifier(StandardScaler()).fit(wide, y)
    np.testing.assert_allclose(
        scaled.predict_proba(wide),
        PartialEvidenceClassifier()
        .fit(StandardScaler().fit_transform(rows), y)
        .predict_proba(StandardScaler().fit_transform(rows)),
        atol=1e-5,
    )
    assert np.abs(scaled.complete(wide)).max() < 10


def loss(model, rows, y):
    probabilities = model.predict_proba(rows)
    return -np.log(probabilities[np.arange(len(y)), np.searchsorted(model.classes_, y)]).mean()


def spread_and_error(model, rows, y):
    probabilities = model.predict_proba(rows)
    means = probabilities @ model.classes_
    spreads = np.sqrt(probabilities @ model.classes_**2 - means**2)
    return spreads.mean(), np.sqrt(((means - y) ** 2).mean())
