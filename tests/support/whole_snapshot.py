"""A snapshot in which every figure of every page has rows, and copies of it that lack something."""

import fcntl
import shutil
from pathlib import Path

import duckdb
from benchmark_scripts import script_named
from lxml import html
from starlette.testclient import TestClient
from whole_tables import rows_of_more

from classifiers.stages import Stage
from dashboards.app import create_app
from dashboards.pages.registry import PAGES
from warehouse.snapshots import Snapshot

ORGANIZATION = "organization-000012"  #: has a claim, a narrow set and public answers
ABSTAINED, WIDE, NO_LABEL = "organization-000004", "organization-000009", "organization-000005"
COMPARED = "&".join(f"org={each}" for each in (ABSTAINED, NO_LABEL, WIDE, ORGANIZATION))


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
        for table, rows in rows_of_more(ORGANIZATION).items():
            theirs = f"where organization_id = '{ORGANIZATION}'" if table == "answers" else ""
            connection.execute(f"delete from marts.{table} {theirs}")
            for row in rows:
                _insert(connection, table, row)
        _set_kinds(connection)
        _lay_out_again(connection)
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


def _set_kinds(connection):
    """Estimates and claims of every kind in the latest week, whoever else there is."""
    for identifier, values in _KINDS.items():
        label, reason = Stage(values[0]).label, REASON if values[3] else ""
        connection.execute(_SET_KIND, [*values, label, reason, identifier])
    for statement in _PARTIAL:
        connection.execute(statement)


REASON = "Abstained: 41 % of the channel days were seen; at least 60 % are needed."
_SET_KIND = """
    update marts.organizations set
        stage_code = $1, set90_low = $2, set90_high = $3, is_abstained = $4,
        claimed_stage_code = $5, claim_position = $6, stage_label = $7, abstention_text = $8,
        claimed_on = case when $5::integer is not null then date '2026-03-13' end
    where organization_id = $9 and as_of_week = date '2026-11-16'
"""
_KINDS = {
    ORGANIZATION: (2, 1, 3, False, 3, "within"),
    WIDE: (4, 3, 6, False, 5, "within"),
    ABSTAINED: (2, 1, 4, True, 3, "within"),
    NO_LABEL: (2, 1, 4, False, None, None),
    "organization-000020": (2, 1, 3, False, 5, "above"),
    "organization-000021": (5, 4, 6, False, 2, "below"),
}
_UNREADABLE = f"organization_id in ('{WIDE}', '{ABSTAINED}')"
_PARTIAL = (
    "update marts.weeks set reached_count = 118",
    "update marts.weeks set reached_count = 72 where as_of_week = date '2026-08-17'",
    f"update marts.channels set last_outcome = 'server_error' where {_UNREADABLE}",
    f"update marts.channels set last_error = 'HTTP 503', is_lossy = true where {_UNREADABLE}",
    f"delete from marts.claims where organization_id = '{NO_LABEL}'",
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
