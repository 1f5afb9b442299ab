"""Exporting the warehouse for researchers, with what the export is in its manifest."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from flows.build import week_of
from flows.citation import citation
from flows.errors import InputError, NothingDoneError
from flows.exportguide import guide
from flows.settings import Settings
from warehouse.build import last_clock
from warehouse.checksums import sha256
from warehouse.durable import write_file, write_text
from warehouse.export import MANIFEST, MODELS, export_tables, published_as_of, seal
from warehouse.exporttables import Excerpt
from warehouse.migrations import schema_version
from warehouse.reading import rows
from warehouse.verifying import recorded_clocks

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from flows.project import Project
    from warehouse.build import Clock
    from warehouse.db import Connection

#: Of the layout of an export's folder; an import reads this one.
FORMAT = 2
#: Settings that shape the data; none of them is secret or about somebody.
_SETTINGS = (
    *("archive_days", "body_megabytes", "deadline_seconds", "host_parallel"),
    "host_spacing_seconds",
    "event_days",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """What to export; by default everything.

    Attributes:
        as_of: only what was known when the week of this moment was last measured.
        since: only what is about this day and later ones.
        organization_ids: only these.
        is_public: only what everybody may have.
        exported_at: to be written into the manifest; None leaves it out, for equal bytes.
    """

    as_of: datetime | None = None
    since: date | None = None
    organization_ids: tuple[str, ...] = ()
    is_public: bool = False
    exported_at: datetime | None = None


EVERYTHING = ExportOrder()


def export_all(
    connection: Connection,
    folder: Path,
    order: ExportOrder = EVERYTHING,
    settings: Settings | None = None,
    project: Project | None = None,
) -> dict[str, int]:
    """Write all tables to `folder`; returns the number of rows by table.

    Args:
        connection: the warehouse.
        folder: where to; an export that is there is replaced.
        order: what is exported.
        settings: licence, publisher and what shaped the data; None takes the defaults.
        project: whose trained models go along, where everything is exported.

    Raises:
        InputError: an organization or a week that is not there, or a combination that cannot be.
        NothingDoneError: a public export before anything was published.
        NotBuiltError: coverage and signals have never been built.
    """
    excerpt = _excerpt(connection, order)
    about = _about(connection, order, excerpt, settings or Settings())
    counts = export_tables(connection, folder, about, excerpt)
    if project and excerpt.is_whole:
        _take_models(project.models, folder / MODELS)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    write_text(folder / "README.md", guide(manifest))
    write_text(folder / "CITATION.cff", citation(manifest, sha256(folder / MANIFEST)))
    seal(folder)
    return counts


def _excerpt(connection: Connection, order: ExportOrder) -> Excerpt:
    if order.is_public:
        _check_published(connection, order)
    _check_known(connection, order.organization_ids)
    return Excerpt(
        since=order.since,
        clock=_clock_of(connection, order.as_of) if order.as_of else None,
        organization_ids=order.organization_ids,
        is_public=order.is_public,
    )


def _clock_of(connection: Connection, moment: datetime) -> Clock:
    week = week_of(moment)
    clocks = recorded_clocks(connection, week)
    if clocks:
        return clocks[-1]
    measured = [str(clock.as_of_week) for clock in recorded_clocks(connection)]
    problem = (
        f"--as-of: the week of Monday {week} was not measured; measured are "
        f"{', '.join(measured[-5:]) or 'none'} (the last of {len(measured)})"
    )
    raise InputError(problem)


def _check_known(connection: Connection, organization_ids: tuple[str, ...]) -> None:
    known = {row["organization_id"] for row in rows(connection, "labels_organizations")}
    strangers = [name for name in organization_ids if name not in known]
    if strangers:
        problem = f"--organizations: no such organization: {', '.join(strangers)}"
        raise InputError(problem)


def _check_published(connection: Connection, order: ExportOrder) -> None:
    if order.as_of:
        problem = "--public holds what is published now; leave out --as-of"
        raise InputError(problem)
    if published_as_of(connection) != last_clock(connection).variables()["as_of"]:
        message = "what was built last is not published yet; run `barograph publish` first"
        raise NothingDoneError(message)


def _about(
    connection: Connection, order: ExportOrder, excerpt: Excerpt, settings: Settings
) -> dict[str, Any]:
    clock = excerpt.clock or last_clock(connection)
    [facts] = rows(connection, "export_facts")
    return {
        "title": "Barograph export",
        "format": FORMAT,
        "exported_at": order.exported_at.isoformat() if order.exported_at else None,
        "barograph_version": version("barograph"),
        "engine_version": facts["engine_version"],
        "schema_version": schema_version(connection),
        "as_of": clock.as_of.isoformat(),
        "known_at": clock.known_at.isoformat(),
        "as_of_week": clock.as_of_week.isoformat(),
        "is_whole": excerpt.is_whole,
        "is_public": excerpt.is_public,
        "since": excerpt.since.isoformat() if excerpt.since else None,
        "organizations": sorted(excerpt.organization_ids),
        "is_invented": facts["is_invented"],
        "list_sha256": facts["list_sha256"],
        "model_versions": facts["model_versions"] or [],
        "method_versions": facts["method_versions"] or {},
        "settings": {name: getattr(settings, name) for name in _SETTINGS},
        "publisher": settings.publisher,
        "licence": settings.licence,
    }


def _take_models(models: Path, target: Path) -> None:
    """The files of trained models, with their cards and lines of the register."""
    for path in sorted(models.glob("[!.]*")):
        if path.is_file():
            write_file(target / path.name, lambda file, p=path: shutil.copyfile(p, file))  # type: ignore[misc]
