"""A module in the folder of connectors is a source; nothing else has to know of it."""

import sys
from pathlib import Path

import pytest

import connectors
from connectors.contract import AddressError, Channel

PIGEONS = """
class Connector:
    source = "pigeons"
    version = "1"
"""
NO_SOURCES = {"__init__", "contract", "discovery"}


def test_the_sources_are_the_modules_of_the_folder():
    folder = Path(connectors.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - NO_SOURCES
    assert connectors.names() == tuple(sorted(modules))
    assert "feeds" in connectors.names()


@pytest.mark.parametrize("source", connectors.names())
def test_every_source_is_what_its_module_is_called(source):
    connector = connectors.load(source)
    assert connector.source == source
    assert connector.version
    assert all(callable(getattr(connector, name)) for name in ("check_address", "plan", "parse"))


@pytest.mark.parametrize("source", connectors.names())
def test_every_source_says_what_address_it_expects(source):
    with pytest.raises(AddressError) as caught:
        connectors.load(source).check_address("")
    assert len(str(caught.value)) > 20


def test_every_source_plans_without_a_network():
    channel = Channel(
        channel_id="a:feeds:1",
        organization_id="a",
        source="feeds",
        address="https://example.org/news.xml",
    )
    requests = list(connectors.load("feeds").plan(channel, None))
    assert [request.url for request in requests] == ["https://example.org/news.xml"]


@pytest.mark.parametrize("name", ["Feeds", "fetching", "feeddocument", "contract", "", "os.path"])
def test_an_unknown_source_is_answered_with_those_that_are_known(name):
    with pytest.raises(LookupError) as caught:
        connectors.load(name)
    assert f"unknown source {name!r}" in str(caught.value)
    assert ", ".join(connectors.names()) in str(caught.value)


def test_a_module_dropped_into_the_folder_is_a_new_source(folder):
    before = connectors.names()
    (folder / "pigeons.py").write_text(PIGEONS)
    forget_what_was_found()
    assert connectors.names() == tuple(sorted([*before, "pigeons"]))
    assert connectors.load("pigeons").source == "pigeons"


def test_a_package_dropped_into_the_folder_is_none(folder):
    before = connectors.names()
    (folder / "lofts").mkdir()
    (folder / "lofts" / "__init__.py").write_text(PIGEONS)
    forget_what_was_found()
    assert connectors.names() == before


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A second folder of connectors, for the length of one test."""
    monkeypatch.setattr(connectors, "__path__", [*connectors.__path__, str(tmp_path)])
    yield tmp_path
    monkeypatch.undo()
    sys.modules.pop("connectors.pigeons", None)
    forget_what_was_found()


def forget_what_was_found():
    connectors.names.cache_clear()
    connectors.load.cache_clear()
