"""The page that a link leads to, as a key that its other spellings share.

`link_key` in `links.py` tells entries of one feed apart and is careful; this one finds the same
page in the posts of several platforms and is generous: `www.`, mobile hosts, schemes and a final
slash do not count, nor does the order of parameters, nor any that only says where a reader came
from. Nothing is asked: where a shortened address leads is not known, so it has no key.
"""

from __future__ import annotations

import hashlib
import html
import re
from urllib.parse import unquote

_LINK = re.compile(
    r"https?://(?:[^/?#@]*@)?([^/?#:]+)(?::(\d*))?(/[^?#]*)?(?:\?([^#]*))?", re.IGNORECASE
)
_OTHER_FACES = ("www.", "m.", "mobile.", "amp.")
_DEFAULT_PORTS = (None, "", "80", "443")
#: Parameters that tell where a reader came from, beside `utm_…` and their like.
_COMING_FROM = frozenset(
    {
        *("_ga", "_gl", "_hsenc", "_hsmi", "amp", "cmp", "cmpid", "dclid", "ef_id", "fbclid"),
        *("gbraid", "gclid", "gclsrc", "guccounter", "igsh", "igshid", "li_fat_id", "mibextid"),
        *("mkt_tok", "msclkid", "ocid", "rdt_cid", "ref", "ref_src", "ref_url", "referer"),
        *("referrer", "s_cid", "share", "si", "smid", "source", "spm", "src", "trk", "twclid"),
        *("via", "wbraid", "wt_mc", "xtor", "yclid"),
    }
)
_COMING_FROM_STARTS = ("utm_", "mc_", "mtm_", "pk_", "piwik_", "matomo_", "at_", "hsa_", "fb_")
#: Hosts whose addresses stand for others; feedproxy is what FeedBurner puts before an entry.
_SHORTENERS = frozenset(
    {
        *("adobe.ly", "amzn.to", "apple.co", "bit.ly", "bitly.com", "bl.ink", "buff.ly", "cutt.ly"),
        *("db.tt", "dlvr.it", "fb.me", "feedproxy.google.com", "feeds.feedburner.com", "flip.it"),
        *("goo.gl", "hubs.la", "hubs.li", "hubs.ly", "ift.tt", "is.gd", "j.mp", "lnkd.in"),
        *("mailchi.mp", "ow.ly", "owl.li", "qr.ae", "rb.gy", "rebrand.ly", "s.id", "shorturl.at"),
        *("short.io", "smarturl.it", "soc.cr", "spr.ly", "surl.li", "t.co", "t.ly", "t1p.de"),
        *("tiny.cc", "tiny.one", "tinyurl.com", "trib.al", "u.nu", "v.gd", "wp.me", "x.gd"),
    }
)
#: A profile or a list of what stands under a tag: where somebody is, not what is said.
_PROFILE = re.compile(r"/(?:@[^/]+|(?:users?|profile|channel|c|company|tags?|hashtag)/[^/]+)\Z")
#: Pages that one post after another leads to, whatever it says; they stand right below the root.
_DOORS = frozenset(
    """
    about agenda apply blog calendar careers contact dates donate donations events faq feedback
    gallery giving help home info jobs join links login map membership news newsletter offers
    openings opportunities order podcast press prices programme program register search service
    services shop signup sponsor status store subscribe support team tickets vacancies visit
    volunteer
    aktuelles anmeldung jobangebote karriere kontakt mitmachen presse programm spenden stellen
    stellenangebote termine veranstaltungen
    contacten doneren nieuws vacatures werkenbij agenda-evenementen
    actualites adhesion billetterie boutique carrieres contactez-nous dons emploi emplois
    evenements inscription recrutement
    contacto donar empleo eventos noticias tienda trabaja
    contatti dona eventi lavora-con-noi notizie
    contato doar noticias-eventos vagas
    """.split()  # noqa: SIM905 - a table
)
_INDEX = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?)\Z|/amp\Z")
_VIDEO = re.compile(r"/(?:watch|shorts/|live/|embed/|v/)?([\w-]{11})?\Z")


def target_key(link: str) -> str:
    """16 hex digits for the page that an absolute http(s) link leads to.

    "" for any other link, for a home page, a profile or the page of vacancies (too many things
    are said with such a link), and for a shortened address.
    """
    match = _LINK.match(link)
    if not match:
        return ""
    host = _host(match[1])
    path, query = _path(match[3] or ""), _query(match[4] or "")
    if host in {"youtu.be", "youtube.com", "youtube-nocookie.com"}:
        path, query = _video(path, query)
        host = "youtube.com"
    if host in _SHORTENERS or _says_nothing(path, query):
        return ""
    place = host if match[2] in _DEFAULT_PORTS else f"{host}:{match[2]}"
    name = f"{place}{path}?{query}" if query else f"{place}{path}"
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _says_nothing(path: str, query: str) -> bool:
    return not query and (not path or path[1:].lower() in _DOORS or bool(_PROFILE.match(path)))


def _host(written: str) -> str:
    host = written.lower().rstrip(".")
    while host.startswith(_OTHER_FACES) and host.count(".") > 1:
        host = host.partition(".")[2]
    return host


def _path(written: str) -> str:
    path = unquote(written) if "%" in written else written
    return _INDEX.sub("", path.rstrip("/")).rstrip("/")


def _query(written: str) -> str:
    """The parameters that choose a page, sorted."""
    if not written:
        return ""
    pairs = html.unescape(written).split("&") if "&amp" in written else written.split("&")
    return "&".join(sorted(pair for pair in pairs if pair and not _tells_whence(pair)))


def _tells_whence(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _COMING_FROM or name.startswith(_COMING_FROM_STARTS)


def _video(path: str, query: str) -> tuple[str, str]:
    """A video by its number alone, however it is shown; anything else as it is."""
    named = re.search(r"(?:\A|&)v=([\w-]{11})", query)
    shown = _VIDEO.match(path)
    number = named[1] if named else shown[1] if shown else ""
    return ("/watch", f"v={number}") if number else (path, query)
