"""Whether stages are a ladder: scalograms counted by hand."""

import doctest

import numpy as np
import pytest
from answer_builders import answered, climbed
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from classifiers.assessing import guttman
from classifiers.assessing.guttman import ladder_check, ladder_checks

#: Five respondents, four gates. Perfect climbers with as many passes differ in 0, 0, 2, 2 and 0
#: cells. Gates are passed by 4, 2, 2 and 2 of five: off their modes 1 + 2 + 2 + 2 = 7. Respondents
#: passed 4, 2, 2, 2 and 0 of four: off their modes 0 + 2 + 2 + 2 + 0 = 6, which is less.
BY_HAND = [[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [0, 0, 0, 0]]


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(guttman).failed == 0


def test_a_scalogram_counted_by_hand():
    check = ladder_check(BY_HAND, "example")
    assert (check.error_count, check.largest_error_count, check.response_count) == (4, 6, 20)
    assert check.reproducibility == pytest.approx(0.8)
    assert check.scalability == pytest.approx(1 / 3)
    assert check.is_ladder is False


def test_perfect_climbers_make_a_ladder():
    sample = [answered(climbed(*[level] * 6)) for level in (1, 2, 3, 4, 5)]
    checks = ladder_checks(sample)
    assert [check.reproducibility for check in checks] == [1] * 7
    assert all(check.is_ladder for check in checks)
    assert "stages are a ladder in this sample" in str(checks[-1])


def test_a_sample_that_skips_stages_is_told_to_be_no_ladder():
    skipped = {**climbed(*[4] * 6), **climbed_without(2), **climbed_without(3)}
    started = climbed(*[1] * 6)
    last_only = {code: 2 if code.endswith("6") else 0 for code in started}
    checks = ladder_checks([answered(each) for each in (skipped, started, last_only)])
    for check in checks:
        assert check.is_ladder is False
        assert "stages are not a ladder in this sample" in str(check)
        assert "n = 3" in str(check)


def test_one_dimension_may_be_no_ladder_while_others_are():
    odd = climbed(3, 3, 3, 3, 3, 3) | {"EN1": 0, "EN2": 0, "EN6": 3, "EN5": 3}
    sample = [answered(climbed(*[level] * 6)) for level in (1, 2, 4, 5)] + [answered(odd)] * 2
    verdicts = {check.scale: check.is_ladder for check in ladder_checks(sample)}
    assert verdicts["engagement"] is False
    assert verdicts["strategy"] is True


def test_high_reproducibility_alone_is_no_ladder():
    rows = [[1, 1, 1, 0, 0, 0]] * 9 + [[1, 1, 0, 1, 0, 0]]
    check = ladder_check(rows)
    assert check.reproducibility > 0.9
    assert check.scalability == 0
    assert check.is_ladder is False


def test_who_left_a_gate_open_is_left_out_and_counted():
    whole, partial = answered(climbed(*[3] * 6)), climbed(*[2] * 6)
    del partial["ST1"]
    checks = {check.scale: check for check in ladder_checks([whole, answered(partial)])}
    assert (checks["strategy"].respondent_count, checks["strategy"].left_out_count) == (1, 1)
    assert (checks["people"].respondent_count, checks["people"].left_out_count) == (2, 0)
    assert (checks["all"].respondent_count, checks["all"].left_out_count) == (1, 1)
    assert checks["all"].response_count == 36


def test_answers_that_do_not_differ_cannot_tell():
    check = ladder_check([[1, 1, 1], [1, 1, 1]], "people")
    assert check.scalability is None
    assert check.is_ladder is None
    assert str(check) == "people: answers do not differ, so it cannot be told."


def test_nobody_is_no_sample():
    check = ladder_checks([])[-1]
    assert check.reproducibility is None
    assert str(check) == "all: nobody answered every gate, so it cannot be told."


@settings(max_examples=30)
@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 8), st.integers(1, 6))))
def test_sorted_rows_have_no_errors_and_others_an_even_number(rows):
    assert ladder_check(-np.sort(-rows.astype(int), axis=1)).error_count == 0
    assert ladder_check(rows).error_count % 2 == 0


def climbed_without(stage):
    return {code: 0 for code in climbed(*[6] * 6) if code.endswith(str(stage))}
