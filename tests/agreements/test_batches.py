"""What the parser promises of a landed batch, and the merges rely on."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pyarrow.parquet as pq
import pytest

from connectors.contract import Channel, Outcome
from connectors.fetching.exchange import Exchange
from flows.parsing import BatchSource, parse_batch
from flows.rows import exchange_columns
from warehouse.archive import Archive
from warehouse.landing import SCHEMAS

AT = datetime(2026, 10, 5, 10, tzinfo=UTC)
NEWS = Channel(channel_id="news", organization_id="acme", source="feeds", address="http://x/")


def test_a_batch_has_each_activity_once_as_the_newest_page_shows_it(land):
    old = exchange("page-1", AT, feed("Opening", "Closing"))
    new = exchange("page-2", AT + timedelta(hours=1), feed("Opening hours", "Closing", "Moving"))
    folder = land(old, new)
    activities = pq.read_table(folder / "activities.parquet").to_pylist()
    counts = Counter(row["activity_id"] for row in activities)
    assert sorted(counts.values()) == [1, 1, 1]
    assert {row["page_id"] for row in activities} == {"page-2"}
    assert sorted(row["text_length"] for row in activities) == [6, 7, 13]


def test_a_batch_has_one_cursor_a_channel_however_often_it_was_asked(land):
    folder = land(
        exchange("page-1", AT, feed("Opening")),
        exchange("page-2", AT + timedelta(hours=1), None, Outcome.NOT_MODIFIED),
    )
    (cursor,) = pq.read_table(folder / "cursors.parquet").to_pylist()
    assert (cursor["document_page_id"], cursor["last_outcome"]) == ("page-1", "not_modified")
    assert len(pq.read_table(folder / "attempts.parquet")) == 2
    assert len(pq.read_table(folder / "listings.parquet")) == 2


def test_landed_files_have_exactly_the_promised_columns(land):
    folder = land(exchange("page-1", AT, feed("Opening")))
    for path in folder.iterdir():
        assert pq.read_schema(path).equals(SCHEMAS[path.stem])


@pytest.fixture
def land(tmp_path):
    """Archive exchanges as one batch and parse it; gives the landing folder."""

    def archive_and_parse(*exchanges):
        archive = Archive(tmp_path / "archive")
        path = archive.pages_path("run-00000-000", AT)
        archive.write_pages(path, exchange_columns(exchanges))
        source = BatchSource(
            path=path,
            file_id=path.stem,
            archive_file=archive.relative(path),
            run_id="run",
            landing=tmp_path / "landing",
            channels={"news": NEWS},
            states={},
        )
        return parse_batch(source).folder

    return archive_and_parse


def exchange(page_id, at, body, outcome=Outcome.OK):
    return Exchange(
        page_id=page_id,
        channel_id="news",
        requested_url=NEWS.address,
        url=NEWS.address,
        redirects=(),
        status=304 if body is None else 200,
        headers=(("content-type", "application/rss+xml"),),
        body=body,
        body_sha256=sha256(body or b"").hexdigest(),
        fetched_at=at,
        elapsed_ms=1,
        byte_count=len(body or b""),
        outcome=outcome,
    )


def feed(*titles):
    """An RSS document; the number of an entry is its identifier."""
    items = "".join(
        f"<item><guid>{number}</guid><title>{title}</title>"
        f"<pubDate>Sun, 04 Oct 2026 10:0{number}:00 GMT</pubDate></item>"
        for number, title in enumerate(titles)
    )
    return f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()
