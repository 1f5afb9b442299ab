"""What those whom the records are about are told, and what they said: notice, replies, corrections.

A snapshot of an earlier version has none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from dashboards.reading.query import read
from warehouse.snapshots import OtherSnapshotError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from dashboards.reading.query import ReadableSnapshot

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeParagraph:
    """A paragraph of the public notice, or one item of a list, under its heading."""

    heading: str
    is_item: bool
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an organization says to its result; signed by a role."""

    replied_on: date
    reply: str
    signed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an organization had put right, or asked for."""

    corrected_field: str
    channel_address: str
    corrected_value: str
    explanation: str
    corrected_on: date
    status: str


def notice(snapshot: ReadableSnapshot) -> list[NoticeParagraph]:
    """The public notice, in its order."""
    return _read_if_there(snapshot, "notice", NoticeParagraph)


def replies(snapshot: ReadableSnapshot, organization_id: str) -> list[Reply]:
    """What an organization replied, the latest first."""
    about: dict[str, object] = {"organization_id": organization_id}
    return _read_if_there(snapshot, "organization_replies", Reply, about)


def corrections(snapshot: ReadableSnapshot, organization_id: str) -> list[Correction]:
    """What an organization had put right, the latest first."""
    about: dict[str, object] = {"organization_id": organization_id}
    return _read_if_there(snapshot, "organization_corrections", Correction, about)


def _read_if_there(
    snapshot: ReadableSnapshot,
    query: str,
    row_type: Callable[..., Row],
    parameters: dict[str, object] | None = None,
) -> list[Row]:
    try:
        return read(snapshot, query, row_type, parameters)
    except OtherSnapshotError:
        return []
