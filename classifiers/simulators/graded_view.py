"""What a monitor sees of the organizations of a graded-response world, and what it misses.

Belongs to the graded-response simulator. Traits become signals by counting: posts in weeks,
answers among messages, marks among profiles. An organization has feeds, accounts on platforms
that show conversations, and perhaps a forum; what it lacks is absent. Sources list their latest
entries only, watching began some weeks ago, some weeks are gaps, some conversations are closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit, ndtri

from classifiers.signals import FEATURE_CODES, MissingReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from classifiers.simulators.graded_traits import Cohort

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]
    Traits = Mapping[str, FloatArray]

WEEK_COUNT = 26
RECENT_WEEK_COUNT = 13
_SILENT_WEEKS_OF_DORMANCY = 26
_FEWEST_CASES = 20
_FEWEST_WAITS = 5
_FEWEST_CHANNELS = 2  # to be compared with one another
_PROFILE_MARKS = 5
_MOST_ACCOUNTS = 6
_HOURS_OF_A_WEEK = 168
_WAIT_SPREAD = 1.3


class View(NamedTuple):
    """All signals in the order of `FEATURE_CODES`, NaN when missing, with the reasons."""

    values: FloatArray
    reasons: npt.NDArray[np.str_]
    coverage_share: FloatArray


class Seen(NamedTuple):
    """One signal of each organization, with what prevented it; absence goes before the rest."""

    values: FloatArray
    is_absent: BoolArray
    is_unobserved: BoolArray
    is_undefined: BoolArray


class Channels(NamedTuple):
    """Where each organization is found, as far as it is monitored."""

    feed_count: IntArray
    account_count: IntArray
    forum_count: IntArray

    @property
    def source_count(self) -> IntArray:
        """Different platforms; all feeds together are one."""
        counts: IntArray = (self.feed_count > 0) + self.account_count + self.forum_count
        return counts

    @property
    def channel_count(self) -> IntArray:
        """All of them."""
        counts: IntArray = self.feed_count + self.account_count + self.forum_count
        return counts

    @property
    def dialogue_count(self) -> IntArray:
        """Those that can show conversations."""
        counts: IntArray = self.account_count + self.forum_count
        return counts


def observe(
    cohort: Cohort, traits: Traits, assumed: Traits, generator: np.random.Generator
) -> View:
    """One look at the organizations of one world; draws everything that chance decides."""
    monitor = _Monitor(cohort, traits, assumed, generator)
    seen = monitor.presence() | monitor.cadence() | monitor.dialogue() | monitor.community()
    columns = [monitor.with_failures(seen[code]) for code in FEATURE_CODES]
    return View(
        np.column_stack([_masked(column) for column in columns]),
        np.column_stack([_reasons(column) for column in columns]),
        monitor.coverage_share,
    )


class _Monitor:
    def __init__(
        self, cohort: Cohort, traits: Traits, assumed: Traits, generator: np.random.Generator
    ) -> None:
        self._traits, self._assumed, self._draw = traits, assumed, generator
        self._count = len(cohort.stage_codes)
        self._nowhere = np.zeros(self._count, dtype=np.bool_)
        self._channels = self._draw_channels()
        self._listed_count = self._channels.channel_count + generator.poisson(
            assumed["further_channels"] * cohort.size_codes
        )
        self._silent_weeks = self._draw_silence()
        self._post_counts = self._draw_posts()
        self._history_weeks = self._draw_history()
        self._is_covered = self._draw_coverage()
        self._is_blocked = self._happens("blocked_share") | (self._recent_weeks() == 0)
        self._message_count = generator.poisson(
            np.exp(traits["inbound"]) * self._recent_weeks() / RECENT_WEEK_COUNT
        )
        self.coverage_share: FloatArray = self._recent_weeks() / RECENT_WEEK_COUNT

    def presence(self) -> dict[str, Seen]:
        channels, profiled = self._channels, ~self._happens("profile_seen_share")
        silent = self._binomial(channels.channel_count, "neglect")
        active = np.maximum(channels.source_count - silent, 1) * (self._recent_posts() > 0)
        gone = self._silent_weeks > _SILENT_WEEKS_OF_DORMANCY
        dormant = np.where(gone, 1.0, silent / np.maximum(channels.channel_count, 1))
        no_accounts = channels.account_count == 0
        marks = _PROFILE_MARKS * channels.account_count
        functional = self._share(self._listed_count, "functions")
        is_short = self._history_weeks < WEEK_COUNT
        return {
            "active_platforms": self._seen(active.astype(np.float64), self._unwatched()),
            "official_channels": self._seen(self._listed_count.astype(np.float64), self._nowhere),
            "functional_channel_share": self._seen(functional, self._nowhere),
            "profile_complete_share": Seen(
                self._share(marks, "profile"), no_accounts, profiled, self._nowhere
            ),
            "verified_share": Seen(
                self._share(channels.account_count, "proof"), no_accounts, profiled, self._nowhere
            ),
            "dormant_share": self._seen(dormant, is_short),
            "days_since_last_post": self._last_post(),
        }

    def cadence(self) -> dict[str, Seen]:
        weeks = self._recent_weeks()
        counts = self._post_counts[:, :RECENT_WEEK_COUNT].astype(np.float64)
        is_covered = self._is_covered[:, :RECENT_WEEK_COUNT]
        active = ((counts > 0) & is_covered).sum(axis=1) / np.maximum(weeks, 1)
        counts[~is_covered] = np.nan
        counts[weeks == 0] = 0.0
        event_count = (self._post_counts * self._is_covered).sum(axis=1)
        chance = self._draw.normal(size=self._count) / np.sqrt(np.maximum(event_count, 1))
        burstiness = np.tanh(self._traits["burstiness"] + chance)
        return {
            "posts_per_week": self._seen(np.nanmedian(counts, axis=1), self._unwatched()),
            "active_weeks_share": self._seen(active, self._unwatched()),
            "burstiness": self._seen(
                burstiness, self._unwatched(), is_undefined=event_count < _FEWEST_CASES
            ),
        }

    def dialogue(self) -> dict[str, Seen]:
        rate = expit(self._traits["reply"])
        answered = self._draw.binomial(self._message_count, rate)
        replies = self._draw.poisson(answered * (1 + expit(self._traits["proactivity"])))
        question_rate = expit(self._traits["reply"] + self._traits["questions"])
        questions = self._draw.binomial(self._message_count, 0.4)
        quick_rate = rate * expit(self._traits["quickness"])
        said = replies + self._recent_posts()
        threads = self._draw.binomial(self._message_count, 0.7)
        return {
            "reply_rate_72h": self._cases(self._message_count, rate),
            "question_reply_rate_72h": self._cases(questions, question_rate),
            "reply_rate_1h": self._cases(self._message_count, quick_rate),
            "response_hours_median": self._median_wait(rate),
            "conversation_share": self._cases(said, expit(self._traits["conversation"])),
            "deep_thread_share": self._cases(threads, expit(self._traits["depth"])),
            "proactive_reply_share": self._cases(replies, expit(self._traits["proactivity"])),
            "reply_clock_entropy": self._clock(replies),
            **self._coordination(replies),
        }

    def community(self) -> dict[str, Seen]:
        channels, traits = self._channels, self._traits
        no_dialogue = channels.dialogue_count == 0
        peers = self._draw.binomial(self._message_count, 0.4)
        crowd = self._draw.binomial(self._message_count, 0.6)
        is_unknown = self._is_blocked | ~self._happens("followers_seen_share")
        is_short = self._is_blocked | (self._history_weeks < WEEK_COUNT)
        returning = self._cases(crowd, expit(traits["return"]))
        participants = np.exp(traits["participants"])
        return {
            "participants_per_1000_followers": Seen(
                participants, no_dialogue | (channels.account_count == 0), is_unknown, self._nowhere
            ),
            "peer_answer_share": self._cases(peers, expit(traits["peers"])),
            "returning_participant_share": returning._replace(is_unobserved=is_short),
        }

    def with_failures(self, seen: Seen) -> Seen:
        failed = self._draw.random(self._count) < self._assumed["failed_signal_share"]
        return seen._replace(is_unobserved=seen.is_unobserved | failed)

    def _coordination(self, replies: IntArray) -> dict[str, Seen]:
        channels, traits = self._channels, self._traits
        posts, unwatched = self._recent_posts(), self._unwatched()
        is_few = posts < _FEWEST_CASES
        one_dialogue = channels.dialogue_count < _FEWEST_CHANNELS
        per_channel = self._message_count / np.maximum(channels.dialogue_count, 1)
        unknown = ~self._happens("functions_known_share")
        routed = self._cases(replies, expit(traits["routing"]))
        voices = 1.0 + self._draw.poisson(np.maximum(np.exp(traits["voices"]) - 1, 0))
        return {
            "campaign_sync_share": Seen(
                self._share(posts, "joint"),
                channels.channel_count < _FEWEST_CHANNELS,
                unwatched,
                is_few,
            ),
            "verbatim_duplicate_share": Seen(
                self._share(posts, "copying"),
                channels.source_count < _FEWEST_CHANNELS,
                unwatched,
                is_few,
            ),
            "functional_reply_share": routed._replace(is_undefined=routed.is_undefined | unknown),
            "reply_rate_sd": Seen(
                np.exp(traits["unevenness"]),
                one_dialogue,
                self._is_blocked,
                per_channel < _FEWEST_CASES,
            ),
            "functions_in_dialogue": Seen(
                np.where(replies > 0, voices, 0.0),
                channels.dialogue_count == 0,
                self._is_blocked,
                unknown,
            ),
        }

    def _draw_channels(self) -> Channels:
        feeds = self._draw.poisson(np.exp(self._traits["further_feeds"]))
        accounts = np.minimum(
            self._draw.poisson(np.exp(self._traits["social_accounts"])), _MOST_ACCOUNTS
        )
        monitored = self._draw.binomial(accounts, self._assumed["monitored_share"])
        forums = self._draw.binomial(1, expit(self._traits["forum"]))
        return Channels(np.where(monitored == 0, 1 + feeds, feeds), monitored, forums)

    def _draw_silence(self) -> FloatArray:
        weeks = self._draw.uniform(1, self._assumed["longest_silence_weeks"], self._count)
        return np.where(self._draw.random(self._count) < expit(self._traits["silence"]), weeks, 0.0)

    def _draw_posts(self) -> IntArray:
        shape = np.exp(self._traits["regularity"])[:, np.newaxis]
        swings = self._draw.gamma(shape, 1 / shape, (self._count, WEEK_COUNT))
        counts = self._draw.poisson(np.exp(self._traits["posts"])[:, np.newaxis] * swings)
        is_silent = np.arange(WEEK_COUNT) < self._silent_weeks[:, np.newaxis]
        return np.where(is_silent, 0, counts)

    def _draw_history(self) -> FloatArray:
        watched = self._draw.uniform(0, self._assumed["longest_watch_weeks"], self._count)
        rate = np.maximum(np.exp(self._traits["posts"]), 0.01)
        listed = np.exp(self._assumed["log_listing_depth"]) / rate
        history: FloatArray = watched + listed * self._channels.channel_count + self._silent_weeks
        return history

    def _draw_coverage(self) -> BoolArray:
        draws = self._draw.random((self._count, WEEK_COUNT))
        is_in_history = np.arange(WEEK_COUNT) < self._history_weeks[:, np.newaxis]
        is_covered: BoolArray = is_in_history & (draws >= self._assumed["crawl_gap_share"])
        return is_covered

    def _recent_weeks(self) -> IntArray:
        weeks: IntArray = self._is_covered[:, :RECENT_WEEK_COUNT].sum(axis=1)
        return weeks

    def _unwatched(self) -> BoolArray:
        return np.asarray(self._recent_weeks() == 0)

    def _recent_posts(self) -> IntArray:
        counts = self._post_counts[:, :RECENT_WEEK_COUNT]
        recent: IntArray = (counts * self._is_covered[:, :RECENT_WEEK_COUNT]).sum(axis=1)
        return recent

    def _happens(self, name: str) -> BoolArray:
        return np.asarray(self._draw.random(self._count) < self._assumed[name])

    def _binomial(self, case_count: IntArray, trait: str) -> IntArray:
        return self._draw.binomial(case_count, expit(self._traits[trait]))

    def _share(self, case_count: IntArray, trait: str) -> FloatArray:
        return self._binomial(case_count, trait) / np.maximum(case_count, 1)

    def _seen(
        self, values: FloatArray, is_unobserved: BoolArray, is_undefined: BoolArray | None = None
    ) -> Seen:
        undefined = self._nowhere if is_undefined is None else is_undefined
        return Seen(values, self._nowhere, is_unobserved, undefined)

    def _cases(self, case_count: IntArray, rate: FloatArray) -> Seen:
        share = self._draw.binomial(case_count, rate) / np.maximum(case_count, 1)
        is_absent = np.asarray(self._channels.dialogue_count == 0)
        return Seen(share, is_absent, self._is_blocked, case_count < _FEWEST_CASES)

    def _median_wait(self, rate: FloatArray) -> Seen:
        ever = np.minimum(1.15 * rate, 0.98)
        is_reached = ever > 0.5  # noqa: PLR2004 - a median exists once half are answered
        quantile = np.where(is_reached, 0.5 / np.maximum(ever, 0.5), 0.5)
        hours = np.exp(self._traits["delay"] + _WAIT_SPREAD * ndtri(np.minimum(quantile, 0.999)))
        return Seen(
            hours,
            np.asarray(self._channels.dialogue_count == 0),
            self._is_blocked,
            ~is_reached | (self._message_count < _FEWEST_WAITS),
        )

    def _clock(self, replies: IntArray) -> Seen:
        allowed = np.log(np.clip(replies, 1, _HOURS_OF_A_WEEK)) / np.log(_HOURS_OF_A_WEEK)
        evenness = allowed * expit(self._traits["clock"] + 1)
        is_unknown = self._is_blocked | ~self._happens("hour_known_share")
        is_absent = np.asarray(self._channels.dialogue_count == 0)
        return Seen(evenness, is_absent, is_unknown, replies < _FEWEST_CASES)

    def _last_post(self) -> Seen:
        has_posts = self._post_counts > 0
        first = np.where(has_posts.any(axis=1), has_posts.argmax(axis=1), WEEK_COUNT)
        rate = np.exp(self._traits["posts"])
        gap = self._draw.exponential(7 / np.maximum(rate, 1.0))
        days = 7 * np.maximum(first, self._silent_weeks) + np.minimum(gap, 14)
        never = self._draw.poisson(4 * WEEK_COUNT * rate) == 0
        return self._seen(days, self._unwatched(), is_undefined=never & ~has_posts.any(axis=1))


def _masked(seen: Seen) -> FloatArray:
    is_missing = seen.is_absent | seen.is_unobserved | seen.is_undefined
    return np.where(is_missing, np.nan, seen.values)


def _reasons(seen: Seen) -> npt.NDArray[np.str_]:
    return np.select(
        [seen.is_absent, seen.is_unobserved, seen.is_undefined],
        [MissingReason.ABSENT, MissingReason.UNOBSERVED, MissingReason.UNDEFINED],
        MissingReason.NONE,
    ).astype("U")
