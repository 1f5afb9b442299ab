"""Who was imported can be forgotten, whatever the year, and is not imported again."""

from __future__ import annotations

import pytest
from erased import traces
from import_files import HANDLE, ImportProject, answered, asked, write_csv

from flows.forgetting.act import forget
from flows.forgetting.asking import Asked, subject_of
from flows.settings import Settings

BY_OUTSIDERS = "select count(*) from raw.activities where author_role = 'outsider'"


@pytest.fixture
def project(tmp_path):
    """A project with a history of two years, in which one outsider asked and another did."""
    found = ImportProject(tmp_path / "project")
    found.file = write_csv(
        tmp_path / "series.csv",
        [
            asked(1, "2024-03-04T10:00:00Z"),
            answered(1, "2024-03-04T11:00:00Z"),
            asked(2, "2025-03-04T10:00:00Z"),
            asked(3, "2025-03-05T10:00:00Z", author_hash="somebody.else"),
        ],
    )
    found.bring(found.file)
    return found


def erase(project):
    settings = Settings(folder=project.folder)
    asked_for = Asked("discourse", f"{HANDLE}@1", "", "")
    subject = subject_of(settings.project, settings, asked_for._replace(account=HANDLE))
    return forget(settings.project, settings, subject)


def test_all_years_of_a_person_go_and_others_stay(project):
    keys = {key for (key,) in project.rows("select distinct author_key from raw.activities")}
    assert erase(project).counts["acts"] == 2
    assert project.value(BY_OUTSIDERS) == 1
    left = {key for (key,) in project.rows("select distinct author_key from raw.activities")}
    assert traces([project.data], keys - left) == []


def test_a_person_who_objected_is_left_out_of_the_next_import(project):
    erase(project)
    done = project.bring(project.file)
    assert project.value(BY_OUTSIDERS) == 1
    assert "its author objected" in str(done.left_out)
