"""The tag that came is the tag that is sent, unless Apache would not know it again."""

from datetime import UTC, datetime

import pytest

from connectors.contract import Outcome
from connectors.fetching.etags import tag_to_send
from connectors.fetching.exchange import Exchange

OK, UNCHANGED, NOT_MODIFIED = Outcome.OK, Outcome.UNCHANGED, Outcome.NOT_MODIFIED


@pytest.mark.parametrize(
    "tag", ['"x"', 'W/"x"', "x", "", '"x-gzip"', '"x-br"', 'W/"x-gzip"', '"-"']
)
@pytest.mark.parametrize("outcome", [OK, NOT_MODIFIED])
def test_a_tag_is_kept_as_it_came(tag, outcome):
    assert tag_to_send("", answer(outcome, tag)) == tag
    assert tag_to_send(tag, answer(outcome, tag, server="nginx", coding="gzip")) == tag


@pytest.mark.parametrize(
    ("tag", "coding", "sent"),
    [
        ('"x-gzip"', "gzip", '"x"'),
        ('W/"x-gzip"', "gzip", 'W/"x"'),
        ('"x-br"', "br", '"x"'),
        ('"x-gzip"', "br", '"x-gzip"'),
        ('"x-gzip"', "", '"x-gzip"'),
        ('"x"', "gzip", '"x"'),
    ],
)
def test_the_mark_that_apache_puts_on_a_tag_is_taken_off(tag, coding, sent):
    assert tag_to_send("", answer(OK, tag, server="Apache/2.4.71 (Debian)", coding=coding)) == sent


def test_a_304_keeps_the_form_that_the_server_knew():
    for known in ('"x"', '"x-gzip"'):
        marked = answer(NOT_MODIFIED, '"x-gzip"', server="Apache", coding="gzip")
        assert tag_to_send(known, marked) == known


def test_a_server_that_does_not_know_one_form_again_is_sent_the_other():
    unknown = answer(UNCHANGED, '"x-gzip"', is_conditional=True)
    assert tag_to_send('"x-gzip"', unknown) == '"x"'
    assert tag_to_send('"x"', unknown) == '"x-gzip"'


def test_an_answer_that_nobody_asked_conditionally_says_nothing_about_forms():
    unasked = answer(UNCHANGED, '"x-gzip"', is_conditional=False)
    assert tag_to_send('"x-gzip"', unasked) == '"x-gzip"'


def answer(outcome, tag, *, server="", coding="", is_conditional=True):
    headers = (("etag", tag), ("server", server), ("content-encoding", coding))
    return Exchange(
        page_id="1",
        channel_id="a",
        requested_url="http://a.example/",
        url="http://a.example/",
        redirects=(),
        status=304 if outcome is NOT_MODIFIED else 200,
        headers=headers,
        body=None,
        body_sha256="",
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
        elapsed_ms=1,
        byte_count=1,
        outcome=outcome,
        is_conditional=is_conditional,
    )
