"""When a channel's address is replaced by another: moved for good, or found on a web page.

A permanent redirect is adopted only after it has been confirmed, for servers announce moves
by mistake; a temporary one never is. What was adopted is let go when it stops working, so
that the listed address is asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.contract import Outcome, Purpose
from connectors.fetching.backoff import is_temporary
from connectors.fetching.redirects import permanent_target

if TYPE_CHECKING:
    from connectors.fetching.exchange import Exchange

#: So many understood answers in a row must name the same new address.
CONFIRMATIONS = 3
#: After so many failures in a row an adopted address is let go, more of them if it is down.
_MOST_FAILURES = 3
_MOST_OUTAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """Where a channel is really read, if not at its listed address.

    `url` is asked in place of `listed_url`; "" when nothing is adopted. `reason` is `moved`
    (also for a move back to the listed address) or `discovered`. `candidate_url` was named as
    the new address `confirmation_count` times.
    """

    listed_url: str = ""
    url: str = ""
    reason: str = ""
    candidate_url: str = ""
    confirmation_count: int = 0

    def resolve(self, url: str) -> str:
        """The address to ask for the planned `url`."""
        return self.url if self.url and url == self.listed_url else url


def adopted(
    adoption: Adoption, exchange: Exchange, outcome: Outcome, failure_count: int, address: str
) -> Adoption:
    """The adoption after an attempt at the channel whose listed address is `address`."""
    if exchange.purpose is Purpose.DISCOVERY and outcome.is_seen:
        return Adoption(listed_url=address, url=exchange.requested_url, reason="discovered")
    if exchange.requested_url != address:
        return adoption
    if outcome.is_seen:
        return _confirmed(adoption, exchange)
    is_lost = exchange.is_adopted and _is_lost(outcome, failure_count)
    return Adoption() if is_lost else adoption


def _confirmed(adoption: Adoption, exchange: Exchange) -> Adoption:
    target = permanent_target(exchange)
    if not target:
        return _kept(adoption, "", 0)
    count = adoption.confirmation_count + 1 if target == adoption.candidate_url else 1
    if count < CONFIRMATIONS:
        return _kept(adoption, target, count)
    listed = exchange.requested_url  # a move back to it leaves nothing adopted
    return Adoption(listed_url=listed, url="" if target == listed else target, reason="moved")


def _kept(adoption: Adoption, candidate: str, count: int) -> Adoption:
    return Adoption(
        listed_url=adoption.listed_url,
        url=adoption.url,
        reason=adoption.reason,
        candidate_url=candidate,
        confirmation_count=count,
    )


def _is_lost(outcome: Outcome, failure_count: int) -> bool:
    if outcome is Outcome.GONE:
        return True
    return failure_count >= (_MOST_OUTAGES if is_temporary(outcome) else _MOST_FAILURES)
