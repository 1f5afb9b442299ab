"""`barograph labels`: codes come in, are kept with their corrections, and are compared."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from classifiers.consensus import TrainingLabel
from classifiers.labels import Confidence, ExpertCode, Saw
from flows import labels as flow
from flows.commands.labels import labels
from flows.errors import NothingDoneError
from flows.project import Project
from warehouse.db import open_warehouse
from warehouse.exporttables import EVERYTHING, declared_tables
from warehouse.labels import LABEL_SCHEMA
from warehouse.register import register_organizations

PAIR = ("council", "r1")
HEADER = "organization,stage,rater,saw,coded_on"
FIRST = (
    "council,2,r1,documents,2026-11-02",
    "council,4,r2,documents,2026-11-03",
    "museum,3,r1,public,2026-11-02",
    "museum,3,r2,documents,2026-11-02",
    "school,cannot say,r1,both,2026-11-02",
)


@pytest.fixture(scope="module")
def listed_only(tmp_path_factory):
    """A warehouse that knows three organizations and nothing else."""
    path = tmp_path_factory.mktemp("listed") / "warehouse.duckdb"
    blank = dict.fromkeys(("industry", "size_class", "country", "timezone", "homepage"), "")
    listed = [
        {"organization_id": name, "name": f"The {name}, old", "channels": [], **blank}
        for name in ("council", "museum", "school")
    ]
    with open_warehouse(path) as connection:
        register_organizations(connection, listed, datetime(2026, 11, 2, tzinfo=UTC))
    return path


@pytest.fixture
def project(listed_only, tmp_path, monkeypatch):
    """A project that lists three organizations and has collected nothing."""
    monkeypatch.chdir(tmp_path)
    found = Project(tmp_path / "data")
    found.data.mkdir()
    shutil.copy(listed_only, found.warehouse)
    return found


def test_importing_tells_what_it_changed_and_doing_it_twice_changes_nothing(project):
    first = call("import", sheet(*FIRST), "--json")
    counts = {"new_count": 5, "corrected_count": 0, "unchanged_count": 0, "blank_row_count": 0}
    assert json.loads(first.output) == counts
    before = stored(project)
    second = call("import", "codes.csv")
    assert second.output == "0 new, 0 corrected, 5 known already, 0 rows not coded yet\n"
    assert stored(project) == before
    assert len(archived(project)) == 1


def test_another_stage_for_the_same_code_corrects_it_and_keeps_the_former(project):
    call("import", sheet(*FIRST))
    done = call("import", sheet("council,3,r1,documents,2026-11-02", FIRST[1]))
    assert done.output == "0 new, 1 corrected, 1 known already, 0 rows not coded yet\n"
    rows = [row for row in stored(project) if (row["organization_id"], row["rater"]) == PAIR]
    former, holding = sorted(rows, key=lambda row: row["imported_at"])
    assert [former["stage_code"], holding["stage_code"]] == [2, 3]
    assert (former["superseded_at"], holding["superseded_at"]) == (holding["imported_at"], None)
    assert json.loads(call("--json").output)["corrected_count"] == 1


def test_a_correction_to_and_from_cannot_say_is_one_too(project):
    for stage in ("cannot say", "2", "cannot say", "4"):
        done = call("import", sheet(f"council,{stage},r1,documents,2026-11-02"))
    assert done.output.startswith("0 new, 1 corrected")
    rows = stored(project)
    assert [row["stage_code"] for row in rows] == [None, 2, None, 4]
    ends = [row["superseded_at"] for row in rows]
    assert ends == [*(row["imported_at"] for row in rows[1:]), None]


@pytest.mark.usefixtures("project")
def test_another_day_another_codebook_and_another_rater_are_codes_of_their_own():
    rows = (
        "council,2,r1,documents,2026-11-02,,",
        "council,3,r1,documents,2026-11-02,2026-06-30,",
        "council,4,r1,documents,2026-11-02,,2",
        "council,5,r2,documents,2026-11-02,,",
    )
    done = call("import", sheet(*rows, header=f"{HEADER},about,codebook"))
    assert done.output.startswith("4 new, 0 corrected")


def test_a_file_with_faults_is_told_whole_and_none_of_the_files_is_imported(project):
    good, bad = sheet(FIRST[0], name="good.csv"), sheet("musem,9,r1,x,y", name="bad.csv")
    done = call("import", good, bad)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "bad.csv, line 2, column organization: 'musem' is not on the list" in done.stderr
    assert "did you mean museum?" in done.stderr
    assert done.stderr.count("error: ") == 4
    assert (stored(project), archived(project)) == ([], [])


def test_of_many_faults_the_first_twenty_are_told(project):
    done = call("import", sheet(*(f"who-{n},2,r1,both,2026-11-02" for n in range(25))))
    assert len(done.stderr.splitlines()) == 21
    assert done.stderr.endswith("error: and 5 more problems\n")
    assert stored(project) == []


@pytest.mark.usefixtures("project")
def test_self_assessments_are_sent_to_the_claims():
    done = call("import", sheet("council,2,r1,self,2026-11-02"))
    assert done.exit_code == 2
    assert "self-assessments" in done.stderr
    assert "docs/claims.md" in done.stderr


def test_a_template_holds_the_listed_organizations_and_nothing_that_was_found(project):
    call("import", sheet(*FIRST))
    done = call("template", "new.csv", "--rater", "r3", "--saw", "documents", "--codebook", "1")
    assert done.exit_code == 0, done.output
    rows = read("new.csv")
    assert [row["organization"] for row in rows] == ["council", "museum", "school"]
    assert rows[0]["name"] == "The council, old"
    prepared = ("rater", "saw", "codebook")
    assert {tuple(row[name] for name in prepared) for row in rows} == {("r3", "documents", "1")}
    others = set(rows[0]) - {"organization", "name", *prepared}
    assert {row[name] for row in rows for name in others} == {""}
    before = stored(project)
    imported = call("import", "new.csv")
    assert imported.output == "0 new, 0 corrected, 0 known already, 3 rows not coded yet\n"
    assert stored(project) == before


@pytest.mark.usefixtures("project")
def test_a_template_that_was_filled_in_can_be_imported():
    call("template", "new.csv", "--rater", "r3", "--saw", "both", "--organization", "museum")
    [row] = read("new.csv")
    with Path("new.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow({**row, "stage": "Formalized", "coded_on": "2026-11-05"})
    assert call("import", "new.csv").output.startswith("1 new")


def test_a_template_replaces_no_file_and_knows_its_organizations(tmp_path, project):
    assert project.warehouse.exists()
    (tmp_path / "mine.csv").write_text("mine")
    done = call("template", "mine.csv")
    assert (done.exit_code, (tmp_path / "mine.csv").read_text()) == (2, "mine")
    assert "is there already; name another file" in done.stderr
    unknown = call("template", "new.csv", "--organization", "nobody")
    assert unknown.exit_code == 2
    assert "'nobody': not on the list" in unknown.stderr
    assert not (tmp_path / "new.csv").exists()


@pytest.mark.usefixtures("project")
def test_the_overview_counts_by_stage_rater_and_what_was_seen():
    assert "No expert codes yet" in call().output
    call("import", sheet(*FIRST))
    found = json.loads(call("--json").output)
    assert [found[name] for name in ("code_count", "organization_count")] == [5, 3]
    assert found["double_coded_count"] == 2
    stages = {row["stage_code"]: row["code_count"] for row in found["by_stage"]}
    assert stages == {1: 0, 2: 1, 3: 2, 4: 1, 5: 0, 6: 0, None: 1}
    assert {row["rater"]: row["code_count"] for row in found["by_rater"]} == {"r1": 3, "r2": 2}
    saw = {row["saw"]: row["code_count"] for row in found["by_saw"]}
    assert saw == {"both": 1, "documents": 3, "public": 1}
    assert "5 codes of 3 organizations, 2 of them by two or more raters" in call().output


@pytest.mark.usefixtures("project")
def test_agreement_is_told_of_all_codes_and_of_blind_ones_apart():
    call("import", sheet(*FIRST))
    found = json.loads(call("agreement", "--json").output)
    counts = {name: (part["code_count"], part["pair_count"]) for name, part in found.items()}
    assert counts == {"all": (5, 2), "blind": (3, 1), "not_blind": (2, 0)}
    assert found["all"]["mean_absolute_difference"] == 1
    assert found["not_blind"]["alpha"] is None
    text = call("agreement").output
    for words in (
        "Blind (documents)",
        "r1, r2",
        "between 0.50 and 1.00 stages",
        "2 organizations have stages from two raters",
        "should rest on 60",
        "1 of 5 codes say that the rater cannot say",
    ):
        assert words in text


@pytest.mark.usefixtures("project")
def test_without_two_raters_there_is_nothing_to_compare():
    call("import", sheet(FIRST[0]))
    done = call("agreement")
    assert done.exit_code == 0
    assert done.output.strip().startswith("No organization has a stage from two raters yet")


def test_training_gets_the_consensus_of_each_organization(project):
    call("import", sheet(*FIRST))
    with open_warehouse(project.warehouse) as connection:
        found = flow.training_labels(connection)
    assert found == [
        consensus("council", 2, saw=Saw.DOCUMENTS, spread=2),
        consensus("museum", 3, saw=Saw.BOTH, spread=0),
    ]


def test_a_corrected_code_trains_nothing_any_more(project):
    call("import", sheet(*FIRST))
    call("import", sheet("council,cannot say,r1,documents,2026-11-02"))
    with open_warehouse(project.warehouse) as connection:
        [first, _] = flow.training_labels(connection)
    assert (first.stage_code, first.rater_count, first.undecided_count) == (4, 1, 1)


def test_a_new_warehouse_learns_all_codes_and_corrections_from_the_archive(project):
    call("import", sheet(*FIRST))
    call("import", sheet("council,3,r1,documents,2026-11-02"))
    before = stored(project)
    project.warehouse.unlink()
    with open_warehouse(project.warehouse) as connection:
        assert [flow.learn_labels(project, connection) for _ in range(2)] == [2, 0]
    assert stored(project) == before


def test_codes_that_a_killed_import_had_only_archived_are_there_at_the_next_command(
    project, listed_only
):
    call("import", sheet(*FIRST))
    shutil.copy(listed_only, project.warehouse)
    assert json.loads(call("--json").output)["code_count"] == 5
    shutil.copy(listed_only, project.warehouse)
    assert call("import", "codes.csv").output.startswith("0 new, 0 corrected, 5 known already")
    assert len(archived(project)) == 1


def test_an_archived_import_that_is_damaged_is_told_with_its_name(project):
    call("import", sheet(*FIRST))
    [path] = archived(project)
    path.write_text('{"imported_at": "soon"}')
    done = call()
    assert done.exit_code == 1
    assert f"{path}: is damaged" in done.stderr
    with (
        open_warehouse(project.warehouse) as connection,
        pytest.raises(NothingDoneError, match="restore it"),
    ):
        flow.learn_labels(project, connection)


def test_a_clock_that_was_set_back_turns_no_correction_round(project, listed_only, monkeypatch):
    for day, stage in ((20, 2), (19, 3)):
        monkeypatch.setattr(flow, "now", lambda day=day: datetime(2026, 11, day, tzinfo=UTC))
        call("import", sheet(f"council,{stage},r1,documents,2026-11-02"))
    before = stored(project)
    assert [row["stage_code"] for row in before] == [2, 3]
    shutil.copy(listed_only, project.warehouse)
    call()
    assert stored(project) == before


def test_an_export_has_every_code_with_its_corrections(project):
    call("import", sheet(*FIRST))
    call("import", sheet("council,3,r1,documents,2026-11-02"))
    with open_warehouse(project.warehouse) as connection:
        labels = declared_tables()["labels"].select(connection, EVERYTHING)
        result = connection.execute(labels)
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    assert names == [*LABEL_SCHEMA.names, "imported_at", "superseded_at"]
    of_council = [row["stage_code"] for row in rows if row["organization_id"] == "council"]
    assert of_council == [2, 3, 4]


def test_a_code_has_the_columns_of_its_table(project):
    with open_warehouse(project.warehouse) as connection:
        described = connection.execute("describe raw.labels").fetchall()
    own = {"imported_at", "superseded_at"}
    assert {name for name, *_ in described} - own == {field.name for field in fields(ExpertCode)}
    assert [name for name, *_ in described] == [*LABEL_SCHEMA.names, *sorted(own)]


@pytest.mark.parametrize(
    ("column", "words"),
    [("saw", Saw), ("confidence", Confidence), ("stage_code", (None, 1, 2, 3, 4, 5, 6))],
)
def test_the_table_takes_the_words_of_the_vocabulary_and_no_others(project, column, words):
    row = dict.fromkeys(LABEL_SCHEMA.names, "") | {"saw": "both", "stage_code": 2}
    days = {"about": date(2026, 11, 2), "coded_on": date(2026, 11, 2), "imported_at": "2026-11-02"}
    names = ", ".join(row | days)
    marks = ", ".join(f"${name}" for name in row | days)
    accepted = set()
    with open_warehouse(project.warehouse) as connection:
        for word in {*words, 0, 7} if column == "stage_code" else {*words, "self", "x"}:
            given = {**row, **days, column: word if word is None else getattr(word, "value", word)}
            try:
                connection.execute(f"insert into raw.labels ({names}) values ({marks})", given)
                accepted.add(word)
            except duckdb.ConstraintException:
                pass
    assert accepted == set(words)


def test_options_before_a_command_are_refused_instead_of_forgotten():
    done = call("--data", "elsewhere", "agreement")
    assert done.exit_code == 2
    assert "give options behind `agreement`" in done.stderr


def test_without_a_warehouse_the_first_step_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for arguments in ((), ("import", "codes.csv"), ("template", "new.csv"), ("agreement",)):
        done = call(*arguments)
        assert done.exit_code == 1
        assert "no warehouse yet" in done.stderr


@pytest.mark.parametrize("name", ["import", "template", "agreement"])
def test_every_command_and_option_below_labels_is_explained(name):
    command = labels.commands[name]
    assert len(command.help.split()) > 7
    assert command.help.rstrip().endswith(".")
    options = [one for one in command.params if one.param_type_name == "option"]
    assert [option.name for option in options if not option.help] == []


def consensus(organization_id, stage_code, *, saw, spread):
    return TrainingLabel(
        organization_id=organization_id,
        about=date(2026, 11, 2),
        stage_code=stage_code,
        rater_count=2,
        undecided_count=0,
        saw=saw,
        spread=spread,
        codebook="",
    )


def call(*arguments):
    return CliRunner().invoke(labels, list(map(str, arguments)))


def sheet(*rows, header=HEADER, name="codes.csv"):
    """A sheet in the current folder; its path."""
    path = Path(name)
    path.write_text("\n".join((header, *rows)), encoding="utf-8")
    return path


def read(name):
    with Path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def archived(project):
    return sorted((project.archive.folder / "labels").glob("*.json"))


def stored(project):
    """All codes, also corrected ones, oldest first."""
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        result = connection.execute(
            "from raw.labels order by imported_at, organization_id, rater, about"
        )
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
