"""`barograph evaluate`: labels meet the signals of their time, and the figures are kept."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from labelled_worlds import labelled_table
from measured_project import LAST_WEEK, measured_project

from classifiers.evaluating.ensemble_cost import EnsembleCost
from classifiers.evaluation import Evaluation
from classifiers.signals import FEATURE_CODES
from flows.commands.evaluating import evaluate
from flows.evaluate import ensemble_note, gather, store_evaluation
from flows.labels import import_labels
from flows.project import Project
from warehouse.db import open_warehouse
from warehouse.reading import rows

COUNT = 40
WEEK = date(2026, 9, 21)  # a Monday
HEADER = "organization,stage,rater,saw,coded_on,about"
PARTS = (
    "Warnings",
    "How to read this",
    "Figures on held-out organizations",
    "Coverage by stage",
    "Model minus baseline",
    "Baselines",
    "Calibration",
    "Later labels",
    "Permutation test",
    "Error by number of labels",
    "Error when the least sure are left out",
    "By what raters saw",
    "Ceiling",
    "Model and raters against the consensus",
    "When evidence gets worse",
    "Stress tests",
    "Error under stress",
    "90 % sets under stress",
    "Real beside simulated organizations",
    "Features",
)
QUICK = ("--repeats", "1", "--permutations", "0", "--no-audits", "--source", "recalibrated")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A project with forty measured organizations, no label, and a small model."""
    folder = tmp_path_factory.mktemp("measured") / "data"
    return measured_project(folder, labelled_table(COUNT, seed=2), (WEEK, LAST_WEEK))


@pytest.fixture
def project(measured, tmp_path, monkeypatch):
    """A copy of it as the current folder's."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(measured.data, tmp_path / "data")
    return Project(tmp_path / "data")


def test_without_labels_it_shows_the_check_that_needs_none_and_what_comes_next(project):
    done = call()
    assert "no labels yet: `barograph labels template FILE`" in done.output
    [count] = re.findall(r"(\d+) measured organizations beside \d+ simulated", done.output)
    assert 0.7 * COUNT < int(count) <= COUNT
    assert stored(project)["scores"] == {}


def test_a_label_stands_beside_the_last_week_that_ends_by_its_day(project):
    import_sheet(project, "organization-0000,2,r1,documents,2026-11-01,2026-09-27")
    assert window_ends(project) == [date(2026, 9, 27)]
    import_sheet(project, "organization-0001,2,r1,documents,2026-11-01,2026-11-01")
    assert window_ends(project) == [date(2026, 9, 27), date(2026, 11, 1)]


def test_a_label_of_before_all_weeks_takes_the_next_one(project):
    import_sheet(project, "organization-0000,2,r1,documents,2026-11-01,2026-09-26")
    assert window_ends(project) == [date(2026, 9, 27)]
    with open_warehouse(project.warehouse) as connection:
        asked = {"organization_ids": ["organization-0000"], "about_days": [date(2026, 9, 26)]}
        assert rows(connection, "labelled_rows", asked)[0]["is_late"]


def test_weeks_seen_are_those_kept_with_the_week_and_counted_now_where_none_were(project):
    name, later = "organization-0000", LAST_WEEK + timedelta(days=6)
    asked = {"organization_ids": [name, name], "about_days": [later, WEEK + timedelta(days=6)]}
    with open_warehouse(project.warehouse) as connection:
        assert observed_weeks(connection, asked) == [13, 13]
        for count, known_at in ((5, "2030-01-02"), (4, "2030-01-01")):
            kept = {"name": name, "week": LAST_WEEK, "count": count, "known_at": known_at}
            connection.execute(
                "insert into signals.evidence values ($name, $week, $count, 1, $known_at)", kept
            )
        assert observed_weeks(connection, asked) == [5, 13]
        connection.execute("delete from signals.evidence")
        assert observed_weeks(connection, asked) == [13, 13]
        connection.execute("delete from raw.seen_spans")
        assert observed_weeks(connection, asked) == [0, 0]


def test_features_and_reasons_are_those_that_were_measured(project):
    import_all(project)
    table = labelled_table(COUNT, seed=2)
    with open_warehouse(project.warehouse) as connection:
        found = gather(project, connection, FEATURE_CODES)
    assert len(found.table) + len(found.not_estimated) == COUNT
    places = [int(name[-4:]) for name in found.table.organization_ids]
    signals = slice(0, len(FEATURE_CODES))
    np.testing.assert_allclose(found.table.X[:, signals], table.X[places, signals])
    assert (found.table.reasons == table.reasons[places]).all()
    assert found.table.stage_codes.tolist() == table.stage_codes[places].tolist()


def test_an_organization_that_was_never_measured_is_named_in_the_warnings(project):
    with open_warehouse(project.warehouse) as connection:
        connection.execute(
            "delete from signals.measurements where organization_id = 'organization-0000'"
        )
    import_sheet(project, "organization-0000,2,r1,documents,2026-11-01,2026-10-31")
    assert "1 labelled organizations have no measured week: collect them" in call().output


def test_json_is_what_is_kept_with_the_model_and_the_report_tells_the_same(project):
    import_all(project)
    done = call("--json", "--report", "report.md")
    found = json.loads(done.output)
    assert found == stored(project)
    assert found["scores"]["mean_absolute_error"]["n"] == found["label_count"] > 20
    report = Path("report.md").read_text()
    for title in PARTS:
        assert f"\n## {title}" in report, title
    assert report.count(", n = ") > 20
    assert f"{found['scores']['mean_absolute_error']['value']:.3f} (" in report


def test_what_needs_no_label_is_stressed_without_one(project):
    done = call("--json", "--report", "report.md")
    found = json.loads(done.output)["stress"]
    assert stored(project)["stress"] == found
    assert {test["verdict"] for test in found} <= {"widens", "jumps", "not clear"}
    assert all(test["error_change"] is None for test in found)
    assert all(test["shift"]["n"] > 20 for test in found)
    report = Path("report.md").read_text()
    assert "Whether they widen enough needs labels" in report
    assert "## Error under stress" not in report


def test_two_raters_are_set_beside_the_model(project):
    import_all(project)
    table = labelled_table(COUNT, seed=2)
    pairs = zip(table.organization_ids, table.stage_codes, strict=True)
    import_sheet(project, *(f"{n},{s},r2,documents,2026-11-01,2026-10-31" for n, s in pairs))
    done = call("--report", "report.md")
    assert "too few to rely on: 60 are needed" in done.output
    assert re.search(r"one rater +0\.000 \(0\.000 to 0\.000\), n = \d+", done.output)
    report = Path("report.md").read_text()
    assert re.search(r"\| r1 \| 0\.000 .*\| r2 \| 0\.000 ", report, re.DOTALL)


def test_the_ensemble_is_left_out_only_with_the_time_that_it_would_take():
    assert ensemble_note(EnsembleCost(0.0, 5)) == ""
    assert ensemble_note(EnsembleCost(120.0, 5)).endswith(
        "is tried in every fold: about 10 minutes"
    )
    note = ensemble_note(EnsembleCost(300.0, 5))
    assert note.endswith("it would take about 25 minutes; `--repeats 3` tries it")
    assert "`--source stack --repeats 1` judges it" in ensemble_note(EnsembleCost(2000.0, 1))


def test_warnings_come_first(project):
    import_sheet(project, "organization-0001,2,r1,documents,2026-11-01,2026-10-31")
    done = call()
    assert done.output.startswith("WARNING  1 labels of 1 groups and 1 stages: no error can be")


def test_without_a_current_model_nothing_is_kept_and_it_says_so(project):
    with open_warehouse(project.warehouse) as connection:
        connection.execute("update estimates.models set is_current = false")
        assert not store_evaluation(connection, Evaluation())


def test_a_day_that_is_none_is_refused(project):
    done = call("--cut", "last summer", code=2)
    assert "--cut 'last summer' is no date such as 2026-06-30" in done.output
    assert project.warehouse.exists()


def observed_weeks(connection, asked):
    return [row["observed_week_count"] for row in rows(connection, "labelled_rows", asked)]


def call(*arguments, code=0):
    done = CliRunner().invoke(evaluate, [*QUICK, *arguments])
    assert done.exit_code == code, done.output
    return done


def stored(project):
    with open_warehouse(project.warehouse) as connection:
        return json.loads(rows(connection, "models")[0]["evaluation"])


def window_ends(project):
    with open_warehouse(project.warehouse) as connection:
        table = gather(project, connection, FEATURE_CODES).table
    return table.window_ends.astype(object).tolist()


def import_all(project):
    table = labelled_table(COUNT, seed=2)
    pairs = zip(table.organization_ids, table.stage_codes, strict=True)
    import_sheet(project, *(f"{n},{s},r1,documents,2026-11-01,2026-10-31" for n, s in pairs))


def import_sheet(project, *lines):
    path = project.data / "codes.csv"
    path.write_text("\n".join((HEADER, *lines)))
    with open_warehouse(project.warehouse) as connection:
        import_labels(project, connection, [path])
