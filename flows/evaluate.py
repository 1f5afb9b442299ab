"""Evaluating: what raters said, beside what was measured by the day that they spoke of."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.estimates import SignalRow
from flows.estimate import signal_rows
from flows.labels import agreement_of_raters, expert_codes, learn_labels
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from classifiers.consensus import CodingRound, TrainingLabel
    from classifiers.evaluating.ensemble_cost import EnsembleCost
    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.evaluating.pipeline import ColdStartPipeline
    from classifiers.evaluation import Ceiling, Evaluation, Settings
    from classifiers.model import StageModel
    from flows.project import Project
    from warehouse.db import Connection

_WEEK_END_DAYS = 6  # from the Monday of a week to its Sunday


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is told how far an evaluation is."""

    advance: Callable[[int], None] = lambda _: None  #: after each permutation
    tell: Callable[[str], None] = lambda _: None  #: what takes long, before it starts; "" nothing


class Material(NamedTuple):
    """All that an evaluation reads from the warehouse."""

    table: LabelledTable | None  #: None without a label beside which anything was measured
    not_measured: tuple[str, ...]  #: organizations with a label and without a measured week
    not_estimated: tuple[str, ...]  #: of which too little was seen for an estimate
    measured: list[SignalRow]  #: of the week last built
    ceiling: Ceiling
    rater_codes: tuple[Mapping[str, int], ...] = ()  #: of each row of the table, stage by rater


def gather(project: Project, connection: Connection, codes: Sequence[str]) -> Material:
    """Read labels, the signals beside them, and the signals of the week last built.

    Args:
        project: whose archive may have labels that the warehouse lacks.
        connection: the warehouse.
        codes: the signals that the model reads.

    Raises:
        NotBuiltError: nothing has been measured.
    """
    from classifiers.abstention import abstain_for_evidence

    learn_labels(project, connection)
    measured = signal_rows(connection)
    rounds = _decided_rounds(connection)
    found = _beside(connection, rounds)
    with_signals = [each for each in found if each.row is not None]
    estimated = [e for e in with_signals if e.row and not abstain_for_evidence(e.row, codes).reason]
    return Material(
        table=_table(estimated, codes) if estimated else None,
        not_measured=_names(each for each in found if each.row is None),
        not_estimated=_names(each for each in with_signals if each not in estimated),
        measured=measured,
        ceiling=_ceiling(connection),
        rater_codes=tuple(_stages_by_rater(each.coded) for each in estimated),
    )


def evaluate_material(
    material: Material,
    model: StageModel,
    source: str,
    settings: Settings,
    watcher: Watcher = Watcher(),
) -> Evaluation:
    """Judge the pipeline of a model on gathered labels; without any, only what needs none.

    Args:
        material: see `gather`.
        model: gives the part that was fitted to simulated worlds, and their sets.
        source: one of `coldstart.SOURCES`, or "auto", which tries the ensemble in every fold
            where that does not take too long, see `evaluating.ensemble_cost`.
        settings: what is repeated how often.
        watcher: is told how far it is.
    """
    from classifiers.evaluating.drift import check_against_simulation
    from classifiers.evaluation import Evaluation, Raters, evaluate

    drift = check_against_simulation(material.measured, model)
    notes = _notes(material)
    if material.table is None:
        return _stressed(
            Evaluation(warnings=notes, settings=settings, drift=drift), material, model
        )
    pipeline, note = _affordable(_pipeline(model, source), material.table, settings)
    watcher.tell(note)
    made = evaluate(
        material.table,
        pipeline,
        settings,
        raters=Raters(ceiling=material.ceiling, codes=material.rater_codes),
        drift=drift,
        advance=watcher.advance,
    )
    told = (*_source_notes(model, made), *_left_out(pipeline, note), *notes)
    return _stressed(replace(made, warnings=(*made.warnings, *told)), material, model)


def store_evaluation(connection: Connection, evaluation: Evaluation) -> bool:
    """Keep an evaluation with the model that estimates are made by; False without such a model.

    It is never kept with a model that self-assessments taught: it judged the same without them.
    """
    found = connection.execute(
        "update estimates.models set evaluation = $evaluation where is_current and claim_count = 0",
        {"evaluation": json.dumps(evaluation.as_json(), allow_nan=False)},
    ).fetchone()
    return bool(found and found[0])


def _stressed(made: Evaluation, material: Material, model: StageModel) -> Evaluation:
    """Where no label could be stressed, what was measured is."""
    from classifiers.evaluating.cautions import stress_cautions
    from classifiers.evaluating.stress_tests import stress_measured

    if made.stress:
        return made
    stress = tuple(stress_measured(material.measured, model))
    return replace(made, stress=stress, warnings=(*made.warnings, *stress_cautions(stress)))


def _pipeline(model: StageModel, source: str) -> ColdStartPipeline:
    from classifiers.evaluating.pipeline import ColdStartPipeline

    return ColdStartPipeline(model.evidence, _world_sets(model), source)


def ensemble_note(cost: EnsembleCost) -> str:
    """Whether the ensemble is tried in the folds and how long that takes; "" where it cannot be."""
    if not cost.seconds:
        return ""
    minutes = f"about {max(1, round(cost.seconds / 60))} minutes"
    if cost.is_affordable:
        return f"the ensemble (stack) is tried in every fold: {minutes}"
    fewer = cost.affordable_repeat_count
    how = f"`--repeats {fewer}` tries it" if fewer else "`--source stack --repeats 1` judges it"
    return f"the ensemble (stack) was not tried in the folds, it would take {minutes}; {how}"


def _affordable(
    pipeline: ColdStartPipeline, table: LabelledTable, settings: Settings
) -> tuple[ColdStartPipeline, str]:
    """The pipeline, without the ensemble where that would take too long, and a note on it."""
    from classifiers.evaluating.ensemble_cost import ensemble_cost

    if pipeline.source != "auto":
        return pipeline, ""
    cost = ensemble_cost(pipeline, table, settings.repeat_count)
    is_tried = cost.is_affordable or not cost.seconds
    return pipeline if is_tried else pipeline.without("stack"), ensemble_note(cost)


def _left_out(pipeline: ColdStartPipeline, note: str) -> tuple[str, ...]:
    return () if not note or "stack" in pipeline.tried_sources else (note,)


class _Beside(NamedTuple):
    """A label with its codes, and what was measured by its day."""

    label: TrainingLabel
    coded: CodingRound
    found: dict[str, Any]
    row: SignalRow | None


def _decided_rounds(connection: Connection) -> list[tuple[TrainingLabel, CodingRound]]:
    """Rounds in which a stage was named, each with its label."""
    from classifiers.consensus import coding_rounds, training_label

    found = ((training_label(one), one) for one in coding_rounds(expert_codes(connection)))
    return [(label, one) for label, one in found if label]


def _stages_by_rater(coded: CodingRound) -> dict[str, int]:
    return {code.rater: code.stage_code for code in coded.codes if code.stage_code is not None}


def _beside(
    connection: Connection, rounds: Sequence[tuple[TrainingLabel, CodingRound]]
) -> list[_Beside]:
    labels = [label for label, _ in rounds]
    asked = {
        "organization_ids": [label.organization_id for label in labels],
        "about_days": [label.about for label in labels],
    }
    found = rows(connection, "labelled_rows", asked)
    return [
        _Beside(label, coded, row, past_row(row))
        for (label, coded), row in zip(rounds, found, strict=True)
    ]


def past_row(found: dict[str, Any]) -> SignalRow | None:
    """What was measured at the time of a label, of a row of `labelled_rows`; None if nothing."""
    if found["values"] is None:
        return None
    return SignalRow(
        organization_id=found["organization_id"],
        values=found["values"],
        missing_reasons=found["missing_reasons"],
        readable_channel_count=int((found["coverage_share"] or 0) > 0),  # not known for the past
        observed_week_count=found["observed_week_count"],
        coverage_share=found["coverage_share"],
        size_class=found["size_class"],
    )


def _table(found: Sequence[_Beside], codes: Sequence[str]) -> LabelledTable:
    import numpy as np

    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.features import feature_matrix_of

    measured = [each.row for each in found if each.row]
    reasons = [[r.missing_reasons.get(c, "unobserved") for c in codes] for r in measured]
    ids = np.array([each.label.organization_id for each in found])
    return LabelledTable(
        X=feature_matrix_of(measured, codes),
        reasons=np.array(reasons),
        signal_codes=tuple(codes),
        stage_codes=np.array([each.label.stage_code for each in found]),
        weights=np.array([each.label.weight for each in found]),
        organization_ids=ids,
        groups=ids,
        saw=np.array([each.label.saw.value for each in found]),
        **_told(found),
        **_days(found),
    )


def _told(found: Sequence[_Beside]) -> dict[str, Any]:
    """What the list of organizations tells of those who have a label."""
    import numpy as np

    names = {
        "industries": "industry",
        "size_classes": "size_class",
        "countries": "country",
        "source_mixes": "source_mix",
    }
    return {column: np.array([e.found[name] for e in found]) for column, name in names.items()}


def _days(found: Sequence[_Beside]) -> dict[str, Any]:
    import numpy as np

    mondays = np.array([each.found["as_of_week"] for each in found], dtype="datetime64[D]")
    first_seen = [each.found["first_seen"] or each.label.about for each in found]
    return {
        "first_seen_days": np.array(first_seen, dtype="datetime64[D]"),
        "about_days": np.array([each.label.about for each in found], dtype="datetime64[D]"),
        "window_ends": mondays + np.timedelta64(_WEEK_END_DAYS, "D"),
    }


def _ceiling(connection: Connection) -> Ceiling:
    from classifiers.evaluation import Ceiling

    agreement = agreement_of_raters(connection)["all"]
    return Ceiling(
        double_coded_count=agreement.double_coded_count,
        low=agreement.ceiling_low,
        high=agreement.ceiling_high,
        alpha=agreement.alpha,
        alpha_low=agreement.alpha_low,
        alpha_high=agreement.alpha_high,
    )


def _names(found: Any) -> tuple[str, ...]:  # noqa: ANN401 - an iterable of labels
    return tuple(sorted({each.label.organization_id for each in found}))


def _notes(material: Material) -> tuple[str, ...]:
    missing, thin = material.not_measured, material.not_estimated
    notes = []
    if missing:
        notes.append(f"{len(missing)} labelled organizations have no measured week: collect them")
    if thin:
        text = f"{len(thin)} labelled organizations were left out: too little was seen of them"
        notes.append(f"{text} ({', '.join(thin[:5])}{', ...' if len(thin) > 5 else ''})")  # noqa: PLR2004
    if material.table is None and not missing and not thin:
        notes.append("no labels yet: `barograph labels template FILE` writes a sheet for raters")
    return tuple(notes)


def _source_notes(model: StageModel, made: Evaluation) -> list[str]:
    if not made.sources or model.source in ("simulator", *made.sources.split(", ")):
        return []
    return [
        (
            f"the current model is of the source {model.source!r}, and the folds chose "
            f"{made.sources}: `--source {model.source}` evaluates what is in use"
        )
    ]


def _world_sets(model: StageModel) -> Any:  # noqa: ANN401 - a calibration
    if model.source == "simulator":
        return model.calibration
    from classifiers.training import train_cold_start

    return train_cold_start(model.seed).calibration
