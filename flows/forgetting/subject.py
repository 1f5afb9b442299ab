"""Whom to forget, and everything that it takes to find them: kept until it is done.

What has been erased cannot be looked up again; so that a forgetting that was interrupted can be
finished, the subject lies among the project's secrets while it lasts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from flows.suppression import write_secret

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NAME = "forgetting.json"
#: Words that are shorter stand in too many other texts.
_SHORTEST_WORD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person, or an organization.

    Attributes:
        source: the person's platform; "" of an organization.
        identities: everything that the person may be known by there.
        keys: the person's keys, in all periods.
        organization_id: of the organization; "" of a person.
        channel_ids: the organization's.
        addresses: the organization's channels and homepage.
        hosts: servers that are the organization's own.
        words: what names them in texts.
    """

    source: str = ""
    identities: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    organization_id: str = ""
    channel_ids: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What the log of erasures says."""
        return "organization" if self.organization_id else "person"

    def is_same(self, other: Subject) -> bool:
        """Whether two descriptions are of one organization, or of one person."""
        is_one_person = bool({*self.keys} & {*other.keys}) or self.identities == other.identities
        return self.organization_id == other.organization_id and (
            bool(self.organization_id) or (self.source == other.source and is_one_person)
        )

    def joined(self, other: Subject) -> Subject:
        """This subject with what was known of the same one before."""
        if (self.organization_id, self.source) != (other.organization_id, other.source):
            return self
        return Subject(
            source=self.source,
            organization_id=self.organization_id,
            identities=_both(self.identities, other.identities),
            keys=_both(self.keys, other.keys),
            channel_ids=_both(self.channel_ids, other.channel_ids),
            addresses=_both(self.addresses, other.addresses),
            hosts=_both(self.hosts, other.hosts),
            words=_both(self.words, other.words),
        )


def telling(words: Iterable[str]) -> tuple[str, ...]:
    """Those words that name somebody and nobody else."""
    return tuple(dict.fromkeys(w for w in words if len(w) >= _SHORTEST_WORD))


def spellings(addresses: Iterable[str]) -> list[str]:
    """Addresses as they are, and as people write them: without scheme and last slash."""
    given = list(addresses)
    return [*given, *(address.partition("://")[2].rstrip("/") for address in given)]


def keep_subject(folder: Path, subject: Subject) -> None:
    """Remember whom to forget, for their owner's eyes only."""
    write_secret(folder / _NAME, json.dumps(asdict(subject)))


def unfinished_subject(folder: Path) -> Subject | None:
    """Whom an interrupted forgetting was about; None where there is none."""
    path = folder / _NAME
    if not path.exists():
        return None
    kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    given: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in kept.items()}
    return Subject(**given)


def drop_subject(folder: Path) -> None:
    """It is done: nothing is remembered."""
    (folder / _NAME).unlink(missing_ok=True)


def _both(these: Iterable[str], those: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*these, *those]))
