"""The strict reader and feedparser read the same activities from the same bytes."""

import dataclasses
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Channel, Page
from connectors.feeddocument.reader import read_strictly, read_with_feedparser
from connectors.feeds import parsed_document

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "x": "http://www.w3.org/1999/xhtml",
    "own": "https://example.org/vocabulary#",
}
RAW_TEXTS = (
    "",
    " \n ",
    "Plain words",
    "  spaced \t out  ",
    "Café “quoted” €5",
    "CafÃ© twice encoded",
    "smart \x93quotes\x94",
    "Fish & chips < 5 > 4",
    "<p>A <b>bold</b> claim.</p><p>And more</p>",
    "<!-- hidden <b> --><i>seen</i> &amp; &nbsp;&#8217;s",
    "<script>if (a<b) c()</script>text",
    "日本語の題名",
)
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
ADDRESSES = (
    "https://example.org/news/1?b=2&a=1",
    "HTTP://Example.org:80/News#top",
    "//cdn.example.org/x",
    "/relative/path",
    "page.html",
    "?p=3",
    "www.example.org/y",
    "http:////example.org/slashes",
    "urn:uuid:1",
    "tag:example.org,2026:1",
    "12345",
    "",
)


@settings(max_examples=100, deadline=None)
@given(document=st.deferred(lambda: FEEDS))
def test_both_paths_read_the_same_from_generated_feeds(document):
    strict = read_strictly(document)
    if strict is not None:
        assert parsed(strict) == parsed(read_with_feedparser(document))


@settings(max_examples=60, deadline=None)
@given(document=st.deferred(lambda: FEEDS))
def test_most_generated_feeds_stay_on_the_strict_path_or_say_why(document):
    strict = read_strictly(document)
    assert strict is None or strict.parser == "strict"
    assert strict is not None or any(rare in document for rare in RARE)


# builders

#: What the strict reader leaves to feedparser, as it stands in the generated documents.
RARE = (b"<own:wrap xml:lang", b"<x:div", b"<foreign xmlns", b'type="xhtml"', b"<description><p>")


def parsed(document):
    result = parsed_document(document, PAGE, CHANNEL)
    return result.activities, dataclasses.replace(result.listing, parser="")


@st.composite
def feeds(draw):
    make = draw(st.sampled_from([rss, rdf, atom10, atom03]))
    entries = draw(st.lists(entry_parts(), max_size=4))
    if draw(st.booleans()):
        entries += entries[:1]
    return make(draw, entries).encode()


def rss(draw, entries):
    version = draw(st.sampled_from(["2.0", "0.91", "0.92", "9"]))
    items = "".join(f"<item{scope(draw)}>{''.join(parts)}</item>" for parts in entries)
    body = f"<channel{scope(draw)}>{draw(heads())}{items}</channel>"
    return f'<rss version="{version}"{declarations()}{scope(draw)}>{body}</rss>'


def rdf(draw, entries):
    about = [f" rdf:about={quoteattr(a)}" for a in draw(address_lists(len(entries)))]
    items = "".join(
        f"<item{a}>{''.join(parts)}</item>" for a, parts in zip(about, entries, strict=True)
    )
    start = f'<rdf:RDF xmlns="http://purl.org/rss/1.0/"{declarations()}>'
    return f"{start}<channel>{draw(heads())}</channel>{items}</rdf:RDF>"


def atom10(draw, entries):
    prefix = draw(st.sampled_from(["", "a:"]))
    name = "xmlns:a" if prefix else "xmlns"
    start = f'<{prefix}feed {name}="http://www.w3.org/2005/Atom"{declarations()}{scope(draw)}>'
    items = "".join(f"<{prefix}entry{scope(draw)}>{''.join(e)}</{prefix}entry>" for e in entries)
    return f"{start}{draw(heads())}{items}</{prefix}feed>"


def atom03(draw, entries):
    start = f'<feed version="0.3" xmlns="http://purl.org/atom/ns#"{declarations()}>'
    return (
        start + draw(heads()) + "".join(f"<entry>{''.join(e)}</entry>" for e in entries) + "</feed>"
    )


def declarations():
    return "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NAMESPACES.items())


def scope(draw):
    language = draw(st.sampled_from(["", "", "", ' xml:lang="en-GB"', ' xml:lang=""']))
    bases = ["", "", "", ' xml:base="https://base.example/d/"', ' xml:base="/sub/"']
    return language + draw(st.sampled_from(bases))


def address_lists(length):
    return st.lists(st.sampled_from(ADDRESSES), min_size=length, max_size=length)


@st.composite
def heads(draw):
    parts = st.sampled_from(
        [
            "<title>Feed</title>",
            "<link>https://example.org/</link>",
            '<atom:link rel="self" href="https://example.org/feed"/>',
            "<description>About</description>",
            "<itunes:summary>About</itunes:summary>",
            "<media:description>About</media:description>",
            "<language>en_gb</language>",
            "<dc:language>NL</dc:language>",
            "<ttl>60</ttl>",
            "<ttl>soon</ttl>",
            "<sy:updatePeriod>hourly</sy:updatePeriod>",
            "<sy:updateFrequency>2</sy:updateFrequency>",
            "<image><title>Logo</title><url>/l.png</url><link>/</link></image>",
            "<author><name>Press</name><uri>https://example.org/press</uri></author>",
            "<itunes:owner><itunes:name>Press</itunes:name></itunes:owner>",
        ]
    )
    return "".join(draw(st.lists(parts, max_size=5)))


def entry_parts():
    return st.lists(st.one_of(text_parts(), date_parts(), link_parts(), odd_parts()), max_size=9)


TEXT_NAMES = (
    "title",
    "description",
    "summary",
    "content",
    "content:encoded",
    "dc:title",
    "dc:description",
    "media:title",
    "media:description",
    "itunes:summary",
    "itunes:subtitle",
)


@st.composite
def text_parts(draw):
    name = draw(st.sampled_from(TEXT_NAMES))
    kinds = ["", "", ' type="html"', ' type="text"', ' type="text/html" mode="escaped"']
    attributes = draw(st.sampled_from(kinds)) if ":" not in name else ""
    return f"<{name}{attributes}{scope(draw)}>{draw(written_texts())}</{name}>"


@st.composite
def written_texts(draw):
    text = draw(st.sampled_from(RAW_TEXTS) | st.text(alphabet="ab<>&; é\u2019\n", max_size=12))
    if draw(st.booleans()) and "]]>" not in text:
        return f"<![CDATA[{text}]]>"
    return escape(text).replace("\u2019", "&#8217;")


@st.composite
def date_parts(draw):
    names = (
        "pubDate published updated issued modified created dc:date dcterms:created "
        "dcterms:issued dcterms:modified"
    )
    name = draw(st.sampled_from(names.split()))
    return f"<{name}> {draw(st.sampled_from(DATES))} </{name}>"


@st.composite
def link_parts(draw):
    address = escape(draw(st.sampled_from(ADDRESSES)))
    forms = [
        "<link>{}</link>",
        '<link href="{}"/>',
        '<link rel="alternate" type="text/html" href="{}"/>',
        '<link rel="self" href="{}"/>',
        '<link rel="enclosure" type="audio/mpeg" href="{}"/>',
        '<atom:link rel="related" href="{}"/>',
        '<link xml:base="https://inner.example/" href="{}"/>',
        "<guid>{}</guid>",
        '<guid isPermaLink="true">{}</guid>',
        '<guid isPermaLink="false">{}</guid>',
        "<id>{}</id>",
        "<comments>{}</comments>",
    ]
    return draw(st.sampled_from(forms)).format(address)


def odd_parts():
    return st.sampled_from(ODD_PARTS)


ODD_PARTS = tuple(
    """
    <source><title>Other feed</title><link href='https://other.example/'/></source>
    <source><id>urn:other</id><updated>2020-01-01T00:00:00Z</updated></source>
    <source url="https://other.example/feed">Other</source>
    <author><name>Press</name><email>press@example.org</email></author>
    <media:group><media:title>Clip</media:title><media:description>M</media:description></media:group>
    <media:content url="/a.jpg"><media:title>A</media:title></media:content>
    <media:thumbnail url='https://example.org/t.jpg'/>
    <slash:comments>7</slash:comments>
    <slash:comments> many </slash:comments>
    <category>News</category>
    <own:title>Not the title</own:title>
    <own:wrap><title>Deep</title><updated>2021-02-03</updated></own:wrap>
    <own:wrap xml:lang="fr"><title>Deep</title></own:wrap>
    <own:empty/>
    <dc:language>de</dc:language>
    <content type="xhtml"><x:div><x:p>Marked <x:b>up</x:b> &amp; <x:br/>more</x:p></x:div></content>
    <content type="xhtml"><div>Marked <b>up</b> &amp; <br/>more <p>here</p></div></content>
    <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">T <i>x</i></div></title>
    <summary type="xhtml">a &lt;b&gt; c</summary>
    <description><p>Raw &lt;b&gt; <em>markup</em></p></description>
    <foreign xmlns="https://example.org/foreign"><title>Foreign</title></foreign>
    <!-- a comment --><title>Split <!-- here -->title</title>
    """.strip().splitlines()
)


CHANNEL = Channel(
    channel_id="c1", organization_id="o1", source="feeds", address="https://example.org/feed"
)
PAGE = Page(
    page_id="p1",
    channel_id="c1",
    requested_url="https://example.org/feed",
    url="https://example.org/blog/feed",
    status=200,
    headers=(),
    body=b"",
    fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
)
FEEDS = feeds()
