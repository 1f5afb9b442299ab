"""A proposed list of organizations: written as TOML, ready to be read, with its evidence.

What stands as a channel can be collected as it is. What cannot, or is only mentioned
somewhere, stands beside it as a comment that says why.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import connectors
from connectors.discovering.account import Confidence
from connectors.terms.register import shipped
from flows.organizations.model import channel_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.discovering.account import Account, Found

_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedChannel:
    """One account of the proposal; `obstacle` says why it is no channel, "" when it is one."""

    found: Found
    function: str = ""
    region: str = ""
    obstacle: str = ""

    def record(self) -> dict[str, Any]:
        """Plain values for machines."""
        account = self.found.account
        return {
            "source": account.source,
            "address": account.address,
            "url": account.url,
            "role": account.role,
            "function": self.function,
            "confidence": self.found.confidence.value,
            "is_two_way": self.found.is_two_way,
            "evidence": [kind.value for kind in self.found.kinds],
            "seen_at": [
                {"evidence": clue.kind.value, "at": clue.seen_at} for clue in self.found.clues
            ],
            "is_channel": not self.obstacle,
            "obstacle": self.obstacle,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedOrganization:
    """One organization of the proposal."""

    organization_id: str
    name: str
    homepage: str = ""
    country: str = ""
    industry: str = ""
    channels: tuple[ProposedChannel, ...] = ()
    notes: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Plain values for machines."""
        return {
            "id": self.organization_id,
            "name": self.name,
            "homepage": self.homepage,
            "country": self.country,
            "industry": self.industry,
            "channels": [channel.record() for channel in self.channels],
            "notes": list(self.notes),
        }


def propose_channel(found: Found, *, function: str = "", region: str = "") -> ProposedChannel:
    """The channel that an account makes, or what stands in its way."""
    return ProposedChannel(found=found, function=function, region=region, obstacle=_obstacle(found))


def _obstacle(found: Found) -> str:
    account = found.account
    if account.needs:
        return f"needed first: {account.needs}"
    if account.source not in connectors.names():
        return "no connector: not collected"
    if not shipped()[account.source].enabled:
        return f"switched off: read docs/connectors/{account.source}.md first"
    if found.confidence is Confidence.LOW:
        return "only mentioned: make sure that it is the organization's, and no person's"
    problems = channel_problems(_fields(account))
    return problems[0][1] if problems else ""


def _fields(account: Account) -> dict[str, str]:
    return {"source": account.source, "address": account.address}


def as_toml(organizations: Iterable[ProposedOrganization], origin: str) -> str:
    """The text of a list of organizations; `origin` says in one line where it comes from."""
    tables = ["\n".join(_table(organization)) for organization in organizations]
    return "\n\n".join((_head(origin), *tables)) + "\n"


def _head(origin: str) -> str:
    return "\n".join(
        (
            f"# Proposed from {_on_one_line(origin)}.",
            "# Read it before you use it: each channel says what speaks for it. Only organizations",
            "# belong here, never private persons. docs/discovery.md explains the words.",
        )
    )


def _table(organization: ProposedOrganization) -> Iterator[str]:
    yield from (f"# {_on_one_line(note)}" for note in organization.notes)
    yield "[[organization]]"
    fields = {
        "id": organization.organization_id,
        "name": organization.name,
        "industry": organization.industry,
        "country": organization.country,
        "homepage": organization.homepage,
    }
    yield from (f"{key} = {_quoted(value)}" for key, value in fields.items() if value)
    usable = [channel for channel in organization.channels if not channel.obstacle]
    others = [channel for channel in organization.channels if channel.obstacle]
    yield "channels = ["
    for channel in usable:
        yield f"  # {_evidence(channel.found)}"
        yield f"  {_inline(channel)},"
    for channel in others:
        yield f"  # {_on_one_line(channel.obstacle)}; {_evidence(channel.found)}"
        yield f"  # {_inline(channel)},"
    yield "]"


def _evidence(found: Found) -> str:
    kinds = ", ".join(kind.value for kind in found.kinds)
    return f"evidence: {kinds}; confidence: {found.confidence.value}"


def _inline(channel: ProposedChannel) -> str:
    account = channel.found.account
    fields = _fields(account) | {"function": channel.function, "region": channel.region}
    if account.role != "official":
        fields["role"] = account.role
    fields["evidence"] = ", ".join(kind.value for kind in channel.found.kinds)
    pairs = (f"{key} = {_quoted(value)}" for key, value in fields.items() if value)
    return f"{{ {', '.join(pairs)} }}"


def _quoted(text: str) -> str:
    """A basic string of TOML, which escapes as JSON does (but for DEL, which it forbids)."""
    return json.dumps(_on_one_line(text), ensure_ascii=False)


def _on_one_line(text: str) -> str:
    """Without control characters, so that no text of a site ends a comment."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join(_CONTROLS.sub(" ", plain).split())


def kebab(text: str) -> str:
    """A text as an identifier; "" where nothing of it can stand in one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_AN_ID.sub("-", plain).strip("-")


def free_identifier(*texts: str, taken: set[str]) -> str:
    """An identifier from the first text that makes one, with a number where it is taken."""
    stem = next(filter(None, map(kebab, texts)), "organization")
    number, identifier = 1, stem
    while identifier in taken:
        number += 1
        identifier = f"{stem}-{number}"
    taken.add(identifier)
    return identifier
