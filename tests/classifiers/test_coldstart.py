"""From no label to many."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers import coldstart
from classifiers.coldstart import ColdStartOrdinalClassifier
from classifiers.kernel import KernelOrdinalClassifier
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.partial_evidence import PartialEvidenceClassifier

EXPECTED = {"check_classifiers_train": "shrunken on purpose, and predicts the median"}


@parametrize_with_checks(
    [ColdStartOrdinalClassifier(source="offset")], expected_failed_checks=lambda _: EXPECTED
)
def test_scikit_learn_s_conventions_hold(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def worlds():
    """A simulation that is too sure and misses a feature, and rows of the world it stands for."""
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(6000, 4))
    y = 1 + (rows[:, 0] + rows[:, 1] + 1.5 * generator.logistic(size=6000) > [[-2], [0], [2]]).sum(
        axis=0
    )
    simulated = rows.copy()
    simulated[:, 1] = generator.normal(size=6000)
    believed = 1 + (2 * simulated[:, 0] > [[-2], [0], [2]]).sum(axis=0)
    return PartialEvidenceClassifier(alpha_deviation=np.inf).fit(simulated, believed), rows, y


def test_without_a_correction_it_says_what_the_simulation_says(worlds):
    simulation, rows, y = worlds
    model = ColdStartOrdinalClassifier(simulation, source="simulator").fit(rows[:5], y[:5])
    np.testing.assert_allclose(model.predict_proba(rows), simulation.predict_proba(rows), atol=0.01)


@pytest.mark.parametrize(
    ("count", "sources"),
    [(6, {"simulator"}), (30, {"recalibrated"}), (200, {"offset"})],
)
def test_more_labels_may_say_more(worlds, count, sources):
    simulation, rows, y = worlds
    model = ColdStartOrdinalClassifier(simulation).fit(rows[:count], y[:count])
    assert model.source_ in sources
    assert [trial.source for trial in model.trials_ if trial.is_chosen][-1:] in (
        [],
        [model.source_],
    )


def test_labels_lower_the_loss_and_never_start_worse_than_without_simulation(worlds):
    simulation, rows, y = worlds
    losses = [
        loss(ColdStartOrdinalClassifier(simulation).fit(rows[:n], y[:n]), rows, y)
        for n in (6, 30, 290)
    ]
    assert losses == sorted(losses, reverse=True)
    alone = loss(CumulativeLinkClassifier(classes=range(1, 5)).fit(rows[:30], y[:30]), rows, y)
    assert losses[1] < alone


def test_an_ensemble_is_taken_only_when_it_wins_beyond_its_error(monkeypatch):
    def members(classes, random_state):  # noqa: ARG001 - one that needs no chance is enough
        return [("kernel", KernelOrdinalClassifier(classes=classes))]

    monkeypatch.setattr(coldstart, "default_members", members)
    generator = np.random.default_rng(1)
    rows = generator.uniform(-2, 2, size=(310, 2))
    ring = np.hypot(rows[:, 0], rows[:, 1])
    y = 1 + np.digitize(ring, [0.8, 1.5])
    flat = PartialEvidenceClassifier().fit(rows, y)
    model = ColdStartOrdinalClassifier(flat, cv=2).fit(rows, y)
    assert model.source_ == "stack"
    assert model.trials_[-1].better_than_former > model.trials_[-1].standard_error
    assert (model.predict(rows) == y).mean() > 0.9


def test_a_clone_keeps_the_simulation(worlds):
    simulation, rows, y = worlds
    copy = clone(ColdStartOrdinalClassifier(simulation, alpha_score=3.0))
    assert copy.simulator_estimator is simulation
    assert copy.alpha_score == 3.0
    assert copy.fit(rows[:60], y[:60]).classes_.tolist() == [1, 2, 3, 4]


def test_a_simulation_that_was_never_fitted_is_refused():
    model = ColdStartOrdinalClassifier(LogisticRegression())
    with pytest.raises(ValueError, match="not fitted"):
        model.fit([[0.0], [1.0]], [1, 2])


def test_a_stage_that_the_simulation_lacks_is_refused(worlds):
    simulation, rows, _ = worlds
    with pytest.raises(ValueError, match="must ascend and hold every class"):
        ColdStartOrdinalClassifier(simulation).fit(rows[:3], [1, 2, 9])


def test_an_unknown_source_is_refused(worlds):
    simulation, rows, y = worlds
    with pytest.raises(ValueError, match="source='magic'"):
        ColdStartOrdinalClassifier(simulation, source="magic").fit(rows[:9], y[:9])


def test_a_group_is_never_on_both_sides_of_a_trial(worlds):
    simulation, rows, y = worlds
    copies, labels = np.repeat(rows[:40], 5, axis=0), np.repeat(y[:40], 5)
    groups = np.repeat(np.arange(40), 5)
    grouped, split = (
        ColdStartOrdinalClassifier(simulation).fit(copies, labels, groups=each)
        for each in (groups, None)
    )
    # Copies of a row on both sides make the offset look better than it is.
    score = [model.trials_[-1].ranked_probability_score for model in (grouped, split)]
    assert score[0] > score[1]


def loss(model, rows, y):
    probabilities = model.predict_proba(rows)
    return -np.log(probabilities[np.arange(len(y)), y - 1] + 1e-12).mean()
