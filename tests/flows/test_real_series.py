"""The real series, imported and measured, agree with the summary that their collectors made."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def script():
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(BENCHMARKS)
    yield import_module("real_series")
    patch.undo()


@pytest.fixture(scope="module")
def series(real_data):
    folder = real_data / "series"
    if not (folder / "conversations_summary.csv").exists():
        pytest.skip(f"REAL SERIES ABSENT: nothing at {folder}")
    return folder


@pytest.fixture(scope="module")
def measured(script, series, tmp_path_factory):
    return script.measure(series, script.conversations(series), tmp_path_factory.mktemp("series"))


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
def test_the_share_that_staff_of_redash_answered_is_as_published(script, measured):
    shares = script.redash_shares(measured.years)
    assert list(shares) == list(range(2016, 2024))
    assert tuple(round(share, 2) for share in shares.values()) == script.REDASH


@pytest.mark.real
def test_the_page_says_what_the_data_give(script, measured):
    page = script.DOCUMENT.read_text("utf-8").splitlines()
    for row in (*measured.wholes, *filter(script.may_be_shown, measured.years)):
        assert script.line(row) in page
