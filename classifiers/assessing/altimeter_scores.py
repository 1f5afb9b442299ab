"""What stage answers to the Altimeter statements claim, by four rules that may disagree.

Published instruments disagree on the rule: some take the weakest part, some a mean, some ask for
the stage itself. So the stage is given by each of them, and the profile of dimensions beside it.
A statement is a gate. It is passed by a value of 2 or 3; the level of a dimension is the highest
stage whose gate and all gates below are passed, 0 where that of stage 1 is not.

An item without a value leaves a gate open to both: every result has a lowest value, with all such
gates closed, and a highest, with all of them passed. Where the two differ, the answers do not say
which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

from classifiers.assessing.instrument import read_instrument
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifiers.assessing.answers import Answers
    from classifiers.assessing.instrument import Dimension, Item

CODE = "altimeter"
PASSED_FROM = 2  #: least value of a gate that is passed
#: Dimensions that may stay behind the stage that the cumulative rule gives.
SLACK_COUNT = 1
#: Levels between the highest and the lowest dimension from which a stage hides too much.
WIDE_SPREAD = 3


class Bounds(NamedTuple):
    """The lowest and the highest that a number of stages can be, given what was answered."""

    low: int
    high: int

    @property
    def exact(self) -> int | None:
        """The number; None where the answers leave it open."""
        return self.low if self.low == self.high else None

    @property
    def is_below_ladder(self) -> bool:
        """Whether not even the first stage is reached, whatever the open answers are."""
        return self.high == 0

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGate:
    """A statement on the way to the next stage that is not known to be passed.

    Attributes:
        value: 0 or 1; None where it was not answered.
        is_foundation: belongs to a stage that was reached already, so that something is missing
            underneath.
        waits_for: the lowest open gate of its dimension; "" where this is the one.
    """

    item_code: str
    dimension_code: str
    stage_code: int
    value: int | None
    is_foundation: bool
    waits_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AltimeterScores:
    """The stages that one set of answers claims, and how far each can be relied on.

    Levels and stages are 0 to 6, where 0 is below the first stage.

    Attributes:
        levels: by dimension, in the order of the instrument.
        cumulative: highest stage that all dimensions but one reach; the headline.
        weakest: level of the lowest dimension.
        median: lower median of the levels.
        direct: where the respondent places the organization; None where that was not answered.
        spread: highest minus lowest level.
        shows_profile_only: whether the dimensions lie so far apart (`WIDE_SPREAD`) that no stage
            should be shown; None where the answers leave it open.
        passed_count: gates passed.
        evidenced_count: gates passed that come with a link to evidence.
        open_gates: on the way to the stage after the cumulative one, in the order in which to
            close them: lowest stage first, then those partly in place, then unknown ones last.
    """

    levels: dict[str, Bounds]
    cumulative: Bounds
    weakest: Bounds
    median: Bounds
    direct: int | None
    spread: Bounds
    shows_profile_only: bool | None
    passed_count: int
    evidenced_count: int
    unanswered_count: int
    cannot_say_count: int
    open_gates: tuple[OpenGate, ...]

    @property
    def evidence_rate(self) -> float | None:
        """Share of the passed gates that come with a link to evidence; None without any."""
        return self.evidenced_count / self.passed_count if self.passed_count else None


def altimeter_scores(answers: Answers) -> AltimeterScores:
    """Score the answers of one respondent, or of several put together.

    Raises:
        ValueError: they are answers to another instrument.
    """
    if answers.instrument != CODE:
        message = f"answers to {answers.instrument!r} have no Altimeter stage"
        raise ValueError(message)
    levels = dimension_levels(answers.given)
    ordered = tuple(levels.values())
    spread = level_spread(ordered)
    passed = [code for code, value in answers.given.items() if value >= PASSED_FROM]
    cumulative = cumulative_stage(ordered)
    return AltimeterScores(
        levels=levels,
        cumulative=cumulative,
        weakest=weakest_stage(ordered),
        median=median_stage(ordered),
        direct=answers.direct_stage_code,
        spread=spread,
        shows_profile_only=is_at_least(spread, WIDE_SPREAD),
        passed_count=len(passed),
        evidenced_count=sum(code in answers.evidence for code in passed),
        unanswered_count=len(answers.unanswered),
        cannot_say_count=len(answers.cannot_say),
        open_gates=open_gates(answers.given, cumulative.low),
    )


def dimension_levels(given: Mapping[str, int]) -> dict[str, Bounds]:
    """The level of each dimension from the values of its items; items left out are unknown.

    >>> levels = dimension_levels({"ST1": 3, "ST2": 2, "ST3": 1, "ST4": 3, "OR1": 2})
    >>> str(levels["strategy"]), str(levels["organization"])
    ('2', '1 to 6')
    """
    dimensions = read_instrument(CODE).dimensions
    return {dimension.code: _level(dimension, given) for dimension in dimensions}


def cumulative_stage(levels: Sequence[Bounds]) -> Bounds:
    """Highest stage that at least all dimensions but one reach: the second lowest level.

    >>> str(cumulative_stage([Bounds(level, level) for level in (1, 3, 3, 4, 4, 6)]))
    '3'
    """
    return _in_order(levels, SLACK_COUNT)


def weakest_stage(levels: Sequence[Bounds]) -> Bounds:
    """The lowest level: an organization is as mature as its weakest area."""
    return _in_order(levels, 0)


def median_stage(levels: Sequence[Bounds]) -> Bounds:
    """Lower median of the levels: the third lowest of six."""
    return _in_order(levels, (len(levels) - 1) // 2)


def level_spread(levels: Sequence[Bounds]) -> Bounds:
    """Highest minus lowest level, at least and at most; 0 with fewer than two levels."""
    widest = max((one.high - other.low for one, other in permutations(levels, 2)), default=0)
    surest = max((one.low - other.high for one, other in permutations(levels, 2)), default=0)
    return Bounds(max(0, surest), max(0, widest))


def is_at_least(bounds: Bounds, least: int) -> bool | None:
    """Whether a number is `least` or more; None where its bounds do not say."""
    return bounds.low >= least if (bounds.low >= least) == (bounds.high >= least) else None


def open_gates(given: Mapping[str, int], reached: int) -> tuple[OpenGate, ...]:
    """Gates up to the stage after `reached` that are not known to be passed, as they come.

    At the last stage these are the gates of whatever stayed behind.
    """
    highest = min(reached + 1, len(Stage))
    found = [
        _open_gate(item, reached, given, waiting)
        for dimension in read_instrument(CODE).dimensions
        for waiting in [_lowest_open(dimension, given)]
        for item in dimension.items
        if _stage(item) <= highest and not _is_passed(given.get(item.code, 0))
    ]
    return tuple(sorted(found, key=_urgency))


def _is_passed(value: int) -> bool:
    return value >= PASSED_FROM


def _stage(item: Item) -> int:
    assert item.stage_code is not None  # every statement of the ladder is a gate
    return item.stage_code


def _level(dimension: Dimension, given: Mapping[str, int]) -> Bounds:
    bounds = []
    for unknown in (0, PASSED_FROM):  # closed, passed
        values = [given.get(item.code, unknown) for item in dimension.items]
        closed = [place for place, value in enumerate(values) if not _is_passed(value)]
        bounds.append(min(closed, default=len(values)))
    return Bounds(*bounds)


def _in_order(levels: Sequence[Bounds], place: int) -> Bounds:
    return Bounds(
        sorted(level.low for level in levels)[place],
        sorted(level.high for level in levels)[place],
    )


def _lowest_open(dimension: Dimension, given: Mapping[str, int]) -> str:
    codes = (item.code for item in dimension.items if not _is_passed(given.get(item.code, 0)))
    return next(codes, "")


def _open_gate(item: Item, reached: int, given: Mapping[str, int], lowest: str) -> OpenGate:
    return OpenGate(
        item_code=item.code,
        dimension_code=item.dimension_code,
        stage_code=_stage(item),
        value=given.get(item.code),
        is_foundation=_stage(item) <= reached,
        waits_for="" if lowest == item.code else lowest,
    )


def _urgency(gate: OpenGate) -> tuple[int, bool, int]:
    return gate.stage_code, gate.value is None, -(gate.value or 0)
