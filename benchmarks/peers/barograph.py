"""Barograph itself, through the public command line."""

from __future__ import annotations

import json
import shutil
import sysconfig
from typing import TYPE_CHECKING, Any

from accounting import run_measured
from contest import Pass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CHANNELS_AN_ORGANIZATION = 4
_FUNCTIONS = ("press", "support", "careers", "community")


class Barograph:
    """`barograph collect`: fetch, archive, parse and load into the warehouse."""

    name = "barograph"
    is_peer = False
    settling_pass_count = 0

    def __init__(self, command: str) -> None:
        self._command = command

    def prepare(self, urls: Sequence[str], store: Path) -> None:
        """Write the list of organizations; the data folder does not exist yet."""
        self._store = store
        self._entry_count = 0
        (store / "organizations.toml").write_text(_list_organizations(urls))

    def collect(self) -> Pass:
        """Collect what is at these addresses, due or not."""
        files = ["--organizations", "organizations.toml", "--data", "data"]
        options = ["--now", "--allow-host", "127.0.0.1", "--json"]
        completed = run_measured([self._command, "collect", *files, *options], self._store)
        told: dict[str, Any] = json.loads(completed.output)
        self._entry_count += told["activities_added"]
        return Pass(
            usage=completed.usage,
            own_seconds=told["elapsed_seconds"],
            entry_count=self._entry_count,
        )

    collect_again = collect


def find_command() -> str | None:
    """The `barograph` command beside this Python, or None where it is not installed."""
    return shutil.which("barograph", path=sysconfig.get_path("scripts"))


def _list_organizations(urls: Sequence[str]) -> str:
    starts = range(0, len(urls), CHANNELS_AN_ORGANIZATION)
    groups = [urls[start : start + CHANNELS_AN_ORGANIZATION] for start in starts]
    return "\n".join(_describe(number, group) for number, group in enumerate(groups))


def _describe(number: int, urls: Sequence[str]) -> str:
    channels = "".join(
        f'  {{ source = "feeds", address = "{url}", function = "{function}" }},\n'
        for url, function in zip(urls, _FUNCTIONS, strict=False)
    )
    return (
        f'[[organization]]\nid = "organization-{number:05}"\nname = "Organization {number}"\n'
        f'industry = "public-administration"\nsize = "250-999"\ncountry = "NL"\n'
        f"channels = [\n{channels}]\n"
    )
