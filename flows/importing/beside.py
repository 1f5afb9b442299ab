"""What stands beside a table of our own columns: whose channels they are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from connectors.contract import Channel
from flows.importing.files import tables_of
from flows.importing.leftout import LeftOut
from flows.importing.roster import EVIDENCE
from flows.organizations.model import make_organization, organization_problems

if TYPE_CHECKING:
    from pathlib import Path

    from flows.organizations import Organization

_ENDS = (".parquet", ".csv", ".csv.gz", ".jsonl")
_CHANNEL = ("channel_id", "organization_id", "source", "address", "role", "function", "region")
_ORGANIZATION = {
    "id": "organization_id",
    "name": "name",
    "industry": "industry",
    "size": "size_class",
    "country": "country",
    "timezone": "timezone",
    "homepage": "homepage",
}


def organizations_beside(path: Path) -> list[Organization]:
    """The organizations and channels of the export that a table is part of."""
    channels = defaultdict(list)
    for row in _rows(path, "channels", _CHANNEL[:4]):
        fields = {name: str(row.get(name) or "") for name in _CHANNEL}
        made = Channel(
            channel_id=fields["channel_id"],
            organization_id=fields["organization_id"],
            source=fields["source"],
            address=fields["address"],
            role=fields["role"] or "official",
            function=fields["function"],
            region=fields["region"],
            evidence=EVIDENCE,
        )
        channels[made.organization_id].append(made)
    listed = _rows(path, "organizations", ("organization_id",))
    named = {row["organization_id"]: row for row in listed}
    organizations = []
    for organization_id, own in channels.items():
        row = named.get(organization_id, {})
        fields = {key: str(row.get(column) or "") for key, column in _ORGANIZATION.items()}
        fields["id"] = organization_id
        if not organization_problems(fields):
            organizations.append(make_organization(fields, tuple(own)))
    return organizations


def _rows(path: Path, table: str, wanted: tuple[str, ...]) -> list[dict[str, Any]]:
    found = next((f for end in _ENDS if (f := path.with_name(table + end)).is_file()), None)
    if found is None:
        return []
    names = {*_CHANNEL, *_ORGANIZATION.values()}
    rows: list[dict[str, Any]] = []
    with tables_of(found, wanted) as tables:
        for chunk in tables[0].chunks(LeftOut()):
            columns = {name: cells for name in names if (cells := chunk.column(name)) is not None}
            cells_of = zip(*columns.values(), strict=True)
            rows += [dict(zip(columns, cells, strict=True)) for cells in cells_of]
    return rows
