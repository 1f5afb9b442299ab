"""Which organizations there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.reading.query import read

if TYPE_CHECKING:
    from dashboards.reading.query import ReadableSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationName:
    """One organization of the snapshot's week."""

    organization_id: str
    name: str


def organization_names(snapshot: ReadableSnapshot) -> list[OrganizationName]:
    """All of them, by name."""
    return read(snapshot, "organization_ids", OrganizationName)


def organization_ids(snapshot: ReadableSnapshot) -> list[str]:
    """Their identifiers, by name."""
    return [each.organization_id for each in organization_names(snapshot)]
