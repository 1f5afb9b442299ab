"""The register of initiatives of some organizations of the demo world, all of it invented."""

from __future__ import annotations

import csv
import io
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from classifiers.improving.criteria import CRITERION_CODES
from classifiers.improving.initiatives_file import TEMPLATE_COLUMNS
from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write_initiatives(folder: Path) -> None:
    """Write `initiatives.csv` into a project folder, which is there; whole or not at all."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, TEMPLATE_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows())
    write_text(folder / "initiatives.csv", sheet.getvalue())


def _rows() -> Iterator[dict[str, Any]]:
    text = (files("flows.demo") / "initiatives.toml").read_text(encoding="utf-8")
    for entry in tomllib.loads(text)["initiative"]:
        for scorer, scores in entry["scores"].items():
            yield {
                "organization": entry["organization"],
                "initiative": entry["code"],
                "name": entry["name"],
                **dict(zip(CRITERION_CODES, scores, strict=True)),
                "scorer": scorer,
                "gate": entry.get("gate", ""),
            }
