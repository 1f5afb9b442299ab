"""Which entries are the same: across fetches, and within one document.

An entry is known by its id, else by its link, else by its text; a date never counts, for
many feeds write a new one at every build. Some feeds give one id (or link) to several
entries. Such entries are told apart by their link, and where that is shared too, by their
title; what still is equal is the same entry repeated.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from connectors.feeddocument.links import absolute_link, link_key
from connectors.feeddocument.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connectors.feeddocument.document import FeedEntry


class Identity(NamedTuple):
    """What an entry is known by within its channel."""

    key: str
    basis: str  #: id, link or content
    is_repeated: bool  #: the same entry stands earlier in the document


def identify(entries: Sequence[FeedEntry], page_url: str) -> list[Identity]:
    """Identities of a document's entries, in document order; no two keys are equal.

    Repeats are numbered: the second has the first one's key and `#2`.
    """
    bases = [_basis(entry, page_url) for entry in entries]
    keys = [f"{basis}:{key}" for basis, key in bases]
    for feature in (lambda entry: _entry_link_key(entry, page_url), _title_key):
        keys = _told_apart(keys, entries, feature)
    seen: Counter[str] = Counter()
    identities = []
    for (basis, _), key in zip(bases, keys, strict=True):
        seen[key] += 1
        repetition = f"\n#{seen[key]}" if seen[key] > 1 else ""
        identities.append(Identity(key + repetition, basis, bool(repetition)))
    return identities


def _basis(entry: FeedEntry, page_url: str) -> tuple[str, str]:
    if entry.entry_id:
        return "id", entry.entry_id
    if entry.link:
        return "link", _entry_link_key(entry, page_url)
    return "content", entry.content_fingerprint


def _told_apart(
    keys: list[str], entries: Sequence[FeedEntry], feature: Callable[[FeedEntry], str]
) -> list[str]:
    """Keys, with a feature appended wherever entries share a key but differ in the feature."""
    if len(set(keys)) == len(keys):
        return keys
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for position, key in enumerate(keys):
        positions[key].append(position)
    apart = list(keys)
    for shared in (group for group in positions.values() if len(group) > 1):
        features = {position: feature(entries[position]) for position in shared}
        if len(set(features.values())) > 1:
            for position, told in features.items():
                apart[position] = f"{keys[position]}\n{told}"
    return apart


def _entry_link_key(entry: FeedEntry, page_url: str) -> str:
    return link_key(absolute_link(entry.link, page_url))


def _title_key(entry: FeedEntry) -> str:
    return fingerprint(entry.title)
