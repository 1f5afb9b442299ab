"""Evaluating: what raters said, beside what was measured by the day that they spoke of."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.estimates import SignalRow
from flows.estimate import signal_rows
from flows.labels import agreement_of_raters, learn_labels, training_labels
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from classifiers.consensus import TrainingLabel
    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.evaluation import Ceiling, Evaluation, Settings
    from classifiers.model import StageModel
    from flows.project import Project
    from warehouse.db import Connection

_WEEK_END_DAYS = 6  # from the Monday of a week to its Sunday


class Material(NamedTuple):
    """All that an evaluation reads from the warehouse."""

    table: LabelledTable | None  #: None without a label beside which anything was measured
    not_measured: tuple[str, ...]  #: organizations with a label and without a measured week
    not_estimated: tuple[str, ...]  #: of which too little was seen for an estimate
    measured: list[SignalRow]  #: of the week last built
    ceiling: Ceiling


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
    found = _beside(connection, training_labels(connection))
    with_signals = [each for each in found if each.row is not None]
    estimated = [e for e in with_signals if e.row and not abstain_for_evidence(e.row, codes).reason]
    return Material(
        table=_table(estimated, codes) if estimated else None,
        not_measured=_names(each for each in found if each.row is None),
        not_estimated=_names(each for each in with_signals if each not in estimated),
        measured=measured,
        ceiling=_ceiling(connection),
    )


def evaluate_material(
    material: Material,
    model: StageModel,
    source: str,
    settings: Settings,
    advance: Callable[[int], None] = lambda _: None,
) -> Evaluation:
    """Judge the pipeline of a model on gathered labels; without any, only what needs none.

    Args:
        material: see `gather`.
        model: gives the part that was fitted to simulated worlds, and their sets.
        source: one of `coldstart.SOURCES`, or "auto".
        settings: what is repeated how often.
        advance: told after each permutation.
    """
    from classifiers.evaluating.drift import check_against_simulation
    from classifiers.evaluating.pipeline import ColdStartPipeline
    from classifiers.evaluation import Evaluation, evaluate

    drift = check_against_simulation(material.measured, model)
    notes = _notes(material)
    if material.table is None:
        return Evaluation(warnings=notes, settings=settings, drift=drift)
    pipeline = ColdStartPipeline(model.evidence, _world_sets(model), source)
    made = evaluate(
        material.table,
        pipeline,
        settings,
        ceiling=material.ceiling,
        drift=drift,
        advance=advance,
    )
    return replace(made, warnings=(*made.warnings, *_source_notes(model, made), *notes))


def store_evaluation(connection: Connection, evaluation: Evaluation) -> bool:
    """Keep an evaluation with the model that estimates are made by; False without such a model."""
    found = connection.execute(
        "update estimates.models set evaluation = $evaluation where is_current",
        {"evaluation": json.dumps(evaluation.as_json(), allow_nan=False)},
    ).fetchone()
    return bool(found and found[0])


class _Beside(NamedTuple):
    """A label, and what was measured by its day."""

    label: TrainingLabel
    found: dict[str, Any]
    row: SignalRow | None


def _beside(connection: Connection, labels: Sequence[TrainingLabel]) -> list[_Beside]:
    asked = {
        "organization_ids": [label.organization_id for label in labels],
        "about_days": [label.about for label in labels],
    }
    found = rows(connection, "labelled_rows", asked)
    return [_Beside(label, row, _row(row)) for label, row in zip(labels, found, strict=True)]


def _row(found: dict[str, Any]) -> SignalRow | None:
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
