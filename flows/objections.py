"""Organizations that asked to be forgotten are not collected while the list still has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.suppression import read_suppressed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flows.organizations import Organization
    from flows.settings import Settings


def wanted_organizations(
    listed: Iterable[Organization], settings: Settings
) -> Iterator[Organization]:
    """Those of a list that did not object (rule R9).

    Raises:
        InputError: the record of objections is damaged.
    """
    suppressed = read_suppressed(settings.project.keyring.parent)
    for organization in listed:
        if not suppressed.has_organization(_names(organization)):
            yield organization


def left_out_sentence(organization_id: str) -> str:
    """What to tell of one that is left out."""
    return (
        f"{organization_id}: not collected, for it asked to be forgotten; take it out of the list "
        "of organizations"
    )


def _names(organization: Organization) -> Iterator[str]:
    """What it is recognized by, under whatever name it is listed; a homepage may be shared."""
    yield organization.organization_id
    for channel in organization.channels:
        yield channel.address
