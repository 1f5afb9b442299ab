"""What several raters say together of one organization at one time.

Raters who code one organization in the same weeks are taken to speak of the same thing, so that
their codes can be compared and put together though the days differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from statistics import median_low
from typing import TYPE_CHECKING

from classifiers.labels import Saw

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from classifiers.labels import ExpertCode

ROUND_DAYS = 56  #: codes about days further apart are never put together
#: Reliability of one rater that weights assume: what content analysts ask of their data, see
#: Krippendorff, Content Analysis (4th edition, 2019), chapter 12.
RATER_RELIABILITY = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingRound:
    """Codes of one organization by one codebook at about one time, at most one of each rater."""

    organization_id: str
    codebook: str
    codes: tuple[ExpertCode, ...]  #: by the day that they are about, then by rater

    @property
    def stage_count(self) -> int:
        """Codes that name a stage."""
        return sum(code.stage_code is not None for code in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingLabel:
    """The stage that raters gave to one organization at one time: what models are trained on.

    Attributes:
        about: the earliest day that one of its codes is about. No window of signals that is set
            beside the label may end later.
        stage_code: lower median of the raters' codes, all raters of equal standing.
        rater_count: raters who gave a stage.
        undecided_count: raters who looked and could not say.
        saw: what the raters saw; `both` where that differs between them.
        spread: highest minus lowest code, in stages.
    """

    organization_id: str
    about: date
    stage_code: int
    rater_count: int
    undecided_count: int
    saw: Saw
    spread: int
    codebook: str

    @property
    def weight(self) -> float:
        """Reliability of the label over that of one rater's alone, by Spearman and Brown.

        With r the reliability of one rater, n raters together have n r / (1 + (n - 1) r); the
        weight is 1 for one rater, 1.11 for two, and stays below 1.25.
        """
        return self.rater_count / (1 + (self.rater_count - 1) * RATER_RELIABILITY)


def coding_rounds(codes: Iterable[ExpertCode]) -> list[CodingRound]:
    """Group codes by organization, codebook and time; in this order.

    A round ends before a code of a rater who is in it already, and before one that is about a
    day more than `ROUND_DAYS` after its first.
    """
    ordered = sorted(codes, key=lambda code: (*_subject(code), code.about, code.rater))
    return [
        CodingRound(organization_id=organization_id, codebook=codebook, codes=tuple(chosen))
        for (organization_id, codebook), found in groupby(ordered, _subject)
        for chosen in _rounds_of(found)
    ]


def training_label(coded: CodingRound) -> TrainingLabel | None:
    """The consensus of a round; None where nobody could name a stage."""
    decided = [code for code in coded.codes if code.stage_code is not None]
    stage_codes = [code.stage_code for code in decided if code.stage_code is not None]
    if not stage_codes:
        return None
    seen = {code.saw for code in decided}
    return TrainingLabel(
        organization_id=coded.organization_id,
        about=min(code.about for code in decided),
        stage_code=median_low(stage_codes),
        rater_count=len(decided),
        undecided_count=len(coded.codes) - len(decided),
        saw=seen.pop() if len(seen) == 1 else Saw.BOTH,
        spread=max(stage_codes) - min(stage_codes),
        codebook=coded.codebook,
    )


def _subject(code: ExpertCode) -> tuple[str, str]:
    return code.organization_id, code.codebook


def _rounds_of(codes: Iterable[ExpertCode]) -> list[list[ExpertCode]]:
    rounds: list[list[ExpertCode]] = []
    for code in codes:
        if rounds and _belongs(code, rounds[-1]):
            rounds[-1].append(code)
        else:
            rounds.append([code])
    return rounds


def _belongs(code: ExpertCode, chosen: list[ExpertCode]) -> bool:
    is_near = (code.about - chosen[0].about).days <= ROUND_DAYS
    return is_near and code.rater not in {other.rater for other in chosen}
