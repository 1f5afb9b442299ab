"""Which address of the demo world answers what; pure, without a network.

Conditional requests follow RFC 9110, section 13: If-None-Match goes before
If-Modified-Since and compares weakly. No answer carries an expiry, so that a second run may
ask again at once.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from flows.demo.organization import AnswerKind, Validators
from flows.demo.render import render_channel_page, render_feed, render_homepage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.demo.organization import DemoChannel, DemoOrganization
    from flows.demo.world import World

_HTML = "text/html; charset=utf-8"
_JSON = "application/json; charset=utf-8"
_FAILURES = {
    AnswerKind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    AnswerKind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    AnswerKind.SERVER_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What stands at one address, before anyone asks for it."""

    status: HTTPStatus
    content_type: str
    body: bytes
    location: str = ""  #: where it moved, "" if it did not
    etag: str = ""  #: quoted; "" where the server sends none
    modified_at: datetime | None = None  #: whole seconds, UTC; None where the server sends none
    is_compressed: bool = False  #: gzip for whoever accepts it
    headers: tuple[tuple[str, str], ...] = ()  #: what else the platform says


class Conditions(NamedTuple):
    """The request headers that an answer depends on; "" where absent."""

    if_none_match: str = ""
    if_modified_since: str = ""
    accept_encoding: str = ""


class Answer(NamedTuple):
    """A response without the headers that every server adds (Date, Server)."""

    status: HTTPStatus
    headers: dict[str, str]
    body: bytes


def json_resource(
    value: object, *headers: tuple[str, str], status: HTTPStatus = HTTPStatus.OK
) -> Resource:
    """An answer of a platform's interface for programs."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Resource(status=status, content_type=_JSON, body=body, headers=headers)


def build_site(world: World) -> dict[str, Resource]:
    """Every web page and feed of the world by its address, a path beginning with a slash.

    What its organizations do on platforms is in `flows.demo.platforms`.
    """
    return {
        path: resource
        for organization in world.organizations
        for path, resource in _resources(organization, world.as_of)
    }


def answer(resource: Resource | None, conditions: Conditions) -> Answer:
    """What is sent for a resource: 404 for None, 304 where the asker already has it."""
    if resource is None:
        return Answer(HTTPStatus.NOT_FOUND, {"Content-Type": _HTML}, _failure_page("Not Found"))
    headers = _headers(resource, conditions)
    if _is_known(resource, conditions):
        return Answer(HTTPStatus.NOT_MODIFIED, headers, b"")
    headers["Content-Type"] = resource.content_type
    if resource.location:
        headers["Location"] = resource.location
    if _is_sent_compressed(resource, conditions):
        headers["Content-Encoding"] = "gzip"
        return Answer(resource.status, headers, gzip.compress(resource.body, mtime=0))
    return Answer(resource.status, headers, resource.body)


def _resources(organization: DemoOrganization, as_of: datetime) -> Iterator[tuple[str, Resource]]:
    yield f"/{organization.organization_id}/", _web_page(render_homepage(organization))
    for channel in organization.channels:
        if channel.path != channel.feed_path:
            yield channel.path, _signpost(organization, channel)
        if channel.answer.is_served:
            yield channel.feed_path, _feed(organization, channel, as_of)
        else:
            yield channel.path, _failure(_FAILURES[channel.answer])


def _web_page(body: bytes) -> Resource:
    return Resource(status=HTTPStatus.OK, content_type=_HTML, body=body)


def _signpost(organization: DemoOrganization, channel: DemoChannel) -> Resource:
    """What stands at the listed address of a feed that is elsewhere."""
    if channel.answer is AnswerKind.WEB_PAGE:
        return _web_page(render_channel_page(organization, channel))
    return Resource(
        status=HTTPStatus.MOVED_PERMANENTLY,
        content_type=_HTML,
        body=_failure_page("Moved Permanently"),
        location=channel.feed_path,
    )


def _failure(status: HTTPStatus) -> Resource:
    return Resource(status=status, content_type=_HTML, body=_failure_page(status.phrase))


def _failure_page(phrase: str) -> bytes:
    return f"<!DOCTYPE html><title>{phrase}</title><h1>{phrase}</h1>\n".encode()


def _feed(organization: DemoOrganization, channel: DemoChannel, as_of: datetime) -> Resource:
    body = render_feed(organization, channel)
    has_etag = channel.validators in {Validators.BOTH, Validators.ETAG}
    has_date = channel.validators in {Validators.BOTH, Validators.DATE}
    return Resource(
        status=HTTPStatus.OK,
        content_type=_content_type(channel),
        body=body,
        etag=f'"{sha256(body).hexdigest()[:16]}"' if has_etag else "",
        modified_at=max(channel.posted_at, default=as_of) if has_date else None,
        is_compressed=channel.is_compressed,
    )


def _content_type(channel: DemoChannel) -> str:
    # Whoever publishes in another character set seldom says so outside the document.
    media_type = channel.feed_format.content_type
    return f"{media_type}; charset=utf-8" if channel.encoding == "utf-8" else media_type


def _headers(resource: Resource, conditions: Conditions) -> dict[str, str]:
    headers = dict(resource.headers)
    if resource.etag:
        # A compressed answer is not the same bytes, hence only weakly the same.
        weak = "W/" if _is_sent_compressed(resource, conditions) else ""
        headers["ETag"] = weak + resource.etag
    if resource.modified_at:
        headers["Last-Modified"] = format_datetime(resource.modified_at, usegmt=True)
    if resource.is_compressed:
        headers["Vary"] = "Accept-Encoding"
    return headers


def _is_sent_compressed(resource: Resource, conditions: Conditions) -> bool:
    return resource.is_compressed and "gzip" in conditions.accept_encoding.lower()


def _is_known(resource: Resource, conditions: Conditions) -> bool:
    if conditions.if_none_match:
        return bool(resource.etag) and _names(conditions.if_none_match, resource.etag)
    if conditions.if_modified_since and resource.modified_at:
        return resource.modified_at <= _parse_date(conditions.if_modified_since)
    return False


def _names(if_none_match: str, etag: str) -> bool:
    listed = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in listed or "*" in listed


def _parse_date(text: str) -> datetime:
    """The moment that a header names; the beginning of time for one that nobody can read."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
