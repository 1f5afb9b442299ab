"""`barograph signals` shows what is measured, and what came of it."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from specified_cases import FOLDER, cases_of
from specified_world import measure

from classifiers.signals import SIGNAL_CODES, SIGNALS, UNOBTAINABLE
from flows.commands.signals import signals
from warehouse.db import open_warehouse

CASES = {
    case.title: case
    for case in cases_of(FOLDER / "dialogue.toml")
    if not case.peers and case.apart == ""
}
ASKED = next(case for title, case in CASES.items() if title.startswith("A rate counts answers"))
LOCKED = next(case for title, case in CASES.items() if title.startswith("A forum that does not"))


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A project with one measured week of some of the specified organizations."""
    folder = tmp_path_factory.mktemp("measured")
    with open_warehouse(folder / "data" / "warehouse.duckdb") as connection:
        measure(connection, folder / "landing", [ASKED, LOCKED])
    return folder


@pytest.fixture
def ask(monkeypatch, tmp_path):
    """Runs the command in a folder, by default one without a project."""

    def call(*arguments, folder=tmp_path):
        monkeypatch.chdir(folder)
        return CliRunner().invoke(signals, arguments)

    return call


def test_without_a_warehouse_the_catalogue_is_shown_by_family(ask, tmp_path):
    done = ask()
    assert done.exit_code == 0, done.output
    lines = [line.strip() for line in done.output.splitlines()]
    assert [line.split()[0] for line in lines if line.startswith(SIGNAL_CODES)] == list(
        SIGNAL_CODES
    )
    assert [line for line in lines if line in {"Presence", "Cadence", "Dialogue"}] == [
        "Presence",
        "Cadence",
        "Dialogue",
    ]
    assert re.search(r"burstiness +C3 +index from -1 to 1 +26 +20 +falls +2/4", done.output)
    assert "7 more cannot be had yet" in done.output
    assert not (tmp_path / "data").exists()


def test_what_cannot_be_had_is_told_with_the_reason(ask):
    done = ask("--unobtainable")
    assert re.findall(r"^(\w+): ", done.output, re.MULTILINE) == [one.code for one in UNOBTAINABLE]
    assert "Private persons are never watched" in done.output


def test_a_signal_is_told_whole_even_before_anything_was_collected(ask):
    done = ask("response_hours_median")
    assert done.exit_code == 0, done.output
    for words in ("Kaplan-Meier median", "hours", "13 full weeks", "2/3, 3/4", "Brookmeyer"):
        assert words in done.output
    assert "Nothing was measured here." in done.output


def test_a_measured_signal_shows_its_latest_values_with_what_they_rest_on(ask, measured):
    done = ask("reply_rate_72h", folder=measured)
    assert "Week of Monday 2026-02-23" in done.output
    assert re.search(
        rf"{ASKED.name} +reply_rate_72h +0\.5 +12 / 24 +24 +0\.3143 to 0\.6857 +100%", done.output
    )
    assert re.search(rf"{LOCKED.name} +reply_rate_72h +- +- +0 +- +0% +unobserved", done.output)


def test_one_organization_is_told_with_all_its_signals_in_the_order_of_the_catalogue(ask, measured):
    done = ask("--organization", ASKED.name, "--week", "2026-03-01", "--json", folder=measured)
    rows = json.loads(done.output)["measurements"]
    codes = [row["signal_code"] for row in rows]
    assert codes == [code for code in SIGNAL_CODES if code in codes]
    assert {row["organization_id"] for row in rows} == {ASKED.name}
    assert {row["as_of_week"] for row in rows} == {"2026-02-23"}


def test_machines_get_the_whole_catalogue(ask):
    found = json.loads(ask("--json").output)
    assert [one["code"] for one in found["signals"]] == list(SIGNAL_CODES)
    assert [one["code"] for one in found["unobtainable"]] == [one.code for one in UNOBTAINABLE]
    assert found["signals"][0]["formula"] == SIGNALS[0].formula


def test_machines_get_one_signal_with_its_measurements(ask, measured):
    found = json.loads(ask("reply_rate_72h", "--json", folder=measured).output)
    assert found["signal"]["minimum_count"] == 20
    values = {row["organization_id"]: row["value"] for row in found["measurements"]}
    assert values == {ASKED.name: 0.5, LOCKED.name: None}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["likes"], 2, "no signal 'likes'; did you mean likes_per_post?"),
        (["--week", "soon"], 2, "--week 'soon' is no date such as 2026-11-16"),
        (["--week", "2025-03-04"], 2, "nothing was measured for the week of Monday 2025-03-03"),
        (["--organization", "nobody"], 2, "--organization 'nobody': nothing was measured of it"),
    ],
)
def test_what_cannot_be_answered_is_told_with_the_remedy(ask, measured, arguments, code, words):
    done = ask(*arguments, folder=measured)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr


def test_values_of_an_organization_need_a_warehouse(ask):
    done = ask("--organization", "acme")
    assert done.exit_code == 1
    assert "no warehouse yet; `barograph run` makes it" in done.stderr
