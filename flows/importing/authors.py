"""People in imported rows: keyed hashes, by which nobody can be followed for over a year."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.suppression import Suppressed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flows.keyring import Keyring


@dataclass(slots=True)
class Authors:
    """Hashes the people of one import; the keyring gets a key for each source that it meets.

    Rule R3: what happened since a source's key is in use gets the hash that collecting gives. What
    is older gets one that holds for the calendar year in which it happened.
    """

    keyring: Keyring
    imported_at: datetime
    suppressed: Suppressed = field(default_factory=Suppressed)
    _since: dict[str, datetime] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def meet(self, sources: Iterable[str]) -> None:
        """See to it that there is a key for each source."""
        self.keyring = self.keyring.renewed(sources, self.imported_at)
        for source in sources:
            newest = self.keyring.keys[source][-1].used_since
            self._since[source] = newest.astimezone(UTC).replace(tzinfo=None)

    def refuses(self, identity: str, source: str, at: datetime | None) -> bool:
        """Whether a person objected, so that nothing of them may be stored."""
        if self.suppressed.has_person(identity, source):
            return True
        keys = self.suppressed.keys
        return bool(keys) and self.key_of(identity, source, at) in keys

    def key_of(self, identity: str, source: str, at: datetime | None) -> str:
        """The hash of a person who did something at a moment (UTC without zone); "" for nobody."""
        if not identity:
            return ""
        is_recent = at is None or at >= self._since[source]
        key = (identity, source, "" if is_recent else str(at.year if at else ""))
        if key not in self._known:
            self._known[key] = self._hash(*key)
        return self._known[key]

    def _hash(self, identity: str, source: str, year: str) -> str:
        name = f"{identity}\n{year}" if year else identity
        return self.keyring.key_of(name, source, self.imported_at)
