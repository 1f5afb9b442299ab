"""What invented organizations write: plain sentences put together from `prose.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random

_MOST_MENTIONED = 480


class Post(NamedTuple):
    """Title and paragraphs of a post, plain text without markup."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The phrases of one function in one language."""

    places: tuple[str, ...]
    general: tuple[str, ...]
    topics: tuple[str, ...]
    titles: tuple[str, ...]
    sentences: tuple[str, ...]


@cache
def load_vocabulary(language: str, function: str) -> Vocabulary:
    """Phrases for a function (press, support …) in a language (en, nl, de).

    Raises:
        KeyError: `prose.toml` has no such language or function.
    """
    shared = _load_prose()[language]
    own = shared[function]
    return Vocabulary(
        places=tuple(shared["places"]),
        general=tuple(shared["general"]),
        topics=tuple(own["topics"]),
        titles=tuple(own["titles"]),
        sentences=tuple(own["sentences"]),
    )


@cache
def _load_prose() -> dict[str, dict[str, dict[str, list[str]]]]:
    text = (files("flows.demo") / "prose.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def write_post(vocabulary: Vocabulary, rng: Random) -> Post:
    """A post about one topic: a title and two paragraphs, 250 to 900 characters."""
    topic = rng.choice(vocabulary.topics)
    own = _sentences(vocabulary.sentences, vocabulary.places, topic, rng, rng.randint(2, 4))
    general = _sentences(vocabulary.general, vocabulary.places, topic, rng, rng.randint(3, 6))
    title = fill(rng.choice(vocabulary.titles), topic, vocabulary.places, rng)
    return Post(title, (" ".join(own), " ".join(general)))


def _sentences(
    phrases: tuple[str, ...], places: tuple[str, ...], topic: str, rng: Random, count: int
) -> list[str]:
    chosen = rng.sample(phrases, min(count, len(phrases)))
    return [fill(phrase, topic, places, rng) for phrase in chosen]


def fill(phrase: str, topic: str, places: tuple[str, ...], rng: Random) -> str:
    """A phrase with its topic, a place and a number, beginning in upper case."""
    number = rng.randint(2, _MOST_MENTIONED)
    text = phrase.format(topic=topic, place=rng.choice(places), number=number)
    return text[:1].upper() + text[1:]
