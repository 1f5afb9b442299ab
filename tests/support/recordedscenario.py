"""What a platform answers in a scenario: recorded pages, and what must come of them.

A scenario is a folder with `scenario.toml` and pages. It has three worlds: what the platform
answers at the first read, a day later, and when the channel holds nothing yet; the last two
are the first with some answers replaced.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.contract import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_TYPES = {".json": "application/json; charset=utf-8", ".xml": "application/xml; charset=utf-8"}
_KEYS = {
    *("address", "homepage", "own_accounts", "fetched_at", "planted"),
    *("first", "later", "empty", "expected"),
}
_SHORT = 6  # a planted word below this length must stand alone to count as leaked


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says to one request."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def saying(self, body: bytes) -> Answer:
        """The same answer with another body."""
        return replace(self, body=body)


#: What a server says to an address that it does not know.
NO_SUCH_PAGE = Answer(b'{"error":"Record not found"}', 404, (("content-type", "application/json"),))


@dataclass(frozen=True, slots=True)
class World:
    """All that a server would answer, by address."""

    answers: Mapping[str, Answer]

    def answer(self, url: str) -> Answer:
        return self.answers.get(url, NO_SUCH_PAGE)

    def where(self, url: str, answer: Answer) -> World:
        """This world, with another answer at one address."""
        return self.but({url: answer})

    def but(self, answers: Mapping[str, Answer]) -> World:
        """This world, with other answers at some addresses."""
        return World({**self.answers, **answers})


@dataclass(frozen=True, slots=True)
class Scenario:
    """One channel of a source, its three worlds, and the numbers worked out by hand."""

    channel: Channel
    fetched_at: datetime
    planted: tuple[str, ...]
    first: World
    later: World
    empty: World
    expected: Mapping[str, Mapping[str, Any]]
    has_empty: bool
    hosts: frozenset[str]

    def leak(self, text: str) -> str:
        """What of a private person stands in a text; "" for nothing."""
        folded = text.casefold()
        found = (word for word in self.planted if word.casefold() in folded)
        return next((word for word in found if _stands_alone(word, folded)), "")


def scenario(source: str, folder: Path) -> Scenario:
    """Read a scenario from its folder.

    Raises:
        LookupError: there is none, or it lacks something; the message says what to write.
    """
    written = _read(source, folder)
    channel = Channel(
        channel_id=f"council:{source}:1",
        organization_id="council",
        source=source,
        address=written["address"],
        homepage=written.get("homepage", ""),
        own_accounts=tuple(written.get("own_accounts", ())),
    )
    first, later, empty = (
        _answers(written.get(w, ()), folder) for w in ("first", "later", "empty")
    )
    world = World(first)
    return Scenario(
        channel=channel,
        fetched_at=written["fetched_at"],
        planted=tuple(written["planted"]),
        first=world,
        later=world.but(later),
        empty=world.but(empty),
        expected=written["expected"],
        has_empty=bool(empty),
        hosts=frozenset(urlsplit(url).netloc for url in {*first, *later, *empty}),
    )


def _read(source: str, folder: Path) -> dict[str, Any]:
    file = folder / "scenario.toml"
    where = f"tests/connectors/data/{source}/scenario.toml"
    if not file.exists():
        message = (
            f"connectors/{source}.py has no recorded scenario: write {where} and the pages it "
            "names (docs/connectors.md tells how); every connector is held to the same tests"
        )
        raise LookupError(message)
    written = tomllib.loads(file.read_text("utf-8"))
    missing = _KEYS - {"homepage", "own_accounts"} - set(written)
    missing |= {f"expected.{w}" for w in ("first", "later")} - {
        f"expected.{w}" for w in written.get("expected", ())
    }
    if missing or set(written) - _KEYS:
        odd = sorted(set(written) - _KEYS)
        message = f"{where}: lacks {sorted(missing)}, and has {odd} that nobody reads"
        raise LookupError(message)
    return written


def _answers(entries: list[dict[str, Any]], folder: Path) -> dict[str, Answer]:
    return {entry["url"]: _answer(entry, folder) for entry in entries}


def _answer(entry: dict[str, Any], folder: Path) -> Answer:
    file = entry.get("file", "")
    kind = entry.get("content_type") or _TYPES.get(Path(file).suffix, "text/html")
    headers = {name.lower(): str(value) for name, value in entry.get("headers", {}).items()}
    headers = {"content-type": kind, **headers}
    body = (folder / file).read_bytes() if file else b""
    return Answer(body, entry.get("status", 200), tuple(headers.items()))


def _stands_alone(word: str, folded: str) -> bool:
    """Whether a planted word is long enough to be meant, or stands as a word of its own."""
    alone = rf"(?<!\w){re.escape(word.casefold())}(?!\w)"
    return len(word) >= _SHORT or bool(re.search(alone, folded))
