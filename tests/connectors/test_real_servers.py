"""Four rounds of `barograph collect` at nginx, Caddy and Apache, read off their own access logs.

The second round finds everything as it was, the third a feed with one entry more, and the
fourth one with an entry more in a file that is dated earlier than the one it replaces.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest
from real_servers import PACKAGES, serving_everywhere
from warehouse_tables import rows

BAROGRAPH = Path(sys.executable).parent / "barograph"
ENTRY_COUNTS = {"/notices.rss": 12, "/news.atom": 15, "/updates.json": 9, "/archive.rss": 400}
ENCODINGS = {"nginx": "gzip", "caddy": "zstd", "apache": "gzip", "apache-brotli": "br"}
MINUTES_COUNT = 7  #: entries of the document that redirects lead to
LIMITED = ("/limited/notices.rss", "/limited/news.atom", "/limited/updates.json")
#: Where nginx alone answers, and not with a document at once.
ELSEWHERE = ("/moved.rss", "/elsewhere.rss", "/gone.rss", "/down.rss", *LIMITED)
TITLE = "Überlandwerk: notice no. {}"
FIRST_DAY = datetime(2024, 3, 4, 9, tzinfo=UTC)
FILED_AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_first_round_reads_every_entry_of_every_feed(name, observed):
    first = observed.at(name)[0]
    assert of_feeds(first.outcomes) == dict.fromkeys(ENTRY_COUNTS, "ok")
    assert of_feeds(first.days) == {path: days(count) for path, count in ENTRY_COUNTS.items()}


@pytest.mark.parametrize("name", PACKAGES)
def test_every_document_of_the_first_round_travels_compressed(name, observed):
    answers = feed_answers(observed.at(name)[0])
    assert Counter(answer.encoding for answer in answers) == {ENCODINGS[name]: len(ENTRY_COUNTS)}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_second_round_is_answered_304_for_every_feed(name, observed):
    second = observed.at(name)[1]
    assert statuses(second) == {(path, 304) for path in ENTRY_COUNTS}
    assert of_feeds(second.outcomes) == dict.fromkeys(ENTRY_COUNTS, "not_modified")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_third_round_brings_only_the_entry_that_one_feed_has_gained(name, observed):
    _, second, third, _ = observed.at(name)
    assert {path for path in ENTRY_COUNTS if third.outcomes[path] == "ok"} == {"/notices.rss"}
    assert of_feeds(third.days) == of_feeds(second.days) | {"/notices.rss": days(13)}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_new_entry_in_a_file_of_an_earlier_date_is_not_missed(name, observed):
    _, _, third, fourth = observed.at(name)
    assert {path for path in ENTRY_COUNTS if fourth.outcomes[path] == "ok"} == {"/news.atom"}
    assert of_feeds(fourth.days) == of_feeds(third.days) | {"/news.atom": days(16)}


@pytest.mark.parametrize("name", PACKAGES)
def test_robots_txt_is_asked_for_once_in_four_rounds(name, observed):
    assert asked(observed.at(name), "/robots.txt") == [[404], [], [], []]


def test_a_permanent_redirect_is_adopted_when_three_answers_have_confirmed_it(observed):
    rounds = observed.at("nginx")
    assert asked(rounds, "/moved.rss") == [[301], [301], [301], []]
    assert ended(rounds, "/moved.rss") == ["ok", *3 * ["not_modified"]]
    assert rounds[-1].days["/moved.rss"] == days(MINUTES_COUNT)


def test_a_temporary_redirect_is_followed_and_never_adopted(observed):
    rounds = observed.at("nginx")
    assert asked(rounds, "/elsewhere.rss") == [[302], [302], [302], [302]]
    assert ended(rounds, "/elsewhere.rss") == ["ok", *3 * ["not_modified"]]
    assert rounds[-1].days["/elsewhere.rss"] == days(MINUTES_COUNT)


@pytest.mark.parametrize(
    ("path", "status", "outcome"),
    [("/gone.rss", 410, "gone"), ("/down.rss", 503, "server_error")],
)
def test_who_is_gone_or_names_a_time_to_come_back_is_asked_once(path, status, outcome, observed):
    rounds = observed.at("nginx")
    assert asked(rounds, path) == [[status], [], [], []]
    assert ended(rounds, path) == [outcome, None, None, None]


def test_a_rate_limit_is_heeded_and_what_was_read_before_is_kept(observed):
    rounds = observed.at("nginx")
    passed = next(path for path in LIMITED if rounds[0].outcomes[path] == "ok")
    assert ended(rounds, passed) == ["ok", "blocked", None, None]
    for path in set(LIMITED) - {passed}:
        assert ended(rounds, path) == ["blocked", None, None, None]
    limited = [each.status for each in chain(*(r.answers for r in rounds)) if each.path in LIMITED]
    assert sorted(limited) == [200, 429, 429, 429]
    assert rounds[-1].days[passed] == days(ENTRY_COUNTS[passed.removeprefix("/limited")])


class Round(NamedTuple):
    """What one server answered in a round, and how its channels ended, by path.

    `days` are those of all entries that are known after the round, in order.
    """

    answers: list
    outcomes: dict
    days: dict


class Observed(NamedTuple):
    """Four rounds by server."""

    rounds: dict

    def at(self, name):
        if name not in self.rounds:
            pytest.skip(f"SERVER ABSENT: the Debian package {PACKAGES[name]} is not installed")
        return self.rounds[name]


@pytest.fixture(scope="module")
def observed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real-servers")
    documents = folder / "documents"
    documents.mkdir()
    with serving_everywhere(documents, folder) as servers:
        list_channels(folder, servers)
        rounds = {name: [] for name in servers}
        for change in CHANGES if servers else ():
            change(documents)
            collect(folder)
            for name, server in servers.items():
                rounds[name].append(look(folder, server, rounds[name]))
    return Observed(rounds)


def first_filing(documents):
    for path, count in {**ENTRY_COUNTS, "/minutes.rss": MINUTES_COUNT}.items():
        file(documents, path, count, FILED_AT)


def new_notice(documents):
    file(documents, "/notices.rss", 13, FILED_AT + timedelta(days=1))


def older_news(documents):
    file(documents, "/news.atom", 16, FILED_AT - timedelta(days=1))


#: What happens to the folder before each round.
CHANGES = (first_filing, lambda _: None, new_notice, older_news)


def list_channels(folder, servers):
    lines = []
    for name, server in servers.items():
        paths = [*ENTRY_COUNTS, *(ELSEWHERE if name == "nginx" else ())]
        listed = [f'{{ source = "feeds", address = "{server.base_url}{path}" }}' for path in paths]
        head = f'[[organization]]\nid = "{name}"\nname = "{name}"\n'
        lines.append(f"{head}channels = [{', '.join(listed)}]\n")
    (folder / "organizations.toml").write_text("\n".join(lines))


def collect(folder):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BAROGRAPH_", "PREFECT_"))}  # noqa: TID251 - children get ours
    done = subprocess.run(
        [BAROGRAPH, "collect", "--now", "--allow-host", "127.0.0.1"],
        cwd=folder,
        env=kept | {"BAROGRAPH_PACING": "pacing"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in {0, 3}, done.stderr


def look(folder, server, before):
    seen_count = sum(len(each.answers) for each in before)
    data, base_url = folder / "data", server.base_url
    outcomes = rows(data, OUTCOMES, base_url=base_url)
    known = rows(data, ENTRIES, base_url=base_url)
    return Round(server.answers()[seen_count:], dict(outcomes), dict(known))


OUTCOMES = """
    select replace(channels.address, $base_url, ''), arg_max(attempts.outcome, attempts.fetched_at)
    from raw.attempts join raw.channels using (channel_id)
    where starts_with(channels.address, $base_url)
        and run_id = (select arg_max(run_id, started_at) from raw.runs)
    group by all
"""
ENTRIES = """
    select replace(channels.address, $base_url, ''), list(occurred_at order by occurred_at)
    from raw.activities join raw.channels using (channel_id)
    where starts_with(channels.address, $base_url)
    group by all
"""


def of_feeds(by_path):
    return {path: value for path, value in by_path.items() if path in ENTRY_COUNTS}


def feed_answers(round_):
    """One for each feed: no server is asked twice for the same."""
    answers = [answer for answer in round_.answers if answer.path in ENTRY_COUNTS]
    assert len(answers) == len(ENTRY_COUNTS)
    return answers


def statuses(round_):
    return {(answer.path, answer.status) for answer in feed_answers(round_)}


def asked(rounds, path):
    """The statuses that a path was answered with, by round."""
    return [[a.status for a in each.answers if a.path == path] for each in rounds]


def ended(rounds, path):
    """The outcomes of a channel, by round; None where it was left alone."""
    return [each.outcomes.get(path) for each in rounds]


def days(count):
    return [day.replace(tzinfo=None) for _, day in entries(count)]


def entries(count):
    """Numbers and days of entries, the oldest first."""
    return [(number, FIRST_DAY + timedelta(days=number)) for number in range(count)]


def file(documents, path, count, filed_at):
    """Put a feed into the folder, dated `filed_at`; what a tag is made of then differs."""
    write = {".rss": rss, ".atom": atom, ".json": json_feed}[Path(path).suffix]
    place = documents / path.removeprefix("/")
    place.write_text(write(entries(count)[::-1]), "utf-8")
    os.utime(place, (filed_at.timestamp(), filed_at.timestamp()))


def rss(listed):
    items = "".join(
        f"<item><guid isPermaLink='false'>urn:example:{n}</guid><title>{TITLE.format(n)}</title>"
        f"<description>{words(n)}</description><pubDate>{format_datetime(day)}</pubDate></item>"
        for n, day in listed
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Notices</title>"
        f"<link>https://example.org/</link><description>Invented</description>{items}"
        "</channel></rss>"
    )


def atom(listed):
    items = "".join(
        f"<entry><id>urn:example:{n}</id><title>{TITLE.format(n)}</title><updated>{day.isoformat()}"
        f"</updated><published>{day.isoformat()}</published><summary>{words(n)}</summary></entry>"
        for n, day in listed
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>"
        f"<id>urn:example:news</id><title>News</title><updated>{listed[0][1].isoformat()}"
        f"</updated>{items}</feed>"
    )


def json_feed(listed):
    items = [
        {"id": f"urn:example:{n}", "content_text": words(n), "date_published": day.isoformat()}
        for n, day in listed
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": "Updates"}
    return json.dumps(head | {"items": items})


def words(number):
    """Some 500 letters that do not compress to nothing."""
    return hashlib.sha512(str(number).encode()).hexdigest() * 4
