"""A small published snapshot, built row by row as publishing would leave it."""

import shutil
from collections import Counter
from datetime import UTC, date, datetime

import duckdb
import pytest
from starlette.testclient import TestClient

from classifiers.stages import Stage
from dashboards.app import create_app
from warehouse.build import Clock, build, build_marts
from warehouse.db import open_warehouse
from warehouse.publish import publish_marts
from warehouse.snapshots import Snapshot

WEEK = date(2026, 11, 16)
AS_OF = datetime(2026, 11, 23, tzinfo=UTC)
SIGNAL_CODES = (
    "posts_per_week",
    "active_weeks_share",
    "burstiness",
    "weekend_share",
    "office_hours_share",
    "dormant_share",
    "days_since_last_post",
)
LONG_WINDOWS = {"burstiness", "dormant_share", "days_since_last_post"}


@pytest.fixture(scope="session")
def empty_snapshot(tmp_path_factory):
    """The marts as a warehouse without organizations publishes them: real tables, no rows."""
    folder = tmp_path_factory.mktemp("empty")
    clock = Clock(as_of=AS_OF, known_at=AS_OF)
    with open_warehouse(folder / "warehouse.duckdb") as connection:
        build(connection, clock)
        naive = AS_OF.replace(tzinfo=None)
        build_marts(connection, clock, {"snapshot_number": 1, "published_at": naive})
        return publish_marts(connection, folder / "snapshots", 1)


@pytest.fixture(scope="session")
def written_snapshots(tmp_path_factory, empty_snapshot):
    """Writes a snapshot; one with the same rows as another before it is copied."""
    folder, known = tmp_path_factory.mktemp("written"), {}

    def write(path, *rows):
        key = repr(rows)
        if key not in known:
            known[key] = folder / f"{len(known)}.duckdb"
            write_snapshot(known[key], empty_snapshot, *rows)
        shutil.copy(known[key], path)

    return write


@pytest.fixture
def publish(tmp_path, written_snapshots):
    """Publish a snapshot of the given organizations; returns the link that readers open.

    `tables` has rows of other marts by their name, each a dictionary of some of its columns.
    """
    published = 0

    def publish_next(*organizations, tables=None, **header):
        nonlocal published
        published += 1
        path = tmp_path / f"snapshot-{published:06d}.duckdb"
        given = {"snapshot_number": published, **header}
        written_snapshots(path, organizations, given, tables or {})
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


def write_snapshot(path, empty, organizations, header, tables):
    rows = [organization_row(index, given) for index, given in enumerate(organizations)]
    listed = {
        "snapshot": [snapshot_row(len(organizations), header)],
        "organizations": rows,
        "signals": [each for row in rows for each in signal_rows(row)],
        "weeks": week_rows(rows),
        **tables,
    }
    shutil.copy(empty, path)
    with duckdb.connect(path) as con:
        con.execute("begin")  # each row by itself would go to the disk
        con.execute("delete from marts.snapshot")
        con.execute("delete from marts.agreement")
        for name, records in listed.items():
            insert(con, name, records)
        con.execute(
            "insert into marts.histories by name select * exclude (industry, size_class,"
            " country, homepage, groups, sources) from marts.organizations"
            " order by organization_id, as_of_week"
        )
        con.execute("commit")
        con.execute("comment on column marts.organizations.country is 'ISO 3166 code'")


def insert(con, name, records):
    for record in records:
        columns = ", ".join(record)
        places = ", ".join("?" for _ in record)
        sql = f"insert into marts.{name} ({columns}) values ({places})"
        con.execute(sql, list(record.values()))


def week_rows(rows):
    counts = Counter(row["as_of_week"] for row in rows)
    return [
        {
            "as_of_week": week,
            "organization_count": count,
            "reached_count": count,
            "model_version": "cold-start-1",
        }
        for week, count in counts.items()
    ]


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
        "sources": ["feeds"],
        "groups": [],
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
            "window_weeks": 26 if code in LONG_WINDOWS else 13,
            "signal_code": code,
            "value": row.get(code),
            "missing_reason": "" if row.get(code) is not None else "undefined",
        }
        for code in SIGNAL_CODES
    ]
