"""Self-assessments: from filled-in questionnaires to the archive and the warehouse.

What an import brought is archived first, as what the web sent is, so that a crash loses nothing
and a replay has the answers too.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.assessing.answers import Answers
from flows.keptimports import KeptImports
from warehouse.assessments import record_assessments
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from flows.keptimports import KeptImport
    from flows.project import Project
    from warehouse.db import Connection

_ID_LENGTH = 16
_PLAIN = (
    "organization_id",
    "instrument",
    "instrument_version",
    "respondent",
    "respondent_role",
    "answered_on",
    "direct_stage_code",
    "ambition_stage_code",
    "is_public",
    "note",
)


class Imported(NamedTuple):
    """What an import of assessments changed."""

    new_count: int
    corrected_count: int
    unchanged_count: int


def keep_assessments(
    project: Project, connection: Connection, given: Sequence[Answers], files: Sequence[str] = ()
) -> Imported:
    """Take assessments into archive and warehouse: all of them, or none.

    An assessment of the same organization, instrument, respondent and day that differs corrects
    the former, which is kept.

    Args:
        project: whose archive it is.
        connection: its warehouse.
        given: the assessments; of several with one identity the last counts.
        files: digests of the files that they come from, see `imported_files`.
    """
    learn_assessments(project, connection)
    kept = {answers.identity: answers for answers in kept_assessments(connection)}
    latest = {answers.identity: _without_loose_evidence(answers) for answers in given}
    changed = [answers for identity, answers in latest.items() if kept.get(identity) != answers]
    if changed or files:
        record = {"files": list(files), "assessments": [_record(answers) for answers in changed]}
        moment = _imports(project).keep(record, _last_imported_at(connection))
        _take_in(connection, changed, moment)
    corrected_count = sum(answers.identity in kept for answers in changed)
    new_count = len(changed) - corrected_count
    return Imported(new_count, corrected_count, len(latest) - len(changed))


def learn_assessments(project: Project, connection: Connection) -> int:
    """Bring the warehouse up to the archived imports; returns how many it lacked.

    Raises:
        NothingDoneError: an archived import is damaged.
    """
    missing = list(_imports(project).after(_last_imported_at(connection)))
    for kept in missing:
        _take_in(connection, _archived(kept), kept.imported_at)
    return len(missing)


def imported_files(project: Project) -> set[str]:
    """SHA-256 digests of the files whose content is in the archive already."""
    return {digest for kept in _imports(project).after(None) for digest in kept.record["files"]}


def kept_assessments(connection: Connection) -> list[Answers]:
    """The assessments that hold, by organization, instrument, day and respondent."""
    found = groupby(rows(connection, "assessments"), key=lambda row: row["assessment_id"])
    return [_answers(list(answered)) for _, answered in found]


def _imports(project: Project) -> KeptImports:
    return KeptImports(project.archive.folder / "assessments")


def _last_imported_at(connection: Connection) -> datetime | None:
    last: datetime | None = rows(connection, "assessments_history")[0]["last_imported_at"]
    return last


def _without_loose_evidence(answers: Answers) -> Answers:
    """Without links for items that were not answered: they are evidence of nothing."""
    said = answers.given.keys() | answers.cannot_say
    evidence = {code: url for code, url in answers.evidence.items() if code in said}
    return Answers(**_fields(answers) | {"evidence": evidence})


def _fields(answers: Answers) -> dict[str, Any]:
    return {name: getattr(answers, name) for name in Answers.__dataclass_fields__}


def _record(answers: Answers) -> dict[str, Any]:
    return asdict(answers) | {"cannot_say": sorted(answers.cannot_say)}


def _archived(kept: KeptImport) -> list[Answers]:
    try:
        return [_from_record(record) for record in kept.record["assessments"]]
    except (KeyError, TypeError, ValueError) as error:
        raise kept.damaged(error) from error


def _from_record(record: Mapping[str, Any]) -> Answers:
    day = record["answered_on"]
    read = {
        "answered_on": date.fromisoformat(day) if day else None,
        "cannot_say": frozenset(record["cannot_say"]),
    }
    return Answers(**{**record, **read})


def _take_in(connection: Connection, given: Iterable[Answers], moment: datetime) -> None:
    identified = [(_identifier(answers), answers) for answers in given]
    assessments = [
        {"assessment_id": name} | {column: getattr(answers, column) for column in _PLAIN}
        for name, answers in identified
    ]
    answered = [
        {"assessment_id": name} | row
        for name, answers in identified
        for row in _answer_rows(answers)
    ]
    record_assessments(connection, assessments, answered, moment)


def _identifier(answers: Answers) -> str:
    text = "\n".join(map(str, answers.identity))
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def _answer_rows(answers: Answers) -> list[dict[str, Any]]:
    values: dict[str, int | None] = {**answers.given, **dict.fromkeys(answers.cannot_say)}
    return [
        {"item_code": code, "answer": value, "evidence_url": answers.evidence.get(code, "")}
        for code, value in sorted(values.items())
    ]


def _answers(answered: Sequence[Mapping[str, Any]]) -> Answers:
    first = answered[0]
    items = [row for row in answered if row["item_code"]]
    return Answers(
        **{name: first[name] for name in _PLAIN},
        given={row["item_code"]: row["answer"] for row in items if row["answer"] is not None},
        cannot_say=frozenset(row["item_code"] for row in items if row["answer"] is None),
        evidence={row["item_code"]: row["evidence_url"] for row in items if row["evidence_url"]},
    )
