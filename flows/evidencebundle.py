"""A bundle of evidence: one file that holds an explanation with all that it rests on.

The same state of a project gives the same bytes: no clock is read, and what is packed is packed
in the same order and with the same dates. `SHA256SUMS` inside is what `sha256sum -c` reads.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 - it is an error's class

from flows.errors import InputError
from flows.evidence import page_bodies
from flows.explanationreport import markdown, sections
from warehouse.durable import write_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from flows.explaining import Explained
    from warehouse.archive import Archive

SUMS = "SHA256SUMS"
MANIFEST = "manifest.json"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # ZIP knows nothing earlier
_MODE = 0o100644
_UNIX = 3
_CHUNK = 1 << 20


def write_bundle(archive: Archive, explained: Explained, path: Path) -> dict[str, str]:
    """Write a bundle of evidence, replacing what is there in one step.

    Args:
        archive: whose pages are put in: those of the organization's own channels in which nobody
            else speaks. `explanation.json` tells of each other page why it is left out.
        explained: an estimate with its reasons.
        path: the file.

    Returns:
        SHA-256 by name of what is in it, without `SHA256SUMS` itself.
    """
    files = bundle_files(archive, explained)
    manifest = _manifest(explained, files)
    files[MANIFEST] = _json(manifest)
    sums = {name: _sha256(content) for name, content in sorted(files.items())}
    files[SUMS] = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    write_file(path, lambda unfinished: _pack(unfinished, files))
    return sums


def bundle_files(archive: Archive, explained: Explained) -> dict[str, bytes]:
    """The contents of a bundle by name, without manifest and checksums."""
    record = explained.record
    pages = page_bodies(archive, record["pages"])
    return {
        "explanation.json": _json(record),
        "explanation.md": markdown(sections(record)).encode(),
        "estimate.json": _json(explained.estimate),
        "model.json": _json(record["model"]),
        "contributions.csv": _csv(explained.contributions),
        "measurements.csv": _csv(explained.measurements),
        "claims.csv": _csv(record["claims"]),
        **{f"pages/{page_id}": body for page_id, body in sorted(pages.items())},
    }


def check_bundle(path: Path) -> int:
    """Check that a bundle is whole and unchanged; returns how many files were checked.

    Raises:
        InputError: every file that is missing, changed or too much, or that it is no bundle.
    """
    try:
        with ZipFile(path) as bundle:
            found = _found(bundle)
            problems = [*_differences(_expected(bundle, found), found)]
    # Whoever sends a bundle decides what is in it. In the order of these: no ZIP file or one with
    # a wrong checksum; bytes that cannot be unpacked; no manifest, or a record without an entry;
    # no text or no JSON; a file that ends early; a way of packing that Python does not know.
    except (BadZipFile, ZlibError, KeyError, ValueError, EOFError, NotImplementedError) as error:
        problem = f"{path}: no bundle of evidence, or damaged ({error}); ask for it again"
        raise InputError(problem) from error
    if problems:
        raise InputError(*(f"{path}: {problem}" for problem in problems))
    return len(found) - 1


def _found(bundle: ZipFile) -> dict[str, str]:
    names = bundle.namelist()
    if len(names) != len(set(names)):
        message = "a name stands in it twice"
        raise ValueError(message)
    return {name: _digest(bundle, name) for name in names}


def _digest(bundle: ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with bundle.open(name) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _expected(bundle: ZipFile, found: Mapping[str, str]) -> dict[str, str]:
    """What its checksums say, which must say what its manifest and its pages' records say."""
    lines = bundle.read(SUMS).decode().splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    manifest = json.loads(bundle.read(MANIFEST))["files"]
    if {**manifest, MANIFEST: found[MANIFEST]} != sums:
        message = f"{SUMS} and {MANIFEST} do not agree"
        raise ValueError(message)
    pages = json.loads(bundle.read("explanation.json"))["pages"]
    named = {f"pages/{page['page_id']}": page["sha256"] for page in pages}
    return sums | {name: named.get(name, "") for name in sums if name.startswith("pages/")}


def _differences(expected: Mapping[str, str], found: Mapping[str, str]) -> Iterable[str]:
    for name in sorted(expected.keys() | found.keys() - {SUMS}):
        if name not in found:
            yield f"{name} is missing"
        elif name not in expected:
            yield f"{name} is not in {SUMS}"
        elif expected[name] != found[name]:
            yield f"{name} is not what it was"


def _manifest(explained: Explained, files: Mapping[str, bytes]) -> dict[str, Any]:
    record = explained.record
    return {
        "title": "Barograph evidence bundle",
        "organization_id": record["organization"]["organization_id"],
        "as_of_week": record["as_of_week"],
        "model_version": record["estimate"]["model_version"],
        "estimated_at": record["estimate"]["estimated_at"],
        "barograph_version": version("barograph"),
        "left_out": {
            page["page_id"]: page["left_out"]
            for page in record["pages"]
            if f"pages/{page['page_id']}" not in files
        },
        "files": {name: _sha256(content) for name, content in sorted(files.items())},
    }


def _pack(path: Path, files: Mapping[str, bytes]) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as bundle:
        for name, content in sorted(files.items()):
            entry = ZipInfo(name, _EARLIEST)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system, entry.external_attr = _UNIX, _MODE << 16
            bundle.writestr(entry, content)


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_text)
    return f"{text}\n".encode()


def _text(value: object) -> str:
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Times as in an export; a missing value is an empty cell."""
    text = io.StringIO()
    names = list(rows[0]) if rows else []
    lines = csv.DictWriter(text, names, lineterminator="\n")
    lines.writeheader()
    lines.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return _text(value)
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
