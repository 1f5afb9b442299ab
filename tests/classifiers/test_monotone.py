"""Cumulative probabilities that ascend."""

import doctest

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classifiers import monotone
from classifiers.monotone import ascending

CURVES = arrays(np.float64, (3, 5), elements=st.floats(0, 1))


@given(CURVES)
def test_curves_rise_and_stay_within_their_own_bounds(curves):
    risen = ascending(curves)
    assert (np.diff(risen, axis=1) >= 0).all()
    assert (risen.min(axis=1) >= curves.min(axis=1)).all()
    assert (risen.max(axis=1) <= curves.max(axis=1)).all()


@given(CURVES)
def test_what_rises_stays_as_it_is(curves):
    rising = np.sort(curves, axis=1)
    np.testing.assert_allclose(ascending(rising), rising)


def test_the_example_in_the_documentation_runs():
    assert doctest.testmod(monotone) == doctest.TestResults(failed=0, attempted=1)
