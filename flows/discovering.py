"""Discovering: an investigation carried out by the polite client, and what is made of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import connectors
from connectors.contract import AddressError, Outcome
from connectors.discovering.profiles import Miss
from connectors.discovering.wikidata import Item, ItemError, check_item_id, read_items
from connectors.discovery import Findings, SiteError, investigate
from connectors.fetching.guard import Guard
from connectors.fetching.state import FetchState
from flows.errors import InputError, NothingDoneError
from flows.fetchplan import fetch_plan
from flows.optouts import read_opt_outs
from flows.organizations.proposal import (
    ProposedChannel,
    ProposedOrganization,
    free_identifier,
    propose_channel,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.contract import Request
    from connectors.discovery import Investigation, Reply
    from connectors.fetching.client import Fetcher
    from flows.settings import Settings

_NO_CONTACT = (
    "no contact is set, so {host} is not asked: servers must be able to reach you. "
    'Set contact = "you@example.org" in barograph.toml, or BAROGRAPH_CONTACT'
)
_SAME_POSTS = "the channel of the source wordpress has the same posts"
_REMEDIES = {
    Outcome.UNREACHABLE: "check the address and your connection",
    Outcome.NOT_FOUND: "give the address of the homepage",
    Outcome.DISALLOWED: "the site does not want to be read by programs; list its channels by hand",
    Outcome.BLOCKED: "the site does not let programs in; list its channels by hand",
}


class Quest(NamedTuple):
    """What to look for: a homepage and, if known, what Wikidata calls the organization."""

    homepage: str
    item_id: str = ""
    item: Item | None = None


def make_quest(homepage: str, wikidata: str = "", wikidata_file: Path | None = None) -> Quest:
    """Check what was given.

    Raises:
        InputError: the homepage is no address, or what should be of Wikidata is not.
    """
    if "://" not in homepage:
        homepage = f"https://{homepage}"
    try:
        connectors.load("feeds").check_address(homepage)  # any http or https address
    except AddressError as error:
        problem = f"{homepage!r} is no address of a website, such as https://example.org"
        raise InputError(problem) from error
    try:
        item_id = check_item_id(wikidata) if wikidata else ""
        item = _item(wikidata_file, item_id) if wikidata_file else None
    except ItemError as error:
        problem = f"{wikidata_file or '--wikidata'}: {error}"
        raise InputError(problem) from error
    return Quest(homepage, "" if item else item_id, item)


def _item(path: Path, item_id: str) -> Item:
    try:
        items = read_items(path.read_bytes())
    except OSError as error:
        problem = f"{path}: cannot be read: {error.strerror}"
        raise InputError(problem) from error
    wanted = [item for item in items if item_id in {"", item.item_id}]
    if len(wanted) != 1:
        named = ", ".join(item.item_id for item in items[:5])
        problem = f"{path}: say with --wikidata which item is meant; it has {named}"
        raise InputError(problem)
    return wanted[0]


def discover(quest: Quest, settings: Settings) -> ProposedOrganization:
    """Ask a site, and propose its channels.

    Raises:
        InputError: a public host would be asked without a contact.
        NothingDoneError: the site cannot be read; the message says why and what to do.
    """
    guard = Guard.allowing(settings.allow_host)
    host = urlsplit(quest.homepage).hostname or ""
    if not settings.contact and not guard.permits_name(host):
        raise InputError(_NO_CONTACT.format(host=host))
    plan = fetch_plan(
        settings,
        version("barograph"),
        settings.project.hosts,
        read_opt_outs(settings),
    )
    investigation = investigate(quest.homepage, quest.item_id, quest.item)
    permitted = guard if not settings.contact else None
    try:
        findings = asyncio.run(_carry_out(investigation, plan.fetcher(), permitted))
    except SiteError as error:
        remedy = _REMEDIES.get(error.outcome, "")
        message = f"{quest.homepage}: {error}{'; ' if remedy else ''}{remedy}"
        raise NothingDoneError(message) from error
    return proposal(findings)


async def _carry_out(
    investigation: Investigation, fetcher: Fetcher, only: Guard | None
) -> Findings:
    """One request after another; `only` names the hosts that may be asked, None all."""
    async with fetcher:
        try:
            request = next(investigation)
            while True:
                request = investigation.send(await _reply(request, fetcher, only))
        except StopIteration as stopped:
            findings: Findings = stopped.value
            return findings


async def _reply(request: Request, fetcher: Fetcher, only: Guard | None) -> Reply:
    host = urlsplit(request.url).hostname or ""
    if only is not None and not only.permits_name(host):
        return Miss(Outcome.REFUSED, _NO_CONTACT.format(host=host))
    exchange = await fetcher.fetch(request, FetchState(channel_id=""))
    if exchange.outcome is Outcome.OK:
        return exchange.page()
    return Miss(exchange.outcome, exchange.error or exchange.outcome.value)


def proposal(findings: Findings) -> ProposedOrganization:
    """The organization that findings describe, with its channels."""
    host = urlsplit(findings.homepage).hostname or ""
    return ProposedOrganization(
        organization_id=free_identifier(findings.name, host, taken=set()),
        name=findings.name,
        homepage=findings.homepage,
        channels=tuple(_once(tuple(map(propose_channel, findings.accounts)))),
        notes=findings.notes,
    )


def _once(channels: tuple[ProposedChannel, ...]) -> Iterator[ProposedChannel]:
    """The same posts only once: those of a WordPress are also in its feed."""
    usable = (each.found.account for each in channels if not each.obstacle)
    feeds = {f"{each.address}/feed" for each in usable if each.source == "wordpress"}
    for channel in channels:
        is_same = channel.found.account.address.rstrip("/") in feeds
        yield replace(channel, obstacle=_SAME_POSTS) if is_same else channel
