"""The catalogue of signals."""

import pytest

from classifiers.signals import SIGNAL_CODES, SIGNALS, signal_named


def test_every_code_stands_once():
    assert len(set(SIGNAL_CODES)) == len(SIGNALS) == 10


def test_a_signal_is_found_by_its_code():
    assert signal_named("burstiness").minimum_count == 20


def test_an_unknown_code_is_refused_with_those_that_exist():
    with pytest.raises(KeyError, match="no signal 'likes'; there are posts_per_week, active_"):
        signal_named("likes")


def test_every_signal_says_what_it_is_and_where_it_comes_from():
    for signal in SIGNALS:
        assert signal.label
        assert signal.definition.endswith(".")
        assert signal.formula
        assert signal.source
        assert signal.window_weeks > 0
