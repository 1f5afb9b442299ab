"""Evidence: the channels, acts and archived pages that an organization's signals came from.

Only what the organization itself did is shown one by one. What others said to it is counted in
signals, and belongs to private persons (rules R2 to R5). A page's address and its content are
shown where nobody but the organization speaks: elsewhere both can hold words and names of others.
"""

from __future__ import annotations

import hashlib
import html
import re
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from classifiers.signals import SIGNALS
from connectors.feeddocument.target import target_key
from warehouse.archive import read_pages
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from flows.project import Project
    from warehouse.archive import Archive
    from warehouse.db import Connection

_WINDOW_WEEKS = 13  # of coverage, and of most signals
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\\]]+")


class Evidence(StrEnum):
    """What a signal is measured from."""

    POSTS = "posts"  #: what the organization published
    REPLIES = "replies"  #: what it answered, beside what was said to it
    PROFILES = "profiles"  #: what its profiles show
    LIST = "list"  #: the list of channels


_KINDS = {
    Evidence.POSTS: ("post", "release"),
    Evidence.REPLIES: ("reply", "comment", "answer", "review"),
}
_FROM_THE_LIST = ("official_channels", "functional_channel_share")
_FROM_PROFILES = ("profile_complete_share", "verified_share")
_FROM_POSTS = (
    *("active_platforms", "dormant_share", "days_since_last_post", "posts_per_week"),
    *("active_weeks_share", "burstiness", "weekend_share", "office_hours_share"),
    *("comments_per_post", "shares_per_post", "likes_per_post", "engagement_rate"),
    *("campaign_sync_share", "verbatim_duplicate_share"),
)


def _evidence(code: str) -> Evidence:
    if code in _FROM_THE_LIST:
        return Evidence.LIST
    if code in _FROM_PROFILES:
        return Evidence.PROFILES
    return Evidence.POSTS if code in _FROM_POSTS else Evidence.REPLIES


#: What each signal is measured from, by its code.
EVIDENCE = {signal.code: _evidence(signal.code) for signal in SIGNALS}


def window_of(as_of_week: date, weeks: int = _WINDOW_WEEKS) -> tuple[date, date]:
    """First and last day (both included) of so many full weeks up to the week of a Monday."""
    return as_of_week - timedelta(weeks=weeks - 1), as_of_week + timedelta(days=6)


def evidence_of(
    project: Project,
    connection: Connection,
    estimate: Mapping[str, Any],
    signals: Sequence[Mapping[str, Any]],
    most: int,
) -> dict[str, Any]:
    """Channels read, acts and profiles behind some signals, and the pages where these were read.

    Args:
        project: whose archive it is.
        connection: its warehouse.
        estimate: of which organization and week.
        signals: those whose evidence is asked for, as measured.
        most: how many acts of each kind are told.

    Returns:
        `channels`; `acts`, by what is evidence of what; `pages`, each with its archive file and
        the SHA-256 of its body.
    """
    first, last = window_of(estimate["as_of_week"])
    given = {"organization_id": estimate["organization_id"], "from_day": first, "until_day": last}
    channels = rows(connection, "explained_channels", given)
    acts = [
        _acts(connection, estimate, kind, found, most)
        for kind in (Evidence.POSTS, Evidence.REPLIES, Evidence.PROFILES)
        if (found := [s for s in signals if s["evidence"] == kind.value])
    ]
    listed = [act for group in acts for act in group["listed"]]
    pages = _pages(project.archive, connection, listed, channels)
    _link(listed, pages)
    return {"channels": channels, "acts": acts, "pages": [_told(page) for page in pages]}


def _acts(
    connection: Connection,
    estimate: Mapping[str, Any],
    kind: Evidence,
    signals: Sequence[Mapping[str, Any]],
    most: int,
) -> dict[str, Any]:
    """The acts that signals of one kind come from: how many there are, and the newest."""
    first, last = window_of(estimate["as_of_week"], max(s["window_weeks"] for s in signals))
    known_at = max(signal["known_at"] for signal in signals)
    given = {"organization_id": estimate["organization_id"], "known_at": known_at}
    if kind is Evidence.PROFILES:
        found = [
            {**row, "kind": "profile"} for row in rows(connection, "explained_profiles", given)
        ]
        counts = {"own_count": len(found), "staff_count": 0}
    else:
        given |= {"from_day": first, "until_day": last, "kinds": _KINDS[kind]}
        found = rows(connection, "explained_activities", {**given, "limit": most})
        [counts] = rows(connection, "explained_counts", given)
    return {
        "evidence": kind.value,
        "signal_codes": [signal["signal_code"] for signal in signals],
        "from_day": first,
        "until_day": last,
        **counts,
        "listed": [_act(row) for row in found],
    }


def _act(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("kind", "occurred_on", "channel_id", "page_id")
    told = {name: row[name] for name in names}
    return {**told, "link_key": row.get("link_key", ""), "link": ""}


def _pages(
    archive: Archive,
    connection: Connection,
    acts: Iterable[Mapping[str, Any]],
    channels: Iterable[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The exchanges in which some acts were read, with what the archive still has of them."""
    quiet = {row["channel_id"] for row in channels if row["is_quiet"]}
    page_ids = sorted({act["page_id"] for act in acts})
    found = rows(connection, "explained_pages", {"page_ids": page_ids})
    archived = _archived(archive, found)
    return [_page(row, archived.get(row["page_id"]), quiet) for row in found]


def _archived(archive: Archive, found: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Exchanges as they are stored, by page; each batch is read once."""
    wanted = {row["page_id"] for row in found}
    stored: dict[str, dict[str, Any]] = {}
    for name in sorted({row["archive_file"] for row in found}):
        try:
            batch = read_pages(archive.folder / name)
        except (OSError, ValueError):
            continue  # gone or damaged: the page is told as one that the archive lacks
        stored |= {row["page_id"]: row for row in batch if row["page_id"] in wanted}
    return stored


def _page(
    row: Mapping[str, Any], stored: Mapping[str, Any] | None, quiet: set[str]
) -> dict[str, Any]:
    body = stored["body"] if stored else None
    counted = hashlib.sha256(body).hexdigest() if body is not None else ""
    recorded = stored["body_sha256"] if stored else ""
    is_quiet = row["channel_id"] in quiet
    return {
        "page_id": row["page_id"],
        "channel_id": row["channel_id"],
        "url": row["url"] if is_quiet else "",
        "fetched_at": row["fetched_at"],
        "status_code": row["status_code"],
        "archive_file": row["archive_file"],
        "sha256": recorded or counted,
        "is_intact": None if body is None else counted == (recorded or counted),
        "left_out": _left_out(stored, body, is_quiet=is_quiet),
        "body": body,
    }


def _left_out(stored: Mapping[str, Any] | None, body: bytes | None, *, is_quiet: bool) -> str:
    """Why the content of a page is not shown; "" where it is."""
    if stored is None:
        return "the archive lacks it"
    if not is_quiet:
        return "it can hold words and names of others, which are kept for seven days at most"
    return "its content is no longer in the archive" if body is None else ""


def _link(acts: Iterable[dict[str, Any]], pages: Iterable[Mapping[str, Any]]) -> None:
    """Give each act the address of its own public page, found in the page that listed it.

    Addresses are not stored, but a hash of each is: an address that has it is the right one.
    """
    bodies = {page["page_id"]: page["body"] for page in pages}
    links = {page_id: links_in(body) for page_id, body in bodies.items() if body}
    for act in acts:
        key = act.pop("link_key")
        act["link"] = links.get(act["page_id"], {}).get(key, "") if key else ""


def links_in(body: bytes) -> dict[str, str]:
    """The addresses that stand in a document in full, the first of each key (`target_key`)."""
    text = html.unescape(body.decode("utf-8", "replace").replace("\\/", "/"))
    found = dict.fromkeys(_ADDRESS.findall(text))
    return {target_key(address): address for address in reversed(found)}


def _told(page: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in page.items() if name != "body"}


def page_bodies(archive: Archive, pages: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """The contents of the pages that may be shown, by page; each is what its SHA-256 says.

    Args:
        archive: where they are stored.
        pages: as `evidence_of` tells them.
    """
    shown = [page for page in pages if not page["left_out"] and page["is_intact"]]
    stored = _archived(archive, shown)
    return {page["page_id"]: stored[page["page_id"]]["body"] for page in shown}
