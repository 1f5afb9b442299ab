"""Which account an address leads to: the shapes of profile addresses on known platforms.

Share buttons, single posts and the pages of private persons (a LinkedIn profile, a Facebook
person) have other shapes and are no accounts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from connectors.apis.places import is_loopback
from connectors.discovering.account import Account

#: Subdomains that lead to the very same platform; countries have two letters.
_SAME_PLATFORM = re.compile(r"^(?:www|m|mobile|web|[a-z]{2}|[a-z]{2}-[a-z]{2})\.(?=[^.]+\.[^.]+)")
_ADDRESS_LENGTH = 500

_X_PAGES = "intent|share|home|search|hashtag|i|explore|settings|login|signup|tos|privacy|about"
_FACEBOOK_PAGES = (
    r"sharer|sharer\.php|share|share\.php|dialog|plugins|groups|events|hashtag|watch|login|tr|"
    r"policies|policy|privacy|help|profile\.php|people|photo|photo\.php|story\.php|l\.php|legal|"
    "business|ads|marketplace|permalink.php|home.php|reel|posts|sharer|v2.0|settings|pages|p"
)
_GITHUB_PAGES = (
    "about|account|apps|blog|collections|contact|customer-stories|dashboard|enterprise|events|"
    "explore|features|issues|join|login|marketplace|new|notifications|orgs|pricing|pulls|search|"
    "security|settings|sponsors|stars|topics|trending|users|site|solutions|resources|readme"
)
_INSTAGRAM_PAGES = "p|reel|reels|explore|stories|accounts|tv|about|legal|developer|direct|share"
_YOUTUBE_ID = r"UC[\w-]{22}"
_HANDLE_OR_DID = r"did:(?:plc|web):[A-Za-z0-9._:%-]+|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"


class _Rule(NamedTuple):
    """A shape of a path and the account that it stands for."""

    source: str
    path: str
    address: str = ""  #: "{}" is the name in the path; "" is the profile's address
    role: str = "official"
    needs: str = ""


_NEEDS_ID = "the channel id (UC…): open the page, About, Share channel, Copy channel ID"

_RULES: dict[str, tuple[_Rule, ...]] = {
    "bsky.app": (_Rule("bluesky", rf"profile/({_HANDLE_OR_DID})", "{}"),),
    "github.com": (
        _Rule("github", rf"(?:orgs/)?(?!(?:{_GITHUB_PAGES})(?:/|$))([A-Za-z0-9-]{{1,39}})", "{}"),
        _Rule(
            "github",
            rf"(?!(?:{_GITHUB_PAGES})/)([A-Za-z0-9-]{{1,39}}/[\w.-]{{1,100}}?)(?:\.git)?"
            r"(?:/(?:issues|releases|discussions|wiki))?",
            "{}",
        ),
    ),
    "youtube.com": (
        _Rule("youtube", rf"channel/({_YOUTUBE_ID})(?:/\w+)?", "{}"),
        _Rule("youtube", r"((?:@|c/|user/)[^/\s]{2,60})(?:/\w+)?", needs=_NEEDS_ID),
    ),
    "reddit.com": (_Rule("reddit", r"r/(\w{2,21})", "r/{}", "community"),),
    "x.com": (_Rule("x", rf"(?!(?:{_X_PAGES})(?:/|$))(\w{{1,15}})"),),
    "facebook.com": (
        _Rule("facebook", rf"(?!(?:{_FACEBOOK_PAGES})(?:/|$))([\w.\-]{{2,80}})"),
        _Rule("facebook", r"((?:pages/[^/]+/|p/[^/]*-)\d+)"),
    ),
    "instagram.com": (_Rule("instagram", rf"(?!(?:{_INSTAGRAM_PAGES})(?:/|$))([\w.]{{2,30}})"),),
    "linkedin.com": (
        _Rule("linkedin", r"((?:company|school|showcase|organization)/[^/\s]{2,100})(?:/\w+)?"),
    ),
    "tiktok.com": (_Rule("tiktok", r"(@[\w.]{2,24})"),),
    "threads.net": (_Rule("threads", r"(@[\w.]{2,30})"),),
    "flickr.com": (_Rule("flickr", r"((?:photos|people)/[\w@-]{3,40})"),),
    "vimeo.com": (_Rule("vimeo", r"(?!\d+$)(?!(?:share|upload|log_in)$)([a-z]\w{2,40})"),),
    "t.me": (
        _Rule("telegram", r"(?!(?:share|joinchat|iv|proxy)(?:/|$))(?:s/)?([A-Za-z]\w{4,31})"),
    ),
    "whatsapp.com": (_Rule("whatsapp", r"(channel/\w{10,40})"),),
    "discord.com": (_Rule("discord", r"(invite/[\w-]{2,40})"),),
    "discord.gg": (_Rule("discord", r"([\w-]{2,40})"),),
    "twitch.tv": (_Rule("twitch", r"(?!(?:videos|directory|p)(?:/|$))(\w{4,25})"),),
    "pinterest.com": (_Rule("pinterest", r"(?!(?:pin|search|ideas|login)(?:/|$))(\w{3,30})"),),
    "medium.com": (_Rule("medium", r"(?!(?:m|p|about|tag|search|policy)(?:/|$))(@?[\w.-]{3,60})"),),
    "tumblr.com": (_Rule("tumblr", r"(?!(?:share|widgets|login|search)(?:/|$))([\w-]{2,32})"),),
    "xing.com": (_Rule("xing", r"((?:companies|pages)/[^/\s]{2,100})"),),
    "vk.com": (_Rule("vk", r"(?!(?:share|share\.php|feed|login)(?:/|$))([\w.]{3,40})"),),
}
_ALIASES = {
    "twitter.com": "x.com",
    "fb.com": "facebook.com",
    "threads.com": "threads.net",
    "telegram.me": "t.me",
    "old.reddit.com": "reddit.com",
    "redd.it": "reddit.com",
    "instagr.am": "instagram.com",
}
#: Known hosts whose addresses look like those of the fediverse.
_NEVER_FEDIVERSE = ("substack.com", "medium.com", "dev.to", "hackmd.io", "npmjs.com")
_TAGGED = re.compile(r"/(?:questions/tagged|tags)/([^/\s?#]{1,60})(?:/info)?/?$")
_STACK_SITES = {"stackoverflow.com", "serverfault.com", "superuser.com", "askubuntu.com"}
_FEDIVERSE = re.compile(r"/(?:web/)?@([A-Za-z0-9_][\w.-]{0,60})(?:@([A-Za-z0-9.-]+(?::\d+)?))?/?$")
_LEMMY = re.compile(r"/c/(\w{2,60})(?:@([A-Za-z0-9.-]+(?::\d+)?))?/?$")


@lru_cache(maxsize=4096)
def recognized(url: str) -> Account | None:
    """The account that an absolute address leads to; None for every other address."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    is_plain = len(url) <= _ADDRESS_LENGTH and url.isprintable() and "@" not in parts.netloc
    if parts.scheme not in {"http", "https"} or not host or not is_plain:
        return None
    return _feed_of_videos(parts.query) or _by_host(_platform(host), parts)


def _by_host(platform: str, parts: SplitResult) -> Account | None:
    path = unquote(parts.path)
    if platform in _RULES:
        return _by_rule(platform, path.strip("/"))
    if platform in _STACK_SITES or platform.endswith(".stackexchange.com"):
        return _tag(platform, path)
    if platform.endswith(_NEVER_FEDIVERSE):
        return None
    place = (parts.scheme, parts.netloc.lower(), path)
    return _fediverse(*place) or _own_app_view(*place)


def mastodon_account(name: str, host: str, url: str = "", *, is_guess: bool = False) -> Account:
    """The account of a name at a Mastodon-compatible server."""
    profile = url or f"https://{host}/@{name}"
    return Account(source="mastodon", address=f"@{name}@{host}", url=profile, is_guess=is_guess)


def _platform(host: str) -> str:
    """The platform's own name for a host: without www., m. and countries."""
    bare = _SAME_PLATFORM.sub("", host.lower())
    if bare.startswith("pinterest."):
        return "pinterest.com"
    return _ALIASES.get(bare, bare)


def _by_rule(platform: str, path: str) -> Account | None:
    for rule in _RULES[platform]:
        if match := re.fullmatch(rule.path, path):
            name = match[1]
            url = f"https://{platform}/{path if platform == 'bsky.app' else _profile(rule, name)}"
            address = rule.address.format(name) if rule.address else url
            return Account(
                source=rule.source, address=address, url=url, role=rule.role, needs=rule.needs
            )
    return None


def _profile(rule: _Rule, name: str) -> str:
    """The path of a profile, whichever of its pages the link led to."""
    if rule.source == "youtube" and not rule.needs:
        return f"channel/{name}"
    return f"r/{name}" if rule.source == "reddit" else name


def _tag(site: str, path: str) -> Account | None:
    match = _TAGGED.match(path)
    if not match:
        return None
    url = f"https://{site}/questions/tagged/{match[1]}"
    return Account(source="stackexchange", address=url, url=url, role="community")


def _feed_of_videos(query: str) -> Account | None:
    """YouTube's own feed on whatever host; None without a channel in the query."""
    ids = parse_qs(query).get("channel_id", [""]) if "channel_id=UC" in query else [""]
    if not re.fullmatch(_YOUTUBE_ID, ids[0]):
        return None
    url = f"https://youtube.com/channel/{ids[0]}"
    return Account(source="youtube", address=ids[0], url=url)


def _fediverse(scheme: str, netloc: str, path: str) -> Account | None:
    """A guess: many servers of unknown names share these shapes."""
    if match := _FEDIVERSE.match(path):
        host = (match[2] or netloc).lower()
        url = f"{scheme}://{netloc}{path.rstrip('/')}"
        return mastodon_account(match[1], host, url, is_guess=True)
    if match := _LEMMY.match(path):
        host = (match[2] or netloc).lower()
        url = f"{scheme}://{host}/c/{match[1]}"
        address = f"!{match[1]}@{host}"
        return Account(source="lemmy", address=address, url=url, role="community", is_guess=True)
    return None


def _own_app_view(scheme: str, netloc: str, path: str) -> Account | None:
    """A profile at a Bluesky server on this machine; elsewhere this shape says too little."""
    if not (is_loopback(netloc) and re.fullmatch(rf"/profile/(?:{_HANDLE_OR_DID})", path)):
        return None
    url = f"{scheme}://{netloc}{path}"
    return Account(source="bluesky", address=url, url=url, is_guess=True)
