"""Finding an organization: its channels, addresses and names, in everything that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.apis.places import is_at_or_below
from flows.errors import InputError
from flows.forgetting.subject import Subject, spellings, telling
from flows.hosts import first_url, host_of
from flows.optouts import FILE_NAME, read_opt_outs
from flows.organizations.model import organization_from_record
from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flows.organizations import Organization
    from flows.project import Project
    from flows.settings import Settings

#: Sources whose channels stand at the organization's own server, where it has one.
_OWN_SERVERS = frozenset({"feeds", "wordpress", "discourse"})


def organization_to_forget(
    project: Project, organization_id: str, listed: Iterable[Organization], known: Subject | None
) -> Subject:
    """Everything that an organization is known by, now and in earlier lists.

    Args:
        project: whose archive has the earlier lists.
        organization_id: of the organization.
        listed: the present list.
        known: what a forgetting that was interrupted knew of it.

    Raises:
        InputError: nothing is known of it.
    """
    everybody = [*listed, *_formerly_listed(project)]
    records = [each for each in everybody if each.organization_id == organization_id]
    if not records and known is None:
        problem = f"--organization {organization_id}: no organization of this identifier is known"
        raise InputError(problem)
    others = [each for each in everybody if each.organization_id != organization_id]
    hosts = tuple(_own_hosts(records, others))
    addresses = tuple(dict.fromkeys(_addresses(records)))
    channel_ids = dict.fromkeys(c.channel_id for each in records for c in each.channels)
    named = [organization_id, *(each.name for each in records), *hosts]
    found = Subject(
        organization_id=organization_id,
        channel_ids=tuple(channel_ids),
        addresses=addresses,
        hosts=hosts,
        words=telling([*named, *spellings(addresses)]),
    )
    return found if known is None else found.joined(known)


def opt_out(settings: Settings, subject: Subject) -> list[str]:
    """Put an organization's servers and addresses on the opt-out list; returns what was added."""
    path = settings.folder / FILE_NAME
    text = path.read_text("utf-8-sig") if path.exists() else ""
    known = {*read_opt_outs(settings), *text.splitlines()}
    elsewhere = [a for a in subject.addresses if "://" in a and _host(a) not in subject.hosts]
    added = [entry for entry in (*subject.hosts, *elsewhere) if entry not in known]
    if added:
        start = text if not text or text.endswith("\n") else f"{text}\n"
        write_text(path, start + "".join(f"{entry}\n" for entry in added))
    return added


def _formerly_listed(project: Project) -> Iterator[Organization]:
    for path in sorted((project.archive.folder / "organizations").glob("[!.]*.json")):
        yield from map(organization_from_record, project.archive.read_organizations(path.stem))


def _addresses(records: Iterable[Organization]) -> Iterator[str]:
    for each in records:
        yield from (channel.address for channel in each.channels)
        if each.homepage:
            yield each.homepage


def _own_hosts(records: Iterable[Organization], others: Iterable[Organization]) -> Iterator[str]:
    """Servers of its homepage and its own sites that no other organization uses."""
    shared = {host for each in others for host in _hosts(each)}
    own = dict.fromkeys(host for each in records for host in _hosts(each, is_own=True))
    yield from (host for host in own if host not in shared)


def _hosts(organization: Organization, *, is_own: bool = False) -> Iterator[str]:
    home = _host(organization.homepage)
    if home:
        yield home
    for channel in organization.channels:
        host = host_of(first_url(channel))
        is_theirs = channel.source in _OWN_SERVERS or (home and is_at_or_below(host, home))
        if "." in host and (is_theirs or not is_own):
            yield host


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
