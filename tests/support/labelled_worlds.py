"""Labelled tables from simulated worlds, for tests of evaluations."""

from functools import cache

import numpy as np

from classifiers.abstention import MINIMUM_COVERAGE_SHARE
from classifiers.evaluating.labelled_table import LabelledTable
from classifiers.signals import FEATURE_CODES
from classifiers.simulators import SIMULATORS, simulate_organizations
from classifiers.simulators.worlds import join_simulated
from classifiers.training import fit_evidence, matrix_of

ADJACENT_ERROR_SHARE = 0.24  # of a rater's codes


def labelled_table(count, seed=0, simulator="graded_response", **columns):
    """`count` organizations of one world, with codes of raters who err to the next stage."""
    worlds = simulate_organizations(simulator, 1, 2 * count + 20, seed)
    worlds = worlds.where(worlds.coverage_share >= MINIMUM_COVERAGE_SHARE)
    worlds = worlds.where(np.arange(len(worlds.stage_codes)) < count)
    generator = np.random.default_rng(seed)
    is_wrong = generator.random(count) < ADJACENT_ERROR_SHARE
    said = worlds.stage_codes + np.where(is_wrong, generator.choice([-1, 1], count), 0)
    names = np.array([f"organization-{place:04d}" for place in range(count)])
    day, blank = np.full(count, np.datetime64("2026-09-30")), np.full(count, "")
    table = LabelledTable(
        X=matrix_of(worlds),
        reasons=worlds.reasons,
        signal_codes=FEATURE_CODES,
        stage_codes=np.clip(said, 1, 6),
        weights=np.ones(count),
        organization_ids=names,
        groups=names,
        industries=worlds.industry_codes.astype(str),
        size_classes=worlds.size_codes.astype(str),
        countries=blank,
        source_mixes=blank,
        saw=np.full(count, "documents"),
        first_seen_days=day - 200,
        about_days=day,
        window_ends=day - 2,
    )
    return table.changed(**columns)


@cache
def small_simulator():
    """A classifier of few simulated organizations: for tests that are not about its worth."""
    worlds = [simulate_organizations(name, 10, 60, place) for place, name in enumerate(SIMULATORS)]
    joined = join_simulated(worlds)
    return fit_evidence(joined.where(joined.coverage_share >= MINIMUM_COVERAGE_SHARE))
