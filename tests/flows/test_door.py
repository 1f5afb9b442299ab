"""Nobody but organizations goes through the door by name."""

import dataclasses
import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Activity
from flows.door import Door, length_bin
from flows.errors import InputError
from flows.keyring import PERIOD, Keyring, read_keyring, write_keyring
from flows.suppression import read_suppressed, suppress_keys, suppress_person

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
RING = Keyring().renewed(["mastodon", "bluesky"], BEGINNING)


def activity(author="ann@social.example", role="outsider", seen_at=BEGINNING + DAY, **changes):
    named = {
        **{field.name: "" for field in dataclasses.fields(Activity)},
        "occurred_at": None,
        "published_at": None,
        "updated_at": None,
        "first_seen_at": seen_at,
        "author": author,
        "author_role": role,
        "text_length": 123,
        "content_fingerprint": "0123456789abcdef",
        "link_host": "ann@home.example",
        "link_key": "fedcba9876543210",
        "text_sketch": "0123456789abcdef" * 2,
    }
    return Activity(**{**named, **changes})


def test_a_person_becomes_a_key_and_leaves_nothing_to_search_for():
    let_in = Door(RING).let_in(activity(), "mastodon")
    assert "ann@" not in repr(let_in)
    assert len(let_in.author_key) == 32
    assert (let_in.content_fingerprint, let_in.link_host, let_in.text_length) == ("", "", 200)
    assert (let_in.link_key, let_in.text_sketch) == ("", "")


@pytest.mark.parametrize("role", ["outsider", "staff", "unknown"])
def test_whoever_is_not_the_organization_is_a_person(role):
    assert Door(RING).let_in(activity(role=role), "mastodon").content_fingerprint == ""


def test_the_organization_keeps_its_words_features_and_needs_no_key():
    let_in = Door(RING).let_in(activity(role="organization"), "mastodon")
    assert (let_in.author, let_in.author_key) == ("", "")
    assert (let_in.content_fingerprint, let_in.text_length) == ("0123456789abcdef", 123)
    assert (let_in.link_key, let_in.text_sketch) == ("fedcba9876543210", "0123456789abcdef" * 2)


def test_the_same_person_has_the_same_key_for_a_year_and_then_another():
    ring = RING.renewed(["mastodon"], BEGINNING + PERIOD)
    first, later, next_year = (
        ring.key_of("ann", "mastodon", BEGINNING + after) for after in (DAY, PERIOD - DAY, PERIOD)
    )
    assert first == later != next_year
    assert first == RING.key_of("ann", "mastodon", BEGINNING + DAY), "old pages keep their key"


def test_a_person_is_not_the_same_on_another_platform():
    keys = {RING.key_of("ann", source, BEGINNING) for source in ("mastodon", "bluesky")}
    assert len(keys) == 2


def test_another_project_has_other_keys():
    other = Keyring().renewed(["mastodon"], BEGINNING)
    assert other.key_of("ann", "mastodon", BEGINNING) != RING.key_of("ann", "mastodon", BEGINNING)


def test_nobody_has_no_key():
    assert RING.key_of("", "mastodon", BEGINNING) == ""


def test_a_key_is_made_only_when_it_is_due():
    assert RING.renewed(["mastodon"], BEGINNING + PERIOD - DAY) is RING


@given(st.text(max_size=20), st.text(max_size=20))
def test_different_people_have_different_keys(one, other):
    keys = [RING.key_of(name, "mastodon", BEGINNING) for name in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


@pytest.mark.parametrize(
    ("length", "told"), [(0, 0), (1, 20), (20, 20), (21, 50), (5000, 5000), (9999, 5000)]
)
def test_a_length_is_told_by_its_range(length, told):
    assert length_bin(length) == told


def test_the_keys_come_back_from_their_file_and_only_their_owner_reads_it(tmp_path):
    path = tmp_path / "secrets" / "keyring.json"
    write_keyring(path, RING)
    assert read_keyring(path) == RING
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": [{}]}', '{"a": [{"used_since": 1}]}'])
def test_a_damaged_file_of_keys_is_not_replaced(tmp_path, text):
    path = tmp_path / "keyring.json"
    path.write_text(text)
    with pytest.raises(InputError, match="restore it from a copy"):
        read_keyring(path)
    assert path.read_text() == text


def test_a_file_of_keys_holds_only_keys(tmp_path):
    write_keyring(tmp_path / "keyring.json", RING)
    kept = json.loads((tmp_path / "keyring.json").read_text())
    assert {key for keys in kept.values() for record in keys for key in record} == {
        "used_since",
        "secret",
    }


def test_whoever_objected_is_refused_in_every_year_and_only_at_that_platform(tmp_path):
    suppress_person(tmp_path, "mastodon", ["ann@social.example"])
    for ring in (RING, RING.renewed(["mastodon"], BEGINNING + PERIOD)):
        door = Door(ring, read_suppressed(tmp_path))
        assert door.refuses(activity(seen_at=BEGINNING + PERIOD + DAY), "mastodon")
        assert not door.refuses(activity(), "lemmy")
        assert not door.refuses(activity(author="ben@social.example"), "mastodon")
        assert not door.refuses(activity(author=""), "mastodon")


def test_whoever_is_known_by_a_key_alone_is_refused_as_long_as_it_is_in_use(tmp_path):
    suppress_keys(tmp_path, [RING.key_of("ann@social.example", "mastodon", BEGINNING)])
    ring = RING.renewed(["mastodon"], BEGINNING + PERIOD)
    door = Door(ring, read_suppressed(tmp_path))
    assert door.refuses(activity(), "mastodon")
    assert not door.refuses(activity(seen_at=BEGINNING + PERIOD + DAY), "mastodon")


def test_the_organization_is_never_refused_as_a_person(tmp_path):
    suppress_person(tmp_path, "mastodon", ["ann@social.example"])
    door = Door(RING, read_suppressed(tmp_path))
    assert not door.refuses(activity(role="organization"), "mastodon")


@pytest.mark.parametrize("damage", ["list", "secret"])
def test_a_damaged_list_of_objections_lets_nobody_through_unseen(tmp_path, damage):
    suppress_person(tmp_path, "mastodon", ["ann@social.example"])
    if damage == "list":
        (tmp_path / "suppressed.json").write_text("{")
    else:
        (tmp_path / "suppression.key").unlink()
    with pytest.raises(InputError, match="restore both"):
        read_suppressed(tmp_path)
