"""The opt-out list: who is not asked at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.fetching.optout import OptOut


@pytest.mark.parametrize(
    "address",
    [
        "example.org",
        "EXAMPLE.org.",
        "www.example.org",
        "a.b.example.org",
        "example.org:8443",
        "https://example.org",
        "https://example.org./feed",
        "HTTP://Example.Org:8080/feed?a=b#c",
        "https://name:word@example.org/feed",
        "@council@example.org",
        "council@social.example.org",
        "@council@example.org:3000",
        "acct:council@example.org",
        "example.org/@council",
        " https://example.org/ ",
    ],
)
def test_a_domain_covers_itself_and_all_below_it(address):
    assert OptOut.from_entries(["example.org"]).names(address) == "example.org"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "org",
        "notexample.org",
        "example.org.evil.example",
        "https://example.com/example.org",
        "https://example.com/?u=https://example.org/",
        "https://example.org@example.com/",
        "@example.org@example.com",
        "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
        "owner/repository",
        "http://[broken",
        "::",
    ],
)
def test_a_domain_covers_nothing_else(address):
    assert OptOut.from_entries(["example.org"]).names(address) == ""


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("Example.ORG", "https://example.org/"),
        ("example.org.", "https://example.org/"),
        ("example.org:8080", "https://example.org/"),
        ("*.example.org", "https://example.org/"),
        (".example.org", "https://www.example.org/"),
        ("bücher.example", "https://xn--bcher-kva.example/"),
        ("xn--bcher-kva.example", "https://www.BÜCHER.example/"),
        ("straße.example", "https://xn--strae-oqa.example/"),
        ("example。org", "https://example.org/"),
        ("ex\u00adample.org", "https://example.org/"),
        ("a_b.example.org", "https://a_b.example.org/"),
        ("localhost", "http://localhost:8080/"),
        ("192.0.2.7", "http://192.0.2.7:8080/feed"),
        ("2001:db8::1", "http://[2001:DB8:0::1]/feed"),
        ("[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_a_domain_may_be_written_in_many_ways(entry, address):
    assert OptOut.from_entries([entry]).names(address) == entry


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("https://example.org/blog", "https://example.org/blog"),
        ("https://example.org/blog", "http://example.org/blog/2024/feed.xml"),
        ("https://example.org/blog", "https://EXAMPLE.org./blog?page=2"),
        ("https://example.org/blog", "https://example.org:8443/blog"),
        ("https://example.org/blog", "https://example.org/x/../blog/"),
        ("https://example.org/blog", "https://example.org/%62log"),
        ("https://example.org/~name", "https://example.org/%7Ename/feed"),
        ("https://example.org/caf%C3%A9", "https://example.org/café"),
        ("https://example.org/feed?id=7", "https://example.org/feed?id=7&page=2"),
        ("https://example.org/", "https://example.org"),
        ("https://example.org", "https://example.org/anything"),
        ("example.org/blog", "https://example.org/blog/feed"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8001/feed"),
        ("https://social.example/@council", "@council@social.example"),
    ],
)
def test_the_beginning_of_a_url_covers_what_begins_so(entry, address):
    assert OptOut.from_entries([entry]).names(address) == entry


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("https://example.org/blog", "https://example.org/"),
        ("https://example.org/blog", "https://example.org/Blog"),
        ("https://example.org/blog", "https://www.example.org/blog"),
        ("https://example.org/blog", "https://example.org/blog/../news"),
        ("https://example.org/blog", "example.org"),
        ("https://example.org", "https://www.example.org/"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8002/feed"),
        ("https://example.org:443/", "https://example.org:8443/"),
        ("https://example.org:8443/", "https://example.org/"),
        ("example.org/blog", "https://example.org/news"),
        ("https://social.example/@council", "@mayor@social.example"),
    ],
)
def test_the_beginning_of_a_url_covers_nothing_else(entry, address):
    assert OptOut.from_entries([entry]).names(address) == ""


def test_the_entry_is_named_as_it_was_written():
    listed = OptOut.from_entries(["https://Example.org/a", "https://Example.org/b", "Example.NET"])
    assert listed.names("https://example.org/b/c") == "https://Example.org/b"
    assert listed.names("https://www.example.net/") == "Example.NET"


def test_a_list_is_read_from_a_file():
    text = (
        "\ufeff# left alone since 2026\r\n\r\n"
        "example.org # asked by mail\n"
        "  https://example.net/page#part\t\n"
    )
    listed = OptOut.from_text(text)
    assert listed.names("example.org") == "example.org"
    assert listed.names("https://example.net/page") == "https://example.net/page#part"
    assert listed.names("asked") == ""


def test_an_empty_list_covers_nothing():
    for listed in (OptOut(), OptOut.from_text("# nobody\n\n"), OptOut.from_entries(["", " "])):
        assert listed.names("https://example.org/") == ""


@pytest.mark.parametrize(
    "entry",
    [
        "example",
        "com",
        "example.org example.net",
        "example..org",
        "-.org",
        "@council@social.example",
        "name@example.org",
        "ftp://example.org/",
        "https://",
        "https:///path",
        "/path",
        "http://example.org:port/",
        "http://[broken/",
        "192.0.2.0/24",
        "2001:db8::/32",
        "1.2.3",
        "*",
        "*.*.org",
        f"{'a.' * 130}org",
    ],
)
def test_an_entry_that_is_neither_is_refused_with_its_line_and_the_remedy(entry):
    with pytest.raises(ValueError, match="line 3 of the opt-out list") as error:
        OptOut.from_text(f"example.org\n\n{entry}\n")
    assert repr(entry) in str(error.value)
    assert "https://example.org/blog" in str(error.value)
    with pytest.raises(ValueError, match="entry 2 of the opt-out list"):
        OptOut.from_entries(["example.org", entry])


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_address_breaks_the_list(address):
    listed = OptOut.from_entries(["example.org", "https://example.net/a"])
    assert listed.names(address) in {"", "example.org", "https://example.net/a"}
