"""What happened on an invented profile so far: the organization's posts, and what was said."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from flows.demo.manner import draw_manner
from flows.demo.organization import Audience, DemoProfile, Platform
from flows.demo.phrases import Phrasebook
from flows.demo.prose import load_vocabulary, write_post
from flows.demo.rhythm import draw_rhythm, post_times
from flows.demo.talk import Begun, Talk, delete_one, hide_one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from flows.demo.cast import OrganizationPart, ProfilePart
    from flows.demo.conversation import Conversation
    from flows.demo.rhythm import Calendar

PROFILE_WEEKS = 28

#: Said to the organization, a week.
_REACTIONS_PER_WEEK = {Audience.LIVELY: 3.0, Audience.THIN: 0.45}
_REACTIONS_PER_POST = 4.5  # of the posts that find any
_LONG_TOPIC_REACTIONS = 18
_TOPIC_SHARE = 0.34  # of what is said in a forum, begun by residents
_MOST_FORUM_POSTS = 9
_CALLS = 3  # answered calls from places of the residents' own
_FOLLOWERS = {"1-9": 90, "10-49": 260, "50-249": 800, "250-999": 2400, "1000+": 9500}
_CALLING = {Platform.MASTODON, Platform.BLUESKY}
_WAKING_SECONDS = (8 * 3600, 22 * 3600)


def draw_profile(
    part: ProfilePart, owner: OrganizationPart, calendar: Calendar, rng: Random
) -> DemoProfile:
    """One profile of an organization with its last half year."""
    talks = () if part.is_closed else _Drawing(part, owner, calendar, rng).conversations()
    return DemoProfile(
        platform=part.platform,
        name=part.name,
        function=part.function,
        follower_count=_follower_count(part, owner, rng),
        is_closed=part.is_closed,
        conversations=tuple(sorted(talks, key=lambda talk: talk.opening.at)),
    )


def _follower_count(part: ProfilePart, owner: OrganizationPart, rng: Random) -> int | None:
    if part.platform is Platform.WORDPRESS:
        return None
    return round(_FOLLOWERS[owner.size] * math.exp(rng.gauss(0.0, 0.5)))


class _Drawing:
    """One profile while its history is drawn."""

    def __init__(
        self, part: ProfilePart, owner: OrganizationPart, calendar: Calendar, rng: Random
    ) -> None:
        self._part, self._owner, self._calendar, self._rng = part, owner, calendar, rng
        self._until = datetime.combine(calendar.until, time(), tzinfo=UTC)
        manner = draw_manner(owner.true_stage, rng)
        phrases = Phrasebook(owner.language, part.function, rng)
        self._talk = Talk(manner, phrases, self._until, rng)

    def conversations(self) -> Iterator[Conversation]:
        """What was posted and said, in no order."""
        begun = [*self._begun()]
        said_count = round(_REACTIONS_PER_WEEK[self._part.audience] * PROFILE_WEEKS)
        is_forum = self._part.platform is Platform.DISCOURSE
        topic_count = round(said_count * _TOPIC_SHARE) if is_forum else 0
        yield from self._topics(topic_count)
        talks = [*self._below_posts(begun, said_count - topic_count)]
        yield from self._marred(talks) if self._is_lively else talks
        if self._part.platform in _CALLING and self._is_lively:
            yield from self._calls()

    @property
    def _is_lively(self) -> bool:
        return self._part.audience is Audience.LIVELY

    def _begun(self) -> Iterator[Begun]:
        vocabulary = load_vocabulary(self._owner.language, self._part.function)
        rhythm = draw_rhythm(self._owner.true_stage, self._owner.temper, self._rng)
        since = self._until - timedelta(weeks=PROFILE_WEEKS)
        whole = post_times(rhythm, self._calendar, self._rng)
        moments = [at for at in whole if since <= at < self._until]
        is_forum = self._part.platform is Platform.DISCOURSE
        step = math.ceil(len(moments) / _MOST_FORUM_POSTS) if is_forum else 1
        for moment in moments[:: max(step, 1)]:
            post = write_post(vocabulary, self._rng)
            yield Begun(moment, post.title, post.paragraphs[0])

    def _below_posts(self, begun: list[Begun], reaction_count: int) -> Iterator[Conversation]:
        """Every post; some find reactions, in a forum one finds many."""
        noticed = self._noticed(len(begun), math.ceil(reaction_count / _REACTIONS_PER_POST))
        counts = Counter(noticed)
        if noticed:
            counts.update(self._rng.choices(noticed, k=max(0, reaction_count - len(noticed))))
        if noticed and self._part.platform is Platform.DISCOURSE and self._is_lively:
            counts[noticed[0]] = _LONG_TOPIC_REACTIONS
        for place, one in enumerate(begun):
            yield self._talk.below_post(one, counts[place])

    def _noticed(self, post_count: int, count: int) -> list[int]:
        """Which posts find reactions: about as many in any stretch of time."""
        count = min(count, post_count)
        edges = [n * post_count // count for n in range(count + 1)] if count else []
        return [self._rng.randrange(first, last) for first, last in pairwise(edges)]

    def _topics(self, count: int) -> Iterator[Conversation]:
        return (self._talk.asked(self._some_time()) for _ in range(count))

    def _calls(self) -> Iterator[Conversation]:
        for _ in range(_CALLS):
            talk = self._talk.asked(self._some_time(), is_answered=True)
            yield replace(talk, is_elsewhere=True)

    def _some_time(self) -> datetime:
        day = self._calendar.until - timedelta(days=self._rng.randint(1, PROFILE_WEEKS * 7))
        second = self._rng.randint(*_WAKING_SECONDS)
        return datetime.combine(day, time(), tzinfo=UTC) + timedelta(seconds=second)

    def _marred(self, talks: list[Conversation]) -> Iterator[Conversation]:
        """The same with one remark taken back, and one that is counted but not shown."""
        marks = [delete_one]
        if self._part.platform in _CALLING:
            marks.append(hide_one)
        for talk in talks:
            changed = marks[-1](talk) if marks else talk
            if changed is not talk:
                marks.pop()
            yield changed
