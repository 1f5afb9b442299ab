"""`barograph initiatives` tells what comes first, how sure that is, and by which weights."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest
from answer_builders import answered, climbed
from click.testing import CliRunner

from classifiers.assessing.instrument import read_instrument
from classifiers.improving.initiatives_file import read_register
from flows.cli import main
from flows.demo.cast import load_cast
from flows.demo.initiatives import write_initiatives
from flows.initiatives import gate_states

HEADER = "organization,initiative,value,impact,innovation,investment,gate\n"
ROTA = "a,answer-rota,4,3,1,4,EN3\n"
STUDIO = "a,studio,1,1,2,0,\n"


@pytest.fixture
def folder(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "copy")
    (tmp_path / "copy" / "initiatives.csv").write_text(HEADER + STUDIO + ROTA + "b,tour,2,2,2,2,\n")
    return tmp_path / "copy"


@pytest.fixture
def ask(folder, monkeypatch):
    monkeypatch.chdir(folder)

    def call(*arguments):
        return CliRunner().invoke(main, ["initiatives", *map(str, arguments)])

    return call


def test_sentences_tell_what_comes_first_and_by_which_weights(ask):
    text = " ".join(ask("a").output.split())
    assert "answer-rota comes first in 100% of weightings: that is clear." in text
    assert "averaged over its observed stage, whose 90 % set is" in text
    assert "they are our own proposal" in text
    assert "Beaten on all four criteria" not in text  # the studio is newer


def test_each_organization_is_ranked_by_itself(ask):
    found = json.loads(ask("--json").stdout)
    told = {
        one["organization_id"]: [i["initiative"]["code"] for i in one["initiatives"]]
        for one in found
    }
    assert told == {"a": ["answer-rota", "studio"], "b": ["tour"]}
    assert all(sum(one["weights"].values()) == pytest.approx(1) for one in found)


def test_a_given_stage_has_its_own_weights(ask):
    [found] = json.loads(ask("a", "--stage", "2", "--json").stdout)
    assert list(found["weights"].values()) == [0.45, 0.15, 0.15, 0.25]
    assert found["probabilities_from"] == "the stage that was given, Presence"


def test_without_an_estimate_all_stages_count_alike_and_it_says_so(ask, folder):
    with duckdb.connect(str(folder / "data" / "warehouse.duckdb")) as connection:
        connection.execute("delete from estimates.stages")
    [found] = json.loads(ask("a", "--json").stdout)
    assert found["probabilities"] == pytest.approx([1 / 6] * 6)
    assert "all six stages alike, for it has no estimate" in " ".join(ask("a").output.split())


def test_a_quick_win_needs_a_self_assessment_that_leaves_its_gate_open(ask, folder):
    [before] = json.loads(ask("a", "--json").stdout)
    assert before["open_gates"] is None
    assert "not known before the organization assesses itself" in " ".join(ask("a").output.split())
    values = climbed(2, 2, 2, 2, 2, 2)
    columns = ["organization", "instrument", "version", "respondent", *values]
    rows = [columns, ["a", "altimeter", "1", "1", *map(str, values.values())]]
    (folder / "answers.csv").write_text("\n".join(map(",".join, rows)))
    done = CliRunner().invoke(main, ["claims", "import", "answers.csv"])
    assert done.exit_code == 0, done.output
    [after] = json.loads(ask("a", "--json").stdout)
    assert "EN3" in after["open_gates"]
    assert [one["is_quick_win"] for one in after["initiatives"]] == [True, False]
    assert "Quick wins: answer-rota." in ask("a").output
    assert (after["gates"], "EN3" in after["open_gates_without_initiative"]) == (
        {"EN3": "open"},
        False,
    )
    text = " ".join(ask("a").output.split())
    assert "Open steps that no initiative names: GO3, ME3, OR3, PE3, ST3" in text


@pytest.mark.parametrize(
    ("gate", "state"),
    [("EN2", "in place already"), ("EN3", "open"), ("EN5", "of a later stage")],
)
def test_a_gate_stands_beside_what_the_self_assessment_says_of_it(gate, state):
    assert gate_states([gate], [answered(climbed(2, 2, 2, 2, 2, 2))]) == {gate: state}


def test_a_gate_without_an_answer_or_without_any_self_assessment_is_told_apart():
    given = climbed(2, 2, 2, 2, 2, 2)
    without = {code: value for code, value in given.items() if code != "EN3"}
    assert gate_states(["EN3"], [answered(without)]) == {"EN3": "not answered"}
    assert gate_states(["EN3"], []) == {}


def test_a_template_is_written_once_and_read_back(ask, folder):
    done = ask("--template", "sheet.csv")
    assert done.exit_code == 0, done.output
    assert read_register(folder / "sheet.csv", list("abcd")) == ((), 4)
    again = ask("--template", "sheet.csv")
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--file", "none.csv"), 2, "none.csv: no such file; `barograph initiatives --template"),
        (("bb",), 2, "no organization 'bb' on the list; did you mean b?"),
        (("c",), 1, "no initiative of c has been scored yet (0 rows wait for scores)"),
        (("--file", "faulty.csv"), 2, "line 2, column value: '9' is no score"),
        (("--file", "faulty.csv"), 2, "line 3, column organization: 'z' is not on the list"),
    ],
)
def test_what_cannot_be_ranked_is_told_with_the_remedy(ask, folder, arguments, code, words):
    (folder / "faulty.csv").write_text(HEADER + "a,x,9,1,1,1,\nz,x,1,1,1,1,\n" + ROTA)
    done = ask(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr


def test_the_demo_register_is_of_organizations_of_the_demo_and_names_real_gates(tmp_path):
    write_initiatives(tmp_path)
    names = [part.organization_id for part in load_cast()]
    found = read_register(tmp_path / "initiatives.csv", names).initiatives
    assert len({one.organization_id for one in found}) == 3
    gates = {one.gate for one in found} - {""}
    assert gates <= {item.code for item in read_instrument("altimeter").items}
