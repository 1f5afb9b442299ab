"""The figures of docs/polling.md are those of the rhythm that the collector uses."""

import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def test_the_document_quotes_the_kept_figures(year, kept):
    document = (DOCS / "polling.md").read_text("utf-8")
    designs, ceilings = (year.read_results(kept[name]) for name in ("designs", "quiet_ceilings"))
    assert [table for table in year.tables(designs, ceilings) if table not in document] == []


def test_the_plot_shows_the_kept_figures(year, kept):
    assert (DOCS / "polling" / "year.svg").read_text("utf-8") == year.draw(
        year.read_results(kept["designs"])
    )


def test_a_tenth_of_the_feeds_gives_the_kept_figures_again(year, kept):
    feeds = year.invent(year.SEED, year.SMALL_SCALE)
    figures = year.compare(feeds, [year.OURS])[year.OURS]["all"]
    expected = kept["small"][year.OURS]["all"]
    assert asdict(figures) == pytest.approx(expected, rel=0.001)


def test_the_aim_is_met(kept):
    ours, hourly = (kept["designs"][name]["all"] for name in ("adaptive", "hourly"))
    assert ours["requests_per_day"] <= hourly["requests_per_day"] / 4
    assert ours["caught_share"] >= 0.99


@pytest.fixture
def year(monkeypatch):
    """The script as a module; its neighbours are found beside it."""
    monkeypatch.syspath_prepend(DOCS / "polling")
    return import_module("year")


@pytest.fixture
def kept():
    return json.loads((DOCS / "polling" / "year.json").read_text("utf-8"))
