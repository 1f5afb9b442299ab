"""What is said in invented conversations: one sentence at a time, from `phrases.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from flows.demo.prose import fill, load_vocabulary

if TYPE_CHECKING:
    from random import Random


class Phrasebook:
    """The sentences of one language, about the topics of one function."""

    def __init__(self, language: str, function: str, rng: Random) -> None:
        self._phrases = _load_phrases()[language]
        self._vocabulary = load_vocabulary(language, function)
        self._rng = rng

    def say(self, kind: str) -> str:
        """A sentence: question, remark, answer, further (question), thanks or peer (answer)."""
        topic = self._rng.choice(self._vocabulary.topics)
        phrase = self._rng.choice(self._phrases[kind])
        return fill(phrase, topic, self._vocabulary.places, self._rng)


@cache
def _load_phrases() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("flows.demo") / "phrases.toml").read_text(encoding="utf-8"))
