"""What a project's tables hold, without what differs from run to run."""

from __future__ import annotations

import hashlib

import duckdb

#: Identifiers of runs and pages, and moments of fetching, differ between two equal runs.
ACTIVITIES = """
    select * exclude (first_seen_at, last_listed_at, page_id, last_page_id)
    from raw.activities order by activity_id
"""
COVERAGE = "select * from staging.coverage order by channel_id, day"
SIGNALS = "select * exclude (known_at) from signals.measurements order by all"
CURSORS = """
    select channel_id, url, etag, last_modified, body_sha256, listed_from, entry_count
    from raw.cursors order by channel_id
"""
TABLES = {"activities": ACTIVITIES, "coverage": COVERAGE, "signals": SIGNALS, "cursors": CURSORS}
#: Everything of an activity: a replay repeats even the moments.
WHOLE_ACTIVITIES = "select * from raw.activities order by activity_id"


def rows(data, query, **parameters):
    """Rows of a query on the warehouse of a data folder."""
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query, parameters or None).fetchall()


def digest(data, query):
    """Hash of all rows of a query."""
    return hashlib.sha256(repr(rows(data, query)).encode()).hexdigest()


def digests(data):
    """Hash of each table by its name."""
    return {name: digest(data, query) for name, query in TABLES.items()}
