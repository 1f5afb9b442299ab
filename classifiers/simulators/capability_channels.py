"""Where invented organizations are found, and how much of that a monitor gets to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.simulators.capability_noise import counted, scattered_shares, shifted

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.simulators.capability_assumptions import Assumptions
    from classifiers.simulators.capability_organizations import Organizations

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

#: Kinds of channels: feeds of the own site, social accounts, forums, code forges, and sites of
#: questions and answers where it only answers.
KINDS = ("feeds", "accounts", "forum", "forge", "questions")
IS_PUBLISHING = np.array([True, True, True, True, False])
IS_DIALOGUE = np.array([False, True, True, True, True])
HAS_PROFILE = IS_PUBLISHING & IS_DIALOGUE  #: accounts as people know them
WEEK_COUNT = 26  #: the longest window of a signal
QUARTER_WEEK_COUNT = 13
_FURTHER_PLATFORM_COUNT = 5
_MOST_ACCOUNTS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """Channels of organizations and what was seen of them, one position an organization.

    Attributes:
        counts: official channels by kind, shape (n, 5).
        readable_counts: those of them that let themselves be read.
        source_counts: platforms by kind.
        history_weeks: how long the organization was watched.
        is_seen: whether a week was seen whole, the latest first, shape (n, 26).
        has_followers: whether the number of followers is shown.
        has_profiles: whether profiles are shown.
        has_proofs: whether it can be seen if accounts are proven.
    """

    counts: IntArray
    readable_counts: IntArray
    source_counts: IntArray
    history_weeks: IntArray
    is_seen: BoolArray
    has_followers: BoolArray
    has_profiles: BoolArray
    has_proofs: BoolArray

    def count(self, mask: BoolArray) -> IntArray:
        """Channels of the kinds in `mask`."""
        counts: IntArray = self.counts[:, mask].sum(axis=1)
        return counts

    def readable_count(self, mask: BoolArray) -> IntArray:
        """Channels of the kinds in `mask` of which something was seen in the last quarter."""
        readable: IntArray = self.readable_counts[:, mask].sum(axis=1) * self.is_seen_lately
        return readable

    @property
    def is_seen_lately(self) -> BoolArray:
        """Whether any week of the last quarter was seen."""
        return np.asarray(self.is_seen[:, :QUARTER_WEEK_COUNT].any(axis=1))

    @property
    def seen_share(self) -> FloatArray:
        """Share of the weeks of the last quarter that was seen."""
        share: FloatArray = self.is_seen[:, :QUARTER_WEEK_COUNT].mean(axis=1)
        return share

    def readable_share(self, mask: BoolArray) -> FloatArray:
        """Share of the channels of these kinds that can be read; 0 where there are none."""
        readable: IntArray = self.readable_counts[:, mask].sum(axis=1)
        return np.asarray(readable / np.maximum(self.count(mask), 1))

    def readable_source_count(self, mask: BoolArray) -> IntArray:
        """Platforms of these kinds of which something can be read."""
        readable: IntArray = np.minimum(self.source_counts, self.readable_counts)
        return np.asarray(readable[:, mask].sum(axis=1))

    @property
    def coverage_share(self) -> FloatArray:
        """Share of the channel-days of the last quarter that was seen."""
        every = np.ones(len(KINDS), dtype=bool)
        return self.readable_share(every) * self.seen_share


def draw_channels(
    generator: np.random.Generator, assumed: Assumptions, organizations: Organizations
) -> Channels:
    """Channels of the organizations of one world."""
    counts = _counts(generator, assumed, organizations)
    weeks = _history_weeks(generator, assumed, len(organizations))
    profiles, proofs = (
        generator.random(len(organizations)) < assumed[f"watch.{name}_share"]
        for name in ("profiles", "proofs")
    )
    return Channels(
        counts=counts,
        readable_counts=_readable_counts(generator, assumed, counts),
        source_counts=_source_counts(generator, assumed, counts),
        history_weeks=weeks,
        is_seen=_seen_weeks(generator, assumed, weeks),
        has_followers=generator.random(len(organizations)) < assumed["watch.followers_share"],
        has_profiles=profiles,
        has_proofs=profiles & proofs,
    )


def _counts(
    generator: np.random.Generator, assumed: Assumptions, organizations: Organizations
) -> IntArray:
    present = _presence(generator, assumed, organizations)
    counts = present.astype(np.int64)
    sizes = organizations.size_codes
    counts[:, 0] *= 1 + counted(generator, assumed["channels.feeds_size"] * sizes)
    counts[:, 1] *= 1 + _further_accounts(generator, assumed, organizations)
    counts[:, 3] *= 1 + counted(generator, assumed["channels.forge_size"] * sizes)
    is_tiny = organizations.is_of("tiny")
    counts[is_tiny] = 0
    counts[is_tiny, 1] = 1
    return counts


def _presence(
    generator: np.random.Generator, assumed: Assumptions, organizations: Organizations
) -> BoolArray:
    usual = np.array([assumed[f"channels.{kind}"] for kind in KINDS])
    chances = np.tile(usual, (len(organizations), 1))
    pull = assumed["channels.link"] * (2.0 * organizations.strength("publishing") - 1.0)
    chances[:, 1] = shifted(chances[:, 1], pull)
    present = generator.random(chances.shape) < chances
    present[organizations.is_of("self_helping"), 2] = True
    present[~present.any(axis=1), 0] = True
    return present


def _further_accounts(
    generator: np.random.Generator, assumed: Assumptions, organizations: Organizations
) -> IntArray:
    grown = assumed["official_channels.start"] + assumed[
        "official_channels.change"
    ] * organizations.drive("official_channels")
    pruned = 1.0 - assumed["official_channels.pruning"] * organizations.strength("governance")
    shape = assumed["channels.shape"]
    by_size = np.exp(assumed["channels.size"] * organizations.size_codes)
    quiet = organizations.by_archetype({"quiet": assumed["quiet.activity"]}, 1.0)
    scatter = generator.gamma(shape, 1.0 / shape, len(organizations))
    further = counted(generator, grown * pruned * by_size * quiet * scatter)
    return np.minimum(further, _MOST_ACCOUNTS)


def _source_counts(
    generator: np.random.Generator, assumed: Assumptions, counts: IntArray
) -> IntArray:
    sources = np.minimum(counts, 1)
    share = scattered_shares(
        generator, np.full(len(counts), assumed["channels.platforms"]), assumed.concentration()
    )
    further = generator.binomial(_FURTHER_PLATFORM_COUNT, share)
    sources[:, 1] = np.minimum(counts[:, 1], 1 + further)
    return sources


def _readable_counts(
    generator: np.random.Generator, assumed: Assumptions, counts: IntArray
) -> IntArray:
    is_open = generator.random(counts.shape) >= assumed["watch.refusal_share"]
    readable = generator.binomial(counts, 1.0 - assumed["watch.blocked_share"])
    return np.where(is_open, readable, 0)


def _history_weeks(generator: np.random.Generator, assumed: Assumptions, count: int) -> IntArray:
    is_late = generator.random(count) < assumed["watch.late_share"]
    shares = np.where(is_late, generator.random(count), 1.0)
    return np.maximum(np.floor(assumed["watch.weeks"] * shares), 1).astype(np.int64)


def _seen_weeks(
    generator: np.random.Generator, assumed: Assumptions, history_weeks: IntArray
) -> BoolArray:
    gaps = scattered_shares(
        generator,
        np.full(len(history_weeks), assumed["watch.gap_share"]),
        assumed["watch.gap_concentration"],
    )
    is_crawled = generator.random((len(history_weeks), WEEK_COUNT)) >= gaps[:, np.newaxis]
    return is_crawled & (np.arange(WEEK_COUNT) < history_weeks[:, np.newaxis])
