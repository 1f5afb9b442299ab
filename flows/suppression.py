"""Who objected: people and organizations of whom nothing is taken in again (rule R9).

Only hashes are kept. A person's key changes every year (`flows.keyring`), an objection does not:
so there is a secret of its own, made once and never renewed, and the door hashes everybody whom it
lets in with it, too. See docs/privacy.md.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SECRET_NAME, _LIST_NAME = "suppression.key", "suppressed.json"
_BYTES, _DIGEST_HEX, _OWNER_ONLY = 32, 32, 0o600
_KINDS = ("people", "keys", "organizations")
#: Where a source would stand in the digest of an identity.
_KEY = "key"


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The list, and the secret by which somebody is found on it; an empty one lets all in."""

    secret: bytes = field(default=b"", repr=False)
    people: frozenset[str] = frozenset()  #: digests of source and identity, and of their keys
    keys: frozenset[str] = frozenset()  #: keys of people whose identity was not told
    organizations: frozenset[str] = frozenset()  #: digests of identifiers and addresses

    def has_person(self, identity: str, source: str) -> bool:
        """Whether a person at a source objected, in whatever year."""
        return bool(self.people and identity) and self.digest(source, identity) in self.people

    def has_key(self, key: str) -> bool:
        """Whether whoever has a key objected: what was exported before knows no identities."""
        return bool(key) and (
            key in self.keys or (bool(self.people) and self.digest(_KEY, key) in self.people)
        )

    def has_organization(self, names: Iterable[str]) -> bool:
        """Whether an organization objected: by its identifier, or one of its addresses."""
        return bool(self.organizations) and any(
            self.digest("organization", name) in self.organizations for name in names if name
        )

    def digest(self, kind: str, name: str) -> str:
        """32 hex digits that stand for somebody for ever; whoever lacks the secret learns nothing.

        Platforms go in, so that nobody is found on another one by it.
        """
        text = f"{kind}\n{name}".encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, text, "sha256").hexdigest()[:_DIGEST_HEX]


def read_suppressed(folder: Path) -> Suppressed:
    """The list in a project's folder of secrets; an empty one where nobody objected.

    Raises:
        InputError: it is damaged, or its secret is missing: who objected would be taken in.
    """
    path = folder / _LIST_NAME
    if not path.exists():
        return Suppressed()
    try:
        kept = {kind: frozenset(map(str, json.loads(path.read_text())[kind])) for kind in _KINDS}
        return Suppressed(bytes.fromhex((folder / _SECRET_NAME).read_text("ascii")), **kept)
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"{path}: damaged or without its {_SECRET_NAME} ({error}); restore both"
        raise InputError(problem) from error


def suppress_person(
    folder: Path, source: str, identities: Iterable[str], keys: Iterable[str] = ()
) -> None:
    """Put everything that a person may be known by at a source on the list, and their keys."""
    known = _with_secret(folder)
    told = [known.digest(source, name) for name in identities]
    _write(folder, known, "people", [*told, *(known.digest(_KEY, key) for key in keys)])


def suppress_keys(folder: Path, keys: Iterable[str]) -> None:
    """Put keys on the list: they hold until the platform's next key is due."""
    _write(folder, _with_secret(folder), "keys", keys)


def suppress_organization(folder: Path, names: Iterable[str]) -> None:
    """Put an organization on the list: its identifier and addresses."""
    known = _with_secret(folder)
    digests = (known.digest("organization", name) for name in names if name)
    _write(folder, known, "organizations", digests)


def _with_secret(folder: Path) -> Suppressed:
    known = read_suppressed(folder)
    if known.secret:
        return known
    path = folder / _SECRET_NAME
    if not path.exists():
        write_secret(path, secrets.token_hex(_BYTES))
    return Suppressed(bytes.fromhex(path.read_text("ascii")))


def _write(folder: Path, known: Suppressed, kind: str, more: Iterable[str]) -> None:
    kept: dict[str, Any] = {name: sorted(getattr(known, name)) for name in _KINDS}
    kept[kind] = sorted({*kept[kind], *more})
    write_secret(folder / _LIST_NAME, json.dumps(kept, indent=1))


def write_secret(path: Path, text: str) -> None:
    """Put a file in place, whole or not at all, for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
