"""`barograph train --with-self-assessments`: claims teach by way of anchors."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from click.testing import CliRunner
from labelled_worlds import labelled_table
from measured_project import LAST_WEEK, copied_project, import_codes, measured_project

from classifiers.correcting_with_claims import correct_with_claims
from classifiers.persistence import load_model
from classifiers.signals import FEATURE_CODES
from flows.claimants import gather_claimants
from flows.commands.comparing import compare
from flows.commands.steps import estimate
from flows.commands.training import models, train
from flows.evaluate import gather
from flows.train import model_path
from warehouse.db import open_warehouse
from warehouse.reading import rows

COUNT, CODED_COUNT, CLAIMING_COUNT = 80, 40, 75
CLAIMED_ON = LAST_WEEK - timedelta(days=30)
WITH = "--with-self-assessments"


@pytest.fixture(scope="module")
def table():
    return labelled_table(COUNT, seed=2)


@pytest.fixture(scope="module")
def claimed(table):
    steps = np.random.default_rng(0).choice([0, 1, 2], COUNT, p=[0.3, 0.5, 0.2])
    return np.minimum(table.stage_codes + steps, 6)


@pytest.fixture(scope="module")
def measured(tmp_path_factory, table):
    """Eighty measured organizations; half of them have an expert code."""
    project = measured_project(tmp_path_factory.mktemp("measured") / "data", table)
    import_codes(project, table.organization_ids[:CODED_COUNT], table.stage_codes[:CODED_COUNT])
    return project


@pytest.fixture(scope="module")
def taught(measured, table, claimed, tmp_path_factory):
    """The same, trained with what all of them claim, and what training said."""
    folder = tmp_path_factory.mktemp("taught")
    project = copied_project(measured, folder / "data")
    names = table.organization_ids[:CLAIMING_COUNT]
    write_claims(folder, names, claimed[:CLAIMING_COUNT])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return project, call(train, WITH, "--json")


@pytest.fixture
def project(measured, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return copied_project(measured, tmp_path / "data")


@pytest.fixture
def trained(taught, tmp_path, monkeypatch):
    """A copy of the trained project as the current folder's."""
    source = taught[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claims.csv").write_text((source.data.parent / "claims.csv").read_text())
    return copied_project(source, tmp_path / "data")


def test_it_registers_the_model_with_claims_as_current_and_the_one_without_beside_it(taught):
    project, done = taught
    said = json.loads(done.stdout)
    with open_warehouse(project.warehouse) as connection:
        current, without, *_ = rows(connection, "models")
    assert current["is_current"]
    assert current["model_version"] == said["model_version"]
    assert f"-{CODED_COUNT - left_out(project)}-claims-" in current["model_version"]
    assert (current["claim_count"], without["claim_count"]) == (said["claim_count"], 0)
    assert said["claim_count"] == said["self_assessments"]["claim_count"] > 50
    assert without["model_version"] == said["without_self_assessments"]
    assert current["labels_sha256"] == without["labels_sha256"] != ""
    assert current["label_counts"] == without["label_counts"]


def test_its_card_tells_counts_shift_with_intervals_and_what_it_brought(taught):
    project, done = taught
    said = json.loads(done.stdout)
    card = model_path(project.models, said["model_version"]).with_suffix(".md").read_text()
    section = card.partition("## Self-assessments\n")[2].partition("\n## ")[0]
    summary = said["self_assessments"]
    assert f"- Self-assessments: {summary['claim_count']}" in section
    assert f"- Organizations with both: {summary['anchor_count']}" in section
    assert f"`{said['without_self_assessments']}`" in section
    assert f"n = {summary['anchor_count']}" in section
    mean = summary["anchor_mean"]
    assert f"{mean['value']:+.2f} ({mean['low']:+.2f} to {mean['high']:+.2f})" in section
    for words in ("| stages above the code |", "codes held out, 95 %", "estimated stage"):
        assert words in section
    plain = model_path(project.models, said["without_self_assessments"]).with_suffix(".md")
    assert "None was used." in plain.read_text()


def test_both_cards_tell_who_the_raters_were(taught):
    project, done = taught
    said = json.loads(done.stdout)
    count = CODED_COUNT - left_out(project)
    for version in (said["model_version"], said["without_self_assessments"]):
        card = model_path(project.models, version).with_suffix(".md").read_text()
        assert f"| r1 | documents | {count} | 2026-10-31 | 2026-10-31 |" in card


def test_a_card_is_shown_with_what_an_evaluation_found_since(trained):
    with open_warehouse(trained.warehouse) as connection:
        current, without, *_ = (row["model_version"] for row in rows(connection, "models"))
        found = json.dumps({"scores": {}, "label_count": 7, "sources": "offset"})
        connection.execute("update estimates.models set evaluation = ?", [found])
    assert "had 7 labels, too few" in call(models, "show", without).output
    assert "had 7 labels" not in call(models, "show", current).output
    shown = json.loads(call(models, "show", without, "--json").output)
    assert shown["evaluation"]["label_count"] == 7


def test_the_shift_found_is_that_of_the_claims(taught, table, claimed):
    summary = json.loads(taught[1].stdout)["self_assessments"]
    mean = summary["anchor_mean"]
    assert mean["low"] < np.mean(claimed - table.stage_codes) < mean["high"]
    assert summary["mean"] == pytest.approx(mean["value"], abs=0.25)
    assert sum(each["anchor_count"] for each in summary["steps"]) == summary["anchor_count"]


def test_a_loaded_model_is_the_trained_one(trained, table):
    with open_warehouse(trained.warehouse) as connection:
        material = gather(trained, connection, FEATURE_CODES)
        claimants = gather_claimants(connection, FEATURE_CODES)
        _, without, *_ = rows(connection, "models")
        current = rows(connection, "models")[0]["model_version"]
    cold = next(path for path in trained.models.glob("small*.skops"))
    again = correct_with_claims(load_model(cold), material.table, claimants.said).model
    loaded = load_model(model_path(trained.models, current))
    assert again.model_version == loaded.model_version != without["model_version"]
    pairs = zip(
        (again.classifier, *again.fold_classifiers),
        (loaded.classifier, *loaded.fold_classifiers),
        strict=True,
    )
    for mine, its in pairs:
        np.testing.assert_array_equal(mine.predict_proba(table.X), its.predict_proba(table.X))
    assert (again.claiming, again.fold_of) == (loaded.claiming, loaded.fold_of)


def test_whoever_claims_or_has_a_label_is_estimated_out_of_fold(trained):
    call(estimate)
    with open_warehouse(trained.warehouse) as connection:
        found = rows(connection, "estimates", {"as_of_week": LAST_WEEK})
        version = rows(connection, "models")[0]["model_version"]
    claiming = load_model(model_path(trained.models, version)).claiming
    marks = {row["organization_id"]: (row["saw_claim"], row["is_out_of_fold"]) for row in found}
    observable = {row["organization_id"] for row in found if row["stage_code"]}
    assert claiming
    assert {marks[name] for name in claiming & observable} == {(True, True)}
    strangers = {f"organization-{place:04d}" for place in range(CLAIMING_COUNT, COUNT)}
    assert {marks[name] for name in strangers & observable} == {(False, False)}


def test_comparing_tells_that_claims_taught_the_model_and_sets_the_other_beside_it(trained):
    call(estimate)
    assert trained.models.exists()
    text = call(compare).output
    found = json.loads(call(compare, "--json").output)
    beside = found["without_self_assessments"]
    assert f"self-assessments taught the model {beside['model_version']}" in text
    assert f"The same without self-assessments ({beside['without_version']}):" in text
    assert found["out_of_fold_count"] > 40
    assert f"{found['out_of_fold_count']} of the organizations with a claim" in text
    assert found["circular_count"] == 0
    assert text.count("Claimed against observed") == 2
    assert text.count(" taught the model") == 1
    assert beside["comparison"]["both_count"] == found["both_count"]
    assert beside["comparison"]["out_of_fold_count"] == 0


def test_a_counterpart_that_is_gone_is_told(trained):
    call(estimate)
    with open_warehouse(trained.warehouse) as connection:
        without = rows(connection, "models")[1]["model_version"]
    model_path(trained.models, without).unlink()
    assert "there is no such file; train it again" in call(compare).output
    with open_warehouse(trained.warehouse) as connection:
        connection.execute("delete from estimates.models where model_version = ?", [without])
    assert "`barograph train` makes one" in call(compare).output


def test_a_model_of_labels_alone_is_compared_without_a_word_of_self_assessments(project, table):
    write_claims(project.data.parent, table.organization_ids[:20], [3] * 20)
    call(train, "--source", "recalibrated")
    call(estimate)
    assert "self-assessments" not in call(compare).output
    assert json.loads(call(compare, "--json").output)["without_self_assessments"] is None


def test_a_model_of_labels_whose_file_is_gone_is_told_and_not_guessed(trained):
    with open_warehouse(trained.warehouse) as connection:
        current = rows(connection, "models")[0]["model_version"]
    path = model_path(trained.models, current)
    path.unlink()
    assert f"error: {path}: there is no such file; train it again" in call(estimate, code=1).stderr


def test_the_register_tells_how_many_claims_taught_a_model(trained):
    [current, *_] = call(models).output.splitlines()
    assert trained.models.exists()
    assert " labels and " in current
    assert " self-assessments, trained " in current


def test_too_few_anchors_are_refused_with_their_number_and_whom_to_code(project, table, claimed):
    chosen = [*range(6), *range(CODED_COUNT, COUNT)]
    write_claims(project.data.parent, table.organization_ids[chosen], claimed[chosen])
    done = call(train, WITH, code=1)
    assert "of the 46 organizations with a self-assessment have an expert code" in done.stderr
    assert "at least 10 are needed" in done.stderr
    assert "barograph labels next" in done.stderr
    assert str(table.organization_ids[CODED_COUNT]) in done.stderr


def test_a_code_of_another_year_is_no_anchor(project, table, claimed):
    write_claims(project.data.parent, table.organization_ids, claimed, on=date(2025, 3, 1))
    done = call(train, WITH, code=1)
    assert f"0 of the {COUNT} organizations with a self-assessment" in done.stderr


def test_without_any_claim_it_says_where_they_belong(project):
    assert project.warehouse.exists()
    assert "list them in claims.csv" in call(train, WITH, code=1).stderr


def test_few_anchors_are_warned_of(project, table, claimed):
    few = [*range(20), *range(CODED_COUNT, COUNT)]
    write_claims(project.data.parent, table.organization_ids[few], claimed[few])
    done = call(train, WITH, "--source", "recalibrated")
    assert "warning: only" in done.stderr
    assert "below 30, estimates may all be too high or too low" in done.stderr
    assert "self-assessments, " in done.stdout
    assert "codes held out: mean absolute error" in done.stdout
    assert "without self-assessments: recalibrated-" in done.stdout


def test_claims_that_all_equal_the_codes_are_warned_of_with_and_without_the_option(project, table):
    names, stages = table.organization_ids[:CODED_COUNT], table.stage_codes[:CODED_COUNT]
    write_claims(project.data.parent, names, stages)
    done = call(train, WITH, "--source", "recalibrated")
    assert "were self-assessments imported as expert codes?" in done.stderr
    done = call(train, "--source", "recalibrated", "--json")
    assert "warning: all 40 organizations with an expert code and a claim" in done.stderr
    assert json.loads(done.stdout)["claim_count"] == 0


def test_one_code_that_differs_is_enough_to_be_believed(project, table):
    names, stages = table.organization_ids[:CODED_COUNT], table.stage_codes[:CODED_COUNT].copy()
    stages[0] = 7 - stages[0]
    write_claims(project.data.parent, names, stages)
    call(compare)  # reads the claims
    assert "warning" not in call(train, "--source", "recalibrated").stderr


def test_a_claim_without_a_date_speaks_of_the_week_last_built(project, table, claimed):
    write_claims(project.data.parent, table.organization_ids[:20], claimed[:20], on="")
    call(compare)
    with open_warehouse(project.warehouse) as connection:
        said = gather_claimants(connection, FEATURE_CODES).said
    assert set(said.days.astype(object)) == {LAST_WEEK + timedelta(days=6)}
    assert said.is_measured.sum() > 10


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((WITH, "--cold-start"), "--cold-start uses no label and no claim"),
        ((WITH, "--source", "stack"), "--source stack cannot learn from self-assessments"),
        (("--claims", "claims.csv"), "--claims is read for --with-self-assessments only"),
    ],
)
def test_options_that_contradict_each_other_are_refused(project, options, words):
    assert project.warehouse.exists()
    assert words in call(train, *options, code=2).stderr


def call(command, *arguments, code=0):
    done = CliRunner().invoke(command, list(arguments))
    assert done.exit_code == code, done.output
    return done


def write_claims(folder, names, stages, on=CLAIMED_ON):
    lines = [f"{name},{stage},{on}" for name, stage in zip(names, stages, strict=True)]
    (folder / "claims.csv").write_text("\n".join(("organization,stage,claimed_on", *lines)))


def left_out(project):
    with open_warehouse(project.warehouse) as connection:
        return CODED_COUNT - len(gather(project, connection, FEATURE_CODES).table)
