"""The public notice (rule R10): what whoever runs Barograph owes those whose words are read.

Those people cannot be told one by one (Art. 14(5)(b) GDPR), so the law wants it made public. The
text follows from the settings, the list of organizations and the register of terms; it is for
whoever runs Barograph to check and to publish.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from flows.termsregister import read_terms
from warehouse.reading import rows
from warehouse.register import replace_notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connectors.terms.register import Terms
    from flows.settings import Settings
    from warehouse.db import Connection

_NOT_STATED = "not stated yet: set {name} in barograph.toml"


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A heading with its paragraphs, and a list below them."""

    heading: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...] = ()


def notice_texts(
    settings: Settings, subjects: Mapping[str, Iterable[str]], terms: Mapping[str, Terms]
) -> list[NoticeText]:
    """The notice, part by part.

    Args:
        settings: say who is responsible, and for how long things are kept.
        subjects: names of the organizations that are watched, with the sources of each.
        terms: the records of all sources, as the project decided.
    """
    used = {source for sources in subjects.values() for source in sources}
    sources = [terms[name] for name in sorted(used) if name in terms]
    names = sorted(subjects, key=str.casefold)
    lists = {
        "{sources}": [_weighed(each) for each in sources],
        "{organizations}": names,
        "{limits}": [_limit(each) for each in sources if each.limit_days is not None],
    }
    words = _words(settings) | {"organization_count": str(len(names))}
    return [
        NoticeText(
            part["heading"],
            tuple(_filled(part.get("paragraphs", ()), words, lists)),
            tuple(_filled(part.get("items", ()), words, lists)),
        )
        for part in _parts()
    ]


def project_notice(settings: Settings, connection: Connection) -> list[NoticeText]:
    """The notice of a project, about whoever is on its list.

    Raises:
        InputError: the project's file of terms cannot be used.
    """
    subjects: dict[str, Iterable[str]] = {
        row["name"]: row["sources"] for row in rows(connection, "notice_subjects")
    }
    return notice_texts(settings, subjects, read_terms(settings.folder))


def keep_notice(connection: Connection, texts: Iterable[NoticeText]) -> None:
    """Keep the notice in the warehouse, to be published with the next snapshot."""
    kept = [
        {"heading": text.heading, "is_item": is_item, "paragraph": paragraph}
        for text in texts
        for is_item, paragraphs in ((False, text.paragraphs), (True, text.items))
        for paragraph in paragraphs
    ]
    replace_notice(connection, kept)


def as_markdown(texts: Iterable[NoticeText]) -> str:
    """The notice as Markdown."""
    return "\n".join(["# Notice to those whom this is about", "", *_lines(texts)])


def as_page(texts: Iterable[NoticeText]) -> str:
    """The notice as a page that stands alone: no script, no request to anybody."""
    from dashboards.links import Links
    from dashboards.rendering import render

    return render("notice_document.html", notice=list(texts), links=Links(is_live=False))


def _lines(texts: Iterable[NoticeText]) -> Iterator[str]:
    for text in texts:
        yield from (f"## {text.heading}", "")
        for paragraph in text.paragraphs:
            yield from (_plain(paragraph), "")
        yield from (f"- {_plain(item)}" for item in text.items)
        if text.items:
            yield ""


def _plain(text: str) -> str:
    """A text in which Markdown finds no signs of its own."""
    signs = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>#|"})
    return " ".join(text.translate(signs).split())


@cache
def _parts() -> list[dict[str, Any]]:
    text = (resources.files("flows") / "notice.toml").read_text("utf-8")
    parts: list[dict[str, Any]] = tomllib.loads(text)["part"]
    return parts


def _words(settings: Settings) -> dict[str, str]:
    return {
        "controller": settings.controller or _NOT_STATED.format(name="controller"),
        "contact": settings.contact or _NOT_STATED.format(name="contact"),
        "notice_url": f" ({settings.notice_url})" if settings.notice_url else "",
        "archive_days": str(settings.archive_days),
        "event_days": str(settings.event_days),
    }


def _filled(
    texts: Iterable[str], words: Mapping[str, str], lists: Mapping[str, list[str]]
) -> Iterator[str]:
    for text in texts:
        yield from lists[text] if text in lists else (text.format_map(words),)


def _weighed(terms: Terms) -> str:
    return (
        f"{terms.name}. Purpose: {terms.purpose} Basis: {terms.interest} Balance: "
        f"{terms.balancing} Terms: {terms.terms_url}, reviewed {terms.reviewed_on}."
    )


def _limit(terms: Terms) -> str:
    return f"Everything of {terms.name}: {terms.limit_days} days since it was last shown there."
