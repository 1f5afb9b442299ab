"""Ranked initiatives in sentences and a table, for the terminal; it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.improving.criteria import CRITERION_CODES, read_criteria
from flows.explanationreport import Section, Table
from flows.initiatives import GateState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from classifiers.improving.initiatives import InitiativeRanking, RankedInitiative
    from flows.initiatives import RankedRegister

_CLEAR = 0.9


def sections(registers: Sequence[RankedRegister]) -> list[Section]:
    """What comes first in each organization, and how sure that is."""
    return [
        Section(
            f"Initiatives of {one.name or one.organization_id}",
            tuple(_sentences(one)),
            (_table(one), _front_table(one.ranking)),
        )
        for one in registers
    ]


def _sentences(register: RankedRegister) -> Iterator[str]:
    ranking = register.ranking
    yield _first(ranking.ranked)
    yield _quick_wins(ranking)
    yield from _gate_sentences(register)
    weights = ", ".join(
        f"{name} {weight:.2f}"
        for name, weight in zip(CRITERION_CODES, ranking.weights, strict=True)
    )
    yield (
        f"Weights: {weights}; they are our own proposal (version {read_criteria().version}), "
        f"averaged over {register.belief.source}."
    )
    yield (
        f"Shares are of {ranking.draw_count} draws of the stage, of weights around these, and of "
        "scores, which a single scorer is taken to miss by about one step."
    )


def _first(ranked: Sequence[RankedInitiative]) -> str:
    if len(ranked) == 1:
        return f"{ranked[0].initiative.code} is the only one that was scored."
    by_share = sorted(ranked, key=lambda one: -one.first_share)
    first, second = by_share[:2]
    told = f"{first.initiative.code} comes first in {first.first_share:.0%} of weightings"
    if first.first_share >= _CLEAR:
        return f"{told}: that is clear."
    return (
        f"{told}, {second.initiative.code} in {second.first_share:.0%}: "
        f"{'likely, not sure' if first.first_share > 1 / 2 else 'which is first is open'}."
    )


def _quick_wins(ranking: InitiativeRanking) -> str:
    codes = [one.initiative.code for one in ranking.ranked if one.is_quick_win]
    if codes:
        return f"Quick wins: {', '.join(codes)}."
    if ranking.open_gates is None:
        return (
            "Quick wins close an open gate; which are open is not known before the organization "
            "assesses itself (`barograph assess`)."
        )
    return "None of them is a quick win; the table says why."


def _gate_sentences(register: RankedRegister) -> Iterator[str]:
    """How the initiatives and the steps of the roadmap meet."""
    done = [
        f"{one.initiative.code} ({one.initiative.gate})"
        for one in register.ranking.ranked
        if register.gates.get(one.initiative.gate) is GateState.IN_PLACE
    ]
    if done:
        yield (
            f"By its self-assessment in place already, so ask what these add: {', '.join(done)}."
        )
    if register.open_without_initiative:
        yield (
            f"Open steps that no initiative names: {', '.join(register.open_without_initiative)}; "
            f"`barograph roadmap {register.organization_id}` tells them in order."
        )


def _table(register: RankedRegister) -> Table:
    columns = (
        *("", "Initiative", "Priority (90 %)", "Mean place", "First", "Top 3"),
        *("V I I I", "Scorers", "Gate", "Quick win"),
    )
    rows = tuple(
        _cells(at, one, register.gates.get(one.initiative.gate))
        for at, one in enumerate(register.ranking.ranked, start=1)
    )
    title = "By priority (V I I I: value, impact, innovation, and investment, 4 if none is needed)"
    return Table(title, columns, rows)


def _cells(place: int, ranked: RankedInitiative, state: GateState | None) -> tuple[str, ...]:
    one = ranked.initiative
    return (
        str(place),
        f"{one.code}: {one.name}" if one.name != one.code else one.code,
        f"{ranked.priority:.2f} ({ranked.priority_low:.2f} to {ranked.priority_high:.2f})",
        f"{ranked.expected_rank:.1f}",
        f"{ranked.first_share:.0%}",
        f"{ranked.top_three_share:.0%}",
        " ".join(f"{score:g}" if score == int(score) else f"{score:.1f}" for score in one.scores),
        str(len(one.scorings)),
        ", ".join(filter(None, (one.gate, state))) or "-",
        "yes" if ranked.is_quick_win else f"no: {'; '.join(ranked.quick_win_obstacles)}",
    )


def _front_table(ranking: InitiativeRanking) -> Table:
    """Those that another beats all round, so that no weights can bring them first."""
    rows = tuple(
        (one.initiative.code, ", ".join(one.dominated_by))
        for one in ranking.ranked
        if not one.is_on_front
    )
    title = "Beaten on all four criteria: no weights bring them first"
    return Table(title, ("Initiative", "By"), rows)
