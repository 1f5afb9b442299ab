"""What servers say of their budgets is read from the archived answers of one run."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Outcome, Purpose
from connectors.fetching.exchange import Exchange
from flows.alerting.budgets import told_budgets
from flows.rows import exchange_columns
from warehouse.archive import Archive

STARTED = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUN = "20261123T120000000000Z-abcd"
QUOTA = b'{"items": [], "quota_max": 300, "quota_remaining": %d}'


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


def answer(number, url, headers=(), body=None, channel="c"):
    return Exchange(
        page_id=f"{number:032x}",
        channel_id=channel,
        requested_url=url,
        url=url,
        redirects=(),
        status=200,
        headers=tuple(headers),
        body=body,
        body_sha256="",
        fetched_at=STARTED + timedelta(seconds=number),
        elapsed_ms=1,
        byte_count=0,
        outcome=Outcome.OK,
        purpose=Purpose.READ,
    )


def keep(archive, *answers, run=RUN, number=0):
    path = archive.pages_path(f"{run}-{number:05d}-000", STARTED)
    archive.write_pages(path, exchange_columns(answers))


def limit(left, most=60, reset="600"):
    names = ("limit", "remaining", "reset")
    values = (str(most), str(left), reset)
    return [(f"x-ratelimit-{n}", value) for n, value in zip(names, values, strict=True)]


def test_the_last_word_of_each_server_counts(archive):
    keep(
        archive,
        answer(1, "https://api.github.com/a", limit(50)),
        answer(3, "https://api.github.com/b", limit(40)),
        answer(2, "https://api.github.com/c", limit(45)),
        answer(4, "https://social.example/d", limit(299, 300)),
    )
    keep(archive, answer(9, "https://api.github.com/e", limit(39)), number=1)
    found = told_budgets(archive, RUN, STARTED)
    assert {(told.server, told.remaining, told.most) for told in found} == {
        ("api.github.com:443", 39, 60),
        ("social.example:443", 299, 300),
    }
    [github] = [told for told in found if "github" in told.server]
    assert github.resets_at == datetime(2026, 11, 23, 12, 10, 9)  # noqa: DTZ001 - as stored


def test_answers_of_other_runs_and_without_a_word_tell_nothing(archive):
    keep(archive, answer(1, "https://a.example/", limit(1)), run="20261123T110000000000Z-0000")
    keep(archive, answer(1, "https://b.example/", [("content-type", "text/html")], b"x"))
    assert told_budgets(archive, RUN, STARTED) == []


def test_a_budget_without_a_whole_is_no_share_of_anything(archive):
    keep(archive, answer(1, "https://a.example/", [("x-ratelimit-remaining", "1")]))
    assert told_budgets(archive, RUN, STARTED) == []


def test_bodies_are_read_where_they_tell(archive):
    url = "https://api.stackexchange.com/2.3/questions"
    keep(archive, *(answer(n, url, (), QUOTA % (30 - n), "q") for n in range(3)))
    assert told_budgets(archive, RUN, STARTED) == []
    [told] = told_budgets(archive, RUN, STARTED, {"q"})
    assert (told.channel_id, told.remaining, told.most) == ("q", 28, 300)


def test_an_empty_batch_tells_nothing(archive):
    keep(archive)
    assert told_budgets(archive, RUN, STARTED, {"q"}) == []
