"""Who is asked to be forgotten, by the options of the command."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from flows.clock import now
from flows.errors import InputError
from flows.forgetting.organization import organization_to_forget
from flows.forgetting.person import person_of_account, person_of_key
from flows.forgetting.subject import unfinished_subject
from flows.organizations import find_organizations, read_organizations

if TYPE_CHECKING:
    from flows.forgetting.subject import Subject
    from flows.organizations import Organization
    from flows.project import Project
    from flows.settings import Settings

_HOW = (
    "name a person by --source and --account or by --key, or an organization by --organization; "
    "one at a time"
)


class Asked(NamedTuple):
    """What was given; "" for what was not."""

    source: str
    account: str
    key: str
    organization_id: str

    @property
    def told(self) -> str:
        """Whom the question names."""
        return self.organization_id or self.key or f"{self.account} at {self.source}"


def subject_of(project: Project, settings: Settings, asked: Asked) -> Subject:
    """Whom to forget.

    Raises:
        InputError: nobody or several are named, or nobody can be found.
    """
    is_account = bool(asked.account and asked.source)
    if is_account + bool(asked.key) + bool(asked.organization_id) != 1:
        raise InputError(_HOW)
    if bool(asked.account) != bool(asked.source):
        raise InputError(_HOW)
    if asked.key:
        return person_of_key(asked.key)
    known = unfinished_subject(project.keyring.parent)
    if is_account:
        is_known = known is not None and asked.account in known.identities
        if known is not None and is_known and known.source == asked.source:
            return known  # what told its number may be erased already
        return person_of_account(project, asked.source, asked.account, now().year)
    if known is not None and known.organization_id != asked.organization_id:
        known = None
    listed = _listed(settings)
    return organization_to_forget(project, asked.organization_id, listed, known)


def _listed(settings: Settings) -> list[Organization]:
    """The present list; none where it cannot be read."""
    with suppress(InputError):
        return list(read_organizations(find_organizations(settings.folder, settings.organizations)))
    return []
