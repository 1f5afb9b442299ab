"""Every signal is specified: small tables in, numbers worked out by hand out.

The cases stand in TOML files beside this one; README.md tells how they are written.
"""

from collections import defaultdict
from functools import cache

import pytest
from specified_cases import SpecificationError, cases, cases_of, told
from specified_pages import DOCUMENT, ROOT, rendered
from specified_world import measure

from classifiers.signals import SIGNALS, signal_named
from warehouse.db import open_warehouse
from warehouse.fields import fields

CASES = cases()
MODELS = ROOT / "warehouse" / "models" / "signals"


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Measurements of a case by signal; all cases of an as-of day cost one build."""
    folder = tmp_path_factory.mktemp("specified")
    together = defaultdict(list)
    for case in CASES:
        together[build_of(case)].append(case)

    @cache
    def build(name):
        with open_warehouse(folder / name / "warehouse.duckdb") as connection:
            return measure(connection, folder / name / "landing", together[name])

    return lambda case: build(build_of(case))


def build_of(case):
    """The build that a case shares with others."""
    return f"{case.as_of:%Y-%m-%d-%H%M}-{case.apart}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_small_table_in_gives_the_numbers_worked_out_by_hand(case, measured):
    found = {code: measured(case)[case.name, code] for code in case.expected}
    shown = {code: told(found[code], row) for code, row in case.expected.items()}
    assert shown == case.expected, case.title
    for code, row in found.items():
        assert row["method_version"].startswith(f"{signal_named(code).method}-")
        assert row["window_weeks"] == signal_named(code).window_weeks


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.code)
def test_a_signal_is_specified_with_a_value_and_without(signal):
    assert models_of(signal), "no model measures it"
    rows = [case.expected[signal.code] for case in CASES if signal.code in case.expected]
    assert {row["value"] is None for row in rows} == {True, False}
    assert any(row["is_pooled"] for row in rows) == signal.is_pooled_when_small


def test_the_catalogue_names_the_model_that_yields_a_signal():
    found = {signal.code: models_of(signal) for signal in SIGNALS}
    assert {code: models for code, models in found.items() if models} == {
        signal.code: [signal.model] for signal in SIGNALS if found[signal.code]
    }


def test_the_dictionary_of_columns_says_of_a_signal_what_the_catalogue_says():
    told_of = {signal.code: (signal.unit, signal.definition) for signal in SIGNALS}
    columns = {code: (fields()[code].unit, fields()[code].meaning) for code in told_of}
    assert columns == told_of


def test_the_document_shows_the_catalogue_and_the_cases_as_they_are():
    document = DOCUMENT.read_text("utf-8")
    assert rendered(document) == document, "run: .venv/bin/python tests/support/specified_pages.py"


def test_titles_of_cases_are_sentences_and_stand_once():
    titles = [case.title for case in CASES]
    assert len(set(titles)) == len(titles)
    assert not [title for title in titles if title.endswith(".") or not title[0].isupper()]


def test_a_wrong_number_is_told_as_it_was_found(measured):
    case = CASES[0]
    code, row = next(iter(case.expected.items()))
    wrong = row | {"n": row["n"] + 1}
    assert told(measured(case)[case.name, code], wrong) == row


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('seen = "channel | when"', r"case 1 \(Words\), seen: when is not known; there are"),
        ('channels = "channel | role\\nnews"', r"\['news'\] has not the 2 cells of its head"),
        ('chanels = "channel\\nnews"', "chanels is not known"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(tmp_path, line, problem):
    path = tmp_path / "family.toml"
    path.write_text(
        f'as_of = "2026-03-02"\n[[case]]\ntitle = "Words"\nworking = ""\n{line}\n'
        "[case.expected.burstiness]\nn = 0\n"
    )
    with pytest.raises(SpecificationError, match=problem):
        cases_of(path)


def models_of(signal):
    """The models that yield a signal."""
    found = MODELS.rglob("*.sql")
    return [path.name for path in found if f"'{signal.code}'" in path.read_text("utf-8")]
