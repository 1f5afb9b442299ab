"""Whether the channels of invented organizations act as one: signals of coordination and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.simulators.capability_channels import IS_DIALOGUE, IS_PUBLISHING, KINDS
from classifiers.simulators.capability_dialogue import is_dialogue_unread, is_without_dialogue
from classifiers.simulators.capability_noise import counted, shifted
from classifiers.simulators.capability_sheet import MINIMUM_COUNTS

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.simulators.capability_audience import Audience
    from classifiers.simulators.capability_dialogue import Dialogue
    from classifiers.simulators.capability_posting import Posting
    from classifiers.simulators.capability_sheet import Sheet
    from classifiers.simulators.capability_world import World

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

_EVERY = np.ones(len(KINDS), dtype=bool)
_MOST_COMPARED = 8  # channels of dialogue; further ones of an organization get few messages
_FEWEST_MESSAGES = 20
_FUNCTION_COUNT = 13  # large firms told of staff in 13 departments or more (Altimeter, 2013)


def measure_announcements(world: World, posting: Posting, sheet: Sheet) -> None:
    """Write how much is announced by several channels at once, and how much word for word."""
    merging = np.full(len(world), 1.0 - world.assumed["announcements.merging"])
    counts = world.drawn(posting.quarter_count, merging)
    copied = world.organizations.by_archetype(
        {"outsourced": world.assumed["outsourced.copying"]}, 0
    )
    joint = world.rising("campaign_sync_share")
    alike = world.falling("verbatim_duplicate_share")
    channels = world.channels
    sheet.put_share(
        "campaign_sync_share",
        world.drawn(counts, joint + copied * (1.0 - joint)),
        counts,
        absent=channels.count(IS_PUBLISHING) <= 1,
        unobserved=channels.readable_count(IS_PUBLISHING) <= 1,
    )
    sheet.put_share(
        "verbatim_duplicate_share",
        world.drawn(counts, alike + copied * (1.0 - alike)),
        counts,
        absent=channels.source_counts[:, IS_PUBLISHING].sum(axis=1) <= 1,
        unobserved=(channels.readable_source_count(IS_PUBLISHING) <= 1) | ~channels.is_seen_lately,
    )


def measure_routing(
    world: World, dialogue: Dialogue, functional_counts: IntArray, sheet: Sheet
) -> None:
    """Write what comes from channels with a function, and how many functions speak."""
    absent, unread = is_without_dialogue(world), is_dialogue_unread(world)
    counts, replies = world.channels.count(IS_DIALOGUE), dialogue.reply_counts
    functional = _among_dialogue(world, functional_counts)
    shares = np.where(functional < counts, world.rising("functional_reply_share"), 1.0)
    parts = np.where(functional < counts, world.drawn(replies, shares), replies)
    sheet.put(
        "functional_reply_share",
        parts / np.maximum(replies, 1),
        absent=absent,
        unobserved=unread,
        undefined=(functional == 0) | (replies < MINIMUM_COUNTS["functional_reply_share"]),
    )
    sheet.put(
        "functions_in_dialogue",
        _speaking_counts(world, parts, functional),
        absent=absent,
        unobserved=unread,
        undefined=functional == 0,
    )


def measure_spread(world: World, audience: Audience, dialogue: Dialogue, sheet: Sheet) -> None:
    """Write how differently the channels of one organization answer."""
    readable = world.channels.readable_count(IS_DIALOGUE)
    messages = _by_channel(world, audience.message_counts, readable)
    is_compared = messages >= _FEWEST_MESSAGES
    counts = is_compared.sum(axis=1)
    logits = _answer_logits(world, dialogue.message_share, messages)
    means = (logits * is_compared).sum(axis=1) / np.maximum(counts, 1)
    squares = ((logits - means[:, np.newaxis]) ** 2 * is_compared).sum(axis=1)
    sheet.put(
        "reply_rate_sd",
        np.sqrt(squares / np.maximum(counts - 1, 1)),
        absent=world.channels.count(IS_DIALOGUE) <= 1,
        unobserved=readable <= 1,
        undefined=counts < MINIMUM_COUNTS["reply_rate_sd"],
    )


def _among_dialogue(world: World, functional_counts: IntArray) -> IntArray:
    dialogue = world.channels.count(IS_DIALOGUE)
    others = world.channels.count(_EVERY) - dialogue
    return world.generator.hypergeometric(dialogue, others, functional_counts)


def _speaking_counts(world: World, reply_counts: IntArray, functional: IntArray) -> IntArray:
    known = np.minimum(functional, _FUNCTION_COUNT)
    speaking = world.drawn(known, world.rising("functions_in_dialogue"))
    return np.minimum(np.maximum(speaking, 1), reply_counts)


def _by_channel(world: World, message_counts: IntArray, readable: IntArray) -> IntArray:
    is_there = np.arange(_MOST_COMPARED) < readable[:, np.newaxis]
    weights = (
        world.generator.gamma(world.assumed["messages.channel_shape"], 1.0, is_there.shape)
        * is_there
    )
    shares = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    return counted(world.generator, message_counts[:, np.newaxis] * shares)


def _answer_logits(world: World, shares: FloatArray, messages: IntArray) -> FloatArray:
    spread = world.falling("reply_rate_sd")[:, np.newaxis]
    noise = spread * world.generator.normal(size=messages.shape)
    answered = world.generator.binomial(messages, shifted(shares[:, np.newaxis], noise))
    logits: FloatArray = np.log((answered + 0.5) / (messages - answered + 0.5))
    return logits
