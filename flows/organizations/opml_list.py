"""Organizations from OPML: the subscription lists that feed readers export."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lxml import etree

from flows.errors import InputError
from flows.organizations.model import (
    Organization,
    channel_problems,
    make_channel,
    make_organization,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.contract import Channel

_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")


def read_opml(path: Path, document: bytes) -> list[Organization]:
    """The organizations of an OPML document: one for each site, its feeds being channels.

    Outlines without `xmlUrl` are folders and only looked into. Feeds with the same `htmlUrl`
    belong to one organization, whose name and id come from the first one's title.

    Raises:
        InputError: not XML, not OPML, or an address that is no feed's.
    """
    root = _parse(path, document)
    problems = [problem for outline in _feeds(root) for problem in _problems(path, outline)]
    if problems:
        raise InputError(*problems)
    sites: dict[str, list[etree._Element]] = {}
    for outline in _feeds(root):
        sites.setdefault(_site(outline), []).append(outline)
    return _organizations(sites)


def _parse(path: Path, document: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        problem = f"{path}:{error.lineno}: not valid XML: {error.msg}"
        raise InputError(problem) from error
    if etree.QName(root).localname.lower() != "opml":
        problem = f"{path}:1: the root is <{root.tag}>, not <opml>; export your list as OPML"
        raise InputError(problem)
    return root


def _feeds(root: etree._Element) -> Iterator[etree._Element]:
    return (outline for outline in root.iter("outline") if outline.get("xmlUrl"))


def _site(outline: etree._Element) -> str:
    """What makes a website one; its query counts, since some hosts tell their feeds by it."""
    try:
        parts = urlsplit(outline.get("htmlUrl") or _address(outline))
    except ValueError:
        parts = urlsplit(_address(outline))
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}{'?' if parts.query else ''}{parts.query}"


def _title(outline: etree._Element) -> str:
    return (outline.get("title") or outline.get("text") or _site(outline)).strip()


def _address(outline: etree._Element) -> str:
    return (outline.get("xmlUrl") or "").strip()


def _fields(outline: etree._Element) -> dict[str, str]:
    return {"source": "feeds", "address": _address(outline)}


def _problems(path: Path, outline: etree._Element) -> list[str]:
    line = outline.sourceline
    return [f"{path}:{line}: {sentence}" for _, sentence in channel_problems(_fields(outline))]


def _organizations(sites: dict[str, list[etree._Element]]) -> list[Organization]:
    taken: set[str] = set()
    organizations = []
    for outlines in sites.values():
        first = outlines[0]
        identifier = _free_identifier(_title(first), _site(first), taken)
        fields = {"id": identifier, "name": _title(first), "homepage": first.get("htmlUrl") or ""}
        organizations.append(make_organization(fields, _channels(identifier, outlines)))
    return organizations


def _channels(identifier: str, outlines: list[etree._Element]) -> tuple[Channel, ...]:
    made = (make_channel(identifier, _fields(outline)) for outline in outlines)
    return tuple({channel.channel_id: channel for channel in made}.values())


def _free_identifier(title: str, site: str, taken: set[str]) -> str:
    stem = _kebab(title) or _kebab(site) or "organization"
    number, identifier = 1, stem
    while identifier in taken:
        number += 1
        identifier = f"{stem}-{number}"
    taken.add(identifier)
    return identifier


def _kebab(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_AN_ID.sub("-", plain).strip("-")
