"""Files of answers: those that are named, and those that lie in the project's inbox.

A file of the inbox is imported exactly once: its digest is archived together with its answers,
and then it moves to `inbox/imported`. One with a problem stays where it is and is told of at every
run until it is mended or removed.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from flows.assessments import Imported, imported_files, keep_assessments, learn_assessments
from flows.claims import renew_claims
from flows.clock import now
from flows.errors import InputError
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from classifiers.assessing.answer_files import AnswerFile
    from flows.project import Project
    from flows.settings import Settings
    from warehouse.db import Connection

INBOX = "inbox"
_IMPORTED = "imported"
_SUFFIXES = (".csv", ".json", ".xlsx")
#: Somewhere it is tomorrow already.
_AHEAD = timedelta(days=1)


class Taken(NamedTuple):
    """What files of answers brought."""

    files: tuple[Path, ...]
    imported: Imported
    blank_row_count: int = 0
    draft_count: int = 0  #: rows that were never sent off
    left_out_columns: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  #: of files that were not taken


class ReadingManner(NamedTuple):
    """How to read files that are named: as which layout, and about whom if they do not tell."""

    layout: str = ""
    organization_id: str = ""


_AS_IT_COMES = ReadingManner()


def import_answers(
    project: Project,
    connection: Connection,
    paths: Sequence[Path],
    manner: ReadingManner = _AS_IT_COMES,
) -> Taken:
    """Take the answers of some files into archive and warehouse: all of them, or none.

    Raises:
        InputError: every problem of every file, each with its place and a remedy.
    """
    learn_assessments(project, connection)
    found, problems = _read(connection, paths, manner)
    if problems:
        raise InputError(*problems)
    answers = [each for file in found.values() for each in file.answers]
    imported = keep_assessments(project, connection, answers, [_digest(path) for path in paths])
    return _taken(found, imported)


def take_in_claims(project: Project, settings: Settings, connection: Connection) -> Taken:
    """Bring the claims up to the project's file, its inbox and all questionnaires before."""
    learn_assessments(project, connection)
    taken = take_inbox(project, settings, connection)
    renew_claims(settings, connection)
    return taken


def take_inbox(project: Project, settings: Settings, connection: Connection) -> Taken:
    """Import each file of the inbox that was not imported before; one bad file stops no other."""
    known = imported_files(project)
    taken: dict[Path, AnswerFile] = {}
    counts, problems = Imported(0, 0, 0), []
    for path in _waiting(settings.folder / INBOX):
        digest = _digest(path)
        if digest not in known:
            found, troubles = _read(connection, [path], _AS_IT_COMES)
            if troubles:
                problems += troubles
                continue
            one = keep_assessments(project, connection, found[path].answers, [digest])
            counts = Imported(*map(sum, zip(counts, one, strict=True)))
            taken |= found
        _put_away(path)
    return _taken(taken, counts)._replace(problems=tuple(problems))


def inbox_sentences(taken: Taken) -> list[str]:
    """What came of the inbox, in words; nothing where it was empty."""
    sentences = []
    if taken.files:
        new, corrected, unchanged = taken.imported
        sentences.append(
            f"Inbox: answers of {', '.join(path.name for path in taken.files)}; {new} new, "
            f"{corrected} corrected, {unchanged} known already."
        )
    return sentences


def _read(
    connection: Connection, paths: Sequence[Path], manner: ReadingManner
) -> tuple[dict[Path, AnswerFile], list[str]]:
    from classifiers.assessing.answer_files import read_answers
    from classifiers.assessing.answer_rows import Expected
    from classifiers.sheet import SheetError

    listed = frozenset(row["organization_id"] for row in rows(connection, "listed_organizations"))
    expected = Expected(
        organization_ids=listed,
        organization_id=manner.organization_id,
        latest_day=(now() + _AHEAD).date(),
    )
    found: dict[Path, AnswerFile] = {}
    problems: list[str] = []
    for path in paths:
        try:
            found[path] = read_answers(path, expected, manner.layout)
        except SheetError as error:
            problems += map(str, error.problems)
    return found, problems


def _taken(found: dict[Path, AnswerFile], imported: Imported) -> Taken:
    files = found.values()
    return Taken(
        files=tuple(found),
        imported=imported,
        blank_row_count=sum(file.blank_row_count for file in files),
        draft_count=sum(len(file.draft_places) for file in files),
        left_out_columns=tuple(
            dict.fromkeys(column for file in files for column in file.left_out_columns)
        ),
    )


def _waiting(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("[!.]*")):
        if path.is_file() and path.suffix.casefold() in _SUFFIXES:
            yield path


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        problem = f"{path}: cannot be opened ({error.strerror}); check name and permissions"
        raise InputError(problem) from error


def _put_away(path: Path) -> None:
    """Move a file to those that were imported; one of the same name there is never replaced."""
    folder = path.parent / _IMPORTED
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    path.rename(target)
