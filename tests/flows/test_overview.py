"""The table of organizations says how they answer, or why that is not known."""

from __future__ import annotations

import pytest

from flows.terminal import first_answer, reply_rate


@pytest.mark.parametrize(
    ("value", "n", "reason", "shown"),
    [
        (0.8, 50, "", "80% of 50"),
        (0.0, 31, "", "0% of 31"),
        (None, 7, "undefined", "too few (7)"),
        (None, 0, "undefined", "too few (0)"),
        (None, 0, "unobserved", "not seen"),
        (None, 0, "absent", "no channel"),
    ],
)
def test_a_reply_rate_comes_with_its_base_or_the_reason(value, n, reason, shown):
    assert reply_rate(row("reply_rate_72h", value, n, reason)) == shown


@pytest.mark.parametrize(
    ("value", "n", "reason", "shown"),
    [
        (3.25, 9, "", "3.2 h"),
        (0.0, 9, "", "0.0 h"),
        (None, 4, "undefined", "too few (4)"),
        (None, 5, "undefined", "most open"),
        (None, 0, "unobserved", "not seen"),
        (None, 0, "absent", "no channel"),
    ],
)
def test_a_time_to_the_first_answer_is_in_hours_or_the_reason(value, n, reason, shown):
    assert first_answer(row("response_hours_median", value, n, reason)) == shown


def row(code, value, n, reason):
    return {code: value, f"{code}_n": n, f"{code}_missing_reason": reason}
