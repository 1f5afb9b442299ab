"""The median of latencies: published cases, their whole curves, and random data by statsmodels."""

import json
from importlib import resources
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

VECTORS = Path(__file__).parents[1] / "vectors" / "km_latency.json"
CASES = json.loads(VECTORS.read_text("utf-8"))["vectors"]
HOUR_US = 3_600_000_000
PRINTED = 0.0006  # curves are printed with three decimals
#: Few different hours, so that there are ties, of ends and of what was lost from sight.
DURATIONS = st.lists(st.tuples(st.integers(1, 15), st.booleans()), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def medians():
    """Median and interval, in hours, of subjects that are lists of (hours, ended)."""
    with duckdb.connect() as connection:
        for file in ("003_macros.sql", "007_macros.sql"):
            sql = resources.files("warehouse") / "schema" / file
            connection.execute(sql.read_text("utf-8"))
        yield lambda *subjects: estimated(connection, subjects)


def estimated(connection, subjects):
    rows = [(n, hours, end) for n, subject in enumerate(subjects) for hours, end in subject]
    number, hours, is_ended = (list(column) for column in zip(*rows, strict=True))
    connection.execute(
        """
        create or replace temp table spans as
        select
            unnest($number) as subject,
            unnest($hours) * $hour_us as duration_us,
            unnest($is_ended) as is_ended,
        """,
        {"number": number, "hours": hours, "is_ended": is_ended, "hour_us": HOUR_US},
    )
    found = connection.execute("from statistics.kaplan_meier('spans')").fetchall()
    known = {subject: tuple(rest) for subject, *rest in found}
    return [known.get(number, (None, None, None)) for number in range(len(subjects))]


def durations_of(case):
    return [(hours, True) for hours in case["ended"]] + [(hours, False) for hours in case["open"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_median_and_its_interval_are_those_of_the_case(case, medians):
    assert case["basis"]
    assert case["source"]
    expected = (case["median"], case["lower"], case["upper"])
    assert medians(durations_of(case)) == [expected]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_whole_curve_is_that_of_the_case(case, medians):
    # So many that end at once before all others scale the curve down: with n in the case and m
    # before, S falls to one half where it was (n + m) / 2n without them. As m grows, the median
    # walks back over every step of the curve.
    durations = durations_of(case)
    n = len(durations)
    found = medians(*([(0, True)] * m + durations for m in range(n)))
    levels = [(n + m) / (2 * n) for m in range(n)]
    assert [median for median, _, _ in found] == [fallen_to(level, case) for level in levels]


def fallen_to(level, case):
    """When the printed curve first is no higher than a level."""
    steps = case["curve"].items()
    return next((int(hours) for hours, share in steps if share <= level + PRINTED), None)


@settings(max_examples=25, deadline=None)
@given(st.lists(DURATIONS, min_size=1, max_size=12))
def test_random_durations_have_the_median_and_interval_of_statsmodels(medians, subjects):
    assert medians(*subjects) == [independently(subject) for subject in subjects]


def independently(durations):
    """Median and interval by statsmodels, with our two conventions where it has another.

    One half is reached where S is at one half, not only below it (statsmodels follows SAS). Where
    S falls to 0 Greenwood's variance is infinite: that moment is no upper limit.
    """
    hours, is_ended = zip(*durations, strict=True)
    curve = SurvfuncRight(hours, [int(end) for end in is_ended])
    times, shares = curve.surv_times, curve.surv_prob
    lower, upper = _interval(curve) if len(times) else (np.nan, np.nan)
    if np.isfinite(upper) and shares[times == upper][0] < 1e-12:
        upper = np.nan
    median = next((t for t, s in zip(times, shares, strict=True) if s <= 0.5 + 1e-9), None)
    return tuple(_number(value) for value in (median, lower, upper))


def _interval(curve):
    """A curve that jumps over the whole band has both limits at the jump."""
    with np.errstate(all="ignore"):
        limits = curve.quantile_ci(0.5, method="cloglog")
    below = curve.surv_times[curve.surv_prob < 0.5]
    return (below[0], below[0]) if np.isnan(limits[0]) and len(below) else limits


def _number(value):
    return None if value is None or not np.isfinite(value) else float(value)
