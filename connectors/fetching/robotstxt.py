"""What a robots.txt lets us ask (RFC 9309): a pure reading of the file.

Protego groups the rules and matches paths. The lines are read here first, because Protego
departs from the standard in ways that matter: it takes a group for `bar` as meant for
`barograph` and one for `barograph/1.0` as not, lets lines of other fields end a list of user
agents, stumbles over a byte order mark, breaks lines at control characters inside a path, and
reads `Allow: /index.html` as leave for `/` too. And a file that gives each of many thousand
robots the same many rules would cost it as much memory as the two numbers multiplied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - dataclass fields are read at run time
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from protego import Protego

from connectors.contract import Outcome

#: The name by which a robots.txt addresses us; it begins our User-Agent.
PRODUCT_TOKEN = "barograph"  # noqa: S105 - RFC 9309 calls a robot's name a token
#: As much of a robots.txt as RFC 9309 §2.5 asks everyone to read; we read no more.
LONGEST_BODY_BYTES = 500 << 10

_SUCCESS = 2
_PARSED_KEPT_COUNT = 256
_LONGEST_SHOWN_PATH = 200
_END_OF_LINE = re.compile(r"\r\n|\r|\n")
#: What Python's `splitlines`, and so Protego, takes for an end of line although it is none.
_NO_END_OF_LINE = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
#: A line that counts; the misspellings are those that Protego and Google forgive.
_LINE = re.compile(
    r"[ \t]*(?:(?P<agent>user[ -]?agent)|(?P<allow>allow)"
    r"|diss?allow|dissalow|disalow|diasllow|disallaw)"
    r"(?:[ \t]*:|[ \t])(?P<value>[^#]*)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[A-Za-z_-]*")
_EVERY_ROBOT = re.compile(r"\*(?:[ \t]|$)")
#: Stands for all robots but us, so that a file that names thousands costs no more than one.
_ANOTHER_ROBOT = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsAnswer:
    """What `origin` (scheme, host, port) answered when asked for its robots.txt, and when (UTC).

    A status other than 2xx says that there is none, so that all may be asked (RFC 9309
    §2.3.1.3). `body` is cut at `LONGEST_BODY_BYTES`.
    """

    origin: str
    fetched_at: datetime
    status: int
    body: bytes

    @property
    def has_rules(self) -> bool:
        """Whether there is a robots.txt; it may be empty."""
        return self.status // 100 == _SUCCESS


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a URL may be asked: `outcome` is None if so, else how the attempt ends."""

    outcome: Outcome | None
    message: str = ""


def judge(url: str, answer: RobotsAnswer) -> Verdict:
    """Whether `url` may be asked by what its origin answered. Pure."""
    if not answer.has_rules:
        return Verdict(None)
    rules = _rules(answer.body)
    if rules.parsed.can_fetch(url, PRODUCT_TOKEN):
        return Verdict(None)
    who = PRODUCT_TOKEN if rules.names_us else "robots"
    path = urlsplit(url).path[:_LONGEST_SHOWN_PATH] or "/"
    return Verdict(
        Outcome.DISALLOWED,
        f"robots.txt of {answer.origin} does not want {who} at {path}, so it was not asked; "
        "ask the site's owner, and with their consent add the host to the setting robots_exempt",
    )


class _Rules(NamedTuple):
    parsed: Protego
    names_us: bool  #: there is a group for us, so that the one for every robot does not count


@lru_cache(maxsize=_PARSED_KEPT_COUNT)  # sites with the same software send the same bytes
def _rules(body: bytes) -> _Rules:
    if len(body) >= LONGEST_BODY_BYTES:
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r"), 0)]  # half a path is another path
    lines = [_canonical(line) for line in _END_OF_LINE.split(body.decode("utf-8-sig", "replace"))]
    text = "\n".join(line for line in lines if line)
    return _Rules(Protego.parse(text), names_us=f"user-agent: {PRODUCT_TOKEN}" in lines)


def _canonical(line: str) -> str:
    """A line as Protego understands it; "" when RFC 9309 has no use for it."""
    found = _LINE.match(line)
    if found is None:
        return ""
    value = _NO_END_OF_LINE.sub(lambda sign: quote(sign[0]), found["value"].strip(" \t"))
    if found["agent"]:
        return f"user-agent: {_robot(value)}"
    if not found["allow"]:
        return f"disallow: {value}"
    # The asterisk changes no meaning, and keeps Protego from letting us into "/" as well.
    return f"allow: {value}*" if value.endswith("/index.html") else f"allow: {value}"


def _robot(name: str) -> str:
    """Whom a group is for: us, every robot, or somebody else."""
    if _EVERY_ROBOT.match(name):
        return "*"
    token = _TOKEN.match(name)
    return PRODUCT_TOKEN if token and token[0].lower() == PRODUCT_TOKEN else _ANOTHER_ROBOT
