"""A snapshot in which every figure of every page has rows, and copies of it that lack something."""

import fcntl
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from benchmark_scripts import script_named
from lxml import html
from starlette.testclient import TestClient

from classifiers.assessing.instrument import read_instrument
from classifiers.comparing.statistic import definitions
from classifiers.stages import Stage
from dashboards.app import create_app
from dashboards.pages.registry import PAGES
from warehouse.snapshots import Snapshot

ORGANIZATION = "organization-000012"  #: has a claim, a narrow set and public answers
ABSTAINED, WIDE, NO_LABEL = "organization-000004", "organization-000009", "organization-000005"
COMPARED = "&".join(f"org={each}" for each in (ABSTAINED, NO_LABEL, WIDE, ORGANIZATION))
MODEL = "invented-1"  #: of the latest week
_SOURCES = ("bluesky", "feeds", "mastodon")
_UNTIL = datetime(2026, 11, 22, 6, 0, tzinfo=UTC).replace(tzinfo=None)


def shared_whole(tmp_path_factory, worker_id):
    """The link to the snapshot; whoever asks first writes it, all of one run of tests read it."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent  # that of all workers of one run
    folder = base / "whole-snapshot"
    with (base / "whole-snapshot.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = base / "whole-snapshot.part"
            write_whole(draft)
            draft.rename(folder)
    return folder / "snapshot.duckdb"


def write_whole(folder):
    """Write the snapshot into a folder; returns the link that readers open."""
    link = script_named("invented_snapshot").write_snapshot(folder, 120, 30)
    with duckdb.connect(str(link.resolve())) as connection:
        for table, rows in _more().items():
            for row in rows:
                _insert(connection, table, row)
        connection.execute(
            "update marts.channels set last_error = 'HTTP 503', is_lossy = true "
            "where last_outcome = 'server_error'"
        )
        connection.execute(
            "update marts.answers set evidence_url = 'https://example.org/proof', "
            "instrument_version = ? where instrument = 'esm3'",
            [read_instrument("esm3").version],
        )
    for path in folder.glob("*"):
        if path.suffix == ".duckdb" and path not in {link, link.resolve()}:
            path.unlink()
    shutil.rmtree(folder / "empty")
    return link


def changed(link, folder, *statements):
    """The link to a copy of a snapshot on which some statements were run."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "snapshot-000001.duckdb"
    shutil.copy(Path(link).resolve(), path)
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(*statement if isinstance(statement, tuple) else (statement,))
        _lay_out_again(connection)
    own = folder / "snapshot.duckdb"
    own.symlink_to(path.name)
    return own


def _lay_out_again(connection):
    """The histories are the organizations in another order, and change with them."""
    columns = connection.execute(
        "select string_agg(column_name, ', ') from duckdb_columns() where schema_name = 'marts' "
        "and table_name = 'histories' and exists (from duckdb_tables() "
        "where schema_name = 'marts' and table_name = 'organizations')"
    ).fetchone()
    if columns[0]:
        connection.execute("delete from marts.histories")
        connection.execute(
            f"insert into marts.histories by name select {columns[0]} from marts.organizations "
            "order by organization_id, as_of_week"
        )


class Dashboard:
    """One dashboard, asked over HTTP; what was asked for is kept.

    Questionnaires go into the folder.
    """

    def __init__(self, link, folder):
        self.link, self.snapshot = link, Snapshot.open(link)
        self.app = create_app(link, inbox=folder / "inbox", drafts=folder / "drafts")
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self._answers = {}

    def get(self, address):
        """The answer at an address below the root."""
        if address not in self._answers:
            self._answers[address] = self.client.get(f"/{address}")
        return self._answers[address]

    def page(self, address):
        """The page at an address, parsed; it must be there."""
        answer = self.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return html.document_fromstring(answer.text)

    def text(self, address):
        """What a reader sees on a page, with single blanks."""
        return words(self.page(address))


def words(node):
    """The text of a part of a page, with single blanks."""
    return " ".join(node.text_content().split())


def address_of(page, query="", organization=ORGANIZATION):
    """The address of a page below the root."""
    place = f"{page.path}/{organization}" if page.is_about_one else page.path
    return f"{place}?{query}" if query else place


#: Every page as a reader finds it, and views that show more than the first.
ADDRESSES = {page.name: address_of(page) for page in PAGES} | {
    "several compared": f"compare?{COMPARED}",
    "an earlier week": "?week=2026-08-10",
    "narrowed": "?industry=finance&source=feeds",
    "matrix in shares": "?shares=rows",
    "an organization among all": f"organizations/{ORGANIZATION}?peers=all",
    "an organization in an earlier week": f"organizations/{ORGANIZATION}?week=2026-08-10",
    "an organization that abstained": f"organizations/{ABSTAINED}",
    "an organization with a wide set": f"organizations/{WIDE}",
    "an organization without a label": f"organizations/{NO_LABEL}",
    "agreement of some": "agreement?size=10-49",
    "another model": "quality?model=invented-0",
}


def _insert(connection, table, row):
    columns, places = ", ".join(row), ", ".join("?" for _ in row)
    sql = f"insert into marts.{table} ({columns}) values ({places})"
    connection.execute(sql, list(row.values()))


def _more():
    """Rows of the tables that the invented snapshot leaves empty."""
    return {
        "models": [_model(MODEL, is_current=True), _model("invented-0", is_current=False)],
        "set_quality": [*_coverage()],
        "reliability": [*_bins()],
        "model_measures": [_measure("bias", -0.06), _measure("mean_absolute_error", 0.52)],
        "sources": [_source(name) for name in _SOURCES],
        "source_days": [*_days()],
        "source_outcomes": [
            {"source": "feeds", "outcome": outcome, "channel_count": count}
            for outcome, count in (("ok", 110), ("server_error", 9), ("", 1))
        ],
        "runs": [_run(back) for back in range(12)],
        "agreement_statistics": [*_statistics()],
        "answers": [*_altimeter_answers()],
    }


def _model(version, *, is_current):
    return {
        "model_version": version,
        "source": "offset",
        "trained_at": _UNTIL - timedelta(days=20),
        "label_count": 84,
        "claim_count": 0,
        "is_current": is_current,
        "is_evaluated": is_current,
        "evaluated_label_count": 84 if is_current else None,
    }


def _coverage():
    groups = [("all", ""), *(("stage", stage.name.lower()) for stage in Stage)]
    groups += [("industry", "finance"), ("industry", "retail")]
    for place, (kind, name) in enumerate(groups):
        for level in (0.8, 0.9):
            yield {
                "model_version": MODEL,
                "group_kind": kind,
                "group_name": name,
                "level": level,
                "n": 84 if kind == "all" else 14 + place,
                "coverage_share": level - 0.02 * place,
                "lower": level - 0.02 * place - 0.1,
                "upper": min(level - 0.02 * place + 0.1, 1.0),
                "mean_set_size": 2.9 if kind == "all" else None,
            }


def _bins():
    for code in range(1, 6):
        for number in (1, 2, 3):
            yield {
                "model_version": MODEL,
                "threshold_code": code,
                "bin_number": number,
                "predicted_share": 0.3 * number,
                "observed_share": 0.25 * number,
                "lower": 0.2 * number,
                "upper": 0.33 * number,
                "n": 28,
            }


def _measure(name, value):
    bounds = {"lower": value - 0.1, "upper": value + 0.1}
    return {"model_version": MODEL, "measure": name, "value": value, **bounds, "n": 84}


def _source(name):
    return {
        "source": name,
        "channel_count": 120,
        "organization_count": 120,
        "reached_organization_count": 110,
        "seen_channel_count": 112,
        "last_success_at": _UNTIL,
        "next_due_at": _UNTIL + timedelta(hours=1),
        "activity_count_28d": 1250,
        "robots_count": 1,
        "rate_limited_count": 0,
        "failed_count": 7,
    }


def _days():
    for place, name in enumerate(_SOURCES):
        for back in range(0, 28, place + 1):
            yield {
                "source": name,
                "day": _UNTIL.date() - timedelta(days=back),
                "asked_channel_count": 9,
                "seen_channel_count": (9, 0, 4)[back % 3],
                "attempt_count": 12,
                "failed_attempt_count": 3,
            }


def _run(back):
    started = _UNTIL - timedelta(days=back)
    return {
        "run_id": f"run-{back}",
        "started_at": started,
        "ended_at": started + timedelta(minutes=20) if back else None,
        "state": "completed_with_failures" if back else "running",
        "command": "run",
        "channel_count": 200,
        "due_count": 40,
        "held_count": 1,
        "failed_count": 2 if back else None,
        "error": "" if back else "channel feeds: HTTP 503",
        "activity_count": 1250,
    }


def _altimeter_answers():
    for item in read_instrument("altimeter").items:
        yield {
            "organization_id": ORGANIZATION,
            "instrument": "altimeter",
            "instrument_version": read_instrument("altimeter").version,
            "answered_on": _UNTIL.date(),
            "item_code": item.code,
            "answer": min(item.stage_code, 3),
            "evidence_url": "",
        }


def _statistics():
    """Every number once, of groups and variants a few; those of private claims too."""
    groups = {"group_gap": ("industry: finance", "size: 10-49")}
    groups["sensitivity_excess_gap"] = ("another loss", "latest claims")
    groups["claimed_count"] = groups["observed_count"] = [str(code) for code in Stage]
    place = 0
    for scope in ("public", "all"):
        for code, definition in definitions().items():
            for name in groups.get(code, ("",)) if scope == "public" else ("",):
                place += 1
                yield _statistic(scope, place, code, name, definition)


def _statistic(scope, place, code, name, definition):
    is_count = definition.unit == "organizations"
    value = 12.0 if is_count else 0.3
    return {
        "scope": scope,
        "position": place,
        "code": code,
        "group_name": name,
        "value": value,
        "lower": None if is_count else 0.1,
        "upper": None if is_count else 0.5,
        "n": 60,
        "expected": None if is_count else 0.2,
        "p_value": None,
        "reason": "",
        **definition._asdict(),
    }
