"""A sketch of how a text begins: enough to see that two texts begin alike, never to read one.

32 hex digits in three parts, which `warehouse/models/rollups/announcements.sql` compares:

- 8 digits: a Bloom filter of what tells like texts apart: numbers, weekdays and months. One
  text is about what the other is about only if the one filter lies within the other.
- 8 digits: a hash of the beginning, the title and the first words.
- 4 times 4 digits: hashes of the first four, six, eight and ten words, "0000" where there are
  fewer. Of what has a title, the title's alone: whether a post begins with it can be seen.

Addresses, names of accounts, hashtags at the end, case and signs do not count. A measure of how
many words two texts share (MinHash) was tried instead: it takes "nurse wanted" and "driver wanted"
for one announcement long before it finds a reworded one.
"""

from __future__ import annotations

import re
from zlib import crc32

#: Words of the beginning that count; what is cut off further on changes nothing.
_MOST_WORDS = 20
_MOST_SIGNS = 10  #: signs and pictures among them that are no words
_FEWEST_WORDS = 5
_HEADLINES = (4, 6, 8, 10)
#: Characters that may hold those words: with addresses, and without.
OPENING_LENGTH = 400
_BARE_LENGTH = 240

_FACTOR = 0x9E3779B1  # Knuth's multiplicative hashing: spreads checksums over all bits
_WHOLE = 0xFFFFFFFF

_ASIDE = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w.-])(?:[\w-]+\.)+[a-z]{2,}/\S*|(?<!\w)@[\w.-]+(?:@[\w.-]+)?",
    re.IGNORECASE,
)
_LAST_TAGS = re.compile(r"(?:[\s,|]*[#\uff03]\w+)+[\s.!]*\Z")
_WORD = re.compile(r"\w+(?:[.,:/'\u2019-]\w+)*")
_SIGNS = (
    "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~"
    "\xa1\xab\xb7\xbb\xbf\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2022\u2026"
    "\u2039\u203a\u3001\u3002\u300c\u300d\u300e\u300f\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
)
_DIGITS = b"0123456789"
#: Scripts without blanks between words: each character stands for itself.
_UNSPACED = re.compile("([\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])")
#: Weekdays and months as English, German, Dutch, French, Spanish, Italian and Portuguese have them.
_DATES = """
    monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight
    january february march april june july august september october november december
    montag dienstag mittwoch donnerstag freitag samstag sonntag heute morgen
    januar februar märz mai juni juli oktober dezember
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag vandaag
    januari februari maart mei augustus
    lundi mardi mercredi jeudi vendredi samedi dimanche demain
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    lunes martes miércoles jueves viernes sábado domingo hoy mañana
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    lunedì martedì mercoledì giovedì venerdì sabato domenica oggi domani
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    segunda terça quarta quinta sexta hoje amanhã
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
"""
_DATE_WORDS = frozenset(_DATES.encode().split())


def text_sketch(text: str, title: str = "") -> str:
    """32 hex digits for how a text begins, its title before it; "" for fewer than five words."""
    headline = _words(_bare(title), _MOST_WORDS) if title else []
    words = headline + _words(_bare(text), _MOST_WORDS - len(headline))
    if len(words) < _FEWEST_WORDS:
        return ""
    beginning = b" ".join(words)
    numbers = (_filter(words, beginning), _number(beginning), *_headlines(headline or words))
    return "{:08x}{:08x}{:04x}{:04x}{:04x}{:04x}".format(*numbers)


def _bare(text: str) -> str:
    """The opening without addresses, names of accounts and the hashtags at its end."""
    opening = text[:OPENING_LENGTH]
    if "/" in opening or "@" in opening or "www." in opening:
        opening = _ASIDE.sub(" ", opening)
    if "#" in opening or "\uff03" in opening:
        opening = _LAST_TAGS.sub("", opening)
    return opening[:_BARE_LENGTH].strip()


def _words(text: str, most: int) -> list[bytes]:
    """The first words in lower case; numbers keep the signs within them (1.2.3, 12:30)."""
    lower = text.lower()
    if not lower.isascii() and _UNSPACED.search(lower):
        lower = _UNSPACED.sub(r" \1 ", lower)
    written = lower.split(None, most + _MOST_SIGNS)
    words = [word.strip(_SIGNS) for word in written[: most + _MOST_SIGNS]]
    if not "".join(words).isalnum():
        words = [word if word.isalnum() else _word(word) for word in words]
    return " ".join(words).encode("utf-8", "replace").split()[:most]


def _word(word: str) -> str:
    """A word without pictures around it; "" for nothing else."""
    if not word or (word[0].isalnum() and word[-1].isalnum()):
        return word
    found = _WORD.search(word)
    return found[0] if found else ""


def _filter(words: list[bytes], beginning: bytes) -> int:
    """A Bloom filter with one bit for each number and name of a day or month."""
    telling = _DATE_WORDS.intersection(words)
    if beginning.translate(None, _DIGITS) != beginning:
        telling |= {word for word in words if word.translate(None, _DIGITS) != word}
    bits = 0
    for word in telling:
        bits |= 1 << (_number(word) >> 27)
    return bits


def _headlines(words: list[bytes]) -> list[int]:
    return [
        _number(b" ".join(words[:count])) >> 16 if count <= len(words) else 0
        for count in _HEADLINES
    ]


def _number(words: bytes) -> int:
    """32 bits that look random."""
    return crc32(words) * _FACTOR & _WHOLE
