"""A project folder for the demo world: what somebody who watches it would have written down.

True stages stay in the world.
"""

from __future__ import annotations

import csv
import io
import json
from types import MappingProxyType
from typing import TYPE_CHECKING

from flows.demo.organization import Platform
from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flows.demo.organization import DemoChannel, DemoClaim, DemoOrganization, DemoProfile
    from flows.demo.world import World

_CLAIM_COLUMNS = ("organization", "stage", "claimed_on", "instrument", "respondent_role")
_NO_FORUMS: Mapping[str, str] = MappingProxyType({})
_NOTICE = """\
# The organizations of the demo world. All of them are invented: names, addresses and posts.
# Their feeds, accounts, forums and sites exist only while the demo runs.
"""


def write_project(
    world: World,
    folder: Path,
    base_url: str,
    forum_urls: Mapping[str, str] = _NO_FORUMS,
) -> None:
    """Write `organizations.toml` and `claims.csv` into a folder, which is made if need be.

    Each file is replaced as a whole or not at all.

    Args:
        world: whom to write down.
        folder: the project's folder.
        base_url: where the world is served, without a slash at the end.
        forum_urls: likewise, for the forums that are served elsewhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "organizations.toml", _organizations_toml(world, base_url, forum_urls))
    write_text(folder / "claims.csv", _claims_csv(world.claims))


def _organizations_toml(world: World, base_url: str, forum_urls: Mapping[str, str]) -> str:
    blocks = (_organization(one, base_url, forum_urls) for one in world.organizations)
    return "\n".join((_NOTICE, *blocks))


def _organization(
    organization: DemoOrganization, base_url: str, forum_urls: Mapping[str, str]
) -> str:
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
            *(
                _profile(profile, forum_urls.get(profile.name, base_url))
                for profile in organization.profiles
            ),
            "]\n",
        )
    )


def _channel(channel: DemoChannel, base_url: str) -> str:
    return _row("feeds", base_url + channel.path, channel.role, channel.function)


def _profile(profile: DemoProfile, base_url: str) -> str:
    role = "community" if profile.platform is Platform.DISCOURSE else "official"
    return _row(profile.platform, profile.address(base_url), role, profile.function)


def _row(source: str, address: str, role: str, function: str) -> str:
    return (
        f"  {{ source = {_quoted(source)}, address = {_quoted(address)},"
        f" role = {_quoted(role)}, function = {_quoted(function)} }},"
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
