"""A project folder for the demo world: what somebody who watches it would have written down.

True stages stay in the world.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from warehouse.durable import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from flows.demo.organization import DemoChannel, DemoClaim, DemoOrganization
    from flows.demo.world import World

_CLAIM_COLUMNS = ("organization", "stage", "claimed_on", "instrument", "respondent_role")
_NOTICE = """\
# The organizations of the demo world. All of them are invented: names, addresses and posts.
# Their feeds exist only while the demo runs.
"""


def write_project(world: World, folder: Path, base_url: str) -> None:
    """Write `organizations.toml` and `claims.csv` into a folder, which is made if need be.

    Each file is replaced as a whole or not at all.

    Args:
        world: whom to write down.
        folder: the project's folder.
        base_url: where the world is served, without a slash at the end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "organizations.toml", _organizations_toml(world, base_url))
    write_text(folder / "claims.csv", _claims_csv(world.claims))


def _organizations_toml(world: World, base_url: str) -> str:
    return "\n".join(
        (_NOTICE, *(_organization(organization, base_url) for organization in world.organizations))
    )


def _organization(organization: DemoOrganization, base_url: str) -> str:
    homepage = f"{base_url}/{organization.organization_id}/"
    return "\n".join(
        (
            "[[organization]]",
            f"id = {_quoted(organization.organization_id)}",
            f"name = {_quoted(organization.name)}",
            f"industry = {_quoted(organization.industry)}",
            f"size = {_quoted(organization.size)}",
            f"country = {_quoted(organization.country)}",
            f"homepage = {_quoted(homepage)}",
            "channels = [",
            *(_channel(channel, base_url) for channel in organization.channels),
            "]\n",
        )
    )


def _channel(channel: DemoChannel, base_url: str) -> str:
    return (
        f'  {{ source = "feeds", address = {_quoted(base_url + channel.path)},'
        f" role = {_quoted(channel.role)}, function = {_quoted(channel.function)} }},"
    )


def _quoted(text: str) -> str:
    """A TOML basic string: its escapes are those of JSON, as long as no surrogates are used."""
    return json.dumps(text, ensure_ascii=False)


def _claims_csv(claims: tuple[DemoClaim, ...]) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(_CLAIM_COLUMNS)
    writer.writerows(
        (
            claim.organization_id,
            claim.stage,
            claim.claimed_on.isoformat(),
            claim.instrument,
            claim.respondent_role,
        )
        for claim in claims
    )
    return sheet.getvalue()
