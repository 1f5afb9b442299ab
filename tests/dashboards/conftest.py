"""A small published snapshot, built row by row as publishing would leave it."""

from datetime import date, datetime

import duckdb
import pytest
from starlette.testclient import TestClient

from classifiers.stages import Stage
from dashboards.app import create_app
from warehouse.snapshots import Snapshot

WEEK = date(2026, 11, 16)
SIGNAL_CODES = (
    "posts_per_week",
    "active_weeks_share",
    "burstiness",
    "weekend_share",
    "office_hours_share",
    "dormant_share",
    "days_since_last_post",
)


@pytest.fixture
def publish(tmp_path):
    """Publish a snapshot of the given organizations; returns the link that readers open."""
    published = 0

    def publish_next(*organizations, **header):
        nonlocal published
        published += 1
        path = tmp_path / f"snapshot-{published:06d}.duckdb"
        write_snapshot(path, organizations, {"snapshot_number": published, **header})
        link = tmp_path / "snapshot.duckdb"
        link.unlink(missing_ok=True)
        link.symlink_to(path.name)
        return link

    return publish_next


@pytest.fixture
def browse(publish):
    """A client of the dashboard on a snapshot of the given organizations."""

    def open_client(*organizations, **header):
        app = create_app(publish(*organizations, **header))
        return TestClient(app, raise_server_exceptions=False)

    return open_client


@pytest.fixture
def read(publish):
    """An opened snapshot of the given organizations."""
    return lambda *organizations, **header: Snapshot.open(publish(*organizations, **header))


@pytest.fixture
def town():
    """Twenty-four organizations: 18 claims (3 above, 1 below, 14 within), 4 abstained."""
    return [town_member(index) for index in range(24)]


def town_member(index):
    stage = 1 + index % 3
    member = {
        "name": f"Organization {index:02d}",
        "industry": ("finance", "public-administration")[index % 2],
        "size_class": ("10-49", "250-999", "1000+")[index % 3],
        "country": ("NL", "BE")[index % 2],
        "stage_code": stage,
        "set80_low": stage,
        "set80_high": stage + 1,
        "set90_low": max(1, stage - 1),
        "set90_high": stage + 1,
        "posts_per_week": 0.5 + index,
        "weekend_share": index / 48,
    }
    if index >= 20:
        sentence = "Abstained: 40 % of the channel days were seen; at least 60 % are needed."
        member |= {
            "is_abstained": True,
            "abstention_reason": "low_coverage",
            "abstention_text": sentence,
        }
    return member | claim_of(index, member)


def claim_of(index, member):
    if index >= 18:
        return {}
    if index < 3:
        return claim(member["set90_high"] + 1, "above")
    if index == 5:
        return claim(member["set90_low"] - 1, "below")
    return claim(member["stage_code"], "within")


def claim(stage_code, position):
    return {
        "claimed_stage_code": stage_code,
        "claimed_on": date(2026, 9, 1),
        "claim_instrument": "altimeter",
        "claim_position": position,
    }


def write_snapshot(path, organizations, header):
    with duckdb.connect(path) as con:
        con.execute("create schema marts")
        make_table(con, "snapshot", [snapshot_row(len(organizations), header)], SNAPSHOT_COLUMNS)
        rows = [organization_row(index, given) for index, given in enumerate(organizations)]
        make_table(con, "organizations", rows, ORGANIZATION_COLUMNS)
        make_table(con, "signals", [s for row in rows for s in signal_rows(row)], SIGNAL_COLUMNS)
        con.execute("comment on column marts.organizations.country is 'ISO 3166 code'")


def make_table(con, name, rows, columns):
    listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    con.execute(f"create table marts.{name} ({listed})")
    if rows:
        places = ", ".join("?" for _ in columns)
        values = [[row.get(column) for column in columns] for row in rows]
        con.executemany(f"insert into marts.{name} values ({places})", values)


def snapshot_row(count, given):
    return {
        "published_at": datetime(2026, 11, 21, 9, 30),  # noqa: DTZ001 - marts hold naive UTC
        "as_of": datetime(2026, 11, 21, 9, 0),  # noqa: DTZ001 - marts hold naive UTC
        "as_of_week": WEEK,
        "run_id": "run-1",
        "run_state": "completed",
        "organization_count": count,
        "data_to": datetime(2026, 11, 21, 8, 0),  # noqa: DTZ001 - marts hold naive UTC
        "model_version": "cold-start-1",
        "model_kind": "cold_start",
        "is_invented": False,
        **given,
    }


def organization_row(index, given):
    return {
        "organization_id": f"organization-{index:04d}",
        "industry": "finance",
        "size_class": "10-49",
        "country": "NL",
        "homepage": "https://example.org",
        "as_of_week": WEEK,
        "channel_count": 2,
        "readable_channel_count": 1,
        "coverage_share": 0.94,
        "is_abstained": None if given.get("stage_code") is None else False,
        "stage_label": Stage(given["stage_code"]).label if given.get("stage_code") else None,
        "abstention_reason": "",
        "abstention_text": "",
        "model_version": "cold-start-1",
        **given,
    }


def signal_rows(row):
    return [
        {
            "organization_id": row["organization_id"],
            "as_of_week": row["as_of_week"],
            "window_weeks": 26
            if code in {"burstiness", "dormant_share", "days_since_last_post"}
            else 13,
            "signal_code": code,
            "value": row.get(code),
            "missing_reason": "" if row.get(code) is not None else "undefined",
        }
        for code in SIGNAL_CODES
    ]


SNAPSHOT_COLUMNS = {
    "snapshot_number": "integer",
    "published_at": "timestamp",
    "as_of": "timestamp",
    "as_of_week": "date",
    "run_id": "varchar",
    "run_state": "varchar",
    "organization_count": "integer",
    "data_to": "timestamp",
    "model_version": "varchar",
    "model_kind": "varchar",
    "is_invented": "boolean",
}
ORGANIZATION_COLUMNS = {
    "organization_id": "varchar",
    "name": "varchar",
    "industry": "varchar",
    "size_class": "varchar",
    "country": "varchar",
    "homepage": "varchar",
    "as_of_week": "date",
    "channel_count": "integer",
    "readable_channel_count": "integer",
    "coverage_share": "double",
    "stage_code": "integer",
    "stage_label": "varchar",
    **{f"probability_{stage}": "double" for stage in range(1, 7)},
    "set80_low": "integer",
    "set80_high": "integer",
    "set90_low": "integer",
    "set90_high": "integer",
    "is_abstained": "boolean",
    "abstention_reason": "varchar",
    "abstention_text": "varchar",
    "model_version": "varchar",
    "claimed_stage_code": "integer",
    "claimed_on": "date",
    "claim_instrument": "varchar",
    "claim_position": "varchar",
    **dict.fromkeys(SIGNAL_CODES, "double"),
}
SIGNAL_COLUMNS = {
    "organization_id": "varchar",
    "as_of_week": "date",
    "window_weeks": "integer",
    "signal_code": "varchar",
    "value": "double",
    "missing_reason": "varchar",
}
