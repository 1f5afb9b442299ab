"""How an organization deals with those who speak to it, by its stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random

_QUESTIONS_FIRST = 1.5  # questions are answered so much more often than is usual for a remark
_REMARKS_LAST = 0.5
_MOST = 0.97


class Manner(NamedTuple):
    """What becomes of a question or a remark, as chances, and after how long."""

    question_share: float  #: of the questions, answered by the organization
    remark_share: float  #: of the other remarks
    median_hours: float  #: until an answer
    peer_share: float  #: of the questions, answered by somebody else as well


class _Usual(NamedTuple):
    reply_share: tuple[float, float]
    median_hours: tuple[float, float]
    peer_share: float


# What practitioners expect of each stage; the ranges overlap on purpose, as the stages do.
_USUAL = {
    1: _Usual((0.0, 0.03), (24.0, 72.0), 0.0),
    2: _Usual((0.03, 0.20), (12.0, 48.0), 0.08),
    3: _Usual((0.30, 0.62), (3.0, 20.0), 0.2),
    4: _Usual((0.40, 0.68), (1.5, 10.0), 0.25),
    5: _Usual((0.48, 0.78), (0.7, 7.0), 0.4),
    6: _Usual((0.48, 0.82), (0.6, 6.0), 0.5),
}


def draw_manner(stage: int, rng: Random) -> Manner:
    """How one organization at a stage (1 to 6) deals with its public."""
    usual = _USUAL[stage]
    share = rng.uniform(*usual.reply_share)
    return Manner(
        question_share=min(_MOST, share * _QUESTIONS_FIRST),
        remark_share=share * _REMARKS_LAST,
        median_hours=rng.uniform(*usual.median_hours),
        peer_share=usual.peer_share,
    )
