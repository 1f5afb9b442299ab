"""From an account as people write it to what its connector keys by."""

from __future__ import annotations

import pytest

from connectors.apis.identities import identities, place_of_answer, shown_identities, words


@pytest.mark.parametrize(
    ("source", "account", "identity"),
    [
        ("mastodon", "@Ann@Social.example", "ann@social.example"),
        ("mastodon", "acct:ann@social.example", "ann@social.example"),
        ("mastodon", "https://social.example/@ann", "ann@social.example"),
        ("mastodon", "https://social.example/users/ann", "ann@social.example"),
        ("mastodon", "https://social.example/@ann@other.example", "ann@other.example"),
        ("mastodon", "@ann@127.0.0.1:8080", "ann@127.0.0.1:8080"),
        ("lemmy", "https://lemmy.example/u/ann", "ann@lemmy.example"),
        ("bluesky", "https://bsky.app/profile/did:plc:abc123", "did:plc:abc123"),
        ("stackexchange", "https://stackexchange.com/users/12/ann", "account 12"),
        ("hackernews", "https://news.ycombinator.com/user?id=Ann_1", "Ann_1"),
        ("reddit", "https://www.reddit.com/user/Ann/", "ann"),
        ("discourse", "forum.example|7", "forum.example|7"),
        ("github", "github.com/7", "github.com/7"),
    ],
)
def test_an_account_leads_to_its_identity(source, account, identity):
    assert identities(source, account)[0] == identity


def test_what_is_no_known_form_stands_for_itself():
    assert identities("wordpress", "site.example#user:5") == ("site.example#user:5",)


def test_an_account_is_called_by_all_its_addresses():
    assert set(words("@Ann@social.example")) == {
        "ann@social.example",
        "social.example/@ann",
        "social.example/users/ann",
        "social.example/u/ann",
    }
    assert set(words("@ann@social.example")) <= set(words("https://social.example/@ann"))


@pytest.mark.parametrize(
    ("source", "answer", "identity"),
    [
        ("bluesky", {"thread": {"author": {"handle": "ann", "did": "did:plc:a"}}}, "did:plc:a"),
        ("discourse", {"posts": [{"username": "Ann", "user_id": 7}]}, "place|7"),
        ("github", [{"user": {"login": "ann", "id": 7}}], "place/7"),
        ("stackexchange", {"owner": {"display_name": "Ann", "account_id": 7}}, "account 7"),
    ],
)
def test_an_answer_shows_the_number_of_a_name(source, answer, identity):
    assert list(shown_identities(source, "ann", "place", answer)) == [identity]
    assert list(shown_identities(source, "ben", "place", answer)) == []


@pytest.mark.parametrize(
    ("source", "url", "address", "place"),
    [
        ("github", "https://api.github.com/x", "council", "github.com"),
        ("discourse", "https://f.example/t/1.json", "https://F.example/forum/", "f.example/forum"),
        ("bluesky", "http://[", "x", ""),
    ],
)
def test_numbers_count_at_a_place(source, url, address, place):
    assert place_of_answer(source, url, address) == place
