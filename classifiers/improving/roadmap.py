"""The steps that lead an organization to its next stage, in the order in which to take them.

With a self-assessment the steps are its open gates: statements up to the next stage that are not
in place. What a lower stage asks for and is missing comes first, for a stage stands on those
below; then what costs least: a statement that is partly in place is nearer than one that is not.
Without one, steps are only what can be seen from outside: signals that speak of the next stage, or
of one below, and lie behind the median of peers. A target is always the peers' median and never
the best: half of them reach it. It is a place to aim at; nothing shows that reaching it moves an
organization to another stage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from classifiers.assessing.altimeter_scores import CODE, OpenGate, altimeter_scores
from classifiers.assessing.instrument import read_instrument
from classifiers.improving.percentile import FEWEST_PEERS
from classifiers.signals import SIGNALS, Direction, Signal, signal_named
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from classifiers.assessing.answers import Answers

#: Counts of places, of which more are not better.
_NO_AIMS = frozenset({"active_platforms", "official_channels"})
_BOUNDARY = re.compile(r"(\d)/(\d)")


class Standing(StrEnum):
    """Where an organization's value lies beside the median of its peers."""

    REACHED = "reached"  #: at the median, or better
    BEHIND = "behind"  #: its whole 95 % interval is
    UNSURE = "unsure"  #: behind, but the interval holds the median, or there is none
    UNKNOWN = "unknown"  #: no value of its own, fewer than ten peers, or no better direction


class Basis(StrEnum):
    """What the steps were made from."""

    ANSWERS = "answers"  #: a self-assessment
    SIGNALS = "signals"  #: public activity alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A signal as it was measured of an organization, beside its peers."""

    signal_code: str
    value: float | None  #: None: not seen
    lower: float | None = None  #: 95 % interval, where the signal has one
    upper: float | None = None
    n: int = 0
    is_pooled: bool = False  #: drawn towards its peers, so that it cannot be set against them
    is_never_reached: bool = False  #: a median time that over half are still waiting beyond
    peer_median: float | None = None
    peer_count: int | None = None
    peer_group: str = ""  #: which peers, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What shows from outside that a step was taken: a signal, its value now, and its target.

    Attributes:
        value: now; None where it was not seen, or rests on peers.
        target: median of the peers; None where fewer than ten show the signal.
        peer_group: which peers, in words; "" without a target.
    """

    signal_code: str
    label: str
    unit: str
    value: float | None
    lower: float | None
    upper: float | None
    n: int
    is_never_reached: bool
    target: float | None
    peer_count: int | None
    peer_group: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do next.

    Attributes:
        item_code: of the statement; "" where the step comes from a signal alone.
        answer: 0 to 3; None: not answered, or cannot say, or no self-assessment.
        is_foundation: a stage below the next one asks for it already.
        waits_for: the lowest open gate of its dimension; "" where this is the one.
        metric: None where nothing public speaks of it.
    """

    item_code: str
    dimension: str
    stage_code: int
    text: str
    answer: int | None
    is_foundation: bool
    waits_for: str
    metric: Metric | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roadmap:
    """Steps to the next stage, first things first; `next_stage_code` is None at the last one."""

    basis: Basis
    next_stage_code: int | None
    steps: tuple[Step, ...]


def next_stage(stage_code: int) -> int | None:
    """The stage after one; None after the last. 0, below the ladder, is followed by 1."""
    return stage_code + 1 if stage_code < Stage.CONVERGED else None


def roadmap_of_answers(answers: Answers, observations: Iterable[Observation]) -> Roadmap:
    """Steps of an organization that assessed itself: its open gates up to the next stage.

    The next stage is the one after the cumulative claim, at its lowest where answers leave it
    open. At the last stage, steps are the gates of what stayed behind. A statement without an
    answer is neither open nor closed: it is listed last of its stage, to be answered.

    Args:
        answers: to the Altimeter instrument, of one respondent or of several put together.
        observations: what was measured.

    Raises:
        ValueError: they are answers to another instrument.
    """
    scores = altimeter_scores(answers)
    measured = {one.signal_code: one for one in observations}
    return Roadmap(
        basis=Basis.ANSWERS,
        next_stage_code=next_stage(scores.cumulative.low),
        steps=tuple(_gate_step(gate, measured) for gate in scores.open_gates),
    )


def _gate_step(gate: OpenGate, measured: Mapping[str, Observation]) -> Step:
    item = read_instrument(CODE).item(gate.item_code)
    return Step(
        item_code=gate.item_code,
        dimension=gate.dimension_code,
        stage_code=gate.stage_code,
        text=item.text,
        answer=gate.value,
        is_foundation=gate.is_foundation,
        waits_for=gate.waits_for,
        metric=evidence_metric(item.signal_codes, measured),
    )


def evidence_metric(
    signal_codes: Iterable[str], measured: Mapping[str, Observation]
) -> Metric | None:
    """The signal that best shows a step: the first with a value and a target, else with less."""
    metrics = [_metric(signal_named(code), measured.get(code)) for code in signal_codes]
    return max(metrics, key=_knowledge, default=None)  # of equals, the first


def _knowledge(metric: Metric) -> int:
    has_value = metric.value is not None or metric.is_never_reached
    return 2 * has_value + (metric.target is not None)


def _metric(signal: Signal, seen: Observation | None) -> Metric:
    has_peers = seen is not None and (seen.peer_count or 0) >= FEWEST_PEERS
    is_own = seen is not None and not seen.is_pooled
    return Metric(
        signal_code=signal.code,
        label=signal.label,
        unit=signal.unit,
        value=seen.value if seen and is_own else None,
        lower=seen.lower if seen and is_own else None,
        upper=seen.upper if seen and is_own else None,
        n=seen.n if seen else 0,
        is_never_reached=bool(seen and seen.is_never_reached),
        target=seen.peer_median if seen and has_peers else None,
        peer_count=seen.peer_count if seen and has_peers else None,
        peer_group=seen.peer_group if seen and has_peers else "",
        standing=standing(signal.direction, seen) if seen and has_peers else Standing.UNKNOWN,
    )


def standing(direction: Direction, seen: Observation) -> Standing:
    """Where a value lies beside the median of peers, by the direction in which the signal climbs.

    Of a signal that peaks at a middle stage less is better, for the way up leads down from there;
    one without an expectation has no better side. Where the interval holds the median, or there is
    no interval, a value behind it may be chance.
    """
    if seen.peer_median is None or direction not in _SIGNS:
        return Standing.UNKNOWN
    if seen.is_never_reached:
        return Standing.BEHIND
    if seen.value is None or seen.is_pooled:
        return Standing.UNKNOWN
    sign = _SIGNS[direction]
    if sign * seen.value >= sign * seen.peer_median:
        return Standing.REACHED
    best = seen.upper if sign > 0 else seen.lower
    is_sure = best is not None and sign * best < sign * seen.peer_median
    return Standing.BEHIND if is_sure else Standing.UNSURE


_SIGNS = {Direction.RISES: 1, Direction.FALLS: -1, Direction.PEAKS: -1}


def roadmap_of_signals(
    observations: Iterable[Observation], stage_code: int, reached_code: int = 0
) -> Roadmap:
    """Steps of an organization without a self-assessment: what can be seen, and no more.

    One step for each metric of the stage model, of signals that lie behind the peers' median and
    separate the next stage, or one below it, from the stage before. Those that are behind for
    certain come first, and of these the lowest stage. More channels or platforms are no step:
    staying away from one can be right.

    Args:
        observations: what was measured.
        stage_code: the median of the observed stage, 1 to 6.
        reached_code: the lowest stage of its 90 % set: what leads to it is behind already.
    """
    following = next_stage(stage_code)
    if following is None:
        return Roadmap(basis=Basis.SIGNALS, next_stage_code=None, steps=())
    measured = {one.signal_code: one for one in observations}
    found = _one_a_metric(_seen_steps(measured, range(reached_code + 1, following + 1)))
    steps = sorted(found, key=lambda step: (_is_unsure(step), step.stage_code))
    return Roadmap(basis=Basis.SIGNALS, next_stage_code=following, steps=tuple(steps))


def _seen_steps(measured: Mapping[str, Observation], stage_codes: range) -> Iterator[Step]:
    for signal in SIGNALS:
        stage_code = max(stages_of(signal).intersection(stage_codes), default=None)
        metric = _metric(signal, measured.get(signal.code))
        is_behind = metric.standing in {Standing.BEHIND, Standing.UNSURE}
        if stage_code and is_behind and signal.code not in _NO_AIMS:
            yield Step(
                item_code="",
                dimension=signal.family,
                stage_code=stage_code,
                text=f"{signal.label}: {_way(signal)} to the peers' median",
                answer=None,
                is_foundation=stage_code < stage_codes[-1],
                waits_for="",
                metric=metric,
            )


def _way(signal: Signal) -> str:
    return "up" if _SIGNS[signal.direction] > 0 else "down"


def _one_a_metric(steps: Iterable[Step]) -> list[Step]:
    """Signals of one metric say nearly the same: the surest of them stands for all."""
    found: dict[str, Step] = {}
    for step in steps:
        if step.metric is None:
            continue
        signal = signal_named(step.metric.signal_code)
        name = signal.metric.rstrip("q") or signal.code  # D1q is D1, of questions alone
        if name not in found or (_is_unsure(found[name]) and not _is_unsure(step)):
            found[name] = step
    return list(found.values())


def _is_unsure(step: Step) -> bool:
    return step.metric is not None and step.metric.standing is Standing.UNSURE


def stages_of(signal: Signal) -> frozenset[int]:
    """The stages that a signal helps to tell from those below them.

    >>> sorted(stages_of(signal_named("proactive_reply_share")))
    [4, 5]
    """
    bounds = _BOUNDARY.findall(signal.separates)
    return frozenset(code for low, high in bounds for code in range(int(low) + 1, int(high) + 1))


def consistent_stages(low: int, high: int) -> str:
    """What may be said of an observed stage: the set, and never that it is at a stage.

    >>> consistent_stages(3, 4)
    'publicly observable signals are consistent with stages {3, 4} (Engagement to Formalized)'
    """
    if low == high:
        name = Stage(low).label
        return f"publicly observable signals are consistent with stage {{{low}}} ({name})"
    codes = ", ".join(map(str, range(low, high + 1)))
    names = f"{Stage(low).label} to {Stage(high).label}"
    return f"publicly observable signals are consistent with stages {{{codes}}} ({names})"
