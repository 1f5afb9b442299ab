"""The published rule: signs and order only."""

import doctest
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifiers import rules
from classifiers.rules import published_rule_stages, steps_of
from classifiers.signals import FEATURE_CODES

CODES = ("posts_per_week", "conversation_share", "response_hours_median", "verified_share")
COHORT = np.random.default_rng(0).random((40, len(CODES)))


def test_the_examples_in_the_documentation_run():
    assert doctest.testmod(rules).failed == 0


def test_a_row_of_which_nothing_was_seen_meets_no_criterion():
    assert published_rule_stages(COHORT, np.full((1, 4), np.nan), CODES).tolist() == [1]


def test_nobody_reaches_the_last_stage_for_no_signal_speaks_for_it():
    cohort = np.random.default_rng(0).random((40, len(FEATURE_CODES)))
    assert published_rule_stages(cohort, np.full((1, 26), 9.0), FEATURE_CODES).max() < 6
    assert all(5 not in steps_of(code) for code in FEATURE_CODES)


def test_a_falling_signal_speaks_for_the_lower_values():
    slow, fast = COHORT[:1].copy(), COHORT[:1].copy()
    slow[0, 2], fast[0, 2] = 9.0, -9.0
    assert (
        published_rule_stages(COHORT, fast, CODES) > published_rule_stages(COHORT, slow, CODES)
    ).all()


@given(st.integers(0, 39), st.floats(0.1, 50.0))
def test_only_the_order_counts(place, factor):
    row = COHORT[[place]]
    stretched = published_rule_stages(np.exp(factor * COHORT), np.exp(factor * row), CODES)
    assert stretched.tolist() == published_rule_stages(COHORT, row, CODES).tolist()


def test_it_reads_nothing_of_the_simulators():
    assert "simulators" not in " ".join(
        line for line in Path(rules.__file__).read_text().splitlines() if "import" in line
    )
