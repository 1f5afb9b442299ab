"""Expert codes: from the raters' sheets to the archive, the warehouse, and training.

What an import brought is archived first, as what the web sent is, so that a crash loses nothing
and a replay has the codes too.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.consensus import TrainingLabel, coding_rounds, training_label
from classifiers.labels import (
    OPTIONAL_COLUMNS,
    REQUIRED_COLUMNS,
    Confidence,
    ExpertCode,
    Saw,
    read_expert_codes,
)
from classifiers.sheet import SheetError
from classifiers.stages import Stage
from flows.clock import now
from flows.errors import InputError
from flows.keptimports import KeptImports
from warehouse.labels import record_labels
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from classifiers.reliability import RaterAgreement
    from flows.keptimports import KeptImport
    from flows.project import Project
    from warehouse.archive import Archive
    from warehouse.db import Connection

#: Somewhere it is tomorrow already.
_AHEAD = timedelta(days=1)
_TEMPLATE_COLUMNS = ("organization", "name", *REQUIRED_COLUMNS[1:], *OPTIONAL_COLUMNS)


class Imported(NamedTuple):
    """What an import of codes changed, and how many rows nobody has coded yet."""

    new_count: int
    corrected_count: int
    unchanged_count: int
    blank_row_count: int


def import_labels(project: Project, connection: Connection, paths: Sequence[Path]) -> Imported:
    """Take the codes of some sheets into archive and warehouse: all of them, or none.

    Raises:
        InputError: every problem of every sheet, each with its place and a remedy.
    """
    learn_labels(project, connection)
    known_ids = {row["organization_id"] for row in rows(connection, "labels_organizations")}
    try:
        given = read_expert_codes(paths, known_ids, (now() + _AHEAD).date())
    except SheetError as error:
        raise InputError(*map(str, error.problems)) from error
    kept = {code.identity: code for code in expert_codes(connection)}
    changed = [code for code in given.codes if kept.get(code.identity) != code]
    if changed:
        _keep(project.archive, connection, changed)
    corrected_count = sum(code.identity in kept for code in changed)
    return Imported(
        new_count=len(changed) - corrected_count,
        corrected_count=corrected_count,
        unchanged_count=len(given.codes) - len(changed),
        blank_row_count=given.blank_row_count,
    )


def learn_labels(project: Project, connection: Connection) -> int:
    """Bring the warehouse up to the archived imports of codes; returns how many it lacked.

    Raises:
        NothingDoneError: an archived import is damaged.
    """
    missing = list(_imports(project.archive).after(_last_imported_at(connection)))
    for kept in missing:
        record_labels(connection, _archived(kept), kept.imported_at)
    return len(missing)


def expert_codes(connection: Connection) -> list[ExpertCode]:
    """The codes that hold, by organization, day, codebook and rater."""
    return [_code(row) for row in rows(connection, "labels")]


def training_labels(connection: Connection) -> list[TrainingLabel]:
    """What models are trained on: one label for each organization, codebook and time."""
    found = map(training_label, coding_rounds(expert_codes(connection)))
    return [label for label in found if label]


def agreement_of_raters(connection: Connection) -> dict[str, RaterAgreement]:
    """How raters agree: `all`, the `blind` among themselves, and those `not_blind`."""
    from classifiers.reliability import rater_agreement

    codes = expert_codes(connection)
    parts = {
        "all": codes,
        "blind": [code for code in codes if code.saw.is_blind],
        "not_blind": [code for code in codes if not code.saw.is_blind],
    }
    return {name: rater_agreement(coding_rounds(part)) for name, part in parts.items()}


def labels_overview(connection: Connection) -> dict[str, Any]:
    """How many codes there are, by stage, by rater and by what was seen."""
    codes = expert_codes(connection)
    rounds = coding_rounds(codes)
    return {
        "code_count": len(codes),
        "organization_count": len({code.organization_id for code in codes}),
        "double_coded_count": len({r.organization_id for r in rounds if r.stage_count > 1}),
        "corrected_count": rows(connection, "labels_history")[0]["corrected_count"],
        "by_stage": _by_stage(codes),
        "by_rater": _counted("rater", (code.rater for code in codes)),
        "by_saw": _counted("saw", (code.saw.value for code in codes)),
    }


def template_text(
    connection: Connection, organization_ids: Sequence[str], prepared: Mapping[str, str]
) -> str:
    """A sheet for one rater to fill in, as CSV: no estimate, no claim, nobody else's code.

    Args:
        connection: the warehouse.
        organization_ids: whom to code; all listed organizations when there are none.
        prepared: what stands in every row, by column, such as the rater.

    Raises:
        InputError: an organization is not known, or none is listed.
    """
    known = {row["organization_id"]: row for row in rows(connection, "labels_organizations")}
    unknown = [one for one in organization_ids if one not in known]
    chosen = list(organization_ids) or [one for one, row in known.items() if row["is_listed"]]
    if unknown or not chosen:
        problems = [f"--organization {one!r}: not on the list of organizations" for one in unknown]
        raise InputError(*problems or ["no organization is listed; collect first"])
    text = io.StringIO()
    sheet = csv.DictWriter(text, _TEMPLATE_COLUMNS, lineterminator="\n")
    sheet.writeheader()
    for one in dict.fromkeys(chosen):
        sheet.writerow({"organization": one, "name": known[one]["name"], **prepared})
    return text.getvalue()


def _imports(archive: Archive) -> KeptImports:
    return KeptImports(archive.folder / "labels")


def _keep(archive: Archive, connection: Connection, codes: Sequence[ExpertCode]) -> None:
    found = [asdict(code) for code in codes]
    moment = _imports(archive).keep({"labels": found}, _last_imported_at(connection))
    record_labels(connection, found, moment)


def _archived(kept: KeptImport) -> list[dict[str, Any]]:
    try:
        return [asdict(_archived_code(row)) for row in kept.record["labels"]]
    except (KeyError, TypeError, ValueError) as error:
        raise kept.damaged(error) from error


def _archived_code(row: Mapping[str, Any]) -> ExpertCode:
    days = {name: date.fromisoformat(row[name]) for name in ("about", "coded_on")}
    return _code({**row, **days})


def _code(row: Mapping[str, Any]) -> ExpertCode:
    read = {"saw": Saw(row["saw"]), "confidence": Confidence(row["confidence"])}
    return ExpertCode(**{**row, **read})


def _last_imported_at(connection: Connection) -> datetime | None:
    last: datetime | None = rows(connection, "labels_history")[0]["last_imported_at"]
    return last


def _by_stage(codes: Iterable[ExpertCode]) -> list[dict[str, Any]]:
    counts = Counter(code.stage_code for code in codes)
    named = [
        {"stage_code": stage.value, "label": stage.label, "code_count": counts[stage.value]}
        for stage in Stage
    ]
    return [*named, {"stage_code": None, "label": "Cannot say", "code_count": counts[None]}]


def _counted(name: str, values: Iterable[str]) -> list[dict[str, Any]]:
    return [{name: value, "code_count": n} for value, n in sorted(Counter(values).items())]


def next_labels(project: Project, connection: Connection, count: int) -> list[dict[str, Any]]:
    """Organizations whose label the current model would learn most from, the most telling first.

    Only organizations without a label, of which enough is seen for an estimate; each row has
    its gain in bits of information, given the labels of those before it.
    """
    from classifiers.abstention import abstain_for_evidence
    from classifiers.features import feature_matrix_of
    from classifiers.next_labels import propose_labels
    from flows.estimate import signal_rows
    from flows.train import the_model

    learn_labels(project, connection)
    model = the_model(project, connection)
    done = {label.organization_id for label in training_labels(connection)}
    seen = [
        row
        for row in signal_rows(connection)
        if not abstain_for_evidence(row, model.signal_codes).reason
    ]
    coded = [row for row in seen if row.organization_id in done]
    others = [row for row in seen if row.organization_id not in done]
    candidates, labelled = (feature_matrix_of(part, model.signal_codes) for part in (others, coded))
    return [
        {
            "organization_id": others[proposal.row].organization_id,
            "gain_bits": proposal.gain_bits,
            "model_version": model.model_version,
        }
        for proposal in propose_labels(model, candidates, labelled, count)
    ]
