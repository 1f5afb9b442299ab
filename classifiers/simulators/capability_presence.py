"""The signals of presence of invented organizations: their channels, profiles and silences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifiers.simulators.capability_channels import (
    HAS_PROFILE,
    IS_PUBLISHING,
    KINDS,
    QUARTER_WEEK_COUNT,
    WEEK_COUNT,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.simulators.capability_posting import Posting
    from classifiers.simulators.capability_sheet import Sheet
    from classifiers.simulators.capability_world import World

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

_EVERY = np.ones(len(KINDS), dtype=bool)
_MARK_COUNT = 6  # as many things the warehouse looks for in a profile


def measure_presence(world: World, posting: Posting, sheet: Sheet) -> IntArray:
    """Write the signals of presence; yields how many channels have a function."""
    counts = world.channels.count(_EVERY)
    functional_counts = world.drawn(counts, world.rising("functional_channel_share"))
    sheet.put("official_channels", counts)
    sheet.put("functional_channel_share", functional_counts / counts)
    _measure_profiles(world, sheet)
    _measure_platforms(world, posting, sheet)
    _measure_silence(world, posting, sheet)
    return functional_counts


def _measure_profiles(world: World, sheet: Sheet) -> None:
    channels = world.channels
    counts = channels.readable_count(HAS_PROFILE)
    absent = channels.count(IS_PUBLISHING) == 0
    is_hidden = (counts == 0) | ~channels.has_profiles
    marks = world.drawn(counts * _MARK_COUNT, world.rising("profile_complete_share"))
    shares = marks / np.maximum(counts * _MARK_COUNT, 1)
    sheet.put("profile_complete_share", shares, absent=absent, unobserved=is_hidden)
    proven = world.drawn(counts, world.rising("verified_share")) / np.maximum(counts, 1)
    is_hidden |= ~channels.has_proofs
    sheet.put("verified_share", proven, absent=absent, unobserved=is_hidden)


def _measure_platforms(world: World, posting: Posting, sheet: Sheet) -> None:
    seen = posting.is_seen[:, :QUARTER_WEEK_COUNT]
    published = posting.weekly_counts[:, :QUARTER_WEEK_COUNT].sum(axis=1) > 0
    further = np.maximum(world.channels.readable_source_count(IS_PUBLISHING) - 1, 0)
    used = published * (1 + world.drawn(further, world.rising("active_platforms")))
    sheet.put(
        "active_platforms",
        used,
        absent=world.channels.count(IS_PUBLISHING) == 0,
        unobserved=~seen.any(axis=1),
    )


def _measure_silence(world: World, posting: Posting, sheet: Sheet) -> None:
    absent = world.channels.count(IS_PUBLISHING) == 0
    is_seen = posting.is_seen.any(axis=1)
    days = posting.days_since_last
    is_known = days <= world.channels.history_weeks * 7 + world.assumed["watch.reach_days"]
    sheet.put("days_since_last_post", days, absent=absent, unobserved=~is_seen, undefined=~is_known)
    dormant, known = _dormant_and_known_counts(world, posting)
    sheet.put(
        "dormant_share",
        dormant / np.maximum(known, 1),
        absent=absent,
        unobserved=~is_seen | (known == 0),
    )


def _dormant_and_known_counts(world: World, posting: Posting) -> tuple[IntArray, IntArray]:
    counts = world.channels.readable_count(IS_PUBLISHING)
    published = (posting.days_since_last < WEEK_COUNT * 7).astype(np.int64)
    further = np.maximum(counts - published, 0)
    dormant = np.where(published, world.drawn(further, _silent_shares(world)), counts)
    is_whole = posting.is_seen.all(axis=1)  # silence is known only where every day was seen
    return dormant * is_whole, counts - dormant * ~is_whole


def _silent_shares(world: World) -> FloatArray:
    # Accounts are opened with publishing and forgotten until somebody is in charge of them.
    early = world.assumed["dormant_share.early"]
    opened = early + (1.0 - early) * world.organizations.strength("publishing")
    shares = world.falling("dormant_share") * opened
    is_dormant = world.organizations.is_of("dormant")
    return np.where(is_dormant, world.assumed["dormant.silence"], shares)
