"""Whoever objected after an export was written is left out when it is restored (rule R9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flows.clock import naive, now
from flows.forgetting.leftovers import models_naming, remove_models
from flows.forgetting.subject import spellings, telling
from flows.suppression import read_suppressed
from warehouse.erasedfiles import Theirs
from warehouse.erasing import erase_organization, erase_person, forget_models, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.project import Project
    from flows.suppression import Suppressed
    from warehouse.db import Connection

#: By every name and address that they ever had.
_ORGANIZATIONS = """
    with organizations as (
        select organization_id, name, homepage from raw.organizations
        union
        select organization_id, name, homepage from raw.former_organizations
    ),

    channels as (
        select organization_id, channel_id, address from raw.channels
        union
        select organization_id, channel_id, address from raw.former_channels
    )

    select
        organization_id,
        list(distinct name) as names,
        list(distinct homepage) filter (homepage <> '') as homepages,
        list(distinct channel_id) filter (channel_id is not null) as channel_ids,
        list(distinct address) filter (address is not null) as addresses,
    from organizations left join channels using (organization_id)
    group by all
    order by all
"""
_KEYS = """
    select distinct author_key
    from (
        select author_key from raw.activities
        union all
        select author_key from raw.former_activities
    )
    where author_key <> ''
    order by all
"""


class LeftOut(NamedTuple):
    """How many who had objected an export still held."""

    organization_count: int
    person_count: int


class _Objector(NamedTuple):
    organization_id: str
    names: list[str]
    homepages: list[str] | None
    channel_ids: list[str] | None
    addresses: list[str] | None

    @property
    def places(self) -> list[str]:
        return [*(self.addresses or ()), *(self.homepages or ())]


def leave_out(project: Project, connection: Connection) -> LeftOut:
    """Erase everybody who is on the project's list of objections from what was restored.

    Args:
        project: whose list it is, and whose models came with the export.
        connection: of the restored warehouse, before it is put in its place.

    Raises:
        InputError: the list is damaged.
    """
    suppressed = read_suppressed(project.keyring.parent)
    objectors = list(_organizations(connection, suppressed))
    for objector in objectors:
        _erase(project, connection, objector)
    keys = [key for (key,) in connection.execute(_KEYS).fetchall() if suppressed.has_key(key)]
    if keys:
        erase_person(connection, keys, naive(now()))
    return LeftOut(len(objectors), len(keys))


def _organizations(connection: Connection, suppressed: Suppressed) -> Iterator[_Objector]:
    for found in map(_Objector._make, connection.execute(_ORGANIZATIONS).fetchall()):
        if suppressed.has_organization((found.organization_id, *(found.addresses or ()))):
            yield found


def _erase(project: Project, connection: Connection, objector: _Objector) -> None:
    theirs = Theirs(
        organization_id=objector.organization_id,
        channel_ids=frozenset(objector.channel_ids or ()),
        words=telling(spellings(objector.places)),
        names=telling([objector.organization_id, *objector.names]),
    )
    forget_models(connection, models_naming(project, theirs))
    remove_models(project, theirs)
    erase_organization(connection, objector.organization_id, theirs.channel_ids, naive(now()))
    redact(connection, theirs.words, theirs.names)
