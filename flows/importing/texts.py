"""What is kept of the texts in imported rows: features, computed in memory (rule R5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.apis.wording import Wording, of_text
from connectors.feeddocument.links import link_host
from connectors.feeddocument.sketch import text_sketch
from connectors.feeddocument.target import target_key
from flows.door import length_bin
from flows.importing.cells import Cells, count_of, text_of
from flows.importing.chunk import is_missing
from flows.importing.tally import yes_or_no

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.importing.mapping import ImportMapping

_EMPTY = Wording()
#: Kinds that may be one announcement with what stands in another channel.
_PUBLISHED = {"post", "release"}


def wordings(row: Cells, mapping: ImportMapping) -> list[Wording]:
    """What may be known of each text; the text itself goes no further."""
    if not {"text", "title"} & set(mapping.columns):
        return [_EMPTY] * row.count
    repair = _without_slip if mapping.is_latin1_slip else text_of
    pairs = zip(row["text"], row["title"], strict=True)
    return [of_text(repair(text), repair(title)) for text, title in pairs]


def questions(cells: Sequence[Any], words: Sequence[Wording]) -> list[bool | None]:
    """Whether each row asks something, as the table says or as it is worded; None: not known."""
    given = (yes_or_no(cell) for cell in cells)
    return [w.is_question if g is None else g for g, w in zip(given, words, strict=True)]


def features(words: Sequence[Wording], row: Cells, is_own: Sequence[bool]) -> dict[str, list[Any]]:
    """Features of texts: all of them for the organization's own, of people a range of lengths."""
    given = [count_of(cell) for cell in row["text_length"]]
    lengths = [w.text_length if g is None else g for g, w in zip(given, words, strict=True)]
    linked = zip(row["link"], words, is_own, strict=True)
    binned = zip(lengths, is_own, strict=True)
    pairs = list(zip(words, is_own, strict=True))
    return {
        "text_length": [length if own else length_bin(length) for length, own in binned],
        "link_host": [_host(link, w) if own else "" for link, w, own in linked],
        "content_fingerprint": [w.content_fingerprint if own else "" for w, own in pairs],
        **_announced(words, row, is_own),
    }


def _host(link: object, wording: Wording) -> str:
    return (link_host(text_of(link)) if link else "") or wording.link_host


def _announced(
    words: Sequence[Wording], row: Cells, is_own: Sequence[bool]
) -> dict[str, list[Any]]:
    """By what one announcement is known on several channels; only what it publishes has that."""
    published = [
        own and text_of(k) in _PUBLISHED for own, k in zip(is_own, row["kind"], strict=True)
    ]
    return {
        "link_key": [
            target_key(text_of(link)) if is_out and not is_missing(link) else ""
            for link, is_out in zip(row["link"], published, strict=True)
        ],
        "text_sketch": [
            text_sketch(w.opening, w.title) if is_out and w.text_length else ""
            for w, is_out in zip(words, published, strict=True)
        ],
    }


def _without_slip(cell: Any) -> str:  # noqa: ANN401
    """A text that was written byte by byte as if it were Latin-1."""
    text = text_of(cell)
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text
