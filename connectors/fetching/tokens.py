"""Optional access tokens of one host: which to use, until when one rests, when one is dead.

Sources: docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api and
…/best-practices-for-using-the-rest-api. A pool makes no requests and knows no clock. It lives
as long as the process: what a token has left is told anew by the first answer. The pool says
which token goes out; `connectors.fetching.budgets` says whether it may, and counts each apart.
"""

from __future__ import annotations

import hashlib
import logging
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.fetching.holds import hold
from connectors.fetching.serverclock import seconds_until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.fetching.exchange import Exchange

#: Tokens go to this address and to no other.
GITHUB = "https://api.github.com"
_UNAUTHORIZED = 401
_FINGERPRINT_HEX = 8
_SHOWN_CHARACTERS = 4
_SHORTEST_SHOWN = 16  # of a shorter one, four characters would be too much
_SENDABLE = re.compile(r"[A-Za-z0-9._~+/=-]+")  # RFC 6750 §2.1
_DIGITS = re.compile(r"[0-9]{1,11}")
_log = logging.getLogger(__name__)


class Token:
    """A secret that shows itself only in the header that it is sent in."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        if not _SENDABLE.fullmatch(secret):
            message = "a token holds characters that cannot be sent; it is not shown here"
            raise ValueError(message)
        self._secret = secret

    def __repr__(self) -> str:
        shown = self._secret[:_SHOWN_CHARACTERS] if len(self._secret) >= _SHORTEST_SHOWN else ""
        return f"{shown}…"

    def __reduce__(self) -> str:
        message = "a token is not written down"
        raise TypeError(message)

    @property
    def fingerprint(self) -> str:
        """Tells tokens apart in files; nobody can tell a token by it."""
        return hashlib.sha256(self._secret.encode()).hexdigest()[:_FINGERPRINT_HEX]

    def header(self) -> dict[str, str]:
        """The request header; for the token's own host over https and for nobody else."""
        return {"Authorization": f"Bearer {self._secret}"}


@dataclass(slots=True)
class _Budget:
    """What a token has left: `left` requests until `resets_at`, none before `rests_until`."""

    left: float = math.inf
    resets_at: datetime | None = None
    rests_until: datetime | None = None

    def is_usable(self, now: datetime) -> bool:
        return self.left_at(now) >= 1 and (self.rests_until is None or self.rests_until <= now)

    def ends_at(self, now: datetime) -> datetime:
        """When it may be used again."""
        resets_at = self.resets_at if self.left_at(now) < 1 else None
        return max(moment or now for moment in (resets_at, self.rests_until, now))

    def left_at(self, now: datetime) -> float:
        """Requests left; after the reset nobody knows how many, and surely some."""
        return math.inf if self.resets_at is not None and self.resets_at <= now else self.left

    def spend(self, now: datetime) -> None:
        """Count a request before its answer: several may be under way."""
        if self.resets_at is not None and self.resets_at <= now:
            self.left, self.resets_at = math.inf, None
        self.left -= 1

    def told(self, left: int, resets_at: datetime) -> None:
        """Take over what an answer says; answers may come in another order than requests."""
        if self.resets_at is None or resets_at > self.resets_at + _SAME_WINDOW:
            self.left, self.resets_at = left, resets_at
        else:
            self.left = min(self.left, left)


#: Resets of one window may differ by the rounding of clocks.
_SAME_WINDOW = timedelta(minutes=5)


class TokenPool:
    """The tokens of one host; with none, requests go out without.

    Args:
        secrets: the tokens as the operator gave them; repeated ones count once.
        origin: scheme, host and, where it is none of the scheme's own, port.

    Raises:
        ValueError: one holds characters that cannot be sent; the message does not show it.
    """

    def __init__(self, secrets: Iterable[str] = (), origin: str = GITHUB) -> None:
        self._prefix = f"{origin}/"
        self._budgets = {Token(secret): _Budget() for secret in dict.fromkeys(secrets)}

    def __len__(self) -> int:
        """Tokens that have not been revoked."""
        return len(self._budgets)

    def serves(self, url: str) -> bool:
        """Whether there are tokens for an address. One in another spelling gets none."""
        return bool(self._budgets) and url.startswith(self._prefix)

    def rest(self, token: Token, until: datetime) -> None:
        """Leave a token alone until then."""
        if budget := self._budgets.get(token):
            budget.rests_until = max(budget.rests_until or until, until)

    def pick(self, now: datetime) -> Token | None:
        """The token with most requests left, one less from now on; None when none has any."""
        usable = [token for token, budget in self._budgets.items() if budget.is_usable(now)]
        if not usable:
            return None
        best = max(usable, key=lambda token: self._budgets[token].left_at(now))
        self._budgets[best].spend(now)
        return best

    def is_spent(self, now: datetime) -> bool:
        """Whether there are tokens, but none that may be used before a reset.

        Then a request would go out without one, on the small budget of our address: better to
        wait.
        """
        budgets = self._budgets.values()
        return bool(budgets) and not any(budget.is_usable(now) for budget in budgets)

    def heed(self, token: Token, exchange: Exchange) -> bool:
        """Take over what an answer says of the token that it was asked with.

        Returns:
            Whether the request deserves another try with what else there is: the token was
            revoked.
        """
        if token not in self._budgets:
            return exchange.status == _UNAUTHORIZED
        if exchange.status == _UNAUTHORIZED:
            del self._budgets[token]
            message = "token %r is not accepted any more and is not used again; %d left"
            _log.warning(message, token, len(self._budgets))
            return True
        self._count(self._budgets[token], exchange)
        return False

    def _count(self, budget: _Budget, exchange: Exchange) -> None:
        left, reset = (exchange.header(f"x-ratelimit-{name}") for name in ("remaining", "reset"))
        if _DIGITS.fullmatch(left) and _DIGITS.fullmatch(reset):
            moment = datetime.fromtimestamp(int(reset), UTC)
            seconds = seconds_until(moment, exchange)
            budget.told(int(left), exchange.fetched_at + timedelta(seconds=seconds))
        wish = hold(exchange)
        if wish is not None and wish.is_host_wide:
            budget.rests_until = max(budget.rests_until or wish.until, wish.until)

    def rested_at(self, now: datetime) -> datetime:
        """When the first of the tokens may be used again, as far as anybody knows."""
        ends = [budget.ends_at(now) for budget in self._budgets.values()]
        return min(ends, default=now)
