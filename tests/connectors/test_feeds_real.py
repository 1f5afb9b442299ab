"""The feeds connector on real documents, against what feedparser reported of each.

The documents belong to their publishers and are no part of this repository.
"""

import dataclasses
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import load
from connectors.contract import Channel, Page, PageError
from connectors.feeddocument.charset import decode_xml
from connectors.feeddocument.reader import read_strictly, read_with_feedparser
from connectors.feeddocument.strict import parse_xml
from connectors.feeds import parsed_document

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
REAL_DATA = os.environ.get("BAROGRAPH_REAL_DATA", "../shared/real")  # noqa: TID251 - no setting
FOLDER = (ROOT / REAL_DATA / "feeds").resolve()

#: Their bytes fit the declared character set nowhere, and were read in another that may be
#: wrong. The list calls that malformed; our listing keeps the word for broken XML and names
#: the character sets in the reason.
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
MOST_DECLINED_SHARE = 0.05


def test_every_document_yields_as_many_activities_as_the_list_says(documents):
    wrong = {}
    for entry, body in documents:
        found = activity_count(body) or 0
        if found != entry["entries"]:
            wrong[entry["file"]] = (entry["entries"], found)
    assert wrong == {}


def test_a_document_without_a_feed_is_refused_and_any_other_read(documents):
    refused = {entry["file"] for entry, body in documents if activity_count(body) is None}
    unknown = {e["file"] for e, _ in documents if e["format"] == "unknown" and not e["entries"]}
    assert refused == unknown


def test_broken_documents_are_flagged_and_others_are_not(documents):
    wrong = {}
    for entry, listing in listings(documents):
        is_overridden = entry["file"] in ONLY_OVERRIDDEN
        if listing.is_malformed != (entry["malformed"] and not is_overridden):
            wrong[entry["file"]] = listing.malformed_reason
        assert not is_overridden or listing.malformed_reason.startswith("document declared as")
    assert wrong == {}


def test_encodings_and_formats_are_those_of_the_list(documents):
    for entry, listing in listings(documents):
        if entry["format"].startswith("json"):  # the list has no encoding for JSON, nor the version
            assert listing.document_format in {"json10", "json11"}
            assert listing.document_encoding == "utf-8"
        else:
            told = (listing.document_format, listing.document_encoding)
            assert told == (entry["format"], entry["encoding"]), entry["file"]


def test_both_paths_read_the_same_from_every_well_formed_document(documents):
    compared_count = 0
    for entry, body in documents:
        strict = read_strictly(body)
        if strict is not None:
            compared_count += 1
            assert told(strict) == told(read_with_feedparser(body)), entry["file"]
    assert compared_count > len(documents) // 2


def test_the_strict_reader_seldom_declines(documents):
    feeds = [body for entry, body in documents if entry["format"] != "unknown"]
    well_formed = [body for body in feeds if is_well_formed(body)]
    declined = [body for body in well_formed if read_strictly(body) is None]
    assert len(declined) <= MOST_DECLINED_SHARE * len(well_formed)


# builders


@pytest.fixture(scope="module")
def documents():
    manifest = FOLDER / "MANIFEST.jsonl"
    if not manifest.exists():
        pytest.skip(f"NO REAL FEEDS TESTED: no {manifest}; set BAROGRAPH_REAL_DATA to their folder")
    entries = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    return [(entry, (FOLDER / entry["file"]).read_bytes()) for entry in entries]


def activity_count(body):
    """Number of activities; None when the page was refused. Nothing else may be raised."""
    try:
        return len(load("feeds").parse(page(body), CHANNEL).activities)
    except PageError:
        return None


def listings(documents):
    for entry, body in documents:
        if entry["format"] != "unknown":
            yield entry, load("feeds").parse(page(body), CHANNEL).listing


def told(document):
    parsed = parsed_document(document, page(b""), CHANNEL)
    return parsed.activities, dataclasses.replace(parsed.listing, parser="")


def is_well_formed(body):
    decoded = decode_xml(body, "")
    return decoded is not None and parse_xml(decoded.utf8) is not None


def page(body):
    return Page(
        page_id="p1",
        channel_id="c1",
        requested_url=CHANNEL.address,
        url=CHANNEL.address,
        status=200,
        headers=(),
        body=body,
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


CHANNEL = Channel(
    channel_id="c1", organization_id="o1", source="feeds", address="https://example.org/feed"
)
