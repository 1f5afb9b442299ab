"""A project of measured organizations of one simulated world, for tests of training."""

import shutil
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
from labelled_worlds import small_simulator

from classifiers.model import StageModel, version_of
from classifiers.signals import FEATURE_CODES
from classifiers.world_sets import SetCalibration
from flows.build import build_signals
from flows.labels import import_labels
from flows.project import Project
from flows.train import write_model
from warehouse.db import open_warehouse
from warehouse.register import register_organizations
from warehouse.registry import record_model

LAST_WEEK = date(2026, 10, 26)  # a Monday
SEEN_AT = datetime(2026, 11, 2, tzinfo=UTC)
CODE_COLUMNS = "organization,stage,rater,saw,coded_on,about"


def measured_project(folder, table, weeks=(LAST_WEEK,)):
    """The rows of a labelled table as measured organizations, without label, and a small model."""
    project = Project(folder)
    project.data.mkdir()
    with open_warehouse(project.warehouse) as connection:
        register_organizations(connection, _listed(table), SEEN_AT)
        connection.execute(
            "insert into raw.seen_spans "
            "select channel_id, date '2026-01-01', date '2026-11-01' from raw.channels"
        )
        build_signals(project, connection, SEEN_AT)
        connection.execute("delete from signals.measurements")
        for week in weeks:
            taken = _measurements(table, week)  # noqa: F841 - the query reads it
            connection.execute("insert into signals.measurements by name select * from taken")
        record_model(connection, write_model(project.models, small_model()))
    return project


def copied_project(project, folder):
    """A copy of a project's data in another folder."""
    shutil.copytree(project.data, folder)
    return Project(folder)


def import_codes(project, names, stages, about=date(2026, 10, 31)):
    """One expert code for each name."""
    lines = [
        f"{name},{stage},r1,documents,2026-11-01,{about}"
        for name, stage in zip(names, stages, strict=True)
    ]
    path = project.data / "codes.csv"
    path.write_text("\n".join((CODE_COLUMNS, *lines)))
    with open_warehouse(project.warehouse) as connection:
        import_labels(project, connection, [path])


def small_model():
    calibration = SetCalibration(thresholds={0.8: 0.8, 0.9: 0.9})
    return StageModel(
        classifier=small_simulator(),
        evidence=small_simulator(),
        calibration=calibration,
        unusual_limit=5.0,
        signal_codes=FEATURE_CODES,
        source="simulator",
        seed=0,
        model_version=version_of("small", small_simulator(), calibration, FEATURE_CODES),
    )


def _listed(table):
    blank = dict.fromkeys(("country", "timezone", "homepage"), "")
    return [
        {
            "organization_id": str(name),
            "name": str(name),
            "industry": str(industry),
            "size_class": "50-249",
            "channels": [_channel(str(name))],
            **blank,
        }
        for name, industry in zip(table.organization_ids, table.industries, strict=True)
    ]


def _channel(name):
    blank = dict.fromkeys(("function", "region", "evidence"), "")
    address = {"channel_id": f"feeds:{name}", "source": "feeds", "address": f"https://{name}.org/"}
    return {"organization_id": name, "role": "official", **address, **blank}


def _measurements(table, week):
    moment = datetime(2026, 11, 2) - timedelta(hours=1)  # noqa: DTZ001 - as the warehouse has it
    return pa.Table.from_pylist(
        [
            {
                "organization_id": str(name),
                "as_of_week": week,
                "window_weeks": 13,
                "signal_code": code,
                "value": None if np.isnan(values[place]) else float(values[place]),
                "n": 30,
                "coverage_share": 1.0,
                "is_pooled": False,
                "missing_reason": str(reasons[place]),
                "unseen_reason": "",
                "method_version": "test-1",
                "known_at": moment,
            }
            for name, values, reasons in zip(
                table.organization_ids, table.X, table.reasons, strict=True
            )
            for place, code in enumerate(FEATURE_CODES)
        ]
    )
