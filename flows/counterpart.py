"""The model without self-assessments beside one that learned from some.

An estimate by a model that learned from self-assessments, though not from that of the same
organization, leans on what such organizations say. What the same model says without any of them
belongs beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from classifiers.agreement import Comparison, compare
from flows.claims import counting_claims
from flows.estimate import signal_rows
from flows.terminal import comparison_sentences
from warehouse.build import last_clock
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.project import Project
    from warehouse.db import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """What the week's claims look like beside the same model without self-assessments."""

    model_version: str  #: that made the week's estimates
    claim_count: int  #: self-assessments that it learned from
    without_version: str  #: "" where none is registered
    comparison: Comparison | None  #: of that one; None where it cannot be had
    problem: str  #: why not; "" where it can


def compare_without_claims(project: Project, connection: Connection) -> Counterpart | None:
    """Compare claims with estimates by the same model without self-assessments.

    None where no self-assessment taught the model of the week's estimates.
    """
    registered = rows(connection, "models")
    used = _models_of_week(connection)
    taught = [row for row in registered if row["model_version"] in used and row["claim_count"]]
    if not taught:
        return None
    row = taught[0]
    without = _without(row, registered)
    found, problem = _comparison(project, connection, without)
    return Counterpart(
        model_version=row["model_version"],
        claim_count=row["claim_count"],
        without_version=without,
        comparison=found,
        problem=problem,
    )


def counterpart_sentences(comparison: Comparison, found: Counterpart) -> list[str]:
    """That self-assessments taught the model, and what it would say without them."""
    seen = (
        f"{comparison.out_of_fold_count} of the organizations with a claim are estimated by a "
        f"part of it that had not seen theirs"
    )
    if comparison.circular_count:
        seen += f"; {comparison.circular_count} are left out, for theirs taught it"
    sentences = [
        f"{found.claim_count} self-assessments taught the model {found.model_version}: {seen}."
    ]
    if found.comparison is None:
        return [*sentences, f"Without self-assessments: {found.problem}."]
    name = f"The same without self-assessments ({found.without_version}):"
    return [*sentences, name, *(f"  {s}" for s in comparison_sentences(found.comparison))]


def _models_of_week(connection: Connection) -> set[str]:
    week = last_clock(connection).as_of_week
    return {row["model_version"] for row in rows(connection, "estimates", {"as_of_week": week})}


def _without(row: dict[str, Any], registered: Sequence[dict[str, Any]]) -> str:
    """The newest model of the same labels and seed that no claim taught."""
    same = ("labels_sha256", "seed")
    fitting = [
        other
        for other in registered
        if not other["claim_count"] and all(other[name] == row[name] for name in same)
    ]
    newest = max(fitting, key=lambda other: other["trained_at"], default={"model_version": ""})
    return str(newest["model_version"])


def _comparison(
    project: Project, connection: Connection, version: str
) -> tuple[Comparison | None, str]:
    from classifiers.estimating import estimate_stages
    from classifiers.persistence import ModelFileError, load_model
    from flows.train import model_path

    if not version:
        return None, "no such model of the same labels is registered; `barograph train` makes one"
    try:
        model = load_model(model_path(project.models, version))
    except ModelFileError as error:
        return None, str(error)
    estimates = estimate_stages(model, signal_rows(connection))
    return compare(counting_claims(connection), estimates), ""
