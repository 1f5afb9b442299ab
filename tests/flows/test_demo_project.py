"""The project folder of the demo world holds what an observer may know, and no true stage."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from datetime import date
from urllib.parse import urlsplit

from demo_pages import platform_pages
from demo_world import WORLD

from flows.demo.organization import Platform
from flows.demo.platforms import Platforms
from flows.demo.project import write_project
from flows.demo.site import build_site
from flows.hosts import first_url
from flows.organizations.model import make_channel

BASE_URL = "http://127.0.0.1:8000"


def test_organizations_are_written_as_the_project_reads_them(tmp_path):
    write_project(WORLD, tmp_path / "demo", "http://127.0.0.1:8000")
    text = (tmp_path / "demo" / "organizations.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["organization"]
    assert "invented" in text.splitlines()[0]
    assert [row["id"] for row in rows] == [one.organization_id for one in WORLD.organizations]
    assert len({row["id"] for row in rows}) == len(rows)
    assert {key for row in rows for key in row} == ORGANIZATION_KEYS


def test_every_written_address_is_one_that_the_world_answers(tmp_path):
    write_project(WORLD, tmp_path, BASE_URL)
    rows = tomllib.loads((tmp_path / "organizations.toml").read_text(encoding="utf-8"))
    site, platforms = build_site(WORLD), Platforms(WORLD)
    for row in rows["organization"]:
        assert urlsplit(row["homepage"]).path in site
        for channel in row["channels"]:
            assert set(channel) == {"source", "address", "role", "function"}
            asked = urlsplit(first_url(make_channel(row["id"], channel)))
            found = site.get(asked.path) or platforms.resource(asked.path, asked.query, BASE_URL)
            assert found is not None, channel["address"]


def test_every_platform_has_lively_and_thin_profiles(tmp_path):
    write_project(WORLD, tmp_path, BASE_URL)
    rows = tomllib.loads((tmp_path / "organizations.toml").read_text(encoding="utf-8"))
    sources = Counter(
        channel["source"] for row in rows["organization"] for channel in row["channels"]
    )
    assert set(sources) == {"feeds", *Platform}
    assert min(sources.values()) >= 4


def test_forums_that_are_served_elsewhere_are_written_with_their_own_servers(tmp_path):
    forum_urls = {"solvane-mutual": "http://127.0.0.1:8001"}
    write_project(WORLD, tmp_path, BASE_URL, forum_urls)
    text = (tmp_path / "organizations.toml").read_text(encoding="utf-8")
    assert '"http://127.0.0.1:8001/forum/solvane-mutual"' in text
    assert f'"{BASE_URL}/forum/brightwick-energy"' in text


def test_the_listed_addresses_are_the_old_ones_of_feeds_that_moved(tmp_path):
    write_project(WORLD, tmp_path, "http://127.0.0.1:8000")
    rows = tomllib.loads((tmp_path / "organizations.toml").read_text(encoding="utf-8"))
    channels = [channel for row in rows["organization"] for channel in row["channels"]]
    written = [channel["address"] for channel in channels if channel["source"] == "feeds"]
    assert written == [
        f"http://127.0.0.1:8000{channel.path}"
        for organization in WORLD.organizations
        for channel in organization.channels
    ]


def test_true_stages_are_neither_written_nor_served(tmp_path):
    write_project(WORLD, tmp_path, "http://127.0.0.1:8000")
    served = b"".join(resource.body for resource in build_site(WORLD).values())
    served += b"".join(body for _, body in platform_pages(WORLD, BASE_URL))
    written = (tmp_path / "organizations.toml").read_bytes()
    assert not re.search(rb"stage|temper|quiet|dormant", served + written, re.IGNORECASE)


def test_claims_are_written_as_rows(tmp_path):
    write_project(WORLD, tmp_path, "http://127.0.0.1:8000")
    with (tmp_path / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == CLAIM_COLUMNS
    assert [(row["organization"], int(row["stage"])) for row in rows] == [
        (claim.organization_id, claim.stage) for claim in WORLD.claims
    ]
    assert all(date.fromisoformat(row["claimed_on"]) < WORLD.as_of.date() for row in rows)


def test_writing_again_replaces_the_files_and_leaves_no_draft(tmp_path):
    write_project(WORLD, tmp_path, "http://127.0.0.1:8000")
    write_project(WORLD, tmp_path, "http://127.0.0.1:9000")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claims.csv", "organizations.toml"]
    text = (tmp_path / "organizations.toml").read_text(encoding="utf-8")
    assert ":9000/" in text
    assert ":8000/" not in text


# ── builders ─────────────────────────────────────────────────────────────────────────────────────

ORGANIZATION_KEYS = {"id", "name", "industry", "size", "country", "homepage", "channels"}
CLAIM_COLUMNS = ["organization", "stage", "claimed_on", "instrument", "respondent_role"]
