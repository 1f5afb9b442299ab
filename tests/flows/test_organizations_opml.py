"""The subscription lists of feed readers, as they really come."""

import pytest

from flows.errors import InputError
from flows.organizations import read_organizations


def test_folders_are_looked_into_however_deep(read):
    inner = outline("A", "https://a.example/feed")
    nested = f'<outline text="x"><outline text="y"><outline text="z">{inner}</outline></outline>'
    organizations = read(f"{nested}</outline>{outline('B', 'https://b.example/feed')}")
    assert [each.organization_id for each in organizations] == ["a", "b"]


def test_feeds_of_one_website_belong_to_one_organization(read):
    organizations = read(
        outline("Town", "https://town.example/a", "https://town.example/")
        + outline("Other", "https://other.example/feed", "https://other.example")
        + outline("Town jobs", "https://town.example/b", "http://WWW.town.example")
    )
    assert [(each.name, len(each.channels)) for each in organizations] == [
        ("Town", 2),
        ("Other", 1),
    ]


def test_websites_below_one_host_are_organizations_of_their_own(read):
    organizations = read(
        outline("A", "https://host.example/a/feed", "https://host.example/a")
        + outline("B", "https://host.example/b/feed", "https://host.example/b")
    )
    assert [each.organization_id for each in organizations] == ["a", "b"]


def test_feeds_that_differ_in_their_query_alone_are_organizations_of_their_own(read):
    organizations = read(
        outline("A", "https://video.example/feeds.xml?channel=1")
        + outline("B", "https://video.example/feeds.xml?channel=2")
    )
    assert [each.organization_id for each in organizations] == ["a", "b"]


def test_a_feed_in_two_folders_is_one_channel(read):
    feed = outline("A", "https://a.example/feed", "https://a.example")
    organizations = read(f"<outline text='x'>{feed}</outline><outline text='y'>{feed}</outline>")
    assert [len(each.channels) for each in organizations] == [1]


@pytest.mark.parametrize(
    ("title", "identifier"),
    [
        ("City of X", "city-of-x"),
        ("  Café &amp; Co. ", "cafe-co"),
        ("東京", "a-example"),
        ("", "a-example"),
        ("---", "a-example"),
        ("R&amp;D!", "r-d"),
    ],
)
def test_the_id_is_made_of_the_title_or_else_of_the_website(read, title, identifier):
    organization = read(outline(title, "https://a.example/feed", "https://www.a.example/"))[0]
    assert organization.organization_id == identifier


def test_organizations_of_the_same_title_get_numbers(read):
    sites = (outline("News", f"https://{name}.example/feed") for name in "abc")
    identifiers = [each.organization_id for each in read("".join(sites))]
    assert identifiers == ["news", "news-2", "news-3"]


@pytest.mark.parametrize("website", ["http://[broken", "about:blank", "", "not an address"])
def test_a_website_that_is_no_address_does_no_harm(read, website):
    organizations = read(outline("A", "https://a.example/feed", website))
    assert [channel.address for channel in organizations[0].channels] == ["https://a.example/feed"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16"])
def test_the_encoding_is_the_one_that_the_document_declares(tmp_path, encoding):
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    path = tmp_path / "a.opml"
    path.write_bytes((declared + opml(outline("Café", "https://a.example/feed"))).encode(encoding))
    assert read_organizations(path)[0].name == "Café"


def test_the_file_may_be_called_xml(tmp_path):
    path = tmp_path / "subscriptions.xml"
    path.write_text(opml(outline("A", "https://a.example/feed")))
    assert read_organizations(path)[0].organization_id == "a"


def test_entities_are_neither_expanded_nor_fetched(tmp_path):
    (tmp_path / "secret").write_text("secret")
    doctype = f'<!DOCTYPE opml [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    path = tmp_path / "a.opml"
    body = "<opml><head><title>&e;</title></head><body>{}</body></opml>"
    path.write_text(doctype + body.format(outline("A", "https://a.example/feed")))
    assert "secret" not in repr(read_organizations(path))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a.opml:1: not valid XML"),
        ("id,name\na,A\n", "a.opml:1: not valid XML"),
        ("<opml>\n<body>\n<outline></body></opml>", "a.opml:3: not valid XML"),
        ("<html></html>", "a.opml:1: the root is <html>, not <opml>; export your list as OPML"),
        ("<opml><body/></opml>", "a.opml: lists no organization; add one"),
        ("<opml><body><outline text='x'/></body></opml>", "a.opml: lists no organization"),
        (
            "<opml><body>\n<outline text='A' xmlUrl='feed://a.example'/></body></opml>",
            "a.opml:2: 'feed://a.example' is no feed address: give the whole address",
        ),
        (
            "<opml><body>\n\n<outline text='A' xmlUrl='http://[a'/></body></opml>",
            "a.opml:3: 'http://[a' is no feed address",
        ),
    ],
)
def test_what_is_no_list_of_feeds_gets_one_clear_message(tmp_path, text, problem):
    path = tmp_path / "a.opml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_organizations(path)
    assert len(caught.value.problems) == 1
    assert problem in caught.value.problems[0]


@pytest.mark.real
def test_a_real_list_of_blogs_is_read_in_full(real_data):
    path = real_data / "series" / "engineering_blogs.opml"
    if not path.exists():
        pytest.skip(f"NO REAL OPML TESTED: no {path}; set BAROGRAPH_REAL_DATA to its folder")
    organizations = read_organizations(path)
    channels = [channel for each in organizations for channel in each.channels]
    assert len(channels) == 422
    assert len({channel.channel_id for channel in channels}) == 422
    assert len({each.organization_id for each in organizations}) == len(organizations)
    assert "8th-light" in {each.organization_id for each in organizations}


def outline(title, feed, website=None):
    site = "" if website is None else f' htmlUrl="{website}"'
    return f'<outline type="rss" text="{title}" xmlUrl="{feed}"{site}/>'


def opml(body):
    return f'<opml version="2.0"><body>{body}</body></opml>'


@pytest.fixture
def read(tmp_path):
    """Reads an OPML document from the outlines of its body."""

    def call(body):
        path = tmp_path / "a.opml"
        path.write_text(opml(body), "utf-8")
        return read_organizations(path)

    return call
