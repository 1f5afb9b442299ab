"""How far a list has been read, where it goes on, and what a page of it shows whole."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from connectors.apis.dates import flag, moment
from connectors.apis.itinerary import Errand
from connectors.contract import Extent, Listing
from connectors.platforms.github.look import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.apis.itinerary import Itinerary
    from connectors.contract import Activity
    from connectors.platforms.github.look import Look

#: How far back the first walk goes: rows are not kept for longer, and requests are few.
HISTORY = timedelta(days=400)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)  # dates are whole seconds
_NEXT = re.compile(r"<([^<>]*)>\s*;\s*rel=\"?next\b")
_PAGE_NUMBER = re.compile(r"[0-9]{1,6}")


class Walk(NamedTuple):
    """How far a list has been read. `since`: all of it from then on is known."""

    itinerary: Itinerary
    since: datetime
    known_since: datetime | None  #: before this page
    is_continued: bool  #: a further page is on the list
    is_last: bool  #: the page is the list's last


def walked(look: Look, dates: Sequence[datetime]) -> Walk:
    """Take down how far a list has been read, and put its next page on the list if need be.

    A first page leads back to what the last one began with, the very first to `HISTORY`. When
    no page is wanted any more, the list is known as deep as anybody looked.
    """
    reach = _reach(look)
    onward = _next_page(look)
    bound = _bound(look, reach)
    is_continued = bool(onward and dates and min(dates) >= bound["until"])
    itinerary = look.itinerary
    if is_continued:
        note = _deeper(look, onward, bound) | {"link": min(dates)}
        context = json.dumps({name: at.isoformat() for name, at in note.items()})
        itinerary = itinerary.first([Errand(onward, context, ANSWERS)])
    deepest = min([reach.get("deepest", look.page.fetched_at), *dates]) if onward else _BEGINNING
    since = _since(look, reach, bound, dates) if _is_wanted(look, itinerary) else deepest
    newest = max([reach.get("newest", _BEGINNING), *(() if look.is_older else dates)])
    known = {"newest": newest, "since": since, "deepest": deepest}
    itinerary = _taken_down(look, itinerary, known)
    return Walk(itinerary, since, reach.get("since"), is_continued, is_last=not onward)


def broken_off(look: Look) -> Itinerary:
    """A further page that is not served ends its walk: what lies behind it stays unknown."""
    reach = _reach(look)
    if not look.is_older or not reach:
        return look.itinerary
    return _taken_down(look, look.itinerary, reach | {"deepest": reach["since"]})


def _reach(look: Look) -> dict[str, datetime]:
    known = look.itinerary.memory.get(look.name, {}).get(look.repository, {})
    return {name: datetime.fromisoformat(value) for name, value in known.items()}


def _is_wanted(look: Look, itinerary: Itinerary) -> bool:
    """Whether further pages of the list are still to be asked."""
    first = look.place.list_url(look.name, look.repository)
    return any(e.url.startswith(first) and e.url != first for e in itinerary.errands)


def _since(
    look: Look,
    reach: dict[str, datetime],
    bound: dict[str, datetime],
    dates: Sequence[datetime],
) -> datetime:
    """Since when a list is known that is not read to the end: where the newest walk has come."""
    known = reach.get("since", look.page.fetched_at)
    if look.is_older:
        return min(dates, default=known) if bound["link"] == known else known
    reaches_back = bool(dates) and min(dates) < bound["until"]
    return min([known, *dates]) if reaches_back else min(dates, default=known)


def comments_known(look: Look, opened: str, changed: str) -> bool:
    """Whether all comments on an issue are known that was opened and last changed then.

    A comment changes its issue, so there is none after that; and all are known between the
    oldest and the newest that were read.
    """
    known = look.itinerary.memory.get("comments", {}).get(look.repository)
    first, last = moment(opened), moment(changed)
    if known is None or first is None or last is None:
        return False
    since, newest = (datetime.fromisoformat(known[name]) for name in ("since", "newest"))
    return since <= first and last <= newest


def _bound(look: Look, reach: dict[str, datetime]) -> dict[str, datetime]:
    """How far a walk goes (`until`), and with which entry its last page ended (`link`)."""
    if look.is_older and look.page.context:
        return _note(look.page.context)
    oldest = look.page.fetched_at - HISTORY
    return {"until": reach.get("newest", oldest), "link": oldest}


def _deeper(look: Look, url: str, bound: dict[str, datetime]) -> dict[str, datetime]:
    """The bound of a walk that meets an earlier one at a page: from there they are one."""
    met = (errand.context for errand in look.itinerary.errands if errand.url == url)
    notes = [bound, *(_note(context) for context in met if context)]
    return {name: min(note[name] for note in notes) for name in bound}


def _note(context: str) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(value) for name, value in json.loads(context).items()}


def _taken_down(look: Look, itinerary: Itinerary, reach: dict[str, datetime]) -> Itinerary:
    kept = itinerary.memory.get(look.name, {})
    written = {name: at.isoformat() for name, at in reach.items()}
    return itinerary.remembering(**{look.name: {**kept, look.repository: written}})


def _next_page(look: Look) -> str:
    """The next older page, from our own address and the place in the list that is named.

    The address itself is not followed: it may name the repository by number, or another host.
    """
    link = _NEXT.search(look.page.header("link"))
    if link is None:
        return ""
    query = parse_qs(urlsplit(link[1]).query)
    page, after = (query.get(name, [""])[0] for name in ("page", "after"))
    here = int(look.query.get("page", ["1"])[0])
    if page and not (_PAGE_NUMBER.fullmatch(page) and int(page) > here):
        return ""
    named = {"after": quote(after, safe=""), "page": page}
    onward = "".join(f"&{name}={value}" for name, value in named.items() if value)
    return look.place.list_url(look.name, look.repository) + onward if onward else ""


def listing(
    look: Look, entry_count: int, listed_from: datetime | None, *, is_continued: bool
) -> Listing:
    """What a page let us see; of an account, the list of its repositories sets the rhythm."""
    return Listing(
        entry_count=entry_count,
        listed_from=listed_from,
        document_format=f"github-{look.name}",
        document_encoding="utf-8",
        parser="github",
        is_malformed=False,
        is_delta=look.is_older or (look.name == "issues" and not look.place.repository),
        is_continued=is_continued,
    )


def listed_from(look: Look, changed: Sequence[datetime]) -> datetime | None:
    """Since when the channel was seen: of an account, when all its repositories were."""
    known = look.itinerary.memory.get("issues", {})
    others = {*look.itinerary.memory.get("repositories", ())} - {look.repository}
    if not changed or not others <= known.keys():
        return None
    return max([min(changed), *(datetime.fromisoformat(known[name]["since"]) for name in others)])


def whole_list(
    look: Look, walk: Walk, activities: Sequence[Activity], *, is_readable: bool
) -> tuple[Extent, ...]:
    """A list that one page holds: what is not in it has been deleted."""
    dates = [act.occurred_at for act in activities if act.occurred_at]
    if look.is_older or not walk.is_last or not is_readable or not dates:
        return ()
    place = f"{look.repository}/{look.name}"
    return (Extent(listed_in=place, from_at=min(dates), to_at=look.page.fetched_at),)


def span(
    look: Look, walk: Walk, dates: Sequence[datetime], *, is_readable: bool
) -> tuple[Extent, ...]:
    """What a page shows of a list by date; at its edges others may have the same second."""
    if not dates or not is_readable:
        return ()
    from_at = min(dates) if walk.is_last else min(dates) + _TICK
    to_at = max(dates) - _TICK if look.is_older else look.page.fetched_at
    place = f"{look.repository}/{look.name}"
    return (Extent(listed_in=place, from_at=from_at, to_at=to_at),) if from_at <= to_at else ()


def dates_of(look: Look, written: Iterable[str]) -> list[datetime]:
    """The dates that can be read and trusted."""
    dates = (moment(text) for text in written)
    return [at for at in dates if at is not None and not flag(at, look.page.fetched_at)]
