"""The door between what connectors read and what is stored: nobody goes through it by name.

Rules R3 to R5: people are stored as keyed hashes only, with a key for each platform and year,
so that the same person is known again within a platform and a year and never beyond; of what
they wrote nothing is kept that could be searched back. Whoever objected does not get in at all
(rule R9).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.contract import AuthorRole
from flows.keyring import Keyring, read_keyring
from flows.suppression import Suppressed, read_suppressed

if TYPE_CHECKING:
    from connectors.contract import Activity
    from flows.project import Project

#: Upper bounds of the lengths that are told apart in what people write (characters).
_LENGTHS = (0, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class Door:
    """Lets activities in, people without their names."""

    keyring: Keyring = field(default_factory=Keyring)
    suppressed: Suppressed = field(default_factory=Suppressed)

    def refuses(self, activity: Activity, source: str) -> bool:
        """Whether its author objected, so that nothing of it may be stored."""
        if activity.author_role == AuthorRole.ORGANIZATION or not activity.author:
            return False
        if self.suppressed.has_person(activity.author, source):
            return True
        keys = self.suppressed.keys
        return bool(keys) and self._key(activity, source) in keys

    def let_in(self, activity: Activity, source: str) -> Activity:
        """The activity as it may be stored, of somebody who is not refused.

        The organization's own accounts are public and stay as they are. For anybody else the
        author becomes a key, and fingerprint, sketch, links and exact length are dropped.
        """
        if activity.author_role == AuthorRole.ORGANIZATION:
            return replace(activity, author="") if activity.author else activity
        return replace(
            activity,
            author="",
            author_key=self._key(activity, source),
            content_fingerprint="",
            link_host="",
            link_key="",
            text_sketch="",
            text_length=length_bin(activity.text_length),
        )

    def _key(self, activity: Activity, source: str) -> str:
        return self.keyring.key_of(activity.author, source, activity.first_seen_at)


def length_bin(characters: int) -> int:
    """The upper bound of the range that a length falls into; the last for all longer ones."""
    return _LENGTHS[min(bisect_left(_LENGTHS, characters), len(_LENGTHS) - 1)]


def project_door(project: Project) -> Door:
    """The door of a project: its keys, and who objected.

    Raises:
        InputError: one of the files is damaged.
    """
    secrets = project.keyring.parent
    return Door(read_keyring(project.keyring), read_suppressed(secrets))
