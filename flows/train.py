"""Training: from simulated worlds alone or corrected by labels; and the register of models."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flows.clock import naive, now
from flows.errors import InputError, NothingDoneError
from flows.modelcard import model_card
from flows.selfassessmentcard import too_few_anchors
from warehouse.durable import write_text
from warehouse.reading import rows
from warehouse.registry import choose_model, current_model, record_model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from classifiers.correcting_with_claims import Taught
    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.model import StageModel
    from flows.evaluate import Material
    from flows.project import Project
    from warehouse.db import Connection

_DEFAULT_SEED = 0


def train_cold(project: Project, connection: Connection, seed: int = _DEFAULT_SEED) -> StageModel:
    """Train on simulated worlds alone, and make that the current model."""
    from classifiers.training import train_cold_start

    model = train_cold_start(seed)
    record_model(connection, write_model(project.models, model))
    return model


def train_with_labels(
    project: Project, connection: Connection, seed: int = _DEFAULT_SEED, source: str = "auto"
) -> StageModel:
    """Train on simulated worlds, correct that by expert codes, and make it the current model.

    Raises:
        NothingDoneError: no label stands beside a measured week.
    """
    from classifiers.correcting import correct
    from classifiers.signals import FEATURE_CODES
    from flows.evaluate import gather

    material = gather(project, connection, FEATURE_CODES)
    table = material.table
    if table is None:
        raise NothingDoneError(_no_labels(material))
    model = correct(_cold_model(project, connection, seed), table, source)
    record_model(connection, write_model(project.models, model, table))
    return model


def train_with_claims(
    project: Project, connection: Connection, seed: int = _DEFAULT_SEED, source: str = "auto"
) -> Taught:
    """Train on simulated worlds, expert codes and claims, and make that the current model.

    The same without claims is registered before it, to be set beside it.

    Raises:
        NothingDoneError: no label stands beside a measured week, or too few organizations have
            a label and a claim.
        InputError: the source cannot learn from claims.
    """
    from classifiers.correcting_with_claims import correct_with_claims
    from classifiers.noisy_labels import FEWEST_ANCHORS
    from classifiers.self_assessments import set_beside
    from classifiers.signals import FEATURE_CODES
    from flows.claimants import gather_claimants
    from flows.evaluate import gather

    _check_learns_from_claims(source)
    material = gather(project, connection, FEATURE_CODES)
    if material.table is None:
        raise NothingDoneError(_no_labels(material))
    claimants = gather_claimants(connection, FEATURE_CODES)
    reported = set_beside(material.table, claimants.said)
    if reported.anchor_count < FEWEST_ANCHORS:
        raise NothingDoneError(too_few_anchors(reported, claimants))
    cold = _cold_model(project, connection, seed)
    taught = correct_with_claims(cold, material.table, claimants.said, source)
    record_model(connection, write_model(project.models, taught.without, material.table))
    record_model(connection, write_model(project.models, taught.model, material.table, taught))
    return taught


def _check_learns_from_claims(source: str) -> None:
    from classifiers.correcting_with_claims import SOURCES_WITH_CLAIMS

    if source not in ("auto", *SOURCES_WITH_CLAIMS):
        problem = (
            f"--source {source} cannot learn from self-assessments; give one of auto, "
            f"{', '.join(SOURCES_WITH_CLAIMS)}, or leave out --with-self-assessments"
        )
        raise InputError(problem)


def the_model(project: Project, connection: Connection) -> StageModel:
    """The current model; the cold start, made from its seed, where there is none or it is old.

    Training the cold-start model needs nothing but the seed, so that making it again gives the
    same model. A model of labels whose file does not load is an error: what it learned cannot
    be guessed.

    Raises:
        NothingDoneError: the file of a model of labels is missing, damaged or of another version.
    """
    from classifiers.persistence import ModelFileError, load_model

    learn_models(project, connection)
    row = current_model(connection)
    if row is None:
        return train_cold(project, connection)
    try:
        return load_model(model_path(project.models, row["model_version"]))
    except ModelFileError as error:
        if row["label_count"]:
            raise NothingDoneError(str(error)) from error
        return train_cold(project, connection, row["seed"])


def learn_models(project: Project, connection: Connection) -> None:
    """Register models whose files are there, where the warehouse knows of none.

    After a replay, or beside the warehouse of another version, the files know more than it.
    """
    if models(connection):
        return
    found = [json.loads(path.read_text("utf-8")) for path in project.models.glob("*.json")]
    for row in sorted(found, key=lambda each: str(each["trained_at"])):
        record_model(connection, {**row, "trained_at": datetime.fromisoformat(row["trained_at"])})


def use_model(connection: Connection, model_version: str) -> None:
    """Make a registered model the current one.

    Raises:
        InputError: no model has this version; the message names those that exist.
    """
    if not choose_model(connection, model_version):
        known = ", ".join(row["model_version"] for row in models(connection)) or "none"
        problem = f"no model {model_version!r}; there are: {known}"
        raise InputError(problem)


def models(connection: Connection) -> list[dict[str, Any]]:
    """The register, the current model first."""
    return rows(connection, "models")


def _no_labels(material: Material) -> str:
    counts = (
        (len(material.not_measured), "have no measured week"),
        (len(material.not_estimated), "have too little evidence for an estimate"),
    )
    found = "; ".join(f"{count} labelled organizations {why}" for count, why in counts if count)
    return (
        f"no expert code to learn from ({found or 'none was imported'}): import codes with "
        "`barograph labels import FILE`, or train without any with `barograph train --cold-start`"
    )


def _cold_model(project: Project, connection: Connection, seed: int) -> StageModel:
    """The model of this seed without labels: the registered one where its file loads."""
    from classifiers.persistence import ModelFileError, load_model
    from classifiers.training import train_cold_start

    learn_models(project, connection)
    for row in models(connection):
        if row["source"] == "simulator" and row["seed"] == seed and not row["label_count"]:
            try:
                return load_model(model_path(project.models, row["model_version"]))
            except ModelFileError:
                break  # another version's file: the same seed makes ours
    return train_cold_start(seed)


def write_model(
    folder: Path,
    model: StageModel,
    table: LabelledTable | None = None,
    taught: Taught | None = None,
) -> dict[str, Any]:
    """Write a model's file, its card and its line of the register to `folder`; the line.

    Args:
        folder: where models are kept.
        model: what to write.
        table: the labels that it learned from, if any.
        taught: what claims taught it, if any did.
    """
    from classifiers.persistence import save_model

    folder.mkdir(parents=True, exist_ok=True)
    path = model_path(folder, model.model_version)
    save_model(model, path, trained_on=now().date())
    row = _row(model, table, path)
    write_text(path.with_suffix(".md"), model_card(model, row, table, taught))
    write_text(path.with_suffix(".json"), json.dumps(row, default=str, indent=1))
    return row


def _row(model: StageModel, table: LabelledTable | None, path: Path) -> dict[str, Any]:
    return {
        "model_version": model.model_version,
        "source": model.source,
        "trained_at": naive(now()),
        "seed": model.seed,
        "label_count": sum(model.label_counts),
        "claim_count": len(model.claiming),
        "label_counts": list(model.label_counts),
        "labels_sha256": "" if table is None else _labels_sha256(table),
        "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "trials": json.dumps(_trials(model)),
    }


def _trials(model: StageModel) -> Sequence[dict[str, Any]]:
    names = ("source", "ranked_probability_score", "better_than_former", "standard_error")
    return [
        {**{name: getattr(trial, name) for name in names}, "is_chosen": trial.is_chosen}
        for trial in getattr(model.classifier, "trials_", [])
    ]


def _labels_sha256(table: LabelledTable) -> str:
    labels = sorted(
        zip(
            table.organization_ids.tolist(),
            table.about_days.astype(str).tolist(),
            table.stage_codes.tolist(),
            strict=True,
        )
    )
    return hashlib.sha256(json.dumps(labels).encode()).hexdigest()


def model_path(folder: Path, model_version: str) -> Path:
    """The file of a model."""
    return folder / f"{model_version}.skops"
