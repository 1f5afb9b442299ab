"""Ready lists of real organizations: what the files hold, and how `init` writes them.

Nothing here asks any of the addresses: without a contact, no public host is asked.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import connectors
from connectors.terms.register import shipped
from flows.organizations.reading import read_organizations
from flows.panel import find_panel, panels

NAMES = [panel.name for panel in panels()]
ROOT = Path(connectors.__file__).parents[1]
FILES = ROOT / "flows" / "panels"
PAGE = ROOT / "docs" / "panels.md"
SIZE_SOURCE = re.compile(r"^# size: (?P<text>.+)$", re.MULTILINE)
ADDRESS = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}\b")


def organizations_of(name):
    return read_organizations(FILES / f"{name}.toml")


def tables_of(name):
    """The text of each organization, with its comments."""
    return find_panel(name).text.split("[[organization]]\n")[1:]


def test_there_are_the_four_panels_that_the_documentation_names():
    assert len(NAMES) == 4
    assert sorted(path.stem for path in FILES.glob("*.toml")) == NAMES
    assert re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text(), re.MULTILINE) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_what_the_documentation_counts_is_there(name):
    panel = find_panel(name)
    row = rf"^\| `{name}` \| {panel.organization_count} \| {panel.channel_count} \|"
    assert re.search(row, PAGE.read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_a_panel_is_read_as_a_users_list_is_without_a_problem(name):
    organizations = organizations_of(name)
    assert len(organizations) == find_panel(name).organization_count >= 6
    assert sum(len(one.channels) for one in organizations) == find_panel(name).channel_count


@pytest.mark.parametrize("name", NAMES)
def test_every_organization_has_a_country_an_industry_a_group_and_channels(name):
    for one in organizations_of(name):
        assert one.name
        assert one.country
        assert one.industry
        assert one.homepage.startswith("https://")
        assert one.groups
        assert one.channels
    assert len({one.groups for one in organizations_of(name)}) == 1  # they are one another's peers


@pytest.mark.parametrize("name", NAMES)
def test_a_size_stands_below_where_it_is_from_and_no_size_without_a_source(name):
    for one, table in zip(organizations_of(name), tables_of(name), strict=True):
        (source,) = SIZE_SOURCE.findall(table)
        assert bool(ADDRESS.search(source)) == bool(one.size_class), one.organization_id
        assert one.size_class or source == "none found"


@pytest.mark.parametrize("name", NAMES)
def test_every_channel_says_on_which_page_its_evidence_stands(name):
    channels = [channel for one in organizations_of(name) for channel in one.channels]
    assert [c.address for c in channels if not ADDRESS.search(c.evidence)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_channel_is_at_a_source_that_is_switched_on(name):
    channels = [channel for one in organizations_of(name) for channel in one.channels]
    assert {
        channel.source for channel in channels if not shipped()[channel.source].enabled
    } == set()


def test_no_channel_and_no_organization_is_listed_twice_over_all_panels():
    organizations = [one for name in NAMES for one in organizations_of(name)]
    channels = [(c.source, c.address.lower()) for one in organizations for c in one.channels]
    assert len(set(channels)) == len(channels)
    assert len({one.organization_id for one in organizations}) == len(organizations)


@pytest.mark.parametrize("name", NAMES)
def test_the_head_of_a_panel_says_what_it_is_when_it_was_made_and_that_addresses_change(name):
    panel = find_panel(name)
    head = panel.text.partition("\n\n")[0]
    assert panel.sentence.endswith(".")
    assert f"# Compiled: {panel.compiled_on}\n" in head
    for words in ("Addresses change", "barograph discover", "not drawn", "docs/panels.md"):
        assert words in head


@pytest.mark.parametrize("name", NAMES)
def test_init_writes_a_project_whose_list_is_the_panel_byte_for_byte(name, tmp_path, barograph):
    done = barograph("init", "--panel", name)
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "organizations.toml").read_bytes()
    head, panel = written.split(b"\n\n", 1)
    assert panel == (FILES / f"{name}.toml").read_bytes()
    assert f"`barograph init --panel {name}`".encode() in head
    assert all(line.startswith(b"# ") for line in head.splitlines())
    assert {path.name for path in tmp_path.iterdir()} == {
        "barograph.toml",
        "claims.csv",
        "organizations.toml",
    }
    refused = barograph("collect")  # reads the list, and asks nobody without a contact
    assert refused.returncode == 2
    assert "no contact is set" in refused.stderr


def test_init_shows_the_panels_and_writes_nothing(tmp_path, barograph):
    done = barograph("init", "--panels")
    assert done.returncode == 0
    for panel in panels():
        counts = f"{panel.organization_count} organizations, {panel.channel_count} channels"
        assert f"{panel.name}\n    {panel.sentence}\n    {counts}" in done.stdout
        assert f"compiled {panel.compiled_on}" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_panel_is_answered_with_those_that_there_are(tmp_path, barograph):
    done = barograph("init", "--panel", "city-councils")
    assert done.returncode == 2
    assert ", ".join(NAMES) in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["toml", "csv", "opml"])
def test_a_panel_replaces_no_list_in_whatever_format(kind, tmp_path, barograph):
    (tmp_path / f"organizations.{kind}").write_text("mine")
    done = barograph("init", "--panel", NAMES[0])
    assert done.returncode == 2
    assert f"organizations.{kind}: there is a list already" in done.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        f"organizations.{kind}": "mine"
    }


def test_settings_and_claims_that_are_there_stay_beside_a_panel(tmp_path, barograph):
    (tmp_path / "claims.csv").write_text("organization,stage\n")
    done = barograph("init", "--panel", NAMES[0])
    assert done.returncode == 0
    assert "kept  claims.csv" in done.stdout
    assert (tmp_path / "claims.csv").read_text() == "organization,stage\n"
