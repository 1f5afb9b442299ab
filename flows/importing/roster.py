"""Whose rows they are: organizations and channels of a table, joined with those that are known."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import connectors
from connectors.contract import AddressError, Channel
from flows.organizations.model import (
    ROLES,
    Organization,
    channel_identifier,
    make_organization,
    organization_problems,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LONGEST_ADDRESS = 300
_SLUG = re.compile(r"[^a-z0-9]+")
_DECORATION = re.compile(r"^(https?://)?(www\.)?@?|/+$")
#: What channels that came with an import rest on.
EVIDENCE = "import"
_FIELDS = ("industry", "size", "country", "timezone", "homepage")


@dataclass(slots=True)
class Roster:
    """Organizations and channels as far as they are known, and those that an import meets."""

    organizations: dict[str, Organization] = field(default_factory=dict)
    _channels: dict[tuple[str, str, str], Channel] = field(default_factory=dict)
    _found: dict[tuple[Any, ...], Channel | str] = field(default_factory=dict)
    _by_name: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, known: Iterable[Organization]) -> Roster:
        """The roster of organizations that are known; the later of two is the better one."""
        roster = cls({one.organization_id: one for one in known})
        for one in roster.organizations.values():
            roster._by_name[one.name.casefold()] = one.organization_id
            for channel in one.channels:
                roster._channels[_key(channel)] = channel
        return roster

    def channel(self, whose: Mapping[str, Any]) -> Channel | str:
        """The channel that a row belongs to, or why it belongs to none.

        Args:
            whose: the fields of `mapping.WHOSE`, as text; "" where the row does not say.
        """
        key = tuple(whose.values())
        if key not in self._found:
            self._found[key] = self._channel(whose)
        return self._found[key]

    def by_id(self) -> dict[str, Channel]:
        """All channels, by their identifiers."""
        return {channel.channel_id: channel for channel in self._channels.values()}

    def take(self, organizations: Iterable[Organization]) -> None:
        """Get to know organizations and channels that come with a table."""
        for one in organizations:
            self.organizations.setdefault(one.organization_id, one)
            for channel in one.channels:
                self._channels.setdefault(_key(channel), channel)

    def with_channels(self, channels: Iterable[Channel]) -> list[Organization]:
        """The organizations of some channels, each with these alone."""
        of_one: dict[str, list[Channel]] = {}
        for channel in channels:
            of_one.setdefault(channel.organization_id, []).append(channel)
        return [
            replace(self.organizations[name], channels=tuple(own)) for name, own in of_one.items()
        ]

    def _channel(self, whose: Mapping[str, str]) -> Channel | str:
        organization = self._organization(whose)
        if isinstance(organization, str):
            return organization
        if problem := _problem(whose):
            return problem
        made = Channel(
            channel_id=channel_identifier(
                organization.organization_id, whose["source"], whose["address"]
            ),
            organization_id=organization.organization_id,
            source=whose["source"],
            address=whose["address"],
            role=whose["role"] or "official",
            function=whose["function"],
            region=whose["region"],
            evidence=EVIDENCE,
        )
        self.organizations.setdefault(organization.organization_id, organization)
        return self._channels.setdefault(_key(made), made)

    def _organization(self, whose: Mapping[str, str]) -> Organization | str:
        given = whose["organization"]
        if not given:
            return "does not say whose it is"
        name = self._by_name.get(given.casefold()) or identifier_of(given)
        if name in self.organizations:
            return self.organizations[name]
        fields = {key: whose[key] for key in _FIELDS}
        fields |= {"id": name, "name": whose["organization_name"] or given}
        if problems := organization_problems(fields):
            return problems[0][1]
        return make_organization(fields, ())


def identifier_of(name: str) -> str:
    """The kebab-case identifier for an organization that is known by a name or a handle."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = _SLUG.sub("-", plain.lower()).strip("-")
    return slug or f"organization-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"


def _key(channel: Channel) -> tuple[str, str, str]:
    """What two ways of writing one address have in common."""
    return channel.organization_id, channel.source, _DECORATION.sub("", channel.address.casefold())


def _problem(whose: Mapping[str, str]) -> str:
    source, address, role = whose["source"], whose["address"], whose["role"]
    if not _SOURCE.fullmatch(source):
        return f"source {source!r} is no name such as x or facebook"
    if not address or len(address) > _LONGEST_ADDRESS or not address.isprintable():
        return "without the address of an account"
    if role and role not in ROLES:
        return f"role {role!r} is none of {', '.join(ROLES)}"
    try:
        if source in connectors.names():
            connectors.load(source).check_address(address)
    except AddressError as error:
        return str(error)
    return ""
