"""Small files as organizations and researchers have them, and a project to import them into."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from warehouse_tables import rows

from flows.importing.gathering import gather
from flows.importing.job import import_files
from flows.importing.order import ImportOrder
from flows.importing.roster import Roster
from flows.keyring import Keyring
from flows.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SERIES = (
    *("org_id", "channel", "account", "event_id", "thread_id", "parent_id", "ts", "kind"),
    *("direction", "author_hash", "author_role", "like_count", "reply_count", "repost_count"),
)
HANDLE = "quentin.quillfeather"
ASKED = {
    "org_id": "tinkerfield",
    "channel": "discourse",
    "account": "forum.tinkerfield.example",
    "direction": "inbound",
    "kind": "post",
    "author_hash": HANDLE,
    "author_role": "public",
}
ANSWERED = ASKED | {"direction": "outbound", "kind": "reply", "author_role": "staff"}


def asked(number, ts, **more):
    """A row of a series: an outsider opens thread `number`."""
    ids = {"event_id": f"q{number}", "thread_id": f"t{number}", "ts": ts}
    return dict.fromkeys(SERIES, "") | ASKED | ids | more


def answered(number, ts, **more):
    """A row of a series: staff answer in thread `number`."""
    ids = {"event_id": f"a{number}", "thread_id": f"t{number}", "parent_id": f"q{number}", "ts": ts}
    return dict.fromkeys(SERIES, "") | ANSWERED | ids | {"author_hash": "staff.1"} | more


def write_csv(path, rows_, delimiter=",", encoding="utf-8"):
    """A table of text; .gz packs it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows_[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows_)
    data = text.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_lines(path, rows_):
    """JSON Lines; .gz packs them."""
    data = "".join(f"{json.dumps(row)}\n" for row in rows_).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


class ImportProject:
    """A project folder, and what importing into it brings."""

    def __init__(self, folder: Path, warehouse: Path | None = None) -> None:
        """`warehouse`: an empty one to begin with; making one takes longer than an import."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if warehouse is not None:
            self.data.mkdir()
            shutil.copy(warehouse, self.data / "warehouse.duckdb")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def bring(self, *files, mapping="activity-series", is_dry=False, **constants):
        """Import files; what came of it."""
        return import_files(
            ImportOrder(
                settings=Settings(folder=self.folder),
                files=tuple(files),
                mapping=mapping,
                constants=constants,
                is_dry=is_dry,
            )
        )

    def rows(self, query, **parameters):
        """Rows of the warehouse."""
        return rows(self.data, query, **parameters)

    def value(self, query):
        """The one value of a query."""
        ((value,),) = self.rows(query)
        return value


def staged(folder, path, mapping, **constants):
    """What a mapping makes of a file: rows as they would be loaded, and what was left out."""
    from datetime import UTC, datetime

    order = ImportOrder(
        settings=Settings(folder=folder), files=(path,), mapping=mapping, constants=constants
    )
    place = folder / "staged"
    place.mkdir(exist_ok=True)
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    gathered = gather(order, Roster.of([]), Keyring(), place, moment)
    made = [row for part in gathered.staging.parts for row in pq.read_table(part.path).to_pylist()]
    return made, gathered
