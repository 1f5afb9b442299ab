"""Collecting real documents from a server, from the command line to the tables.

The documents belong to their publishers and are no part of this repository.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from corpus_server import Asked, folder_documents, organizations_toml, serving
from warehouse_tables import WHOLE_ACTIVITIES, digest, rows

pytestmark = pytest.mark.real

COLLECT = ("collect", "--now", "--allow-host", "127.0.0.1", "--json")
#: Read in another character set than they declare, which is no fault of their XML; see
#: `ONLY_OVERRIDDEN` in tests/connectors/test_feeds_real.py.
ONLY_OVERRIDDEN = {
    "feedparser-illformed__tests_illformed_chardet_big5.xml",
    "feedparser-illformed__tests_illformed_chardet_eucjp.xml",
    "feedparser-illformed__tests_illformed_chardet_euckr.xml",
    "feedparser-illformed__tests_illformed_chardet_gb2312.xml",
    "feedparser-illformed__tests_illformed_chardet_koi8r.xml",
    "feedparser-illformed__tests_illformed_chardet_shiftjis.xml",
    "feedparser-illformed__tests_illformed_chardet_tis620.xml",
    "feedparser-illformed__tests_illformed_chardet_windows1255.xml",
    "picoFeed__cercle.psy.xml",
    "rss-parser__uolNoticias.rss",
}
FIRST_LISTINGS = """
    select address, is_malformed, malformed_reason, document_format, document_encoding
    from raw.listings join raw.channels using (channel_id) where parser != ''
"""


class Twice(NamedTuple):
    """A project that asked the same server twice, and what it said of it."""

    data: Any
    manifest: dict[str, dict[str, Any]]
    first: dict[str, Any]
    second: dict[str, Any]
    asked_again: list[Asked]
    digest_before: str


@pytest.fixture(scope="module")
def collected(real_data, tmp_path_factory, barograph_in):
    folder = tmp_path_factory.mktemp("real")
    documents = {quote(path): body for path, body in folder_documents(real_data / "feeds").items()}
    with serving(documents) as server:
        text = organizations_toml(server.base_url, list(documents), 5)
        (folder / "organizations.toml").write_text(text)
        first = barograph_in(folder, *COLLECT)
        before = digest(folder / "data", WHOLE_ACTIVITIES), len(server.asked)
        second = barograph_in(folder, *COLLECT)
        asked = server.asked[before[1] :]
    assert (first.returncode, second.returncode) == (3, 3), first.stderr + second.stderr
    return Twice(
        folder / "data",
        manifest(real_data),
        json.loads(first.stdout),
        json.loads(second.stdout),
        asked,
        before[0],
    )


def test_every_document_of_the_list_was_served_and_asked(collected):
    assert len(collected.manifest) > 300
    assert collected.first["asked"] == len(collected.manifest)
    addresses = {path_of(a) for (a,) in rows(collected.data, "select address from raw.channels")}
    assert addresses == set(collected.manifest)


def test_each_channel_has_as_many_activities_as_its_document_has_entries(collected):
    query = """
        select address, count(activity_id)
        from raw.channels left join raw.activities using (channel_id) group by all
    """
    counts = {path_of(address): count for address, count in rows(collected.data, query)}
    wanted = {path: entry["entries"] for path, entry in collected.manifest.items()}
    assert {p: (n, wanted[p]) for p, n in counts.items() if n != wanted[p]} == {}
    assert collected.first["activities_added"] == sum(wanted.values())


def test_every_activity_is_stored_exactly_once(collected):
    query = "select count(*), count(distinct activity_id) from raw.activities"
    assert rows(collected.data, query) == [(sum(entries(collected)),) * 2]


def test_broken_documents_are_flagged_and_others_are_not(collected):
    wrong = {
        path: reason
        for path, is_malformed, reason, *_ in listings(collected)
        if is_malformed
        != (collected.manifest[path]["malformed"] and path[1:] not in ONLY_OVERRIDDEN)
    }
    assert wrong == {}


def test_formats_and_encodings_are_those_of_the_list(collected):
    wrong = {}
    for path, _, _, *told in listings(collected):
        entry = collected.manifest[path]
        wanted = [entry["format"], entry["encoding"]]
        if entry["format"].startswith("json"):  # the list has neither version nor encoding of JSON
            wanted = [told[0] if told[0] in {"json10", "json11"} else "json", "utf-8"]
        if told != wanted:
            wrong[path] = (told, wanted)
    assert wrong == {}


def test_only_documents_without_a_feed_fail_and_each_with_a_reason(collected):
    failed = rows(
        collected.data,
        "select address, last_error from raw.channels join raw.cursors using (channel_id) "
        "where last_outcome not in ('ok', 'not_modified', 'unchanged')",
    )
    no_feeds = {
        path
        for path, entry in collected.manifest.items()
        if entry["format"] == "unknown" and not entry["entries"]
    }
    assert {path_of(address) for address, _ in failed} == no_feeds
    assert [address for address, error in failed if len(error.split()) < 4] == []
    assert collected.first["failed"] == len(no_feeds) > 0


def test_asking_again_adds_nothing_and_changes_nothing(collected):
    assert collected.second["activities_added"] == 0
    assert digest(collected.data, WHOLE_ACTIVITIES) == collected.digest_before


def test_asking_again_is_conditional_wherever_the_first_answer_was_a_feed(collected):
    assert {a.path for a in collected.asked_again} >= set(collected.manifest)
    readable = len(collected.manifest) - collected.first["failed"]
    assert collected.second["not_modified"] == readable
    statuses = [(a.status, a.is_conditional) for a in collected.asked_again]
    assert statuses.count((304, True)) >= readable


def manifest(folder):
    """Entries of the list by the path under which their document is served."""
    lines = (folder / "feeds" / "MANIFEST.jsonl").read_text("utf-8").splitlines()
    return {quote(f"/{entry['file']}"): entry for entry in map(json.loads, lines)}


def path_of(address):
    return "/" + address.rpartition("/")[2]


def entries(collected):
    return [entry["entries"] for entry in collected.manifest.values()]


def listings(collected):
    found = rows(collected.data, FIRST_LISTINGS)
    assert len(found) == len(collected.manifest) - collected.first["failed"]
    return [(path_of(address), *told) for address, *told in found]
