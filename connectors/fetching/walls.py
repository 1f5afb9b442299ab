"""Answers that keep us out instead of showing the content: nothing, a challenge, a login.

Taken for the document, such an answer would read as "no posts". A false alarm is worse than a
miss, because the parser notices most of the rest: nothing counts that ordinary pages carry too
(a login link, a captcha under a form, the scripts that Cloudflare, Imperva and Akamai add to
what they let through), and a page with a feed link or much to read never does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.contract import Page

_SUCCESS = 2
_FORBIDDEN = 403
_BLANK_BYTES = b" \t\r\n\v\f\xef\xbb\xbf"
_SNIFFED_BYTES = 2 << 10
#: Far more than any challenge has; the rest of a page is not looked at.
_LOOKED_AT_BYTES = 256 << 10

#: Headers by which a gatekeeper says that it answers in the site's stead. The values matter:
#: AWS WAF, for one, sends the same header with others for what it merely counts.
_HEADERS = {
    "cf-mitigated": ("Cloudflare", {"challenge"}),
    "sg-captcha": ("SiteGround", {"challenge"}),
    "x-amzn-waf-action": ("AWS WAF", {"challenge", "captcha"}),
    "x-dd-b": ("DataDome", {"1", "2", "3"}),
    "x-vercel-mitigated": ("Vercel", {"challenge", "deny"}),
}

_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*>\s*|<!--(?:[^-]|-(?!->))*-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|title|meta|link|script|style|noscript|iframe|div|form"
    rb"|center|h1|p)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
#: What a page quotes is not what it does: an article on challenges shows their source.
_QUOTED = re.compile(rb"<(pre|code|xmp)\b.*?(?:</\1|\Z)", re.DOTALL)
_UNSEEN = re.compile(rb"<(script|style|title|template)\b.*?(?:</\1|\Z)", re.DOTALL)
_TAG = re.compile(rb"<[^>]*(?:>|\Z)")
_FEED_LINK = re.compile(rb"<link\b[^>]{0,500}\btype=[\"']?application/(?:rss|atom|feed)\b")
_ARTICLE = re.compile(rb"<article\b")

#: Marks of challenge pages, in lower-case markup.
_CHALLENGES = (
    ("Akamai", rb"\bid=[\"']sec-(?:if-)?cpt-|\?bm-verify=|errors(?:\.|&#46;)edgesuite(?:\.|&#46;)"),
    ("Alibaba Cloud", rb"<script>\s*var arg1=[^<]*\bacw_sc__v2\b"),
    ("Anubis", rb"<script\b[^>]{0,200}\bid=[\"']?anubis_challenge\b"),
    ("AWS WAF", rb"\bwindow\.(?:gokuprops|awswafcookiedomainlist)\s*="),
    ("Cloudflare", rb"\bwindow\._cf_chl_opt\s*=|/cdn-cgi/challenge-platform/h/[bg]/orchestrate/"),
    (
        "Cloudflare",
        rb"<title>attention required! \| cloudflare<|\bclass=[\"']cf-browser-verification\b",
    ),
    ("DataDome", rb"\bsrc=[\"']https?://[a-z]+\.captcha-delivery\.com/|'host':'geo\.captcha-del"),
    ("DDoS-Guard", rb"/\.well-known/ddos-guard/(?:js-challenge|ddg-captcha-page)/"),
    ("F5", rb"please enable javascript to view the page content\.\s*<br ?/?>\s*your support id"),
    ("HUMAN", rb"<div\b[^>]{0,200}\bid=[\"']px-captcha[\"']"),
    ("Imperva", rb"<iframe\b[^>]{0,200}\bsrc=[\"']/_incapsula_resource\?"),
    (
        "Imperva",
        rb"/_incapsula_resource\?[^>]{0,999}>\s*</script>\s*(?:</head>\s*)?<body>\s*</body>",
    ),
    ("SiteGround", rb"http-equiv=[\"']?refresh[^>]{0,200}/\.well-known/(?:sg)?captcha/"),
    ("Sucuri", rb"\bsucuri_cloudproxy_js\s*=|<title>sucuri website firewall"),
    ("Vercel", rb"<title>vercel security checkpoint<"),
)
_MARKS = tuple((who, re.compile(mark)) for who, mark in _CHALLENGES)
_LONGEST_CHALLENGE = 2_000  #: bytes that a reader sees; Cloudflare's block page has about 900

_CAPTCHA = re.compile(
    rb"\bclass=[\"'][^\"'>]{0,200}(?<![\w-])(?:g-recaptcha|h-captcha|cf-turnstile)(?![\w-])"
)
_CAPTCHA_WORDS = re.compile(rb"captcha|robot|\bbots?\b|human|humain|mensch|umano|menselijk")
_OTHER_INPUT = re.compile(
    rb"<(?:textarea|select)\b"
    rb"|<input\b(?![^>]{0,500}\btype=[\"']?(?:hidden|submit|button|checkbox|image)\b)"
)
_LONGEST_CAPTCHA = 600
_MOST_CAPTCHA_LINKS = 5

_PASSWORD = re.compile(rb"<input\b[^>]{0,500}\btype=[\"']?password\b")
_LOGIN_WORDS = (
    rb"(?:\blog[ -]?[io]n\b|\bsign[ -]?in\b|anmeld|einloggen|connexion|connecter|iniciar ses"
    rb"|\baccedi\b|\bacceder\b|inloggen|aanmelden|\bentrar\b|logga in|zaloguj)"
)
#: Where a page says that it is a login: its title, a heading, a button, or where its form goes.
_LOGIN_SIGN = re.compile(
    rb"<(?:title|h[1-3]|legend|button)\b[^>]{0,299}>[^<]{0,300}" + _LOGIN_WORDS + rb"|"
    rb"<input\b(?=[^>]{0,300}\btype=[\"']?submit\b)[^>]{0,300}\bvalue=[\"']?[^>\"']{0,40}"
    + _LOGIN_WORDS
    + rb"|<form\b[^>]{0,300}\baction=[\"']?[^\s>\"']{0,200}"
    rb"(?:log[-_]?[io]n|sign[-_]?in|sessions?\b|authenticate|\bsso\b)"
)
_LONGEST_LOGIN = 1_000
_LOGIN_PATH = re.compile(
    r".*/(?:log[-_]?[io]n|sign[-_]?in|wp-login|authwall|sso|sessions?/new)(?:\.[a-z]{2,5})?/?",
    re.IGNORECASE,
)
_LOGIN_HOST = re.compile(
    r"accounts\.google\.com|login\.(?:live|microsoftonline|yahoo)\.com|appleid\.apple\.com"
    r"|(?:.+\.)?(?:auth0|b2clogin|okta|onelogin)\.com|(?:login|signin|sso|idp)\.[^.]+\..+"
)
_CONSENT_HOST = re.compile(r"consent\.(?:google\.[a-z.]+|youtube\.com|yahoo\.com)|guce\.yahoo\.com")
_GOOGLE_HOST = re.compile(r"(?:www|ipv[46])\.google\.[a-z.]+")


class _Markup(NamedTuple):
    """The beginning of a web page, in lower case, without what it merely quotes."""

    source: bytes
    seen_byte_count: int  #: what a reader sees, tags and repeated white space left out
    seen: bytes


def wall(page: Page) -> str:
    """What keeps us out of a page, as a sentence for the analyst; "" when nothing does. Pure.

    Looks at a success without content, at headers, and at bodies that look like HTML.
    """
    if page.status // 100 == _SUCCESS and _is_blank(page.body):
        empty = (
            f"the server answered {page.status} with an empty body, which tells nothing of posts"
        )
        return header_wall(page.status, page.headers) or empty
    return header_wall(page.status, page.headers) or _html_wall(page)


def header_wall(status: int, headers: Iterable[tuple[str, str]]) -> str:
    """What keeps us out, by status and headers alone; "" when they do not tell. Pure.

    Names of headers are in lower case.
    """
    for name, value in headers:
        if name in _HEADERS:
            who, values = _HEADERS[name]
            if value.strip().lower() in values:
                return _challenge(who)
        elif name == "x-sucuri-block":
            return _challenge("Sucuri")
        elif name == "server" and status == _FORBIDDEN and value.lower() == "akamaighost":
            return _challenge("Akamai")
    return ""


def _is_blank(body: bytes) -> bool:
    return not body[:_SNIFFED_BYTES].strip(_BLANK_BYTES) and not body.strip(_BLANK_BYTES)


def _challenge(who: str) -> str:
    return (
        f"{who} lets only browsers in and sent a check instead of the document; "
        "ask the site's owner to admit the collector, or watch another channel"
    )


def _html_wall(page: Page) -> str:
    if not _HTML.match(page.body[:_SNIFFED_BYTES]):
        return ""
    markup = _read(page.body)
    if _FEED_LINK.search(markup.source):
        return ""
    return _address_wall(page) or _challenge_wall(markup) or _login_wall(markup)


def _read(body: bytes) -> _Markup:
    source = _QUOTED.sub(b" ", _COMMENT.sub(b" ", body[:_LOOKED_AT_BYTES].lower()))
    seen = b" ".join(_TAG.sub(b" ", _UNSEEN.sub(b" ", source)).split())
    return _Markup(source, len(seen), seen)


def _address_wall(page: Page) -> str:
    """Where redirects led: a wall that is known by its address."""
    host, path = _place(page.url)
    if _CONSENT_HOST.fullmatch(host):
        return f"the address leads to a consent page ({host}), which only a person can answer"
    if _GOOGLE_HOST.fullmatch(host) and path.startswith("/sorry/"):
        return _challenge("Google")
    if _is_login(page.url) and not _is_login(page.requested_url):
        return _login(f"the address leads to a login page ({host}{path})")
    return ""


def _is_login(url: str) -> bool:
    host, path = _place(url)
    return bool(_LOGIN_HOST.fullmatch(host) or _LOGIN_PATH.fullmatch(path))


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.path or "/"


def _login(what: str) -> str:
    return f"{what}; only public pages are read, so give an address that needs no login"


def _challenge_wall(markup: _Markup) -> str:
    if markup.seen_byte_count > _LONGEST_CHALLENGE or _ARTICLE.search(markup.source):
        return ""
    for who, mark in _MARKS:
        if mark.search(markup.source):
            return _challenge(who)
    return _challenge("the site") if _is_captcha(markup) else ""


def _is_captcha(markup: _Markup) -> bool:
    """Whether a captcha is all that the page has: no other form, hardly a link or a word."""
    return bool(
        markup.seen_byte_count <= _LONGEST_CAPTCHA
        and markup.source.count(b"<a ") <= _MOST_CAPTCHA_LINKS
        and _CAPTCHA.search(markup.source)
        and _CAPTCHA_WORDS.search(markup.seen)
        and not _OTHER_INPUT.search(markup.source)
    )


def _login_wall(markup: _Markup) -> str:
    """A page that calls itself a login, asks for a password and has little else."""
    is_login = (
        markup.seen_byte_count <= _LONGEST_LOGIN
        and _PASSWORD.search(markup.source)
        and _LOGIN_SIGN.search(markup.source)
        and not _ARTICLE.search(markup.source)
    )
    return _login("the server sent a login page") if is_login else ""
