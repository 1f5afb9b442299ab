"""The figures of the page on quality."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from dashboards.charts.abstention import (
    SET_SIZES,
    abstention_columns,
    set_size_columns,
    stages_held,
)
from dashboards.charts.reliability import KEY, small_multiples, threshold_name
from dashboards.charts.setcoverage import CoverageRow, Held, set_coverage
from dashboards.figures import Column, Figure
from dashboards.pages.quality_words import (
    MEASURES,
    group_words,
    kind_words,
    measure_definition,
    measure_label,
    source_words,
)
from dashboards.sentences import percent
from dashboards.twins import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dashboards.charts.distribution import Mark
    from dashboards.pages.quality import Tested
    from dashboards.reading.header import SnapshotHeader
    from dashboards.reading.quality import EstimateWeek, Measure, Model, SetQuality

_BOUNDS = "95 % interval; draws of organizations with all their labels."
_MISSING = "not known"


def of_evaluation(model: Model | None, tested: Tested) -> tuple[Figure, ...]:
    """Sets, probabilities and measures of one model; without rows where it was not tested."""
    window = f"the evaluation kept with model {model.model_version}" if model else "no model"
    count = (model.evaluated_label_count if model else None) or 0
    return (
        _sets(tested, count, window),
        _reliability(tested, count, window),
        _measures(tested, count, window),
    )


def of_weeks(weeks: Sequence[EstimateWeek], marks: Sequence[Mark]) -> tuple[Figure, Figure]:
    """Abstentions and sizes of sets by week.

    Args:
        weeks: with estimates, oldest first.
        marks: what a reader must know of some of them.
    """
    return _abstention(weeks, marks), _sizes(weeks, marks)


def of_models(models: Sequence[Model], header: SnapshotHeader) -> Figure:
    """The register of models."""
    names = (
        "model_version",
        "source",
        "trained_at",
        "label_count",
        "claim_count",
        "is_evaluated",
        "evaluated_label_count",
        "is_current",
    )
    return Figure(
        name="models",
        title="Model versions",
        definition="Trained models, the newest first. Estimates are made by the current one.",
        anchor="quality",
        n=len(models),
        unit="model" if len(models) == 1 else "models",
        window=f"up to snapshot {header.snapshot_number:06d}",
        columns=_model_columns(),
        rows=rows_of(models, names),
    )


def _model_columns() -> tuple[Column, ...]:
    return (
        Column(name="model_version", label="Model"),
        Column(name="source", label="Learned from", write=source_words),
        Column(
            name="trained_at",
            label="Trained (UTC)",
            meaning="When it was trained, UTC.",
            write=lambda value: f"{value:%Y-%m-%d %H:%M}",
        ),
        _count("label_count", "Labels", "Expert codes that it learned from."),
        _count("claim_count", "Self-assessments", "Self-assessments that it learned from."),
        Column(name="is_evaluated", label="Tested", write=_answer),
        Column(
            name="evaluated_label_count",
            label="On labels",
            meaning="Labels that its evaluation rests on; unknown without one.",
            write=lambda value: "not tested" if value is None else f"{value:,}",
            is_number=True,
        ),
        Column(name="is_current", label="Current", write=_answer),
    )


def _sets(tested: Tested, n: int, window: str) -> Figure:
    names = (
        "group_kind",
        "group_name",
        "level",
        "n",
        "coverage_share",
        "lower",
        "upper",
        "mean_set_size",
    )
    return Figure(
        name="sets",
        title="Do the sets hold what they promise?",
        definition=(
            "Share of the labels whose stage lies in the prediction set, for sets that promise "
            "80 and 90 %, estimated by models that had not seen the label. Intervals (95 %) draw "
            "organizations with all their labels. Kinds of organizations from 20 labels on."
        ),
        anchor="quality",
        n=n,
        unit="labels",
        window=window,
        columns=_set_columns(),
        rows=rows_of(tested.sets, names),
        drawing=set_coverage(_coverage_rows(tested.sets)) if tested.sets else "",
        note="The evaluation tells the mean size of the sets for all labels together only.",
    )


def _set_columns() -> tuple[Column, ...]:
    return (
        Column(name="group_kind", label="Labels", write=kind_words),
        Column(name="group_name", label="Group", write=group_words),
        _share("level", "Promised"),
        _count("n", "n", "Labels."),
        _share("coverage_share", "Held"),
        _share("lower", "from", _BOUNDS),
        _share("upper", "to", _BOUNDS),
        Column(
            name="mean_set_size",
            label="Mean size",
            meaning="Stages in the set, mean; known for all labels together.",
            write=lambda value: "not told" if value is None else f"{value:.1f}",
            is_number=True,
        ),
    )


def _coverage_rows(sets: Iterable[SetQuality]) -> list[CoverageRow]:
    """One row a group, with a heading before each kind of groups."""
    rows = []
    for kind, of_kind in groupby(sets, key=lambda each: each.group_kind):
        if kind != "all":
            rows.append(CoverageRow(kind_words(kind)))
        for name, levels in groupby(of_kind, key=lambda each: each.group_name):
            rows.append(_coverage_row(group_words(name) if name else kind_words(kind), [*levels]))
    return rows


def _coverage_row(label: str, levels: Sequence[SetQuality]) -> CoverageRow:
    held = tuple(Held(one.level, one.coverage_share, one.lower, one.upper) for one in levels)
    return CoverageRow(label, levels[0].n, held)


def _reliability(tested: Tested, n: int, window: str) -> Figure:
    return Figure(
        name="reliability",
        title="Do the probabilities come true?",
        definition=(
            "For each threshold between two stages, the stated probability of the stage below it "
            "or a lower one, in bins of about equally many labels, beside the share of their "
            "labels that were there. Intervals by Wilson, 95 %."
        ),
        anchor="quality",
        n=n,
        unit="labels",
        window=window,
        columns=(
            Column(name="threshold_code", label="Threshold", write=threshold_name),
            _count("bin_number", "Bin"),
            _share("predicted_share", "Stated"),
            _share("observed_share", "Was so"),
            _share("lower", "from"),
            _share("upper", "to"),
            _count("n", "n", "Labels."),
        ),
        rows=rows_of(
            tested.bins,
            (
                "threshold_code",
                "bin_number",
                "predicted_share",
                "observed_share",
                "lower",
                "upper",
                "n",
            ),
        ),
        drawing=small_multiples(tested.panels),
        note=KEY,
    )


def _measures(tested: Tested, n: int, window: str) -> Figure:
    return Figure(
        name="measures",
        title="How far off are the estimates?",
        definition=(
            "Figures of the evaluation, of estimates by models that had not seen the label, with "
            "95 % intervals over organizations."
        ),
        anchor="quality",
        n=n,
        unit="labels",
        window=window,
        columns=(
            Column(name="measure", label="Measure", write=measure_label),
            _decimal("value", "Value"),
            _decimal("lower", "from", _BOUNDS),
            _decimal("upper", "to", _BOUNDS),
            _count("n", "n", "Labels."),
            Column(name="definition", label="What it says"),
        ),
        rows=[_measure_row(each) for each in sorted(tested.measures, key=_measure_place)],
    )


def _measure_row(each: Measure) -> tuple[object, ...]:
    definition = measure_definition(each.measure)
    return (each.measure, each.value, each.lower, each.upper, each.n, definition)


def _measure_place(each: Measure) -> tuple[int, str]:
    places = {name: place for place, name in enumerate(MEASURES)}
    return places.get(each.measure, len(places)), each.measure


def _abstention(weeks: Sequence[EstimateWeek], marks: Sequence[Mark]) -> Figure:
    return Figure(
        name="abstention",
        title="Abstentions by week",
        definition=(
            "Share of the estimates of a week that give no single stage, because too little was "
            "seen or the 90 % set is too wide."
        ),
        anchor="stages",
        n=weeks[-1].estimate_count if weeks else 0,
        unit="estimates in the last week",
        window=_span(weeks),
        columns=(
            Column(name="as_of_week", label="Week of"),
            _count("organization_count", "Organizations"),
            _count("estimate_count", "Estimates"),
            _count("abstained_count", "Abstained"),
            _share("abstained_share", "Share"),
        ),
        rows=[
            (
                week.as_of_week,
                week.organization_count,
                week.estimate_count,
                week.abstained_count,
                week.abstained_count / week.estimate_count,
            )
            for week in reversed(weeks)
        ],
        drawing=abstention_columns(weeks, marks) if weeks else "",
        note=_told(marks),
    )


def _sizes(weeks: Sequence[EstimateWeek], marks: Sequence[Mark]) -> Figure:
    return Figure(
        name="sizes",
        title="Sizes of the 90 % sets by week",
        definition=(
            "Estimates of a week by the number of stages in their 90 % sets, those that abstained "
            "among them. One stage says most, six say nothing."
        ),
        anchor="stages",
        n=weeks[-1].estimate_count if weeks else 0,
        unit="estimates in the last week",
        window=_span(weeks),
        columns=(
            Column(name="as_of_week", label="Week of"),
            _count("estimate_count", "Estimates"),
            *(
                _count(
                    f"size_{size}_count",
                    stages_held(size),
                    f"Estimates with {stages_held(size)} in the 90 % set.",
                )
                for size in SET_SIZES
            ),
        ),
        rows=[
            (week.as_of_week, week.estimate_count, *week.size_counts) for week in reversed(weeks)
        ],
        drawing=set_size_columns(weeks, marks) if weeks else "",
        note=_told(marks),
    )


def _span(weeks: Sequence[EstimateWeek]) -> str:
    if not weeks:
        return "no week"
    return f"{len(weeks)} weeks to that of {weeks[-1].as_of_week}"


def _told(marks: Sequence[Mark]) -> str:
    return " ".join(f"{mark.number}: {mark.words}" for mark in marks)


def _count(name: str, label: str, meaning: str = "") -> Column:
    return Column(name=name, label=label, meaning=meaning, is_number=True)


def _share(name: str, label: str, meaning: str = "") -> Column:
    return Column(name=name, label=label, meaning=meaning, write=_percent, is_number=True)


def _decimal(name: str, label: str, meaning: str = "") -> Column:
    return Column(name=name, label=label, meaning=meaning, write=_decimals, is_number=True)


def _percent(value: float | None) -> str:
    return _MISSING if value is None else percent(value)


def _decimals(value: float | None) -> str:
    return _MISSING if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def _answer(value: object) -> str:
    return "yes" if value else "no"
