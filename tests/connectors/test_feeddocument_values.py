"""Dates, character sets and texts mean what the reference takes them for."""

from datetime import UTC, datetime

import pytest
from feedparser.datetimes import _parse_date
from feedparser.encodings import convert_to_utf8
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.feeddocument.charset import decode_xml
from connectors.feeddocument.dates import read_date
from connectors.feeddocument.text import fingerprint, language_tag, longest_text, plain_text

DATES = (
    "Mon, 05 Oct 2026 10:03:00 +0200",
    "5 Oct 2026 10:03 GMT",
    "Mon, 05 Oct 2026 00:00:00 GMT",
    "Monday, 05-Oct-26 10:03:00 EST",
    "2026-10-05T10:03:00Z",
    "2026-10-05T10:03:00.123+05:30",
    "2026-10-05",
    "2026-10",
    "20261005T100300",
    "0001-01-01T00:00:00+02:00",
    "yesterday",
    "Mon, 31 Feb 2026 25:61:00 GMT",
    "",
)


@settings(max_examples=300, deadline=None)
@given(text=st.deferred(lambda: DATE_STRINGS))
def test_a_date_means_what_feedparser_takes_it_for(text):
    date = read_date(text)
    assert (date.at if date else None) == feedparser_date(text)


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(alphabet="aé€日", max_size=8),
    written=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "iso-8859-15", "gb18030"]),
    declared=st.sampled_from(["", "utf-8", "UTF-16", "iso-8859-1", "gb2312", "nonsense"]),
    media_type=st.sampled_from(["", "text/xml", "application/rss+xml", "text/html", "x/y"]),
    charset=st.sampled_from(["", "utf-8", "ISO-8859-1", "nonsense"]),
)
def test_the_character_set_is_chosen_as_feedparser_does(
    text, written, declared, media_type, charset
):
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = f"{declaration}<rss>{text}</rss>".encode(written, "ignore")
    content_type = f"{media_type}; charset={charset}" if media_type and charset else media_type
    decoded = decode_xml(body, content_type)
    result = {}
    headers = {"content-type": content_type} if content_type else {}
    reference = convert_to_utf8(headers, body, result).decode()
    if decoded is not None:
        assert decoded.encoding == result["encoding"].lower()
        assert decoded.utf8.decode().rpartition("?>")[2] == reference.rpartition("?>")[2].strip()
        assert decoded.note == str(result.get("bozo_exception", ""))


def test_a_date_never_depends_on_the_day_it_is_read():
    assert read_date("--10-05").at is None
    assert read_date("-279").at is None


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("w<b>or</b>d, <a href='x'>link</a>.", "word, link."),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("A&nbsp;&amp;\u00a0B&#8217;s", "A & B\u2019s"),
        ("<!-- <b> -->seen<script>x < y</script><style>p {}</style>", "seen"),
        ("&lt;b&gt; stays", "<b> stays"),
        ("", ""),
    ],
)
def test_markup_is_removed_and_words_are_not(markup, text):
    assert plain_text(markup) == text


def test_the_longest_body_is_long_in_words_and_not_in_markup():
    assert longest_text(["<b></b><b></b><b></b>", "words", ""]) == "words"


def test_a_fingerprint_knows_no_ascii_case_and_none_stands_for_no_text():
    assert fingerprint("Town Hall, Zürich") == fingerprint("TOWN HALL, ZüRICH")
    assert fingerprint("Zürich") != fingerprint("Zurich")
    assert len(fingerprint("a")) == 16
    assert fingerprint("") == ""


@pytest.mark.parametrize(
    ("declared", "tag"),
    [
        (" en_GB ", "en-gb"),
        ("zh-Hant-TW", "zh-hant-tw"),
        ("English (UK)", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_language_is_a_tag_or_nothing(declared, tag):
    assert language_tag(declared) == tag


# builders


def feedparser_date(text):
    parts = _parse_date(text)
    has_year = parts and parts[0] > 0  # it reads the first hours of year 1 as year 0
    return datetime(*parts[:6], tzinfo=UTC) if has_year else None


def date_strings():
    zones = ["", " GMT", " +0200", " -0330", "Z", "+05:30", " EST", " UTC"]
    usual = st.builds(
        lambda at, form, zone: at.strftime(form) + zone,
        st.datetimes(min_value=EARLIEST, max_value=LATEST),
        st.sampled_from(
            ["%a, %d %b %Y %H:%M:%S", "%d %b %Y %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]
        ),
        st.sampled_from(zones),
    )
    return st.sampled_from(DATES) | usual


EARLIEST, LATEST = datetime.fromisoformat("1000-01-01"), datetime.fromisoformat("9998-01-01")
DATE_STRINGS = date_strings()
