"""Importing files, from the first byte to the record of the run."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.contract import Channel
from flows.clock import now
from flows.errors import InputError
from flows.importing.basis import basis_rows, learn, write_record
from flows.importing.gathering import Gathered, gather
from flows.importing.landing import Harbour, Landed
from flows.importing.order import Imported, ImportOrder
from flows.importing.reading import Reader
from flows.importing.roster import Roster
from flows.keyring import read_keyring, write_keyring
from flows.opening import open_project
from flows.organizations import find_organizations, read_organizations
from flows.organizations.model import Organization
from flows.recovery import close_killed_runs, recover
from flows.runs import new_run
from warehouse.register import record_run, register_organizations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flows.project import Project
    from warehouse.db import Connection

#: What the run record says; rows in `raw.organizations` say the same of who brought them.
COMMAND = "import"
_ORGANIZATIONS = """
    select organization_id, name, industry, size_class, country, timezone, homepage
    from raw.organizations
"""
_CHANNELS = """
    select channel_id, organization_id, source, address, role, function, region, evidence
    from raw.channels
"""


def import_files(order: ImportOrder) -> Imported:
    """Bring tables from elsewhere in, and say what came of it.

    Raises:
        InputError: a file or the mapping cannot be used, or a file has nothing usable; nothing
            has been imported then.
        WarehouseBusyError: another run is writing.
    """
    moment = now()
    with _opened(order) as connection:
        if connection is not None and not order.is_dry:
            close_killed_runs(order.project, connection)
            recover(order.project, connection)
        roster = Roster.of(known_organizations(order, connection))
        keyring = read_keyring(order.project.keyring)
        with _workplace(order) as folder:
            gathered = gather(order, roster, keyring, folder, moment)
            return _Import(order, connection, gathered, moment).done(folder)


class _Import:
    """An import whose files have been read, on its way into the warehouse."""

    def __init__(
        self,
        order: ImportOrder,
        connection: Connection | None,
        gathered: Gathered,
        moment: datetime,
    ) -> None:
        self._order, self._connection, self._gathered = order, connection, gathered
        self._moment = moment
        self._run = new_run(COMMAND, moment, moment, is_invented=False)
        self._channels = gathered.channels
        self._known = {one.organization_id: one for one in _stored(connection)}
        stored = {c.channel_id for one in self._known.values() for c in one.channels}
        fresh = (c for name, c in self._channels.items() if name not in stored)
        self._fresh = gathered.roster.with_channels(fresh)

    def done(self, folder: Path) -> Imported:
        """Load everything, or only count for a dry run."""
        sources = self._sources()
        if self._connection is None:
            return self._result(None)
        harbour = Harbour(
            self._order.project, self._connection, self._run, self._channels, self._gathered.sizes
        )
        parts = self._gathered.staging.parts
        asks = self._gathered.mapping.replies == "by_parent"
        harbour.prepare(parts, asks_parents=asks and not self._order.is_dry)
        if self._order.is_dry:
            for part in parts:
                harbour.look(part)
            return self._result(harbour)
        self._load(harbour, sources, folder)
        return self._result(harbour)

    def _load(self, harbour: Harbour, sources: list[dict[str, Any]], folder: Path) -> None:
        connection, project = harbour.connection, self._order.project
        self._keep_keys(project)
        records = [organization.record() for organization in self._fresh]
        name = project.archive.write_organizations(records)
        write_record(project.archive, self._run.run_id, self._about(sources))
        self._record(connection, name)
        register_organizations(connection, records, self._run.row()["started_at"], COMMAND)
        learn(connection, sources)
        try:
            parts = self._gathered.staging.parts
            for number, part in enumerate(parts):
                is_last = number == len(parts) - 1
                harbour.bring(part, number, self._gathered.seen if is_last else (), folder)
        except BaseException as error:
            self._end(connection, name, "failed", f"{type(error).__name__}: {error}")
            raise
        self._end(connection, name, "completed", "")

    def _keep_keys(self, project: Project) -> None:
        """New keys are kept before anything that was hashed with them."""
        reader = self._gathered.reader
        if isinstance(reader, Reader) and reader.authors.keyring != read_keyring(project.keyring):
            write_keyring(project.keyring, reader.authors.keyring)

    def _about(self, sources: list[dict[str, Any]]) -> dict[str, Any]:
        mapping = self._gathered.mapping
        return {
            "files": [
                {"name": one.name, "bytes": one.byte_count, "sha256": one.sha256}
                for one in self._gathered.files
            ],
            "mapping": mapping.name,
            "constants": dict(self._order.constants),
            "sources": sources,
            "bases": {one.source: one.basis for one in mapping.bases},
        }

    def _sources(self) -> list[dict[str, Any]]:
        found = {channel.source for channel in self._channels.values()}
        bases = self._gathered.mapping.bases
        return basis_rows(self._order.settings.folder, bases, found, self._order.mapping)

    def _end(self, connection: Connection, name: str, state: str, error: str) -> None:
        left_out = self._gathered.reader.left_out.total
        if state == "completed" and left_out:
            error = f"{left_out} rows left out"
        self._run = replace(self._run, ended_at=now(), state=state, failed_count=0, error=error)
        self._record(connection, name)

    def _record(self, connection: Connection, organizations: str) -> None:
        self._order.project.archive.write_run(self._run.record(organizations))
        record_run(connection, self._run.row())

    def _result(self, harbour: Harbour | None) -> Imported:
        reader, staging = self._gathered.reader, self._gathered.staging
        return Imported(
            run_id="" if self._order.is_dry else self._run.run_id,
            row_count=reader.row_count,
            skipped_count=getattr(reader, "skipped_count", 0),
            left_out=reader.left_out,
            landed=harbour.landed if harbour else Landed(added_count=staging.row_count),
            seen=self._gathered.seen,
            notes=self._gathered.notes,
            organizations=tuple(
                one.organization_id for one in self._fresh if one.organization_id not in self._known
            ),
            channels=tuple(c.channel_id for one in self._fresh for c in one.channels),
        )


@contextmanager
def _opened(order: ImportOrder) -> Iterator[Connection | None]:
    """The warehouse; for a dry run only where there is one, and only to be read."""
    project = order.project
    if order.is_dry and not (project.lake or project.warehouse.exists()):
        yield None
        return
    with open_project(project, read_only=order.is_dry) as connection:
        yield connection


@contextmanager
def _workplace(order: ImportOrder) -> Iterator[Path]:
    """A folder for staged rows; what a killed import left there, the next run removes."""
    place = None
    if not order.is_dry:
        place = order.project.landing
        place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(".unfinished", ".import-", place) as folder:
        yield Path(folder)


def known_organizations(order: ImportOrder, connection: Connection | None) -> list[Organization]:
    """Who is known: from the warehouse, then from the project's list, which knows better."""
    known = {one.organization_id: one for one in _stored(connection)}
    for one in _listed(order):
        former = known.get(one.organization_id)
        channels = (*(former.channels if former else ()), *one.channels)
        known[one.organization_id] = replace(one, channels=channels)
    return list(known.values())


def _stored(connection: Connection | None) -> list[Organization]:
    if connection is None:
        return []
    channels: dict[str, list[Channel]] = {}
    for row in _rows(connection, _CHANNELS):
        channels.setdefault(row["organization_id"], []).append(Channel(**row))
    return [
        Organization(**row, channels=tuple(channels.get(row["organization_id"], ())))
        for row in _rows(connection, _ORGANIZATIONS)
    ]


def _rows(connection: Connection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _listed(order: ImportOrder) -> list[Organization]:
    settings = order.settings
    try:
        path = find_organizations(settings.folder, settings.organizations)
    except InputError:
        if settings.organizations:
            raise
        return []  # a project may consist of imports alone
    return read_organizations(path)
