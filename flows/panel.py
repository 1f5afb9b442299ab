"""A panel: a ready list of real public organizations, which `barograph init --panel` writes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from flows.errors import InputError

_COMPILED = re.compile(r"^# Compiled: ([0-9-]{10})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Panel:
    """One ready list, as it comes with Barograph."""

    name: str
    sentence: str  #: what it holds
    compiled_on: date  #: when its sources were read; addresses change later
    text: str  #: the list itself, TOML as `organizations.toml`
    organization_count: int
    channel_count: int

    def as_list(self) -> str:
        """The text of an `organizations.toml`: a head that says where it is from, and the panel."""
        return (
            f'# From Barograph\'s panel "{self.name}", by `barograph init --panel {self.name}`.\n'
            "# This file is yours: add, change, remove. What panels are: docs/panels.md.\n"
            f"\n{self.text}"
        )


@cache
def panels() -> tuple[Panel, ...]:
    """All panels, by name."""
    files = (file for file in resources.files("flows.panels").iterdir() if _is_list(file.name))
    made = (_panel(file.name.removesuffix(".toml"), file.read_text("utf-8")) for file in files)
    return tuple(sorted(made, key=lambda panel: panel.name))


def find_panel(name: str) -> Panel:
    """The panel of a name.

    Raises:
        InputError: there is none; the message lists those that there are.
    """
    for panel in panels():
        if panel.name == name:
            return panel
    known = ", ".join(panel.name for panel in panels())
    problem = f"--panel {name}: no such panel; known are {known} (`barograph init --panels`)"
    raise InputError(problem)


def _is_list(file_name: str) -> bool:
    return file_name.endswith(".toml")


def _panel(name: str, text: str) -> Panel:
    compiled = _COMPILED.search(text)
    assert compiled, f"{name}: no line that says when it was compiled"
    organizations = tomllib.loads(text)["organization"]
    return Panel(
        name=name,
        sentence=text.partition("\n")[0].removeprefix("# "),
        compiled_on=date.fromisoformat(compiled[1]),
        text=text,
        organization_count=len(organizations),
        channel_count=sum(len(organization["channels"]) for organization in organizations),
    )
