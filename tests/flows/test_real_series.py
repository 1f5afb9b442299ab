"""The real series agree with the summary that their collectors made, and can be estimated."""

from __future__ import annotations

import csv
import gzip

import pytest
from benchmark_scripts import script_named
from shared_model import shared_model


@pytest.fixture(scope="module")
def script():
    return script_named("real_series")


@pytest.fixture(scope="module")
def page():
    return script_named("real_series_page")


@pytest.fixture(scope="module")
def estimates():
    return script_named("real_series_estimates")


@pytest.fixture(scope="module")
def series(real_data):
    folder = real_data / "series"
    if not (folder / "conversations_summary.csv").exists():
        pytest.skip(f"REAL SERIES ABSENT: nothing at {folder}")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return tmp_path_factory.mktemp("series")


@pytest.fixture(scope="module")
def measured(script, series, project):
    return script.measure(series, script.conversations(series), project)


@pytest.mark.real
def test_every_row_of_the_conversations_comes_in(measured):
    assert (
        measured.row_counts["read"]
        == measured.row_counts["added"]
        == 4_661 + 14_123 + 36_895 + 52_900
    )
    assert measured.row_counts["left out"] == 0


@pytest.mark.real
def test_all_figures_equal_those_of_the_summary(script, series, measured):
    compared, differences = script.compare(measured.years, series / "conversations_summary.csv")
    assert compared == 103 * 12
    assert differences == []


@pytest.mark.real
def test_the_share_that_staff_of_redash_answered_is_as_published(page, measured):
    shares = page.redash_shares(measured.years)
    assert list(shares) == list(range(2016, 2024))
    assert tuple(round(share, 2) for share in shares.values()) == page.REDASH


@pytest.mark.real
def test_the_page_says_what_the_data_give(script, page, measured):
    lines = script.DOCUMENT.read_text("utf-8").splitlines()
    for row in (*measured.wholes, *filter(page.may_be_shown, measured.years)):
        assert page.line(row) in lines


@pytest.mark.real
def test_a_year_of_redash_is_estimated_from_its_four_quarters(
    estimates, project, measured, tmp_path_factory, worker_id
):
    assert estimates.people_by_year(measured.years)["redash", 2019] > 100
    model = shared_model(tmp_path_factory, worker_id)
    quarters = estimates.estimated_quarters(model, estimates.measured_quarters(project, [2019]))
    years = estimates.stage_years(model.calibration, quarters)
    [year] = [year for year in years if year.organization_id == "redash"]
    assert year.pooled.quarter_count == sum(year.reason_counts.values()) == 4
    sets = year.pooled.set80, year.pooled.set90
    assert all(low <= year.pooled.stage_code <= high for low, high in sets)
    assert sum(year.pooled.probabilities) == pytest.approx(1)


@pytest.mark.real
def test_halves_share_no_event_and_lose_none(series, tmp_path):
    halves = script_named("real_series_halves")
    tables = halves.halved_files(series)
    assert len(tables) == 5
    forum = series / "discourse_redash.csv.gz"
    written = halves.write_halves([forum], tmp_path)
    [odd], [even] = (set(map(event_lines, written[half])) for half in ("odd", "even"))
    assert not odd & even
    assert odd | even == event_lines(forum)
    assert abs(len(odd) - len(even)) < 0.05 * len(odd)


def event_lines(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return frozenset(row["event_id"] for row in csv.DictReader(text))
