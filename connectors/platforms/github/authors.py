"""Who did something on GitHub, seen from the organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.apis.acts import NOBODY, THE_ORGANIZATION, Author
from connectors.contract import AuthorRole, Evidence
from connectors.platforms.github.place import place_of

if TYPE_CHECKING:
    from connectors.contract import Channel
    from connectors.platforms.github.look import Look
    from connectors.platforms.github.shapes import Account

_STAFF = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_OWN = frozenset({AuthorRole.ORGANIZATION, AuthorRole.STAFF})
_GHOST = 10137  # github.com shows what has no account any more as that of the user `ghost`


def author_of(look: Look, user: Account | None, association: str) -> Author:
    """Whose act it is; the association is what the platform says of the person and repository."""
    if user is None or user.id == _GHOST or user.type == "Mannequin":
        return NOBODY
    login, identity = user.login.lower(), f"{look.place.host}/{user.id}"
    if login == look.place.owner.lower():
        return THE_ORGANIZATION
    if login in _own_logins(look.channel):
        return Author(identity, AuthorRole.ORGANIZATION, Evidence.LISTED_ACCOUNT)
    if association in _STAFF:
        return Author(identity, AuthorRole.STAFF, Evidence.AUTHOR_ASSOCIATION)
    return Author(identity)


def _own_logins(channel: Channel) -> set[str]:
    return {place_of(address).owner.lower() for address in channel.own_accounts}


def is_bot(user: Account | None) -> bool:
    """Whether a program did it. An answer by one is none, so its acts are left out."""
    return user is not None and (user.type == "Bot" or user.login.endswith("[bot]"))


def is_own(look: Look, user: Account | None, association: str) -> bool:
    """Whether the organization or its staff did it."""
    return author_of(look, user, association).role in _OWN
