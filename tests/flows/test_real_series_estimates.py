"""How years of real series are pooled and split in halves, on invented figures."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from benchmark_scripts import script_named
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from classifiers.estimates import SignalRow, StageEstimate
from classifiers.world_sets import SetCalibration

CALIBRATION = SetCalibration(thresholds={0.8: 0.8, 0.9: 0.9})
SURE_OF_ONE = (0.96, 0.04, 0.0, 0.0, 0.0, 0.0)
SURE_OF_TWO = (0.04, 0.96, 0.0, 0.0, 0.0, 0.0)
UNSURE = (0.1, 0.2, 0.2, 0.2, 0.2, 0.1)
COLUMNS = ("account", "thread_id", "event_id", "ts")


@pytest.fixture(scope="module")
def estimates():
    return script_named("real_series_estimates")


@pytest.fixture(scope="module")
def halves():
    return script_named("real_series_halves")


@pytest.fixture(scope="module")
def stages():
    return script_named("real_series_stages")


@pytest.fixture
def quarter(estimates):
    """Makes a quarter of an organization with given probabilities and reason to abstain."""

    def make(probabilities, reason="", *, year=2020, inbound=50, name="acme"):
        row = SignalRow(
            organization_id=name,
            values={},
            readable_channel_count=1,
            observed_week_count=13,
            coverage_share=1.0,
            inbound_count=inbound,
        )
        bounds = dict.fromkeys(("set80_low", "set90_low"), 1)
        bounds |= dict.fromkeys(("set80_high", "set90_high"), 6)
        estimate = StageEstimate(
            organization_id=name,
            probabilities=probabilities,
            stage_code=1,
            stage_label="",
            **bounds,
            is_abstained=bool(reason),
            abstention_reason=reason,
            abstention_text="",
            model_version="m",
        )
        return estimates.Quarter(year, row, estimate)

    return make


@pytest.fixture
def year_of(estimates):
    """The one year that quarters make."""

    def make(*quarters):
        [year] = estimates.stage_years(CALIBRATION, quarters)
        return year

    return make


@pytest.fixture
def pooled(estimates):
    """Makes a pooled year with a median stage."""

    def make(stage, reason="", low=1, high=6):
        probabilities = tuple(float(code == stage) for code in range(1, 7))
        bounds = estimates.StageSet(low, high)
        return estimates.Pooled(4, probabilities, stage, bounds, bounds, reason)

    return make


def test_a_year_is_the_mean_of_its_quarters_with_the_sets_of_that_mean(quarter, year_of):
    year = year_of(quarter(SURE_OF_ONE), quarter(SURE_OF_TWO))
    np.testing.assert_allclose(year.pooled.probabilities, (0.5, 0.5, 0, 0, 0, 0))
    assert (year.pooled.set80, year.pooled.set90) == ((1, 2), (1, 2))
    assert year.pooled.expected_stage == pytest.approx(1.5)
    assert year_of(quarter(SURE_OF_TWO)).pooled.set90 == (2, 2)


@pytest.mark.parametrize("reason", ["low_coverage", "few_active_weeks", "few_signals"])
def test_a_quarter_without_evidence_is_counted_and_not_pooled(quarter, year_of, reason):
    year = year_of(quarter(SURE_OF_ONE), quarter(UNSURE, reason))
    assert year.pooled.probabilities == pytest.approx(SURE_OF_ONE)
    assert year.pooled.quarter_count == 1
    assert year.reason_counts == {"": 1, reason: 1}
    assert year_of(quarter(SURE_OF_ONE, reason)).pooled is None


def test_a_quarter_that_abstains_for_width_or_messages_is_pooled(quarter, year_of):
    year = year_of(quarter(UNSURE, "wide_set"), quarter(UNSURE, "low_inbound"))
    assert year.pooled.quarter_count == 2


def test_a_year_abstains_for_the_reasons_of_a_quarter_asked_of_the_year(quarter, year_of):
    two_or_three = (0.0, 0.5, 0.5, 0.0, 0.0, 0.0)
    assert year_of(quarter(SURE_OF_ONE, "wide_set")).pooled.reason == ""
    assert year_of(quarter(UNSURE)).pooled.reason == "wide_set"
    assert year_of(quarter(two_or_three), quarter(two_or_three, inbound=0)).pooled.reason == ""
    few = year_of(quarter(two_or_three, inbound=30), quarter(two_or_three, inbound=8))
    assert few.pooled.reason == "low_inbound"
    assert year_of(quarter(two_or_three, inbound=None)).pooled.reason == "low_inbound"
    outside = year_of(quarter(SURE_OF_ONE), quarter(SURE_OF_ONE, "outside_training"))
    assert outside.pooled.reason == "outside_training"


def test_years_and_organizations_are_kept_apart(estimates, quarter):
    found = [quarter(UNSURE, year=2021), quarter(UNSURE), quarter(UNSURE, name="other")]
    years = estimates.stage_years(CALIBRATION, found)
    assert [year.key for year in years] == [("acme", 2020), ("acme", 2021), ("other", 2020)]


def test_quarters_end_where_the_next_begins_and_the_last_with_its_year(estimates):
    ends = estimates.quarter_ends({2021, 2020})
    assert [year for year, _ in ends] == [2020] * 4 + [2021] * 4
    assert [end for _, end in ends[2:5]] == [
        datetime(2020, 10, 1, tzinfo=UTC),
        datetime(2021, 1, 1, tzinfo=UTC),
        datetime(2021, 4, 1, tzinfo=UTC),
    ]


def test_people_of_several_sources_are_not_added_for_they_may_be_the_same(estimates):
    rows = [
        {"organization_id": "acme", "year": 2020, "distinct_outsiders": count}
        for count in (3, 4, None)
    ]
    assert estimates.people_by_year(rows) == {("acme", 2020): 4}


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(["", "t1", "t2", "t3", "t4", "t5"]),
        st.integers(10, 99).map(lambda minute: f"2020-01-01T00:{minute}Z"),
    )
)


@given(EVENTS)
def test_threads_stay_whole_and_halves_differ_by_one_at_most(found):
    halves = script_named("real_series_halves")
    rows = [event(*place, number) for number, place in enumerate(found)]
    of_row = halves.assign_halves(rows)
    units = {
        (row["account"], row["thread_id"], "" if row["thread_id"] else row["event_id"]): half
        for row, half in zip(rows, of_row, strict=True)
    }
    assert of_row == [
        units[row["account"], row["thread_id"], "" if row["thread_id"] else row["event_id"]]
        for row in rows
    ]
    for account in "ab":
        for has_thread in (True, False):
            own = [h for (a, t, _), h in units.items() if a == account and bool(t) == has_thread]
            counts = Counter(own)
            assert counts["odd"] - counts["even"] in {0, 1}


def test_threads_turn_about_in_the_order_of_their_opening(halves):
    places = [
        ("a", "t1", "3"),
        ("a", "t2", "1"),
        ("a", "t3", "2"),
        ("a", "t1", "0"),
        ("a", "", "9"),
    ]
    rows = [event(*place, number) for number, place in enumerate(places)]
    assert halves.assign_halves(rows) == ["odd", "even", "odd", "odd", "odd"]


def test_halves_are_written_as_tables_of_the_same_name(halves, tmp_path):
    rows = [event("a", f"t{number}", str(number), number) for number in range(5)]
    with gzip.open(tmp_path / "forum.csv.gz", "wt", newline="") as text:
        table = csv.DictWriter(text, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    written = halves.write_halves([tmp_path / "forum.csv.gz"], tmp_path / "halves")
    assert [path.name for paths in written.values() for path in paths] == ["forum.csv.gz"] * 2
    read = {half: read_events(paths[0]) for half, paths in written.items()}
    assert read == {"odd": ["0", "2", "4"], "even": ["1", "3"]}


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=2, max_size=30))
def test_kappa_is_that_of_scikit_learn(pairs):
    halves = script_named("real_series_halves")
    table = np.zeros((6, 6))
    for one, other in pairs:
        table[one - 1, other - 1] += 1
    ours = [float(halves.weighted_kappa(table, power)) for power in (1, 2)]
    if len(set(np.ravel(pairs))) == 1:
        assert np.isnan(ours).all()
    else:
        codes = [list(side) for side in zip(*pairs, strict=True)]
        theirs = [
            cohen_kappa_score(*codes, labels=range(1, 7), weights=name)
            for name in ("linear", "quadratic")
        ]
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_agreement_says_what_it_rests_on(halves, pooled):
    pairs = [(f"o{n}", pooled(n % 6 + 1), pooled(n % 6 + 1)) for n in range(12)]
    found = halves.agreement("all", pairs)
    assert (found.year_count, found.organization_count) == (12, 12)
    assert found.quadratic == (1, 1, 1)
    assert (found.same_share, found.mean_gap, found.overlap_share) == (1, 0, 1)
    moved = [(name, one, pooled(7 - other.stage_code)) for name, one, other in pairs]
    assert halves.agreement("all", moved).linear.value < 0


def test_an_interval_is_wider_where_years_are_of_fewer_organizations(halves, pooled):
    years = [(pooled(n % 6 + 1), pooled((n + n // 12 % 2) % 6 + 1)) for n in range(48)]
    of_many = halves.agreement("", [(f"o{n}", *year) for n, year in enumerate(years)])
    of_four = halves.agreement("", [(f"o{n // 12}", *year) for n, year in enumerate(years)])
    assert of_many.quadratic.value == of_four.quadratic.value
    assert of_four.organization_count == 4
    widths = [one.quadratic.upper - one.quadratic.lower for one in (of_four, of_many)]
    assert widths[0] > 1.3 * widths[1]


def test_agreement_of_nothing_is_undefined_and_no_error(halves, stages):
    found = halves.agreement("none", [])
    assert np.isnan([*found.quadratic, found.same_share, found.mean_gap]).all()
    text = stages._agreements([found])
    assert "| none | 0 | 0 | undefined | undefined | undefined | undefined | undefined |" in text


def test_only_years_that_may_be_shown_and_are_in_both_halves_are_compared(
    estimates, halves, pooled
):
    def year(name, number, made):
        return estimates.StageYear(name, number, {}, made)

    whole = [year("acme", 2020, None), year("acme", 2021, None), year("acme", 2022, None)]
    odd = [
        year("acme", 2020, pooled(2)),
        year("acme", 2021, pooled(3, "wide_set")),
        year("acme", 2022, None),
        year("small", 2020, pooled(3)),
    ]
    even = [year(y.organization_id, y.year, pooled(2)) for y in odd]
    found = halves.agreements(whole, odd, even)
    assert [one.year_count for one in found] == [2, 2, 1]


def test_a_withheld_median_stands_in_brackets_and_never_without_its_sets(stages, pooled):
    assert stages._stage_cells(pooled(3, "wide_set", 1, 5)) == ["(3)", "1 to 5", "1 to 5"]
    assert stages._stage_cells(pooled(2, "", 2, 2)) == ["2", "2", "2"]


def test_the_course_is_told_with_whether_sets_share_a_stage(stages, pooled):
    shares = {2020: 0.9, 2021: 0.5, 2022: 0.1}

    def words(*made):
        years = [SimpleNamespace(year=2020 + n, pooled=one) for n, one in enumerate(made)]
        return " ".join(stages._redash_words(years, shares).split())

    apart = words(pooled(4, "", 4, 5), pooled(3, "", 3, 4), pooled(1, "", 1, 1))
    assert "falls 2 times and rises 0 times" in apart
    assert "Of the 3 pairs of years, 2 have 90 % sets that share no stage" in apart
    assert "correlation of 1.00 (n = 3 years" in apart
    alike = words(pooled(1), pooled(2), pooled(3))
    assert "correlation of -1.00" in alike
    assert "no year differs from another for certain" in alike
    assert "Too few years" in words(pooled(1))


def event(account, thread, moment, number):
    return dict(zip(COLUMNS, (account, thread, str(number), moment), strict=True))


def read_events(path):
    with gzip.open(path, "rt", newline="") as text:
        return [row["event_id"] for row in csv.DictReader(text)]
