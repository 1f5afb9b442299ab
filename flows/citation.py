"""How to cite an export: a file in the Citation File Format, version 1.2.0."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOT_STATED = "not stated"
#: Licences of data that are known by these names; the format allows no others.
_LICENCES = frozenset(
    {
        *("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0"),
        *("CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0"),
        *("Apache-2.0", "MIT"),
    }
)


def citation(manifest: Mapping[str, Any], manifest_sha256: str) -> str:
    """The text of `CITATION.cff` (YAML).

    Args:
        manifest: of the export.
        manifest_sha256: names these very bytes; who cites it can be checked.
    """
    return "".join(f"{line}\n" for line in _lines(manifest, manifest_sha256))


def _lines(manifest: Mapping[str, Any], manifest_sha256: str) -> Iterable[str]:
    yield "cff-version: 1.2.0"
    yield f"message: {_text('If you use these data, please cite them as below.')}"
    yield "type: dataset"
    yield f"title: {_text(title(manifest))}"
    yield "authors:"
    yield f"  - name: {_text(manifest['publisher'] or NOT_STATED)}"
    yield f"version: {_text(manifest['as_of_week'])}"
    yield f"date-released: {manifest['known_at'][:10]}"
    yield f"abstract: {_text(_abstract(manifest))}"
    if manifest["licence"] in _LICENCES:
        yield f"license: {manifest['licence']}"
    yield "identifiers:"
    yield "  - type: other"
    yield f"    value: {_text(f'sha256:{manifest_sha256}')}"
    yield f"    description: {_text('SHA-256 of manifest.json, which names all tables by theirs.')}"
    yield "references:"
    yield "  - type: software"
    yield f"    title: {_text('Barograph')}"
    yield f"    version: {_text(manifest['barograph_version'])}"
    yield "    authors:"
    yield f"      - name: {_text('The Barograph authors')}"


def title(manifest: Mapping[str, Any]) -> str:
    """What the export is called."""
    invented = ", invented organizations" if manifest["is_invented"] else ""
    kind = " (public)" if manifest["is_public"] else ""
    week = manifest["as_of_week"]
    return f"Barograph export{kind}{invented}, week of Monday {week}"


def _abstract(manifest: Mapping[str, Any]) -> str:
    rows = manifest["files"]["organizations.csv"]["rows"]
    return (
        f"What {rows} organizations did in public on social media, measured week after week, with "
        "observed stages of social business estimated from outside and their prediction sets."
    )


def _text(value: str) -> str:
    """A string of JSON is one of YAML."""
    return json.dumps(value, ensure_ascii=False)
