"""`barograph claims`, `assess` and the inbox: questionnaires come in once, whole, and stay."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from datetime import date

import pytest
from click.testing import CliRunner
from labelled_worlds import labelled_table
from measured_project import copied_project, measured_project

from classifiers.assessing.instrument import ordered_items, read_instrument
from flows import assessments, inbox, interview
from flows.cli import main
from flows.drafts import DraftName
from flows.settings import load_settings
from warehouse.db import open_warehouse
from warehouse.reading import rows

COUNT = 12
ITEMS = read_instrument("altimeter").items


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    table = labelled_table(COUNT, seed=3)
    return measured_project(tmp_path_factory.mktemp("measured") / "data", table)


@pytest.fixture
def project(measured, tmp_path, monkeypatch):
    """A copy of the project in the current folder."""
    monkeypatch.chdir(tmp_path)
    return copied_project(measured, tmp_path / "data")


@pytest.fixture
def names(project):
    with open_warehouse(project.warehouse) as connection:
        return [row["organization_id"] for row in rows(connection, "listed_organizations")]


def call(*arguments, typed=None):
    return CliRunner().invoke(main, list(map(str, arguments)), input=typed)


def answers(level):
    """Every gate up to a stage passed, none above."""
    return {item.code: 3 if item.stage_code <= level else 0 for item in ITEMS}


def sheet(path, *people, **common):
    """A filled-in sheet of (organization, respondent, level)."""
    filled = [
        {
            "organization": name,
            "answered_on": "2026-10-01",
            "respondent": respondent,
            "respondent_role": "press",
            **common,
            **answers(level),
        }
        for name, respondent, level in people
    ]
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, filled[0])
        writer.writeheader()
        writer.writerows(filled)
    return path


def counting(project):
    with open_warehouse(project.warehouse) as connection:
        return {
            row["organization_id"]: (row["stage_code"], row["instrument"], row["is_public"])
            for row in rows(connection, "claims")
            if row["is_headline"]
        }


def test_an_import_is_counted_and_repeating_it_changes_nothing(project, names, tmp_path):
    path = sheet(tmp_path / "a.csv", (names[0], "1", 4), (names[1], "1", 2))
    assert "2 new, 0 corrected, 0 known already" in call("claims", "import", path).output
    assert "0 new, 0 corrected, 2 known already" in call("claims", "import", path).output
    cumulative = "altimeter_cumulative"
    assert counting(project) == {names[0]: (4, cumulative, False), names[1]: (2, cumulative, False)}


def test_other_answers_of_the_same_respondent_and_day_correct_the_former(project, names, tmp_path):
    call("claims", "import", sheet(tmp_path / "a.csv", (names[0], "1", 4)))
    done = call("claims", "import", sheet(tmp_path / "b.csv", (names[0], "1", 3)))
    assert "0 new, 1 corrected" in done.output
    assert counting(project)[names[0]][0] == 3
    with open_warehouse(project.warehouse) as connection:
        found = connection.execute("select count(*), count(superseded_at) from raw.assessments")
        assert found.fetchall() == [(2, 1)]


def test_two_respondents_speak_together_by_the_lower_answers(project, names, tmp_path):
    call("claims", "import", sheet(tmp_path / "a.csv", (names[0], "1", 5), (names[0], "2", 3)))
    assert counting(project)[names[0]][0] == 3
    told = call("claims").output
    assert "2 respondents: alpha" in told
    assert "two stages or more apart" in told


def test_one_bad_row_keeps_the_whole_import_out_and_names_row_column_and_remedy(
    project, names, tmp_path
):
    path = sheet(tmp_path / "a.csv", (names[0], "1", 4), ("nobody", "1", 2))
    path.write_text(path.read_text().replace("3,3,3", "3,9,3", 1))
    done = call("claims", "import", path)
    assert done.exit_code == 2
    assert "row 2, column" in done.stderr
    assert "row 3, column A (organization): " in done.stderr
    assert counting(project) == {}
    assert not (project.archive.folder / "assessments").exists()


def test_a_file_in_the_inbox_is_imported_once_even_after_a_later_correction(
    project, names, tmp_path
):
    first = sheet(tmp_path / "inbox" / "a.csv", (names[0], "1", 4))
    content = first.read_bytes()
    assert call("compare").exit_code == 0
    assert not first.exists()
    call("claims", "import", sheet(tmp_path / "b.csv", (names[0], "1", 2)))
    first.write_bytes(content)  # as if a crash had left it there
    assert call("compare").exit_code == 0
    assert counting(project)[names[0]][0] == 2
    assert {path.name for path in (tmp_path / "inbox" / "imported").iterdir()} == {
        "a.csv",
        "a-2.csv",
    }


def test_a_bad_file_in_the_inbox_stays_and_stops_no_other(project, names, tmp_path):
    bad = sheet(tmp_path / "inbox" / "a.csv", (names[0], "1", 4), answered_on="soon")
    good = sheet(tmp_path / "inbox" / "b.csv", (names[1], "1", 4))
    done = call("compare")
    assert done.exit_code == 0
    assert "a.csv, row 2, column B (answered_on): 'soon' is not a date" in done.stderr
    assert (bad.exists(), good.exists()) == (True, False)
    assert set(counting(project)) == {names[1]}


def test_a_crash_after_archiving_loses_and_doubles_nothing(project, names, tmp_path, monkeypatch):
    path = sheet(tmp_path / "inbox" / "a.csv", (names[0], "1", 4))

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(assessments, "record_assessments", die)
        assert call("compare").exit_code == 1
    assert path.exists()
    assert call("compare").exit_code == 0
    assert not path.exists()
    assert counting(project)[names[0]][0] == 4
    with open_warehouse(project.warehouse) as connection:
        assert connection.execute("select count(*) from raw.assessments").fetchone() == (1,)


def test_a_replay_of_the_archive_brings_all_assessments_back(project, names, tmp_path):
    call("claims", "import", sheet(tmp_path / "a.csv", (names[0], "1", 4), (names[1], "2", 1)))
    call("claims", "import", sheet(tmp_path / "b.csv", (names[0], "1", 3)))
    with open_warehouse(project.warehouse) as connection:
        before = rows(connection, "assessments")
        connection.execute("delete from raw.assessments; delete from raw.answers")
        assert assessments.learn_assessments(project, connection) == 2
        assert rows(connection, "assessments") == before
        assert assessments.learn_assessments(project, connection) == 0


def test_a_private_claim_is_in_no_snapshot_neither_by_name_nor_in_its_count(
    project, names, tmp_path
):
    call("claims", "import", sheet(tmp_path / "a.csv", (names[0], "1", 6), public="yes"))
    call("claims", "import", sheet(tmp_path / "b.csv", (names[1], "1", 6), public="no"))
    assert call("estimate").exit_code == 0
    assert call("compare").exit_code == 0
    assert call("publish").exit_code == 0
    copy = shutil.copy(project.snapshot, tmp_path / "copy.duckdb")
    with open_warehouse(copy, read_only=True) as snapshot:
        shown = snapshot.execute(
            "select organization_id from marts.organizations where claimed_stage_code is not null"
        ).fetchall()
        counted = snapshot.execute("select claim_count from marts.agreement").fetchall()
    assert shown == [(names[0],)]
    assert counted == [(1,)]


def test_a_later_direct_placement_in_the_file_counts_before_an_older_questionnaire(
    project, names, tmp_path
):
    call("claims", "import", sheet(tmp_path / "a.csv", (names[0], "1", 4)))
    text = f"organization,stage,claimed_on\n{names[0]},2,2026-10-20\n{names[1]},5,\n"
    (tmp_path / "claims.csv").write_text(text)
    assert call("compare").exit_code == 0
    found = {name: stage for name, (stage, *_) in counting(project).items()}
    assert found == {names[0]: 2, names[1]: 5}


@pytest.mark.parametrize(
    "name", ["t.csv", "t.xlsx", "t.googleforms.txt", "t.limesurvey.txt", "t.pdf"]
)
@pytest.mark.usefixtures("project")
def test_a_template_is_written_in_the_form_that_its_name_says(tmp_path, name):
    done = call("claims", "template", tmp_path / name)
    assert done.exit_code == (2 if name == "t.pdf" else 0)
    assert (tmp_path / name).exists() == (name != "t.pdf")
    assert call("claims", "template", tmp_path / name).exit_code == 2  # never replaced


def test_a_template_that_was_filled_in_comes_in(project, names, tmp_path):
    path = tmp_path / "t.csv"
    call("claims", "template", path, "--organization", names[0])
    with path.open(newline="") as file:
        [row] = csv.DictReader(file)
    row |= answers(3) | {"answered_on": "2026-10-02", "public": "yes"}
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    assert "1 new" in call("claims", "import", path).output
    assert counting(project)[names[0]] == (3, "altimeter_cumulative", True)


def test_assess_asks_everything_once_goes_on_after_a_stop_and_takes_it_in(project, names):
    asked = [item.code for item in ordered_items(read_instrument("altimeter"), seed(names[0]))]
    first = call("assess", names[0], "--role", "press", typed="3\n" * 10 + "q\n")
    assert "Kept." in first.output
    assert counting(project) == {}
    second = call("assess", names[0], "--role", "press", typed="3\n" * 26 + "4\n5\n")
    assert f"26 of {len(asked)} still to ask" in second.output
    assert "Claimed stage: all dimensions but one reach Converged" in second.output
    assert "placed by hand at Formalized" in second.output
    assert counting(project)[names[0]] == (6, "altimeter_cumulative", False)
    assert not list((project.data / "drafts").iterdir())


def seed(name):
    return DraftName(name, "altimeter", "1").seed


def test_assess_shows_nothing_of_what_is_observed_before_all_answers_are_in(names):
    call("estimate")
    told = call("assess", names[0], typed="3\n" * 5 + "q\n").output.casefold()
    assert not {"observed", "estimate", "set", "probab"} & set(told.split())


def test_what_cannot_be_said_is_no_zero_and_back_asks_again(project, names):
    replies = "3\nb\n?\n" + "3\n" * 35 + "\n\n"
    assert call("assess", names[0], typed=replies).exit_code == 0
    with open_warehouse(project.warehouse) as connection:
        [kept] = assessments.kept_assessments(connection)
    assert (len(kept.given), len(kept.cannot_say), kept.direct_stage_code) == (35, 1, None)


def test_governance_is_asked_in_two_steps(project, names):
    items = ordered_items(read_instrument("esm3"), DraftName(names[0], "esm3", "1").seed)
    replies = "".join("y\nn\n" if item.steps else "2\n" for item in items)
    done = call("assess", names[0], "--instrument", "esm3", typed=replies)
    assert done.exit_code == 0, done.output
    with open_warehouse(project.warehouse) as connection:
        [kept] = assessments.kept_assessments(connection)
    assert {kept.given[item.code] for item in items if item.steps} == {3}
    assert counting(project) == {}  # ESM3 is no stage


@pytest.mark.parametrize(
    ("option", "value"), [("--respondent", "Jane Doe"), ("--role", "jane@example.org")]
)
def test_a_person_is_refused_as_respondent(names, option, value):
    done = call("assess", names[0], option, value)
    assert done.exit_code == 2
    assert option in done.stderr


def test_the_overview_tells_every_rule_as_json(names, tmp_path):
    call("claims", "import", sheet(tmp_path / "a.csv", (names[0], "1", 4), stage="6"))
    found = json.loads(call("claims", "--json").output)
    by_rule = {claim["instrument"]: claim["stage_code"] for claim in found["by_rule"]}
    assert by_rule == {
        "altimeter_direct": 6,
        "altimeter_weakest": 4,
        "altimeter_median": 4,
        "altimeter_cumulative": 4,
    }
    assert [claim["stage_code"] for claim in found["counting"]] == [4]


def test_a_day_of_the_future_is_refused(names, tmp_path):
    path = sheet(tmp_path / "a.csv", (names[0], "1", 4), answered_on=f"{date.max}")
    assert call("claims", "import", path).exit_code == 2


def test_take_inbox_without_a_folder_does_nothing(project, tmp_path):
    with open_warehouse(project.warehouse) as connection:
        taken = inbox.take_inbox(project, load_settings(tmp_path), connection)
    assert (taken.files, taken.problems) == ((), ())


def test_a_run_tells_of_the_inbox_and_goes_on_with_the_rest(project_like, barograph_in):
    folder = project_like("with-inbox")
    sheet(folder / "inbox" / "good.csv", ("a", "1", 4))
    sheet(folder / "inbox" / "bad.csv", ("b", "1", 4), answered_on="soon")
    arguments = ("run", "--now", "--allow-host", "127.0.0.1", "--as-of", "2026-11-20", "--json")
    done = barograph_in(folder, *arguments)
    assert done.returncode == 3, done.stderr  # a feed is gone
    told = json.loads(done.stdout)["inbox"]
    assert told["files"] == 1
    assert "bad.csv, row 2" in told["problems"][0]
    assert "warning: " in done.stderr
    assert [path.name for path in (folder / "inbox").glob("*.csv")] == ["bad.csv"]
    sheet(folder / "inbox" / "more.csv", ("b", "2", 3))
    shown = barograph_in(folder, *arguments[:-1]).stdout
    assert "Inbox: answers of more.csv; 1 new, 0 corrected, 0 known already." in shown


def test_nobody_waits_for_the_warehouse_while_somebody_answers(project, names, monkeypatch):
    opened = []
    choose = interview._choose

    def choose_and_look(*given):
        with open_warehouse(project.warehouse) as connection:  # as a run would
            opened.append(connection.execute("select count(*) from raw.organizations").fetchone())
        return choose(*given)

    monkeypatch.setattr(interview, "_choose", choose_and_look)
    assert call("assess", names[0], typed="3\n" * 36 + "4\n5\n").exit_code == 0
    assert opened == [(COUNT,)] * 38
    assert names[0] in counting(project)


def test_complete_answers_wait_for_a_run_that_is_writing(project, names):
    call("assess", names[0], typed="3\n" * 36 + "4\nq\n")
    path = str(project.warehouse)
    holding = f"import duckdb; c = duckdb.connect({path!r}); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()
        busy = call("assess", names[0], typed="5\n")
        holder.communicate(b"\n")
    assert busy.exit_code == 1
    assert "another run is writing" in busy.stderr
    assert list((project.data / "drafts").iterdir())
    assert call("assess", names[0], typed="5\n").exit_code == 0
    assert counting(project)[names[0]][0] == 6
