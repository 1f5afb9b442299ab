"""Labels that are probabilities of classes, and probabilities that are moved."""

import doctest

import numpy as np
import pytest
from reported_worlds import STAGES, reports_of_world

from classifiers import soft_labels
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.soft_labels import SoftLabels, best_move, moved


def test_the_examples_in_the_documentation_run():
    assert doctest.testmod(soft_labels).failed == 0


def test_soft_labels_of_whole_probability_are_plain_labels():
    features, reported, _, _ = reports_of_world(seed=0, count=240)
    soft = SoftLabels(
        rows=features,
        classes=STAGES,
        probabilities=np.eye(6)[reported - 1],
        weights=np.ones(240),
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
