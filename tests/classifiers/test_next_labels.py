"""Which organizations to code next."""

import numpy as np
import pytest

from classifiers.next_labels import propose_labels
from classifiers.simulators import simulate_organizations
from classifiers.training import matrix_of


@pytest.fixture(scope="module")
def candidates():
    drawn = simulate_organizations("graded_response", 1, 150, random_state=9)
    return matrix_of(drawn.where(drawn.coverage_share >= 0.6))


@pytest.fixture(scope="module")
def nobody(candidates):
    return candidates[:0]


def test_each_is_proposed_once_and_each_is_worth_less_than_the_one_before(
    cold_start, candidates, nobody
):
    proposals = propose_labels(cold_start, candidates, nobody, 20)
    assert len({proposal.row for proposal in proposals}) == 20
    gains = [proposal.gain_bits for proposal in proposals]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] > 0


def test_the_copy_of_a_proposed_organization_is_worth_less(cold_start, candidates, nobody):
    [first] = propose_labels(cold_start, candidates, nobody, 1)
    twins = np.vstack([candidates[first.row], candidates[first.row]])
    one, other = propose_labels(cold_start, twins, nobody, 2)
    assert other.gain_bits < 0.95 * one.gain_bits


def test_labels_that_are_there_make_others_worth_less(cold_start, candidates):
    [alone] = propose_labels(cold_start, candidates[:20], candidates[:0], 1)
    [beside] = propose_labels(cold_start, candidates[:20], candidates[20:], 1)
    assert beside.gain_bits < alone.gain_bits


def test_asking_for_more_than_there_are_gives_all(cold_start, candidates, nobody):
    assert len(propose_labels(cold_start, candidates[:3], nobody, 10)) == 3


def test_a_model_with_labels_proposes_too(corrected, candidates, nobody):
    assert len(propose_labels(corrected, candidates, nobody, 2)) == 2


def test_the_proposed_tell_more_than_as_many_at_random(cold_start, candidates, nobody):
    proposed = propose_labels(cold_start, candidates, nobody, 15)
    generator = np.random.default_rng(0)
    for _ in range(5):
        drawn = candidates[generator.choice(len(candidates), 15, replace=False)]
        at_random = propose_labels(cold_start, drawn, nobody, 15)
        assert told(proposed) > told(at_random)


def told(proposals):
    return sum(proposal.gain_bits for proposal in proposals)
