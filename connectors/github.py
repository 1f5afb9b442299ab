"""GitHub: releases, and issues and pull requests with their comments, of an organization."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.apis.acts import THE_ORGANIZATION, Act, activity
from connectors.apis.dates import moment
from connectors.apis.itinerary import Errand, Itinerary
from connectors.apis.payload import decoded
from connectors.apis.wording import of_text
from connectors.contract import Parsed, Presence, Request, ThreadShape, ThreadView
from connectors.platforms.github.authors import author_of, is_bot, is_own
from connectors.platforms.github.look import ACCEPT, ANSWERS, look_at
from connectors.platforms.github.place import LISTS, REPOSITORY_NAME, place_of
from connectors.platforms.github.shapes import Comment, Issue, Profile, Release, Repository
from connectors.platforms.github.walk import (
    broken_off,
    comments_known,
    dates_of,
    listed_from,
    listing,
    span,
    walked,
    whole_list,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connectors.contract import Activity, Channel, Cursor, Page
    from connectors.platforms.github.look import Look
    from connectors.platforms.github.place import Place
    from connectors.platforms.github.walk import Walk

#: Of an account without a named repository, so many are read: those pushed to last.
MOST_REPOSITORIES = 5
_MOST_THREADS = 500
_SUCCESS, _NOT_FOUND = 2, 404
_ISSUE_NUMBER = re.compile(r"/issues/([0-9]{1,12})$")


class Connector:
    """Reads what is public in an organization's repositories, by lists of whole repositories."""

    source = "github"
    version = "1"
    shows_dialogue = True
    publishes = True

    def check_address(self, address: str) -> None:
        """Accept `owner`, `owner/repository` or their URLs, also of an Enterprise server.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        place_of(address)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The newest issues, or the account's repositories; then the lists beside them."""
        place, itinerary = place_of(channel.address), Itinerary.from_cursor(cursor)
        yield _read(place, itinerary)
        yield from itinerary.first(_standing(place, itinerary)).requests(ACCEPT)

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """What a list, a repository or a profile shows.

        Raises:
            PageError: it is no JSON, or none that GitHub serves here.
        """
        look = look_at(page, channel, cursor)
        parsed = _READERS[look.name](look) if page.status // 100 == _SUCCESS else _refused(look)
        return replace(parsed, drifts=look.payload.drifts)


def _read(place: Place, itinerary: Itinerary) -> Request:
    """The request that stands for the channel; its address never changes."""
    if place.repository:
        return Request(url=place.list_url("issues", place.repository), accept=ACCEPT)
    account = itinerary.memory.get("account", "orgs")
    url = f"{place.api}/{account}/{place.owner}/repos?sort=pushed&per_page=100"
    return Request(url=url, accept=ACCEPT, answers=(_NOT_FOUND,) if account == "orgs" else ())


def _standing(place: Place, itinerary: Itinerary) -> Iterator[Errand]:
    """What is asked at each observation beside the request that stands for the channel."""
    if place.repository:
        yield Errand(place.list_url("comments", place.repository), "", ANSWERS)
        yield Errand(place.list_url("releases", place.repository), "", ANSWERS)
        yield Errand(f"{place.api}/repos/{place.owner}/{place.repository}", "", ANSWERS)
        return
    account = itinerary.memory.get("account", "orgs")
    yield Errand(f"{place.api}/{account}/{place.owner}", "", ANSWERS)
    yield from _lists(place, itinerary.memory.get("repositories", ()))


def _lists(place: Place, repositories: Sequence[str]) -> Iterator[Errand]:
    """The lists of an account's repositories: issues first, they say whose a thread is."""
    for repository in repositories:
        for name in LISTS:
            yield Errand(place.list_url(name, repository), "", ANSWERS)


def _refused(look: Look) -> Parsed:
    """A status that says what is not there: a list, a page of it, or an organization."""
    if look.name != "repositories":
        return look.parsed(broken_off(look))
    itinerary = look.itinerary.remembering(account="users")  # then it is a user account
    parsed = look.parsed(itinerary.first(_standing(look.place, itinerary)))
    read = _read(look.place, itinerary)
    return replace(parsed, next_requests=(read, *parsed.next_requests))


def _read_repositories(look: Look) -> Parsed:
    """Choose which repositories of an account to read, and keep to them while they are active."""
    listed = look.payload.each(decoded(look.page), Repository)
    names = [
        each.name
        for each in listed
        if not each.fork and not each.private and REPOSITORY_NAME.fullmatch(each.name)
    ]
    known = look.itinerary.memory.get("repositories", [])
    kept = [name for name in known if name in names[: 2 * MOST_REPOSITORIES]]
    chosen = [*kept, *(name for name in names if name not in kept)][:MOST_REPOSITORIES]
    fresh = [name for name in chosen if name not in known]
    itinerary = look.itinerary.remembering(repositories=chosen).first(_lists(look.place, fresh))
    return look.parsed(itinerary, listing=listing(look, len(listed), None, is_continued=False))


def _read_repository(look: Look) -> Parsed:
    seen = look.payload.whole(decoded(look.page), Repository)
    presence = _presence(look, seen.description, seen.homepage, seen.stargazers_count)
    return look.parsed(look.itinerary, presences=(presence,))


def _read_profile(look: Look) -> Parsed:
    """A verified organization has proved that a domain is its own; it must be the homepage's."""
    seen = look.payload.whole(decoded(look.page), Profile)
    presence = _presence(look, seen.description or seen.bio, seen.blog, seen.followers)
    is_proved = bool(seen.is_verified and presence.has_site_link)
    is_unknown = seen.is_verified is None or (seen.is_verified and presence.has_site_link is None)
    verified = replace(
        presence,
        is_verified=None if is_unknown else is_proved,
        verification="organization_badge" if is_proved else "",
        has_contact=bool(seen.email),
    )
    return look.parsed(look.itinerary, presences=(verified,))


def _presence(
    look: Look, description: str | None, site: str | None, follower_count: int | None
) -> Presence:
    homepage = look.channel.homepage
    return Presence(
        channel_id=look.channel.channel_id,
        organization_id=look.channel.organization_id,
        observed_at=look.page.fetched_at,
        page_id=look.page.page_id,
        follower_count=follower_count,
        has_description=bool(description),
        has_site_link=_site(site or "") == _site(homepage) if homepage else None,
    )


def _site(url: str) -> str:
    """The host of a website, which people also write without its scheme."""
    try:
        name = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return name.lower().removeprefix("www.")


def _read_issues(look: Look) -> Parsed:
    """Issues and pull requests, those that changed last first."""
    values = decoded(look.page)
    issues = look.payload.each(values, Issue)
    changed = dates_of(look, (issue.updated_at for issue in issues))
    walk = walked(look, changed)
    people = [issue for issue in issues if not is_bot(issue.user)]
    activities = tuple(_issue(look, issue) for issue in people)
    return look.parsed(
        walk.itinerary.remembering(threads=_threads(look, people)),
        activities=activities,
        listing=listing(
            look, len(issues), listed_from(look, changed), is_continued=walk.is_continued
        ),
        threads=tuple(_mentioned(look, issue) for issue in people),
        extents=whole_list(look, walk, activities, is_readable=len(issues) == len(values)),
    )


def _issue(look: Look, issue: Issue) -> Activity:
    thread = look.place.thread(look.repository, issue.number)
    act = Act(
        act_id=thread,
        kind="pull_request" if _is_pull(issue) else "issue",
        author=author_of(look, issue.user, issue.author_association),
        published=issue.created_at,
        updated=issue.updated_at,
        listed_in=f"{look.repository}/issues",
        is_addressed=True,
        thread_id=thread,
        thread_shape=ThreadShape.LIST,
        wording=of_text(issue.body or "", issue.title),
        like_count=issue.reactions.likes if issue.reactions else None,
        reply_count=issue.comments,
    )
    return activity(act, look.page, look.channel, Connector.version)


def _mentioned(look: Look, issue: Issue) -> ThreadView:
    """What a list says of a thread, and whether its comments have all been read before.

    Reviews are not read: a pull request that looks unanswered may well have one.
    """
    is_pull = _is_pull(issue)
    is_whole = not issue.comments or comments_known(look, issue.created_at, issue.updated_at)
    return ThreadView(
        thread_id=look.thread_id(issue.number),
        reply_count=issue.comments,
        shown_count=0 if is_pull else issue.comments if is_whole else None,
        is_truncated=is_pull,
    )


def _threads(look: Look, issues: Sequence[Issue]) -> dict[str, dict[str, list[Any]]]:
    """The newest issues with what comments on them need: count, date, opener's role, kind."""
    memory = look.itinerary.memory
    known = {
        str(issue.number): [
            issue.comments,
            issue.created_at,
            is_own(look, issue.user, issue.author_association),
            _is_pull(issue),
        ]
        for issue in issues
    }
    merged = {**memory.get("threads", {}).get(look.repository, {}), **known}
    most = _MOST_THREADS // max(1, len(memory.get("repositories", ())))
    newest = sorted(merged, key=int, reverse=True)[:most]
    kept = {number: merged[number] for number in newest}
    return {**memory.get("threads", {}), look.repository: kept}


def _read_comments(look: Look) -> Parsed:
    """Comments on all issues and pull requests of a repository, the newest first."""
    values = decoded(look.page)
    comments = look.payload.each(values, Comment)
    written = dates_of(look, (comment.created_at for comment in comments))
    walk = walked(look, written)
    people = [comment for comment in comments if not is_bot(comment.user)]
    acts = (_comment(look, comment) for comment in people)
    activities = tuple(act for act in acts if act)
    return look.parsed(
        walk.itinerary,
        activities=activities,
        threads=_known_whole(look, walk),
        extents=span(look, walk, written, is_readable=len(written) == len(values)),
    )


def _comment(look: Look, comment: Comment) -> Activity | None:
    number = _ISSUE_NUMBER.search(comment.issue_url)
    if number is None:
        return None
    thread = look.place.thread(look.repository, number[1])
    act = Act(
        act_id=look.act_id("comments", comment.id),
        kind="comment",
        author=author_of(look, comment.user, comment.author_association),
        published=comment.created_at,
        updated=comment.updated_at,
        listed_in=f"{look.repository}/comments",
        is_addressed=_is_addressed(look, comment, number[1]),
        parent_id=thread,
        thread_id=thread,
        thread_shape=ThreadShape.LIST,
        wording=of_text(comment.body or ""),
        like_count=comment.reactions.likes if comment.reactions else None,
    )
    return activity(act, look.page, look.channel, Connector.version)


def _is_addressed(look: Look, comment: Comment, number: str) -> bool:
    """Whether it answers the organization, whose issue it is, or mentions it.

    Who opened an issue is not remembered, so what an asker adds to their own question is taken
    for talk among others: it would count as unanswered once more.
    """
    thread = look.itinerary.memory.get("threads", {}).get(look.repository, {}).get(number)
    mention = rf"(?<![\w/.@-])@{re.escape(look.place.owner)}(?![\w-])"
    is_mentioned = re.search(mention, comment.body or "", re.IGNORECASE)
    return bool(is_mentioned or (thread and thread[2]))


def _known_whole(look: Look, walk: Walk) -> tuple[ThreadView, ...]:
    """The remembered issues all of whose comments have been read by now.

    They are those that were opened since when all comments are known; an older page adds those
    that it brought.
    """
    threads = look.itinerary.memory.get("threads", {}).get(look.repository, {})
    before = walk.known_since if look.is_older else None
    return tuple(
        ThreadView(thread_id=look.thread_id(number), reply_count=count, shown_count=count)
        for number, (count, created, _, is_pull) in threads.items()
        if not is_pull
        and (opened := moment(created)) is not None
        and opened >= walk.since
        and (before is None or opened < before)
    )


def _read_releases(look: Look) -> Parsed:
    """Releases speak for the organization, whoever or whatever published them."""
    values = decoded(look.page)
    releases = look.payload.each(values, Release)
    walk = walked(look, dates_of(look, (release.created_at for release in releases)))
    activities = tuple(_release(look, release) for release in releases if not release.draft)
    return look.parsed(
        walk.itinerary,
        activities=activities,
        extents=whole_list(look, walk, activities, is_readable=len(releases) == len(values)),
    )


def _release(look: Look, release: Release) -> Activity:
    act = Act(
        act_id=look.act_id("releases", release.id),
        kind="release",
        author=THE_ORGANIZATION,
        published=release.published_at or release.created_at,
        updated=release.updated_at,
        listed_in=f"{look.repository}/releases",
        wording=of_text(release.body or "", release.name or release.tag_name),
        links=(release.html_url,),
        like_count=release.reactions.likes if release.reactions else None,
    )
    return activity(act, look.page, look.channel, Connector.version)


def _is_pull(issue: Issue) -> bool:
    return issue.pull_request is not None and issue.pull_request.html_url is not None


_READERS: dict[str, Callable[[Look], Parsed]] = {
    "issues": _read_issues,
    "comments": _read_comments,
    "releases": _read_releases,
    "repository": _read_repository,
    "repositories": _read_repositories,
    "profile": _read_profile,
}
