"""The organization as the user lists it, and the checks that every list goes through."""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import asdict, dataclass, field, replace
from dataclasses import fields as dataclass_fields
from typing import Any

import connectors
from connectors.contract import AddressError, Channel
from flows.timezones import is_timezone, timezone_of

SIZE_CLASSES = ("1-9", "10-49", "50-249", "250-999", "1000+")
ROLES = ("official", "staff-list", "community")
ORGANIZATION_KEYS = (
    "id",
    "name",
    "industry",
    "size",
    "country",
    "timezone",
    "homepage",
    "groups",
)
CHANNEL_KEYS = (
    "source",
    "address",
    "role",
    "function",
    "region",
    "evidence",
    "accounts",
    "consent",
)
#: Keys whose value may be a list of texts where the format has such, with what stands between them
#: where it has none; and those whose value may be true or false.
LIST_KEYS, FLAG_KEYS = {"accounts": " ", "groups": ";"}, ("consent",)
_CONSENT = ("", "no", "yes")
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COUNTRY = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """One organization on the list, with its channels."""

    organization_id: str
    name: str
    industry: str = ""
    size_class: str = ""
    country: str = ""
    timezone: str = ""
    homepage: str = ""
    groups: tuple[str, ...] = ()  #: named peers, sorted
    channels: tuple[Channel, ...] = field(default=())

    def record(self) -> dict[str, Any]:
        """Plain values, as the archive keeps them."""
        return asdict(self)


def organization_from_record(record: dict[str, Any]) -> Organization:
    """The organization that `Organization.record` came from."""
    known = {f.name for f in dataclass_fields(Channel)}
    channels = tuple(
        Channel(**{key: _plain(value) for key, value in channel.items() if key in known})
        for channel in record["channels"]
    )
    plain = {key: _plain(value) for key, value in record.items()}
    return Organization(**{**plain, "channels": channels})


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON has lists where channels have tuples
    return tuple(value) if isinstance(value, list) else value


def channel_identifier(organization_id: str, source: str, address: str) -> str:
    """The stable name of a channel: made of its organization, source and address."""
    digest = hashlib.blake2b(address.encode(), digest_size=5).hexdigest()
    return f"{organization_id}:{source}:{digest}"


def make_organization(fields: dict[str, str], channels: tuple[Channel, ...]) -> Organization:
    """An organization from fields that `organization_problems` found nothing wrong with."""
    country = fields.get("country", "").upper()
    return Organization(
        organization_id=fields["id"],
        name=fields.get("name") or fields["id"],
        industry=fields.get("industry", ""),
        size_class=fields.get("size", ""),
        country=country,
        timezone=fields.get("timezone") or timezone_of(country),
        homepage=fields.get("homepage", ""),
        groups=tuple(_group_names(fields)),
        channels=tuple(_of_one(channel, channels, fields) for channel in channels),
    )


def _group_names(fields: dict[str, str]) -> list[str]:
    names = (name.strip() for name in fields.get("groups", "").split(LIST_KEYS["groups"]))
    return sorted({name for name in names if name})


def _of_one(channel: Channel, all_: tuple[Channel, ...], fields: dict[str, str]) -> Channel:
    """A channel that knows whose it is: the homepage, and the other accounts at its source."""
    others = (c.address for c in all_ if c.source == channel.source and c is not channel)
    accounts = dict.fromkeys((*channel.own_accounts, *others))
    return replace(channel, homepage=fields.get("homepage", ""), own_accounts=tuple(accounts))


def make_channel(organization_id: str, fields: dict[str, str]) -> Channel:
    """A channel from fields that `channel_problems` found nothing wrong with."""
    source, address = fields["source"], fields["address"]
    return Channel(
        channel_id=channel_identifier(organization_id, source, address),
        organization_id=organization_id,
        source=source,
        address=address,
        role=fields.get("role") or "official",
        function=fields.get("function", ""),
        region=fields.get("region", ""),
        evidence=fields.get("evidence", ""),
        own_accounts=tuple(fields.get("accounts", "").replace(",", " ").split()),
        is_consented=fields.get("consent") == "yes",
    )


def unknown_key_problem(key: str, known: tuple[str, ...]) -> str:
    """A sentence about a key that means nothing here, with a guess at the one meant."""
    guesses = difflib.get_close_matches(key.lower(), known, n=1)
    remedy = f"did you mean {guesses[0]!r}?" if guesses else f"known keys: {', '.join(known)}"
    return f"unknown key {key!r}; {remedy}"


def organization_problems(fields: dict[str, str]) -> list[tuple[str, str]]:
    """What is wrong with an organization's own fields: (field, sentence with a remedy)."""
    problems = []
    identifier, size = fields.get("id", ""), fields.get("size", "")
    country, timezone = fields.get("country", ""), fields.get("timezone", "")
    if not identifier:
        problems.append(("id", 'organization without an id; add one such as id = "city-of-x"'))
    elif not _KEBAB.fullmatch(identifier):
        problems.append(("id", f"id {identifier!r} must be kebab-case, such as city-of-x"))
    if size and size not in SIZE_CLASSES:
        problems.append(("size", f"size {size!r} is none of {', '.join(SIZE_CLASSES)}"))
    if country and not _COUNTRY.fullmatch(country):
        problems.append(("country", f"country {country!r} is no ISO 3166 code such as NL"))
    if timezone and not is_timezone(timezone):
        problems.append(("timezone", f"timezone {timezone!r} is no IANA name such as Europe/Paris"))
    problems += [
        ("groups", f"group {name!r} must be kebab-case, such as large-cities")
        for name in _group_names(fields)
        if not _KEBAB.fullmatch(name)
    ]
    return problems


def channel_problems(fields: dict[str, str]) -> list[tuple[str, str]]:
    """What is wrong with a channel's fields: (field, sentence with a remedy)."""
    source, address, role = (fields.get(key, "") for key in ("source", "address", "role"))
    if not source:
        return [("source", f"channel without a source; known sources: {_sources()}")]
    if source not in connectors.names():
        return [("source", f"unknown source {source!r}; known sources: {_sources()}")]
    if not address:
        return [("source", "channel without an address; add address = … beside its source")]
    problems = []
    if role and role not in ROLES:
        problems.append(("role", f"role {role!r} is none of {', '.join(ROLES)}"))
    if fields.get("consent", "") not in _CONSENT:
        problems.append(("consent", f"consent {fields['consent']!r} is neither yes nor no"))
    try:
        connectors.load(source).check_address(address)
    except AddressError as error:
        problems.append(("address", str(error)))
    return problems


def _sources() -> str:
    return ", ".join(connectors.names())
