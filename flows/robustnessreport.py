"""Stress tests, and model and raters beside the consensus, in words and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.reliability import ENOUGH_DOUBLE_CODED
from flows.scoretext import bullets, shown, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from classifiers.evaluating.against_consensus import AgainstConsensus, BesideConsensus
    from classifiers.evaluating.stress_tests import StressTest

_RULE = (
    "An estimate widens when its predicted standard deviation grows at least as much as the root "
    "mean squared error of the mean estimate (both as shares), and it moves by 0.25 stages at "
    "most on average. It jumps when the interval of one of both shows the contrary; else it is "
    "not clear."
)
_STRESS_HEADING = (
    "stress",
    "verdict",
    "mean shift, stages",
    "spread growth",
    "spread less error growth",
)
_ERROR_HEADING = ("stress", "mean absolute error, change", "growth of the root error")
_RULE_WITHOUT_LABELS = (
    "Without enough labels only spread and shift are known, of the organizations that are "
    "monitored: estimates widen when the predicted standard deviation does not fall and they move "
    "by 0.25 stages at most on average. Whether they widen enough needs labels."
)
_NOT_DONE = (
    "Not done: taking away one channel (the table of features does not tell which channel a "
    "signal came from) and halving the window of 13 weeks (that needs the counts of each week)."
)


def stress_lines(stress: Sequence[StressTest]) -> Iterator[str]:
    """One line for each stress."""
    for each in stress:
        excess, shift = shown(each.excess_spread, "+"), shown(each.shift, "+")
        yield f"  {each.verdict:<10}{each.name:<18}{excess}; {shift}"


def stress_parts(stress: Sequence[StressTest]) -> Iterator[str]:
    """The rule, and tables of what estimates do and of their sets."""
    if not stress:
        return
    has_labels = stress[0].error_change is not None
    yield bullets(
        "When evidence gets worse", [_RULE if has_labels else _RULE_WITHOUT_LABELS, _NOT_DONE]
    )
    yield table("Stress tests", _STRESS_HEADING, [_stress_row(each) for each in stress])
    if has_labels:
        yield table("Error under stress", _ERROR_HEADING, [_error_row(each) for each in stress])
    yield table("90 % sets under stress", ("stress", "coverage", "size, stages"), _set_rows(stress))


def consensus_lines(compared: AgainstConsensus | None) -> Iterator[str]:
    """Model and raters in three lines."""
    if compared is None:
        yield "No organization was coded by two raters: the model cannot be set beside a rater."
        return
    together = compared.rows[0]
    yield f"Against the consensus of the other raters ({_basis(compared)}), mean absolute error:"
    yield f"  {'one rater':<30}{shown(together.rater_error)}"
    yield f"  {'the model':<30}{shown(together.model_error)}"
    yield f"  {'model minus rater':<30}{shown(together.difference, '+')}"


def consensus_part(compared: AgainstConsensus | None) -> str:
    """The same as a table, with each rater who coded enough."""
    title = "Model and raters against the consensus of the other raters"
    if compared is None:
        return bullets(title, consensus_lines(None))
    heading = (
        "rater",
        "error of the rater",
        "error of the model",
        "model minus rater",
        "weighted kappa: rater; model",
    )
    cells = [_consensus_row(each) for each in compared.rows]
    note = (
        "Each code beside the median of what the other raters said of the same organization at "
        "the same time, and the estimate, out of fold, beside the same; of an even number of "
        "others the lower and the upper median count half each. n: codes. "
    )
    return f"{table(title, heading, cells)}\n\n{note}{_basis(compared).capitalize()}."


def _basis(compared: AgainstConsensus) -> str:
    count = compared.double_coded_count
    told = f"{count} organizations were coded by two raters or more"
    return (
        told
        if compared.is_firm
        else f"{told}, too few to rely on: {ENOUGH_DOUBLE_CODED} are needed"
    )


def _consensus_row(each: BesideConsensus) -> tuple[str, ...]:
    return (
        each.rater,
        shown(each.rater_error),
        shown(each.model_error),
        shown(each.difference, "+"),
        f"{shown(each.rater_kappa)}; {shown(each.model_kappa)}",
    )


def _stress_row(each: StressTest) -> tuple[str, ...]:
    return (
        f"{each.name}: {each.change} ({each.changed_share:.0%} of the organizations change)",
        str(each.verdict),
        shown(each.shift, "+"),
        shown(each.spread_growth, "+"),
        "-" if each.error_change is None else shown(each.excess_spread, "+"),
    )


def _error_row(each: StressTest) -> tuple[str, ...]:
    scores = (each.error_change, each.root_error_growth)
    return (each.name, *("-" if score is None else shown(score, "+") for score in scores))


def _set_rows(stress: Sequence[StressTest]) -> list[tuple[str, ...]]:
    first = stress[0]
    rows = [("as it is", first.coverage_before, first.size_before)]
    rows += [(each.name, each.coverage, each.size) for each in stress]
    return [(name, "-" if held is None else shown(held), shown(size)) for name, held, size in rows]
