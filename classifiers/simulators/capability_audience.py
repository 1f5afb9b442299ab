"""Who follows invented organizations and speaks to them, and the signals of community."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.simulators.capability_channels import IS_DIALOGUE, QUARTER_WEEK_COUNT
from classifiers.simulators.capability_dialogue import is_dialogue_unread, is_without_dialogue
from classifiers.simulators.capability_noise import counted, tailed

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.simulators.capability_dialogue import Dialogue
    from classifiers.simulators.capability_posting import Posting
    from classifiers.simulators.capability_sheet import Sheet
    from classifiers.simulators.capability_world import World

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

_MOST_FOLLOWERS = 2e8
_MOST_PARTICIPANTS = 700.0  # of 1,000 followers


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Outsiders around organizations as they were seen, one position an organization.

    Attributes:
        follower_counts: of the channels that show dialogue.
        participant_counts: who said something to the organization in the last quarter.
        early_counts: who took part in the quarter before.
        message_counts: what was said to it in the last quarter.
        question_counts: those of them that ask.
        thread_counts: conversations in the last quarter.
    """

    follower_counts: IntArray
    participant_counts: IntArray
    early_counts: IntArray
    message_counts: IntArray
    question_counts: IntArray
    thread_counts: IntArray


def draw_audience(world: World, posting: Posting) -> Audience:
    """Audiences of the organizations of one world."""
    generator, assumed = world.generator, world.assumed
    followers = _follower_counts(world)
    expected = followers / 1000.0 * _participation(world, posting)
    participants = counted(generator, expected * world.channels.seen_share)
    shape = assumed["messages.shape"]
    repeats = assumed["messages.repeats"] * generator.gamma(shape, 1.0 / shape, len(world))
    messages = participants + counted(generator, participants * repeats)
    return Audience(
        follower_counts=followers,
        participant_counts=participants,
        early_counts=counted(generator, expected * _early_share(world)),
        message_counts=messages,
        question_counts=_part(world, messages, "messages.question_share"),
        thread_counts=_part(world, messages, "messages.thread_share"),
    )


def measure_community(world: World, audience: Audience, dialogue: Dialogue, sheet: Sheet) -> None:
    """Write who takes part around the organizations, and who helps whom."""
    absent, unread = is_without_dialogue(world), is_dialogue_unread(world)
    followers = audience.follower_counts
    sheet.put(
        "participants_per_1000_followers",
        audience.participant_counts * 1000.0 / np.maximum(followers, 1),
        absent=absent,
        unobserved=unread | ~world.channels.has_followers,
        undefined=followers == 0,
    )
    returning = world.drawn(audience.early_counts, world.rising("returning_participant_share"))
    is_seen_twice = world.channels.is_seen[:, QUARTER_WEEK_COUNT:].any(axis=1)
    sheet.put_share(
        "returning_participant_share",
        returning,
        audience.early_counts,
        absent=absent,
        unobserved=unread | ~is_seen_twice,
    )
    _measure_peers(world, audience, dialogue, sheet)


def _follower_counts(world: World) -> IntArray:
    assumed, organizations = world.assumed, world.organizations
    noise = assumed["followers.noise"] * assumed["noise.scale"]
    logs = assumed["followers.size"] * organizations.size_codes + tailed(
        world.generator, len(world), noise, assumed["noise.tail"]
    )
    wide = organizations.by_archetype({"broadcaster": assumed["broadcaster.audience"]}, 1.0)
    unknown = assumed["followers.unknown"]
    known = unknown + (1.0 - unknown) * organizations.strength("publishing")
    readable = world.channels.readable_share(IS_DIALOGUE)
    means = assumed["followers.base"] * wide * known * readable * np.exp(logs)
    return np.minimum(means, _MOST_FOLLOWERS).astype(np.int64)


def _participation(world: World, posting: Posting) -> FloatArray:
    assumed = world.assumed
    code = "participants_per_1000_followers"
    lift = 1.0 + assumed[f"{code}.change"] * world.organizations.drive(code)
    factors = world.organizations.by_archetype(
        {
            "quiet": assumed["quiet.activity"],
            "dormant": assumed["dormant.activity"],
            "self_helping": assumed["self_helping.messages"],
        },
        1.0,
    )
    shape = assumed[f"{code}.shape"] / assumed["noise.scale"]
    scatter = world.generator.gamma(shape, 1.0 / shape, len(world))
    usual = assumed[f"{code}.start"] * np.exp(world.by_industry("messages"))
    pull = (1.0 + posting.weekly_counts.mean(axis=1)) ** assumed["messages.pull"]
    rates: FloatArray = usual * lift * factors * scatter * pull
    return np.minimum(rates, _MOST_PARTICIPANTS)


def _early_share(world: World) -> FloatArray:
    share: FloatArray = world.channels.is_seen[:, QUARTER_WEEK_COUNT:].mean(axis=1)
    return share


def _part(world: World, counts: IntArray, name: str) -> IntArray:
    return world.drawn(counts, np.full(len(world), world.assumed[name]))


def _peer_leads(world: World) -> FloatArray:
    lead, patience = (world.assumed[f"peer_answer_share.{name}"] for name in ("lead", "patience"))
    return lead + patience * (1.0 - lead) * world.organizations.drive("peer_answer_share")


def _measure_peers(world: World, audience: Audience, dialogue: Dialogue, sheet: Sheet) -> None:
    peers = world.rising("peer_answer_share")
    far = world.organizations.by_archetype({"self_helping": world.assumed["self_helping.peers"]}, 0)
    by_peer = world.scattered(peers + far * (1.0 - peers))
    own = dialogue.question_share
    by_any = 1.0 - (1.0 - by_peer) * (1.0 - own)
    first = by_peer * (1.0 - own) + by_peer * own * _peer_leads(world)
    times = 1.0 + _early_share(world) / np.maximum(world.channels.seen_share, 0.05)
    answered = world.generator.binomial(
        (audience.question_counts * times).astype(np.int64), np.clip(by_any, 0.0, 1.0)
    )
    share = np.clip(first / np.maximum(by_any, 1e-9), 0.0, 1.0)
    sheet.put_share(
        "peer_answer_share",
        world.generator.binomial(answered, share),
        answered,
        absent=is_without_dialogue(world),
        unobserved=is_dialogue_unread(world),
    )
