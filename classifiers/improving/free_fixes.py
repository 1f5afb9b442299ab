"""What can be put in order without a budget: silent channels, missing rules, missing links back.

Only what was looked at and found missing is told; what a platform does not show is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLook:
    """What was seen of one channel; None: not shown, or not watched for long enough."""

    source: str
    address: str
    is_dormant: bool | None  #: silent for more than 180 days, all of which were seen
    has_rules: bool | None
    is_linked_back: bool | None  #: by the organization's own site


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeFix:
    """One thing to put in order, the channels that need it, and of how many that is known."""

    code: str
    text: str
    addresses: tuple[str, ...]
    known_count: int


_FIXES = {
    "dormant": (
        "is_dormant",
        True,
        "Silent for more than 180 days: post again, or close it with a word on where to go",
    ),
    "rules": ("has_rules", False, "Shows no rules of the house: publish them, and link them here"),
    "link_back": (
        "is_linked_back",
        False,
        "Its own site does not link back, so nobody can tell that it is official: add the link",
    ),
}


def free_fixes(channels: Sequence[ChannelLook]) -> tuple[FreeFix, ...]:
    """The fixes that some channel needs, silent channels first.

    A channel that is silent is not asked to show rules or links as well.
    """
    silent = {one.address for one in channels if one.is_dormant}
    found = []
    for code, (name, wrong, text) in _FIXES.items():
        asked = [one for one in channels if code == "dormant" or one.address not in silent]
        known = [one for one in asked if getattr(one, name) is not None]
        addresses = tuple(one.address for one in known if getattr(one, name) is wrong)
        if addresses:
            fix = FreeFix(code=code, text=text, addresses=addresses, known_count=len(known))
            found.append(fix)
    return tuple(found)
