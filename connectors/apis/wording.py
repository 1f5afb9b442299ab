"""What is kept of a text: how long it is, whether it asks something, and a fingerprint.

The text itself is never kept (rule R5). A question is recognized by its mark, as written in
the scripts that have one, outside of addresses and quoted or preformatted passages. That finds
questions that are written as such; polite requests without a mark are missed, in every
language alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from connectors.feeddocument.links import link_host
from connectors.feeddocument.sketch import OPENING_LENGTH
from connectors.feeddocument.text import fingerprint, plain_text

#: Question marks: Latin, Greek, Arabic, Armenian, Ethiopic, full width, reversed, interrobang.
_QUESTION = re.compile("[?\u037e\u061f\u055e\u1367\uff1f\u2e2e\u203d]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_HREF = re.compile(r"<a\b[^<>]*?\bhref\s*=\s*[\"']?(https?://[^\"'\s<>]+)", re.IGNORECASE)
_QUOTED_HTML = re.compile(
    r"<(blockquote|pre|code|aside)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_QUOTED_MARKDOWN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|^\s*>.*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wording:
    """Features of one text.

    `title` and `opening` live in memory only: a sketch is made of them, should it be the
    organization that speaks.
    """

    text_length: int = 0
    content_fingerprint: str = ""
    is_question: bool | None = None
    link_host: str = ""
    text_sketch: str = ""  #: where one was made already, by the reader of a feed
    title: str = field(default="", repr=False)
    opening: str = field(default="", repr=False)  #: how the text begins


def of_html(body: str, title: str = "") -> Wording:
    """Features of a text in HTML, and of its title."""
    asked = plain_text(_QUOTED_HTML.sub(" ", body)) if body else ""
    link = _HREF.search(body)
    return _wording(plain_text(body), asked, plain_text(title), link[1] if link else "")


def of_text(body: str, title: str = "") -> Wording:
    """Features of a plain text or one in Markdown, and of its title."""
    text = " ".join(body.split())
    link = _ADDRESS.search(body)
    return _wording(text, _QUOTED_MARKDOWN.sub(" ", body), title, link[0] if link else "")


def _wording(text: str, asked: str, title: str, link: str) -> Wording:
    whole = f"{title} {text}".strip()
    question = _ADDRESS.sub(" ", f"{title} {asked}")
    return Wording(
        text_length=len(whole),
        content_fingerprint=fingerprint(whole),
        is_question=bool(_QUESTION.search(question)) if whole else None,
        link_host=link_host(link),
        title=title,
        opening=text[:OPENING_LENGTH],
    )
