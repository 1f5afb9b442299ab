"""Feeds that read like an organization's news; the same seed gives the same bytes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from pathlib import Path

ATOM_PERCENT = 35
ENTRY_COUNTS = range(20, 51)
PARAGRAPH_COUNTS = range(2, 5)
SENTENCE_COUNTS = range(2, 6)
NEWEST_AT = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
#: Every file bears this time, so that one If-Modified-Since date fits them all.
MODIFIED_AT = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)

_WHO = """The city council|Our engineers|The museum|The harbour authority|A team of volunteers
|The university hospital|The board|Residents of the old town|The library & archive|Our customers
|The water company|Researchers from Zürich|The café on the square|The youth parliament
|Two neighbouring regions|The foundation""".replace("\n", "").split("|")
_DOES = """opened|announced|tested|agreed on|paid for|asked questions about|reported on|finished
|postponed|welcomed|published a study of|voted for|demonstrated|reviewed|extended
|gave more time to""".replace("\n", "").split("|")
_WHAT = """the new cycle bridge|a plan for cleaner air|the annual report|longer opening hours
|a training programme for 120 apprentices|the second phase of the tram line|an open data portal
|repairs to the flood gates|a summer school|the budget for 2026|a helpline, free of charge,
|electric buses|a shared calendar|tariffs below the national average|research & development
|the restoration of the façade""".replace("\n", "").split("|")
_HOW = """on Monday|after a long public debate|together with three schools|for the first time
|despite the weather|at a cost of € 2.4 million|by a large majority
|as part of the strategy that was presented last year|in spite of doubts about the schedule
|with support from the national fund for towns and regions|six weeks earlier than planned
|in the presence of more than 300 guests""".replace("\n", "").split("|")
_SUBJECTS = ("News", "Press", "Projects", "Events", "Jobs", "Transport & roads", "Culture")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One generated file and what is in it."""

    file_name: str
    entry_count: int
    byte_count: int


@dataclass(frozen=True, slots=True)
class Corpus:
    """The generated feeds in the order of their numbers."""

    feeds: tuple[Feed, ...]

    @property
    def entry_count(self) -> int:
        """Entries in all feeds together."""
        return sum(feed.entry_count for feed in self.feeds)

    @property
    def mean_kibibytes(self) -> float:
        """Mean size of a feed in KiB."""
        return sum(feed.byte_count for feed in self.feeds) / len(self.feeds) / 1024

    def first(self, feed_count: int) -> Corpus:
        """The first `feed_count` feeds; they hold the same mix of formats as the whole."""
        return Corpus(self.feeds[:feed_count])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    title: str
    link: str
    author: str
    subject: str
    published_at: datetime
    summary: str
    html: str


def write_corpus(folder: Path, feed_count: int, seed: int) -> Corpus:
    """Write `feed_count` well-formed feeds into `folder`, 35 % Atom and 65 % RSS 2.0."""
    return Corpus(tuple(_write_feed(folder, number, seed) for number in range(feed_count)))


def is_atom(number: int) -> bool:
    """Whether feed `number` is Atom: 35 in every 100, spread evenly."""
    return number * ATOM_PERCENT % 100 < ATOM_PERCENT


def _write_feed(folder: Path, number: int, seed: int) -> Feed:
    random = Random(f"{seed}/{number}")
    home = f"https://organization-{number:05}.example"
    entries = _draw_entries(random, home)
    render, suffix = (_render_atom, "atom") if is_atom(number) else (_render_rss, "rss")
    body = render(home, f"Organization {number}: news", entries).encode()
    path = folder / f"feed-{number:05}.{suffix}"
    path.write_bytes(body)
    os.utime(path, (MODIFIED_AT.timestamp(), MODIFIED_AT.timestamp()))
    return Feed(file_name=path.name, entry_count=len(entries), byte_count=len(body))


def _draw_entries(random: Random, home: str) -> list[_Entry]:
    """Entries from the newest to the oldest, hours to days apart."""
    published_at = NEWEST_AT - timedelta(minutes=random.randrange(20_000))
    entries = []
    for serial in range(random.choice(ENTRY_COUNTS), 0, -1):
        entries.append(_draw_entry(random, f"{home}/news/{serial}", published_at))
        published_at -= timedelta(minutes=random.randrange(60, 10_000))
    return entries


def _draw_entry(random: Random, link: str, published_at: datetime) -> _Entry:
    return _Entry(
        title=_draw_sentence(random),
        link=f"{link}?from=feed&amp;lang=en",
        author="Press office",
        subject=random.choice(_SUBJECTS),
        published_at=published_at,
        summary=_draw_sentence(random),
        html=_draw_html(random, link),
    )


def _draw_html(random: Random, link: str) -> str:
    paragraphs = [_draw_paragraph(random) for _ in range(random.choice(PARAGRAPH_COUNTS))]
    return f'{"".join(paragraphs)}<p><a href="{link}">Read the whole story</a></p>'


def _draw_paragraph(random: Random) -> str:
    sentences = (_draw_sentence(random) for _ in range(random.choice(SENTENCE_COUNTS)))
    return f"<p>{escape(' '.join(sentences))}</p>\n"


def _draw_sentence(random: Random) -> str:
    return " ".join(random.choice(part) for part in (_WHO, _DOES, _WHAT, _HOW)) + "."


def _render_rss(home: str, title: str, entries: list[_Entry]) -> str:
    items = "".join(_render_item(entry) for entry in entries)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel>\n'
        f"<title>{escape(title)}</title><link>{home}/</link>\n"
        f"<description>What is new at {home}</description><language>en-GB</language>\n"
        f"<lastBuildDate>{format_datetime(MODIFIED_AT)}</lastBuildDate>\n"
        f"{items}</channel>\n</rss>\n"
    )


def _render_item(entry: _Entry) -> str:
    return (
        f"<item>\n<title>{escape(entry.title)}</title>\n<link>{entry.link}</link>\n"
        f'<guid isPermaLink="false">{entry.link}</guid>\n'
        f"<pubDate>{format_datetime(entry.published_at)}</pubDate>\n"
        f"<dc:creator>{entry.author}</dc:creator>\n<category>{escape(entry.subject)}</category>\n"
        f"<description>{escape(entry.summary)}</description>\n"
        f"<content:encoded><![CDATA[{entry.html}]]></content:encoded>\n</item>\n"
    )


def _render_atom(home: str, title: str, entries: list[_Entry]) -> str:
    items = "".join(_render_entry(entry) for entry in entries)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">\n'
        f"<id>{home}/</id><title>{escape(title)}</title>\n"
        f'<link href="{home}/"/><updated>{MODIFIED_AT.isoformat()}</updated>\n'
        f"{items}</feed>\n"
    )


def _render_entry(entry: _Entry) -> str:
    written_at = entry.published_at.isoformat()
    return (
        f"<entry>\n<id>{entry.link}</id>\n<title>{escape(entry.title)}</title>\n"
        f'<link rel="alternate" href="{entry.link}"/>\n'
        f"<published>{written_at}</published><updated>{written_at}</updated>\n"
        f'<author><name>{entry.author}</name></author><category term="{escape(entry.subject)}"/>\n'
        f"<summary>{escape(entry.summary)}</summary>\n"
        f'<content type="html">{escape(entry.html)}</content>\n</entry>\n'
    )
