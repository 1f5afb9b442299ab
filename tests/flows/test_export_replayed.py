"""A warehouse that was rebuilt from its archive is exported as the same bytes."""

import shutil
from datetime import UTC, datetime

import pytest
from exported_folders import tables

from flows.compare import compare_stages
from flows.estimate import estimate
from flows.exporting import export_all
from flows.inbox import take_in_claims
from flows.project import Project
from flows.replaying import replay_archive
from flows.settings import load_settings
from warehouse.db import open_warehouse

LATER = datetime(2026, 12, 24, tzinfo=UTC)


@pytest.fixture
def export_again(monkeypatch):
    """Estimates, takes in claims and exports at a moment that is always the same."""
    for place in ("flows.estimate.now", "flows.claims.now"):
        monkeypatch.setattr(place, lambda: LATER)

    def call(folder, out):
        project = Project(folder / "data")
        with open_warehouse(project.warehouse) as connection:
            estimate(project, connection)
            take_in_claims(project, load_settings(folder), connection)
            compare_stages(connection)
            export_all(connection, out)
        return tables(out)

    return call


def test_a_replayed_project_is_exported_as_the_same_tables(finished, tmp_path, export_again):
    first = shutil.copytree(finished, tmp_path / "first")
    second = shutil.copytree(finished, tmp_path / "second")
    replay_archive(second / "data", None, quiet=True)
    before, after = (export_again(folder, folder / "out") for folder in (first, second))
    assert len(before) == 2 * 19 + 3
    assert [name for name in before if before[name] != after[name]] == []
