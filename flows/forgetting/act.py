"""The act of forgetting, from the first step to the last: each can be done again.

First nothing is taken in any more, then the archive, from which everything could come back, then
the warehouse, what is published, the file of the warehouse itself, and what lies beside it. See
docs/decisions/025.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows.build import build_signals
from flows.clock import naive, now
from flows.compare import compare_stages
from flows.estimate import estimate
from flows.forgetting.archive import erase_from_archive, remove_naming_responses
from flows.forgetting.copies import renew_copies
from flows.forgetting.leftovers import erase_leftovers, models_naming
from flows.forgetting.organization import opt_out
from flows.forgetting.subject import drop_subject, keep_subject, unfinished_subject
from flows.opening import open_project
from flows.publicwords import renew_public_words
from flows.publish import publish
from flows.recovery import recover
from flows.suppression import suppress_keys, suppress_organization, suppress_person
from flows.written import written
from warehouse.build import NotBuiltError, last_clock
from warehouse.compacting import compact, compact_lake
from warehouse.durable import sync
from warehouse.erasedfiles import Theirs
from warehouse.erasing import (
    acts_of,
    erase_organization,
    erase_person,
    forget_models,
    redact,
)
from warehouse.purgerecords import keep_purges
from warehouse.recording import keep_withdrawn
from warehouse.register import refuse_while_others_work
from warehouse.writers import sole_writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flows.forgetting.subject import Subject
    from flows.project import Project
    from flows.settings import Settings
    from flows.written import Written
    from warehouse.db import Connection

LOG_NAME = "erasures.jsonl"
#: What a word must hold to mean somebody wherever it stands.
_MARKS = "@/:.|#"


@dataclass(slots=True)
class Forgotten:
    """What was removed, in numbers, and where copies may still be."""

    kind: str
    counts: dict[str, int] = field(default_factory=dict)
    opted_out: list[str] = field(default_factory=list)
    copies: list[Written] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)

    def told(self) -> Iterator[str]:
        """What to tell whoever asked for it, line by line."""
        removed = ", ".join(f"{count} {kind}" for kind, count in self.counts.items() if count)
        yield f"removed: {removed or 'nothing was there'}"
        for entry in self.opted_out:
            yield f"opt-out.txt: {entry} will not be asked any more"
        if self.kind == "organization":
            yield "Take it out of your list of organizations; until then every run skips it."
        yield from self.renewed
        for copy in self.copies:
            yield f"may still hold it: {copy.kind} {copy.path}, written {copy.written_at[:10]}"
        yield "Copies and backups elsewhere are for you to clean."


def forget(
    project: Project, settings: Settings, subject: Subject, *, is_rewriting: bool = False
) -> Forgotten:
    """Erase everything of a person or an organization; an interrupted act is finished by the next.

    Args:
        project: from whose data.
        settings: of the project.
        subject: whom.
        is_rewriting: whether copies elsewhere are written anew or removed, too.

    Raises:
        WarehouseBusyError: a run is writing, or at work on what it will write.
    """
    known = unfinished_subject(_secrets(project))
    if known is not None and not known.is_same(subject):
        forget(project, settings, known)  # what was interrupted would not be found again
    done = Forgotten(subject.kind)
    _suppress(project, settings, subject, done)
    with open_project(project) as connection, sole_writer(connection):
        refuse_while_others_work(connection)
        recover(project, connection)
        theirs = _erase_kept(project, connection, subject, done)
        done.counts |= erase_leftovers(project, settings, theirs)
        _publish_anew(project, settings, connection)
        _compact(project, connection)
    copies = [one for one in written(project) if one.is_there]
    if is_rewriting:
        done.renewed = renew_copies(project, copies, theirs)
    else:
        done.copies = copies
    _log(project, done)
    drop_subject(_secrets(project))
    return done


def _suppress(project: Project, settings: Settings, subject: Subject, done: Forgotten) -> None:
    """From here on nothing of them is taken in."""
    secrets = _secrets(project)
    keep_subject(secrets, subject)
    if subject.organization_id:
        suppress_organization(secrets, (subject.organization_id, *subject.addresses))
        done.opted_out = opt_out(settings, subject)
    elif subject.identities:
        suppress_person(secrets, subject.source, subject.identities, subject.keys)
    else:
        suppress_keys(secrets, subject.keys)


def _erase_kept(
    project: Project, connection: Connection, subject: Subject, done: Forgotten
) -> Theirs:
    """The archive first: whatever is still there could come back."""
    found, moment = acts_of(connection, subject.keys), naive(now())
    theirs = Theirs(
        organization_id=subject.organization_id,
        channel_ids=frozenset(subject.channel_ids),
        author_keys=frozenset(subject.keys),
        activity_ids=found.activity_ids,
        words=tuple(word for word in subject.words if set(word) & set(_MARKS)),
        names=tuple(word for word in subject.words if not set(word) & set(_MARKS)),
    )
    done.counts["responses"] = remove_naming_responses(
        project, connection, theirs, found.channel_ids, moment
    )
    done.counts["archived rows and records"] = erase_from_archive(project.archive, theirs)
    if subject.organization_id:
        forget_models(connection, models_naming(project, theirs))
        counts = erase_organization(
            connection, subject.organization_id, subject.channel_ids, moment
        )
        done.counts["rows"] = sum(counts.values())
    else:
        done.counts["acts"] = erase_person(connection, subject.keys, moment)
    done.counts["texts"] = redact(connection, theirs.words, theirs.names)
    keep_purges(connection, project.archive.purged)
    keep_withdrawn(connection, project.archive.withdrawn)
    return theirs


def _publish_anew(project: Project, settings: Settings, connection: Connection) -> None:
    """What was published goes; where anything had been built, the last week is published anew."""
    try:
        clock = last_clock(connection)
    except NotBuiltError:
        shutil.rmtree(project.snapshots, ignore_errors=True)
        return
    build_signals(project, connection, clock.as_of)
    estimate(project, connection)
    compare_stages(connection)
    renew_public_words(settings, connection)
    newest = publish(project, connection)
    for path in project.snapshots.glob("snapshot-*.duckdb*"):
        if path.name != newest.name:
            path.unlink()
    sync(project.snapshots)


def _compact(project: Project, connection: Connection) -> None:
    """Nothing stays where it had been deleted."""
    if project.lake:
        compact_lake(connection)
    else:
        compact(connection, project.warehouse)


def _log(project: Project, done: Forgotten) -> None:
    """That something was erased, and how much; not of whom."""
    record = {"erased_at": now().isoformat(), "kind": done.kind, "counts": done.counts}
    path = project.data / LOG_NAME
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    sync(path)


def _secrets(project: Project) -> Path:
    return project.keyring.parent
