"""Wikidata: the accounts that an item declares, as `Special:EntityData` gives them.

Statements that are deprecated or have ended are left out, preferred ones come first. Wikidata
is often stale and can be edited by anybody: what it says is a lead, not a proof.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.discovering.account import Account
from connectors.discovering.platforms import mastodon_account, recognized
from connectors.discovering.profiles import asking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.contract import Request

_ITEM = re.compile(r"Q[1-9][0-9]{0,11}")
_ENDED = "P582"
_INSTANCE_OF, _HUMAN = "P31", "Q5"
_WEBSITE, _FEED, _MASTODON = "P856", "P1019", "P4033"
_LANGUAGES = ("en", "mul")
#: Property → the address of the profile with this identifier.
_PROFILES = {
    "P12361": "https://bsky.app/profile/{}",
    "P2397": "https://www.youtube.com/channel/{}",
    "P2037": "https://github.com/{}",
    "P3984": "https://www.reddit.com/r/{}",
    "P1482": "{}",  # Stack Exchange tag: the whole address
    "P2002": "https://x.com/{}",
    "P2013": "https://www.facebook.com/{}",
    "P2003": "https://www.instagram.com/{}",
    "P4264": "https://www.linkedin.com/company/{}",
    "P7085": "https://www.tiktok.com/@{}",
    "P11245": "https://www.youtube.com/@{}",
}
PROPERTIES = (_FEED, _MASTODON, *_PROFILES)
_RANKS = ("preferred", "normal")


class ItemError(ValueError):
    """A Wikidata document that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Item:
    """An organization as Wikidata has it."""

    item_id: str
    label: str
    websites: tuple[str, ...]
    accounts: tuple[Account, ...]

    @property
    def url(self) -> str:
        """Where the item can be looked at."""
        return f"https://www.wikidata.org/wiki/{self.item_id}"


def check_item_id(item_id: str) -> str:
    """The identifier of an item, with a capital Q.

    Raises:
        ItemError: it is none.
    """
    found = item_id.strip().upper()
    if not _ITEM.fullmatch(found):
        message = f"{item_id!r} is no Wikidata item such as Q42"
        raise ItemError(message)
    return found


def entity_request(item_id: str) -> Request:
    """Asks Wikidata for one item."""
    return asking(f"https://www.wikidata.org/wiki/Special:EntityData/{item_id}.json")


def read_items(document: bytes) -> list[Item]:
    """The organizations of a document of Wikidata: `entities` by identifier, or one entity.

    Raises:
        ItemError: it is no such document, or describes a person.
    """
    return [_item(entity) for entity in _entities(document)]


def _entities(document: bytes) -> list[dict[str, Any]]:
    try:
        value = json.loads(document)
    except (ValueError, RecursionError) as error:
        message = f"no valid JSON: {error}"
        raise ItemError(message) from error
    entities = value.get("entities", value) if isinstance(value, dict) else value
    if isinstance(entities, dict) and "claims" in entities:
        entities = [entities]
    listed = list(entities.values()) if isinstance(entities, dict) else entities
    found = [e for e in listed if _is_entity(e)] if isinstance(listed, list) else []
    if not found:
        message = "no entity of Wikidata: expected the document of Special:EntityData/Q….json"
        raise ItemError(message)
    return found


def _is_entity(value: object) -> bool:
    return (
        isinstance(value, dict)
        and "claims" in value
        and bool(_ITEM.fullmatch(str(value.get("id", ""))))
    )


def _item(entity: dict[str, Any]) -> Item:
    item_id = entity["id"]
    if _HUMAN in _values(entity, _INSTANCE_OF):
        message = f"{item_id} is a person; only organizations are watched"
        raise ItemError(message)
    websites = tuple(value for value in _values(entity, _WEBSITE) if value.startswith("http"))
    accounts = {account.key: account for account in _accounts(entity)}
    return Item(item_id, _label(entity) or item_id, websites, tuple(accounts.values()))


def _label(entity: dict[str, Any]) -> str:
    labels = entity.get("labels")
    known = labels if isinstance(labels, dict) else {}
    for language in (*_LANGUAGES, *known):
        label = known.get(language)
        if isinstance(label, dict) and isinstance(label.get("value"), str):
            return " ".join(label["value"].split())
    return ""


def _accounts(entity: dict[str, Any]) -> Iterator[Account]:
    for code in PROPERTIES:
        for value in _values(entity, code):
            account = _reader(code)(value.strip())
            if account:
                yield account


def _reader(code: str) -> Callable[[str], Account | None]:
    if code == _FEED:
        return _feed
    if code == _MASTODON:
        return _mastodon
    return lambda value: recognized(_PROFILES[code].format(value))


def _feed(value: str) -> Account | None:
    if not re.fullmatch(r"https?://[^\s/]+\S*", value):
        return None
    return Account(source="feeds", address=value, url=value)


def _mastodon(value: str) -> Account | None:
    match = re.fullmatch(r"@?(\w[\w.-]*)@([A-Za-z0-9.-]+)", value)
    return mastodon_account(match[1], match[2].lower()) if match else None


def _values(entity: dict[str, Any], code: str) -> list[str]:
    """Values of a property that hold today, preferred ones first."""
    claims = entity["claims"]
    named = claims.get(code) if isinstance(claims, dict) else None  # [] stands for {}
    listed = [c for c in named if isinstance(c, dict)] if isinstance(named, list) else []
    holding = [c for c in listed if c.get("rank") in _RANKS and not _has_ended(c)]
    ranked = sorted(holding, key=lambda claim: _RANKS.index(claim["rank"]))
    return [value for value in map(_value, ranked) if value]


def _has_ended(claim: dict[str, Any]) -> bool:
    qualifiers = claim.get("qualifiers")
    return isinstance(qualifiers, dict) and _ENDED in qualifiers


def _value(claim: dict[str, Any]) -> str:
    """The text, or the identifier of the item, that a statement names; "" for anything else."""
    snak = claim.get("mainsnak")
    data = snak.get("datavalue") if isinstance(snak, dict) else None
    value = data.get("value") if isinstance(data, dict) else None
    if isinstance(value, dict):
        value = value.get("id", "")
    return value if isinstance(value, str) else ""
