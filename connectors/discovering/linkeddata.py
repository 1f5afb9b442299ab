"""JSON-LD in web pages: what a site says of the organization behind it (schema.org)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.discovering.site import bare_host

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DEPTH = 8
_MOST_NODES = 2000
_MOST_SAME = 50
# Types of schema.org for organizations, and WebSite, where many put what the publisher's is.
_ORGANIZATION = re.compile(
    r"(?:\w*(?:Organi[sz]ation|Business|Corporation|Consortium|Cooperative|Office|Store|School"
    r"|Union|Association|Station|Service|Agency)|NGO|CollegeOrUniversity|Library\w*|Museum"
    r"|Hospital|CityHall|Brand|WebSite|Airline|Project|SportsTeam|City|AdministrativeArea"
    r"|PerformingGroup|PlaceOfWorship|Church|Zoo|Aquarium|Courthouse)"
)
#: Where descriptions name organizations that are somebody else.
_OTHERS = {"sponsor", "member", "memberOf", "funder", "parentOrganization", "affiliation"}
_WRAPPING = re.compile(r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>)\s*$")


@dataclass(frozen=True, slots=True)
class Described:
    """One organization that the page describes; `url` is its site, "" when that is not said."""

    name: str
    url: str
    same_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkedData:
    """The organizations that a page describes; persons are left out."""

    organizations: tuple[Described, ...] = ()

    def name_at(self, url: str) -> str:
        """What the organization whose site has the host of `url` is called; "" unless said."""
        return next((each.name for each in self._at(url) if each.name), "")

    def same_as(self, url: str) -> list[str]:
        """Addresses that are the same as the organization whose site has the host of `url`."""
        return [address for each in self._at(url) for address in each.same_as]

    def _at(self, url: str) -> Iterator[Described]:
        """Descriptions of the site's own organization: those of others name another site."""
        hosts = {"", bare_host(url)}
        return (each for each in self.organizations if bare_host(each.url) in hosts)


def read_linked_data(scripts: Iterable[str]) -> LinkedData:
    """What scripts of the type application/ld+json say; those that are no JSON say nothing."""
    nodes = [node for script in scripts for node in _nodes(_decoded(script), _DEPTH)]
    return LinkedData(
        tuple(_described(node) for node in nodes[:_MOST_NODES] if _is_organization(node))
    )


def _decoded(script: str) -> object:
    try:
        return json.loads(_WRAPPING.sub("", script), strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(value: object, depth: int) -> Iterator[dict[str, Any]]:
    """All objects in a document, but nothing that stands in the description of a person."""
    if depth == 0:
        return
    if isinstance(value, list):
        for part in value:
            yield from _nodes(part, depth - 1)
    elif isinstance(value, dict) and "Person" not in _types(value):
        yield value
        for name, part in value.items():
            if name not in _OTHERS:
                yield from _nodes(part, depth - 1)


def _types(node: dict[str, Any]) -> list[str]:
    return [name.rpartition("/")[2] for name in _texts(node.get("@type"))]


def _is_organization(node: dict[str, Any]) -> bool:
    return any(_ORGANIZATION.fullmatch(name) for name in _types(node))


def _described(node: dict[str, Any]) -> Described:
    return Described(
        name=" ".join((*_texts(node.get("name")), "")[0].split()),
        url=(*_texts(node.get("url")), "")[0].strip(),
        same_as=tuple(text.strip() for text in _texts(node.get("sameAs"))[:_MOST_SAME]),
    )


def _texts(value: object) -> list[str]:
    """The texts that stand where one text or a list of them is allowed."""
    values = value if isinstance(value, list) else [value]
    found = (each.get("@id", "") if isinstance(each, dict) else each for each in values)
    return [each for each in found if isinstance(each, str)]
