"""Labelled tables from simulated worlds, for tests of evaluations."""

from functools import cache

import numpy as np
from benchmark_scripts import script_named

from classifiers.abstention import MINIMUM_COVERAGE_SHARE
from classifiers.simulators import SIMULATORS, simulate_organizations
from classifiers.simulators.worlds import join_simulated
from classifiers.training import fit_evidence

coded_worlds = script_named("coded_worlds")


def labelled_table(count, seed=0, simulator="graded_response", **columns):
    """`count` organizations of one world, with codes of raters who err to the next stage."""
    worlds = simulate_organizations(simulator, 1, 2 * count + 20, seed)
    worlds = worlds.where(worlds.coverage_share >= MINIMUM_COVERAGE_SHARE)
    worlds = worlds.where(np.arange(len(worlds.stage_codes)) < count)
    generator = np.random.default_rng(seed)
    is_wrong = generator.random(count) < coded_worlds.ADJACENT_ERROR_SHARE
    said = worlds.stage_codes + np.where(is_wrong, generator.choice([-1, 1], count), 0)
    return coded_worlds.coded_by_stratum(worlds, np.clip(said, 1, 6)).changed(**columns)


@cache
def small_simulator():
    """A classifier of few simulated organizations: for tests that are not about its worth."""
    worlds = [simulate_organizations(name, 10, 60, place) for place, name in enumerate(SIMULATORS)]
    joined = join_simulated(worlds)
    return fit_evidence(joined.where(joined.coverage_share >= MINIMUM_COVERAGE_SHARE))
