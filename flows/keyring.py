"""The keys that people's identities are hashed with: outside the database, one a source and year.

The file lies beside the warehouse, is readable by its owner alone, and is never exported. Who
has no key can link nothing; who deletes an old one makes that year's hashes anonymous.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flows.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

#: A key is used for so long; afterwards the same person has another hash (rule R3).
PERIOD = timedelta(days=365)
_KEY_BYTES = 32
_DIGEST_HEX = 32
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Key:
    """One secret, and since when it is in use (UTC)."""

    used_since: datetime
    secret: bytes


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of each source, oldest first. An empty ring gives no keys: people stay apart."""

    keys: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)

    def key_of(self, identity: str, source: str, moment: datetime) -> str:
        """32 hex digits that stand for a person at a source in the period of `moment`.

        HMAC-SHA-256 of the identity, cut to 128 bits. "" for nobody, or without a key.
        """
        key = self._at(source, moment)
        if not identity or key is None:
            return ""
        name = f"{source}\n{identity}".encode("utf-8", "surrogatepass")
        return hmac.new(key.secret, name, "sha256").hexdigest()[:_DIGEST_HEX]

    def _at(self, source: str, moment: datetime) -> Key | None:
        """The key in use at a moment; the first one also for what is older than all keys."""
        keys = self.keys.get(source, ())
        in_use = [key for key in keys if key.used_since <= moment]
        return in_use[-1] if in_use else next(iter(keys), None)

    def periods(self) -> Iterator[tuple[str, datetime]]:
        """Each source with the moments since when one of its keys is in use."""
        for source, keys in self.keys.items():
            for key in keys:
                yield source, key.used_since

    def lacks(self, source: str, moment: datetime) -> bool:
        """Whether a new key is due for a source."""
        keys = self.keys.get(source, ())
        return not keys or keys[-1].used_since + PERIOD <= moment

    def renewed(self, sources: Iterable[str], moment: datetime) -> Keyring:
        """With a new key for every source where one is due; this ring when none is."""
        due = [source for source in sources if self.lacks(source, moment)]
        fresh = {source: Key(moment, secrets.token_bytes(_KEY_BYTES)) for source in due}
        if not fresh:
            return self
        more = {source: (*self.keys.get(source, ()), key) for source, key in fresh.items()}
        return Keyring({**self.keys, **more})


def read_keyring(path: Path) -> Keyring:
    """The keys of a project; an empty ring where there is no file yet.

    Raises:
        InputError: the file is damaged. A new one would tear everybody's history in two, so
            none is made in its place.
    """
    if not path.exists():
        return Keyring()
    try:
        kept: dict[str, list[dict[str, Any]]] = json.loads(path.read_text("utf-8"))
        return Keyring({source: tuple(map(_key, keys)) for source, keys in kept.items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"{path}: damaged ({error}); restore it from a copy, or remove it to begin anew"
        raise InputError(problem) from error


def write_keyring(path: Path, keyring: Keyring) -> None:
    """Put the keys in place, whole or not at all, for their owner's eyes only."""
    kept = {source: list(map(_record, keys)) for source, keys in keyring.keys.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _key(record: Mapping[str, str]) -> Key:
    since = datetime.fromisoformat(record["used_since"])
    return Key(since.astimezone(UTC), bytes.fromhex(record["secret"]))


def _record(key: Key) -> dict[str, str]:
    return {"used_since": key.used_since.isoformat(), "secret": key.secret.hex()}
