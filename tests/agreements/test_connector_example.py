"""The connector that docs/connectors.md shows is one that works."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import AddressError, Channel, Page

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CHANNEL = Channel(
    channel_id="inn:guestbook:1",
    organization_id="inn",
    source="guestbook",
    address="https://inn.example/book",
)
NEWEST = [
    {"id": 4, "text": "Yes, at six.", "written_at": "2026-03-01T10:00:00Z", "answers": 3},
    {"id": 3, "text": "Is there breakfast?", "written_at": "2026-03-01T08:00:00Z", "guest_id": 7},
]
OLDER = [{"id": 2, "text": "Open again", "written_at": "2026-02-01T08:00:00Z", "mood": "good"}]


@pytest.fixture(scope="module")
def connector(pytestconfig):
    text = (pytestconfig.rootpath / "docs" / "connectors.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {"__name__": "guestbook"}
    exec(compile(code, "docs/connectors.md", "exec"), names)
    return names["Connector"]()


def read(connector, entries, query="", cursor=None):
    url = f"{CHANNEL.address}/entries.json{query}"
    page = Page(
        page_id="p",
        channel_id=CHANNEL.channel_id,
        requested_url=url,
        url=url,
        status=200,
        headers=(),
        body=json.dumps(entries).encode(),
        fetched_at=NOW + timedelta(seconds=len(query)),
    )
    return connector.parse(page, CHANNEL, cursor)


def test_its_question_and_answer_belong_together(connector):
    answer, question = read(connector, NEWEST).activities
    assert (question.kind, question.direction, question.is_question) == (
        "comment",
        "to_organization",
        True,
    )
    assert (answer.parent_id, answer.direction) == (question.activity_id, "by_organization")
    assert (answer.author, question.author) == ("", "7")


def test_it_walks_back_and_stops_at_the_beginning(connector):
    first = read(connector, NEWEST)
    assert [request.url[-9:] for request in first.next_requests] == ["?before=3"]
    second = read(connector, OLDER, "?before=3", first.cursor)
    assert [request.url[-9:] for request in second.next_requests] == ["?before=2"]
    assert read(connector, [], "?before=2", second.cursor).next_requests == ()


def test_it_tells_what_it_does_not_know(connector):
    (drift,) = read(connector, OLDER).drifts
    assert (drift.kind, drift.path) == ("new_field", "Entry.mood")


def test_it_refuses_what_is_no_address(connector):
    with pytest.raises(AddressError):
        connector.check_address("guests")
