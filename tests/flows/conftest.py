"""Projects that several tests share."""

from __future__ import annotations

import json
import shutil

import pytest
from corpus_server import serving
from small_world import AS_OF, feeds, rss
from town import Town

from flows.replaying import replay_archive


@pytest.fixture(scope="session")
def served():
    """Eleven feeds on a server: eight to read, one empty, one that has moved, one gone."""
    with serving(feeds(8) | {"/empty.xml": rss(0)}) as server:
        there = f"{server.base_url}/feed-0.xml?a,b"
        server.answers["/moved.xml"] = (301, {"Location": there}, b"")
        server.answers["/feed-0.xml?a,b"] = (200, {"ETag": '"moved"'}, rss(6, name="moved"))
        server.answers["/gone.xml"] = (404, {}, b"")
        yield server


@pytest.fixture(scope="session")
def finished(served, models, tmp_path_factory, barograph_in):
    """A project of four organizations, two of them with claims, after one run on `served`.

    It must not be changed; a test that wants to takes a copy.
    """
    folder = tmp_path_factory.mktemp("finished")
    shutil.copytree(models, folder / "data" / "models")
    paths = [*served.documents, "/moved.xml", "/gone.xml"]
    (folder / "organizations.toml").write_text(_organizations(served.base_url, paths))
    (folder / "claims.csv").write_text("organization,stage,note\na,3,\nb,Converged,=1+1\n")
    arguments = ("--now", "--allow-host", "127.0.0.1", "--as-of", AS_OF, "--json")
    done = barograph_in(folder, "run", *arguments)
    assert done.returncode == 3, done.stderr
    return folder


@pytest.fixture
def project_like(finished, models, tmp_path):
    """Makes a project that lists and claims what `finished` does and has its trained model."""

    def make(name):
        folder = tmp_path / name
        shutil.copytree(models, folder / "data" / "models")
        for file in ("organizations.toml", "claims.csv"):
            shutil.copy(finished / file, folder / file)
        return folder

    return make


@pytest.fixture(scope="session")
def town_server():
    with serving({}) as running:
        yield running


@pytest.fixture(scope="session")
def former_town(town_server, tmp_path_factory):
    """The data of a town that has been read once, and twice."""
    folder = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch:
        read = Town(folder, patch, town_server)
        read.run()
        shutil.copytree(read.data, folder / "first")
        read.run_a_day_later()
        read.data.rename(folder / "later")
    return folder


@pytest.fixture
def town(tmp_path, monkeypatch, town_server, former_town):
    return Town(tmp_path, monkeypatch, town_server, former_town)


@pytest.fixture
def replayed(town):
    """Builds, replays the archive, and gives the tables before and after."""

    def again():
        town.collecting.build()
        before = town.tables()
        replay_archive(town.data, None, quiet=True)
        return before, town.tables()

    return again


#: Names as nobody hopes for them, by identifier.
HOSTILE_NAMES = {
    "a": 'Comma, "Quote" & Semicolon; Ltd',
    "b": '=HYPERLINK("http://example.org","click")',
    "c": "Two\nLines and a tab\there",
    "d": "Ünïcode ✓ 'apostrophe' \\ backslash",
}


@pytest.fixture(scope="session")
def hostile_names():
    """Names of the organizations of `finished`, by identifier."""
    return HOSTILE_NAMES


def _organizations(base_url, paths):
    lines = []
    for number, (identifier, name) in enumerate(HOSTILE_NAMES.items()):
        addresses = [f"{base_url}{path}" for path in paths[number :: len(HOSTILE_NAMES)]]
        channels = ", ".join(f'{{ source = "feeds", address = "{a}" }}' for a in addresses)
        lines.append(
            f'[[organization]]\nid = "{identifier}"\nname = {json.dumps(name)}\n'
            f'country = "NL"\nchannels = [{channels}]\n'
        )
    return "\n".join(lines)
