"""Training before anyone has coded a stage: what a model may claim of worlds it has not seen."""

from dataclasses import replace

import numpy as np
import pytest

from classifiers import training
from classifiers.abstention import MINIMUM_COVERAGE_SHARE
from classifiers.decisions import median_positions
from classifiers.signals import FEATURE_CODES
from classifiers.simulators import SIMULATORS, simulate_organizations
from classifiers.training import matrix_of, train_cold_start

#: All that is known only where conversations can be read.
OF_CONVERSATION = FEATURE_CODES[FEATURE_CODES.index("reply_clock_entropy") :]
STAGES = np.arange(1, 7)


@pytest.fixture(scope="module", params=SIMULATORS)
def alone(request):
    """A model of one simulator, and the name of the other."""
    (other,) = set(SIMULATORS) - {request.param}
    return train_cold_start(seed=0, simulators=(request.param,)), other


@pytest.fixture(scope="module")
def small():
    """Models of so few worlds that training takes no time: enough to tell them apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "TRAINING_WORLDS", (6, 50))
        patch.setattr(training, "CALIBRATION_WORLDS", (3, 150))
        return {
            "one": train_cold_start(seed=5),
            "again": train_cold_start(seed=5),
            "other": train_cold_start(seed=6),
            "alone": train_cold_start(seed=5, simulators=("capability",)),
        }


@pytest.mark.parametrize("simulator", SIMULATORS)
@pytest.mark.parametrize(("level", "worst"), [(0.8, 0.7), (0.9, 0.85)])
def test_sets_hold_the_true_stage_in_worlds_never_seen(cold_start, simulator, level, worst):
    by_world = coverages(cold_start, worlds_of(simulator, 20), level)
    assert np.mean(by_world) >= level
    assert np.min(by_world) >= worst


def test_sets_hold_in_worlds_of_a_kind_never_seen(alone):
    model, other = alone
    by_world = coverages(model, worlds_of(other, 20), 0.9)
    assert len(by_world) >= 14
    assert np.mean(by_world) >= 0.89
    assert np.min(by_world) >= 0.8


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_its_sets_say_something(cold_start, simulator):
    worlds = worlds_of(simulator, 20)
    sets = cold_start.calibration.predict_set(probabilities_of(cold_start, worlds), 0.9)
    assert (sets.high - sets.low + 1).mean() < 4.5


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_its_median_is_nearer_the_truth_than_any_constant_stage(cold_start, simulator):
    worlds = worlds_of(simulator, 20)
    medians = 1 + median_positions(probabilities_of(cold_start, worlds))
    constant_errors = [np.abs(stage - worlds.stage_codes).mean() for stage in STAGES]
    assert np.abs(medians - worlds.stage_codes).mean() < 0.75 * min(constant_errors)


def test_what_is_hidden_widens_the_spread_at_least_as_much_as_the_error_grows(alone):
    model, other = alone
    shown = worlds_of(other, 20)
    spread, error = spread_and_error(model, shown)
    wider, greater = spread_and_error(model, without(shown, OF_CONVERSATION))
    assert greater > 1.05 * error
    assert wider / spread > 0.98 * greater / error


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_sets_hold_also_where_no_conversation_can_be_read(cold_start, simulator):
    hidden = without(worlds_of(simulator, 20), OF_CONVERSATION)
    assert np.mean(coverages(cold_start, hidden, 0.9)) >= 0.9


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_one_in_a_thousand_is_unusual(cold_start, simulator):
    unusualness = cold_start.evidence.unusualness(matrix_of(worlds_of(simulator, 20)))
    assert (unusualness > cold_start.unusual_limit).mean() < 0.005


def test_the_same_seed_trains_the_same_model(small):
    one, again = small["one"], small["again"]
    assert one.model_version == again.model_version
    assert one.calibration == again.calibration
    assert one.unusual_limit == again.unusual_limit
    np.testing.assert_array_equal(one.evidence.coef_, again.evidence.coef_)


def test_another_seed_or_fewer_simulators_train_a_model_of_another_name(small):
    names = {small[each].model_version for each in ("one", "other", "alone")}
    assert len(names) == 3
    assert (small["one"].seed, small["other"].seed) == (5, 6)


def test_a_model_says_that_it_has_seen_no_label(cold_start):
    assert cold_start.model_version.startswith("cold-start-3+")
    assert cold_start.source == "simulator"
    assert cold_start.label_counts == (0,) * 6
    assert cold_start.signal_codes == FEATURE_CODES
    assert cold_start.classifier is cold_start.evidence
    assert cold_start.fold_classifiers == ()


def worlds_of(simulator, count, seed=2026):
    """What an estimate would be given for: organizations that were seen often enough."""
    worlds = simulate_organizations(simulator, count, 100, seed)
    return worlds.where(worlds.coverage_share >= MINIMUM_COVERAGE_SHARE)


def without(worlds, codes):
    """The same worlds where nobody could look at these signals."""
    columns = [FEATURE_CODES.index(code) for code in codes]
    values, reasons = worlds.values.copy(), worlds.reasons.copy()
    values[:, columns], reasons[:, columns] = np.nan, "unobserved"
    return replace(worlds, values=values, reasons=reasons)


def probabilities_of(model, worlds):
    return model.classifier.predict_proba(matrix_of(worlds))


def coverages(model, worlds, level):
    """In each world the share of organizations whose set holds the true stage."""
    sets = model.calibration.predict_set(probabilities_of(model, worlds), level)
    is_held = (sets.low <= worlds.stage_codes) & (worlds.stage_codes <= sets.high)
    return [is_held[worlds.world_codes == world].mean() for world in set(worlds.world_codes)]


def spread_and_error(model, worlds):
    """How far the model says it may be off, and how far it is, both as a root mean square."""
    probabilities = probabilities_of(model, worlds)
    means = probabilities @ STAGES
    variances = probabilities @ STAGES**2 - means**2
    return np.sqrt([variances.mean(), ((means - worlds.stage_codes) ** 2).mean()])
