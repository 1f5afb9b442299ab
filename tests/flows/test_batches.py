"""How channels are cut into batches."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Channel
from connectors.fetching.state import FetchState
from flows.batches import make_batches

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@given(st.lists(st.booleans(), max_size=300), st.integers(1, 60))
def test_every_channel_is_in_exactly_one_batch_whatever_is_known_of_it(quiet, size):
    channels = [_channel(number) for number in range(len(quiet))]
    batches = make_batches("run", NOW, channels, _states(channels, quiet), size)
    assert sorted(c.channel_id for batch in batches for c in batch.channels) == sorted(
        channel.channel_id for channel in channels
    )
    assert [batch.number for batch in batches] == list(range(len(batches)))


def test_channels_with_validators_go_into_larger_batches():
    channels = [_channel(number) for number in range(400)]
    first = make_batches("run", NOW, channels, {}, 100)
    second = make_batches("run", NOW, channels, _states(channels, [True] * 400), 100)
    assert [len(batch.channels) for batch in first] == [100] * 4
    assert [len(batch.channels) for batch in second] == [400]


def _channel(number):
    name = f"c{number:04}"
    address = f"https://host-{number % 7}.example/{number}"
    return Channel(channel_id=name, organization_id="o", source="feeds", address=address)


def _states(channels, quiet):
    return {
        channel.channel_id: FetchState(
            channel_id=channel.channel_id, etag='"1"' if is_quiet else ""
        )
        for channel, is_quiet in zip(channels, quiet, strict=True)
    }
