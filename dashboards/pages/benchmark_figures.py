"""The figures of the benchmark: what each shows, of how many, and its rows."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from classifiers.signals import SIGNALS
from classifiers.stages import Stage
from dashboards import sentences
from dashboards.charts import distribution, groupstrips, matrix, strip
from dashboards.figures import Column, Figure
from dashboards.pages.page import week_of
from dashboards.reading import benchmark as reading
from dashboards.reading import signals as signal_reading
from dashboards.reading.header import known
from dashboards.scales import scale_of
from dashboards.twins import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.pages.benchmark import StripRow
    from dashboards.pages.page import Visit

_SIGNALS = {signal.code: signal for signal in SIGNALS}
_LABELS = {None: "Abstained"} | {stage.value: stage.label for stage in Stage}


def organizations_figure(
    visit: Visit, organizations: list[reading.Organization], listed: int
) -> Figure:
    """The table of organizations: one page of it, or all."""
    definitions = known(visit.snapshot).definitions
    names = [each.name for each in fields(reading.Organization)]
    columns = [
        Column(name=name, label=name, meaning=definitions.get(name) or _meaning(name))
        for name in names
    ]
    return Figure(
        name="organizations",
        title="Organizations",
        definition="One row an organization: observed stage with its sets, claim, and signals.",
        anchor="stages",
        n=listed,
        window=f"week of {week_of(visit)}",
        columns=columns,
        rows=rows_of(organizations, names),
    )


def _meaning(name: str) -> str:
    return _SIGNALS[name].definition if name in _SIGNALS else ""


def stages_figure(
    visit: Visit, counts: list[reading.StageCount], marks: list[distribution.Mark]
) -> Figure:
    """Observed stages by week."""
    weeks = distribution.by_week(counts)
    last = sum(weeks[max(weeks)].values()) if weeks else 0
    return Figure(
        name="stages",
        title="Observed stages by week",
        definition=(
            "Organizations by the median of their estimate; those without a single observed "
            "stage stand under Abstained. Each estimate has a 90 % set of stages around it."
        ),
        anchor="stages",
        n=last,
        window=f"{len(weeks)} weeks to that of {week_of(visit)}",
        columns=(
            Column(name="as_of_week", label="Week of"),
            *(
                Column(
                    name=f"{label.lower()}_count",
                    label=label,
                    meaning=f"Organizations with {label} as observed stage.",
                    is_number=True,
                )
                for label in _LABELS.values()
            ),
            Column(name="n", label="n", meaning="Organizations with an estimate.", is_number=True),
        ),
        rows=[
            (week, *(stages.get(code, 0) for code in _LABELS), sum(stages.values()))
            for week, stages in reversed(weeks.items())
        ],
        drawing=distribution.stage_distribution(counts, marks) if counts else "",
        note=" ".join(f"{mark.number}: {mark.words}" for mark in marks),
    )


def expected_figure(visit: Visit, chosen: reading.Selection) -> Figure:
    """How many organizations are expected at each stage."""
    is_known = sum(chosen.expected_counts) > 0
    return Figure(
        name="expected",
        title="Expected by probability",
        definition=(
            "Every estimate counted with its six probabilities, those that abstain from a single "
            "stage among them: how many organizations are at each stage, as far as can be known."
        ),
        anchor="stages",
        n=chosen.estimate_count,
        window=f"week of {week_of(visit)}",
        columns=(
            Column(name="stage", label="Stage"),
            Column(
                name="expected_count",
                label="Expected",
                meaning="Sum of the stage's probability over all estimates, in organizations.",
                write=sentences.rate,
                is_number=True,
            ),
        ),
        rows=[
            (stage.label, count if is_known else None)
            for stage, count in zip(Stage, chosen.expected_counts, strict=True)
        ],
        drawing=distribution.expected_stages(chosen.expected_counts) if is_known else "",
    )


def claims_figure(visit: Visit, cells: Sequence[reading.MatrixCell]) -> Figure:
    """Claimed by observed stage; a cell leads to its organizations in the table below."""

    def address(claimed: int, seen: int) -> str:
        query = visit.asked.address(claimed=str(claimed), observed=str(seen), page=1)
        return f"{visit.links.here(query)}#organizations"

    return matrix_figure(visit, cells, address)


def matrix_figure(
    visit: Visit, cells: Sequence[reading.MatrixCell], address: matrix.CellAddress
) -> Figure:
    """Claimed by observed stage, as counts or as shares of the rows.

    Args:
        visit: of a page with the parameter `shares`.
        cells: pairs that occur.
        address: where a cell leads on a live page.
    """
    counts = {(one.claimed_stage_code, one.stage_code): one.organization_count for one in cells}
    return Figure(
        name="claims",
        title="Claimed and observed stages",
        definition=(
            "Organizations by claimed stage (rows) and observed stage (columns), where both are "
            "known; the abstained are left out."
        ),
        anchor="claims",
        n=sum(counts.values()),
        window=f"week of {week_of(visit)}",
        columns=(
            Column(name="claimed_stage", label="Claimed"),
            *(
                Column(
                    name=f"observed_{stage.label.lower()}_count", label=stage.label, is_number=True
                )
                for stage in Stage
            ),
        ),
        rows=[
            (claimed.label, *(counts.get((claimed.value, seen.value), 0) for seen in Stage))
            for claimed in reversed(Stage)
        ],
        drawing=(
            matrix.claim_matrix(
                cells,
                is_share=bool(visit.asked.shares),
                address=address if visit.links.is_live else None,
            )
            if cells
            else ""
        ),
    )


def positions_figure(
    visit: Visit, positions: Sequence[reading.ClaimPosition], chosen: reading.Selection
) -> Figure:
    """Claims beside their sets."""
    counts = {(row.claimed_stage_code, row.claim_position): row for row in positions}
    places = ("below", "within", "above")
    return Figure(
        name="positions",
        title="Claims beside their 90 % sets",
        definition="Claims by their place beside the 90 % prediction set, not beside the median.",
        anchor="claims",
        n=chosen.compared_count,
        window=f"week of {week_of(visit)}",
        columns=(
            Column(name="claimed_stage", label="Claimed"),
            *(Column(name=f"{place}_count", label=place, is_number=True) for place in places),
        ),
        rows=[
            (
                stage.label,
                *(
                    counts[stage.value, place].organization_count
                    if (stage.value, place) in counts
                    else 0
                    for place in places
                ),
            )
            for stage in reversed(Stage)
        ],
    )


def changes_figure(visit: Visit, changes: list[reading.StageChange]) -> Figure:
    """Who has moved."""
    names = [each.name for each in fields(reading.StageChange)][:-2]  # without the counts of all
    return Figure(
        name="changes",
        title="Who has moved",
        definition=(
            f"Estimates of this week beside those {reading.WINDOW_WEEKS} weeks before, whose "
            "windows of activity do not overlap, by the same model; the probabilities take the "
            f"two as independent. From {reading.LIKELY:.0%} on a move is called likely."
        ),
        anchor="changes",
        n=changes[0].pair_count if changes else 0,
        window=f"week of {week_of(visit)} and {reading.WINDOW_WEEKS} weeks before",
        columns=[Column(name=name, label=name) for name in names],
        rows=rows_of(changes, names),
    )


_SPREAD = (
    "n",
    "missing_count",
    "lowest",
    "percentile_05",
    "percentile_25",
    "percentile_50",
    "percentile_75",
    "percentile_95",
    "highest",
)


def signals_figure(visit: Visit, strips: list[StripRow]) -> Figure:
    """How signals are distributed."""
    names = ("signal_code", *_SPREAD)
    return Figure(
        name="signals",
        title="Signals",
        definition=(
            "How each signal is distributed among the organizations that have it, in its own "
            "unit. Percentiles are interpolated between neighbouring values; those of fewer than "
            f"{strip.FEWEST_FOR_BANDS} values are left out, the median below "
            f"{strip.FEWEST_FOR_DOTS}."
        ),
        anchor="signals",
        n=max((row.strip.n for row in strips), default=0),
        window=f"13 or 26 weeks to that of {week_of(visit)}, see each signal",
        columns=[Column(name=name, label=name) for name in names],
        rows=[(row.signal.code, *spread_values(row.strip)) for row in strips],
        drawing=strip.stacked([(row.signal.label, row.drawing) for row in strips if row.drawing]),
    )


def spread_values(found: signal_reading.Spread) -> list[object]:
    """A spread without the percentiles that too few values would give."""
    kept = {name: getattr(found, name) for name in _SPREAD}
    for name in _SPREAD[2:]:
        needed = strip.FEWEST_FOR_DOTS if name == "percentile_50" else strip.FEWEST_FOR_BANDS
        if found.n < needed:
            kept[name] = None
    return list(kept.values())


def groups_figure(visit: Visit) -> Figure:
    """One signal in each industry."""
    signal = _SIGNALS[visit.asked.signal]
    groups = signal_reading.signal_groups(visit.snapshot, visit.asked, signal.code)
    highest = max((group.highest or 0.0 for group in groups), default=0.0)
    scale = scale_of(signal, highest)
    write = {"write": scale.write, "is_number": True}
    return Figure(
        name="groups",
        title=f"{signal.label} by industry",
        definition=f"{signal.definition} By industry; medians from {strip.FEWEST_FOR_DOTS} on.",
        anchor=f"signal-{signal.code}",
        n=sum(group.n for group in groups),
        window=f"{signal.window_weeks} weeks to that of {week_of(visit)}",
        columns=(
            Column(name="industry", label="Industry"),
            Column(name="n", label="n", is_number=True),
            Column(name="missing_count", label="No value", is_number=True),
            *(
                Column(name=name, label=name.replace("_", " "), **write)  # type: ignore[arg-type]
                for name in _SPREAD[2:]
            ),
        ),
        rows=[(group.group_name, *spread_values(group)) for group in groups],
        drawing=(
            groupstrips.group_strips(groups, scale, signal.label)
            if any(group.n >= strip.FEWEST_FOR_DOTS for group in groups)
            else ""
        ),
    )
