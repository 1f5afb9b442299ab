"""The README of an export: what each table is, and how to read, cite and verify it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.citation import NOT_STATED, title
from warehouse.exporttables import declared_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_READING = """\
## How to read it

- **Files.** Each table is there twice: `.parquet` (with types) and `.csv` (UTF-8, comma, a line
  of header). `dictionary.csv` explains every column; `datapackage.json` tells the same to programs
  (Frictionless).
- **Times** are UTC. In CSV they look like `2026-11-16T09:30:00.000000Z`; in Parquet they are
  timestamps without a zone. A week is named by its Monday (`as_of_week`).
- **Missing is not zero.** What was not seen, not measured or not told is an empty cell (NULL in
  Parquet). A signal without a value says why in `missing_reason` and `unseen_reason`. An empty text
  in Parquet means "none"; in CSV both are empty cells.
- **A stage never stands alone.** `stage_code` comes with its 90 % prediction set (`set90_low`,
  `set90_high`); where `is_abstained` is true, it is no result. Shares and medians come with their
  `n`.
- **Lists** are JSON arrays in CSV.
- **Order.** Rows are sorted, each table by columns of its own; the same warehouse gives the same
  bytes.
"""
_VERIFYING = """\
## How to verify it

    sha256sum -c checksums.txt

`manifest.json` says what the tables were made from: the moment they are computed for (`as_of`),
what had been learned by then (`known_at`), versions of the program, its methods and models,
settings, and the digest of the list of organizations (`list_sha256`).
"""
_PEOPLE = """\
## Whom it is about

It describes organizations. It is not for decisions about persons (hiring, credit, sanctions), and
nobody may try to find persons in it.
"""
_KEYS = """\
`author_key` stands for a person, by a hash that is another one for each source and year. Who knows
a public post may find its row by its time, and other rows with the same key. Give this export only
to people who may know that, and remove it when it has served: what its sources delete later is
still in it.
"""
_STATE = """\
## How to go on with it

`state/` and `models/` are for `barograph import --export DIR`, which loads this export into an
empty project. They are not needed to read the tables.
"""


def guide(manifest: Mapping[str, Any]) -> str:
    """The text of an export's README (Markdown)."""
    return "\n".join(_sections(manifest))


def _sections(manifest: Mapping[str, Any]) -> Iterable[str]:
    yield f"# {title(manifest)}\n"
    yield f"{_opening(manifest)}\n"
    yield "## Tables\n"
    yield f"{_tables(manifest)}\n"
    yield _READING
    yield _citing(manifest)
    yield _VERIFYING
    yield _PEOPLE
    if not manifest["is_public"]:
        yield _KEYS
    if manifest["is_whole"]:
        yield _STATE


def _opening(manifest: Mapping[str, Any]) -> str:
    as_of, known_at = manifest["as_of"], manifest["known_at"]
    parts = [f"Signals and estimates as of {as_of}, from what was known at {known_at}."]
    if manifest["is_invented"]:
        parts.append("The organizations are invented: this is the demo world.")
    if manifest["is_public"]:
        parts.append(
            "Nothing in it is about single acts or persons; of private claims it has totals."
        )
    if manifest["since"]:
        parts.append(f"What is about days before {manifest['since']} is left out.")
    if manifest["organizations"]:
        parts.append(f"It is about {len(manifest['organizations'])} chosen organizations only.")
    return "\n".join(parts)


def _tables(manifest: Mapping[str, Any]) -> str:
    files = manifest["files"]
    lines = [
        f"| `{table.name}` | {told['rows']} | {table.about} |"
        for table in declared_tables().values()
        if (told := files.get(f"{table.name}.csv"))
    ]
    return "\n".join(("| table | rows | what a row is |", "|---|--:|---|", *lines))


def _citing(manifest: Mapping[str, Any]) -> str:
    publisher = manifest["publisher"] or "publisher not stated"
    return (
        "## How to cite it, and its licence\n\n"
        f"{publisher}: {title(manifest)}. Made with Barograph {manifest['barograph_version']}.\n"
        "`CITATION.cff` says the same to programs.\n\n"
        f"Licence: {manifest['licence'] or NOT_STATED}.\n"
    )
