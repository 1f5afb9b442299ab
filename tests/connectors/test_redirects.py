"""Where a redirect may lead, and which of them say that an address has changed for good."""

from datetime import UTC, datetime
from urllib.parse import urldefrag, urlsplit

import pytest
from hostile_server import hostile, redirect, reply
from hypothesis import example, given
from hypothesis import strategies as st
from watching import rss, watching

from connectors.contract import Outcome
from connectors.fetching.exchange import Exchange
from connectors.fetching.failure import FetchError
from connectors.fetching.guard import Guard, RefusedAddressError
from connectors.fetching.redirects import next_url, permanent_target, readable

HERE = "http://example.org/news/feed?old=1"
STATUSES = ["301", "302", "303", "307", "308"]
PERMANENT = {"301", "308"}
#: What may stand in a header, with the bytes that are no text as the client library has them.
HEADER_TEXT = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"])
    | st.integers(0xDC80, 0xDCFF).map(chr),
    max_size=40,
)
HOPS = st.lists(st.sampled_from(STATUSES), max_size=8)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("http://other.example/feed", "http://other.example/feed"),
        ("https://example.org/feed", "https://example.org/feed"),
        ("//other.example/feed", "http://other.example/feed"),
        ("/feed", "http://example.org/feed"),
        ("feed.xml", "http://example.org/news/feed.xml"),
        ("./feed.xml", "http://example.org/news/feed.xml"),
        ("../feed", "http://example.org/feed"),
        ("../../../feed", "http://example.org/feed"),
        ("?new=2", "http://example.org/news/feed?new=2"),
        ("", HERE),
        ("#top", HERE),
        ("/feed#top", "http://example.org/feed"),
        ("HTTP://OTHER.example/Feed", "http://OTHER.example/Feed"),
        ("/a%20b?c=d%26e", "http://example.org/a%20b?c=d%26e"),
        ("/caf\udcc3\udca9", "http://example.org/caf%C3%A9"),
        ("/x\udcff\udc80", "http://example.org/x%FF%80"),
    ],
)
def test_a_location_is_read_from_the_address_that_it_came_from(location, target):
    assert next_url(HERE, location) == target


@pytest.mark.parametrize(
    "location",
    ["http://example.org/feed", "HTTP://example.org/", "http:feed", "http://example.org:443/"],
)
def test_no_redirect_leads_from_https_to_http(location):
    with pytest.raises(FetchError, match="from https to http") as failure:
        next_url("https://example.org/", location)
    assert failure.value.outcome is Outcome.INSECURE


@pytest.mark.parametrize("location", ["//other.example/", "/feed", "https://other.example/", "?a"])
def test_what_stays_encrypted_is_followed(location):
    assert next_url("https://example.org/", location).startswith("https://")


@pytest.mark.parametrize("location", ["http://[broken/", "//[::1/feed", "http://a]b/"])
def test_what_is_no_address_is_refused(location):
    with pytest.raises(FetchError, match="no address") as failure:
        next_url(HERE, location)
    assert failure.value.outcome is Outcome.REFUSED


CREDENTIALS = [
    "http://user:secret@example.org/feed",
    "http://secret@example.org/feed",
    "http://:secret@example.org/feed",
    "//user:secret@example.org/feed",
    "http://@example.org/feed",
    "http://127.0.0.1\\@secret.example/feed",
    "http://us@er:sec@ret@example.org/",
]


@pytest.mark.parametrize("location", CREDENTIALS)
def test_an_address_with_a_password_is_not_followed_and_the_password_not_repeated(location):
    with pytest.raises(FetchError, match="user name or a password") as failure:
        next_url(HERE, location)
    assert failure.value.outcome is Outcome.REFUSED
    assert "secret" not in failure.value.message


@pytest.mark.parametrize("address", [each for each in CREDENTIALS if each.startswith("http:")])
def test_an_address_with_a_password_is_not_asked(address):
    with pytest.raises(RefusedAddressError, match="user name or a password") as failure:
        Guard().check_url(address)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("path", ["/@name/feed", "/feed?to=a@b", "/#a@b"])
def test_an_at_sign_elsewhere_is_no_password(path):
    assert Guard().check_url(f"http://example.org{path}") == "example.org"
    assert next_url(HERE, path) == f"http://example.org{urldefrag(path).url}"


@pytest.mark.parametrize("port", ["99999", "-1", "0", "http", "8o"])
def test_an_address_with_a_port_that_there_is_not_is_refused(port):
    with pytest.raises(RefusedAddressError, match="port"):
        Guard().check_url(f"http://example.org:{port}/")


def test_a_channel_whose_address_has_a_password_is_refused_and_its_host_hears_nothing():
    with hostile() as server:
        server.on("/feed", reply(200, rss("1")))
        with watching(server.url("/feed").replace("//", "//user:secret@")) as channel:
            assert channel.poll() is Outcome.REFUSED
            assert "user name or a password" in channel.last.error
            assert "secret" not in channel.last.error
    assert server.connection_count == 0


def test_a_redirect_to_an_address_with_a_password_sends_it_to_nobody():
    with hostile() as server:
        server.on("/feed", redirect(server.url("/there").replace("//", "//user:secret@"), 301))
        server.on("/there", reply(200, rss("1")))
        with watching(server.url("/feed")) as channel:
            assert channel.poll() is Outcome.REFUSED
            assert channel.last.url == server.url("/feed")  # not the one with the password
    assert [asked.path for asked in server.requests()] == ["/feed"]
    assert "authorization" not in server.requests()[0].header_names


@given(st.sampled_from([HERE, "https://example.org/", "http://[::1]:8080/a/b?c"]), HEADER_TEXT)
@example("https://example.org/", "HtTp:/\\example.org")
@example(HERE, "//a@b@c")
def test_whatever_a_location_says_it_is_an_address_to_judge_or_a_typed_failure(url, location):
    outcome, target, message = led(url, location)
    assert outcome in {Outcome.OK, Outcome.REFUSED, Outcome.INSECURE}
    (target + message).encode()
    assert bool(target) is (outcome is Outcome.OK)
    assert "#" not in target
    assert "@" not in urlsplit(target).netloc
    assert (urlsplit(url).scheme, urlsplit(target).scheme) != ("https", "http")


@given(HEADER_TEXT)
def test_readable_text_can_be_stored_and_reading_it_again_changes_nothing(text):
    readable(text).encode()
    assert readable(readable(text)) == readable(text)
    assert len(readable(text)) == len(text)


@pytest.mark.parametrize(
    ("statuses", "hop_count"),
    [
        ([], 0),
        (["301"], 1),
        (["308"], 1),
        (["302"], 0),
        (["303"], 0),
        (["307"], 0),
        (["301", "308", "301"], 3),
        (["301", "302"], 1),
        (["302", "301"], 0),
        (["308", "307", "301"], 1),
        (["301", "301", "302", "308"], 2),
    ],
)
def test_the_unbroken_run_of_permanent_redirects_names_the_new_address(statuses, hop_count):
    expected = address(hop_count) if hop_count else ""
    assert permanent_target(an_exchange(statuses)) == expected


@given(HOPS)
def test_nothing_after_the_first_temporary_redirect_changes_what_is_named(statuses):
    lasting = [status in PERMANENT for status in statuses]
    run = lasting.index(False) if False in lasting else len(lasting)
    assert permanent_target(an_exchange(statuses)) == (address(run) if run else "")


@given(HOPS)
def test_an_adopted_address_is_no_hop(statuses):
    exchange = an_exchange(statuses, "adopted http://example.org/listed")
    assert permanent_target(exchange) == permanent_target(an_exchange(statuses))


def test_redirects_that_lead_back_to_where_they_began_name_nothing_new():
    there_and_back = (f"301 {HERE}", "301 http://example.org/b")
    assert permanent_target(the_exchange(there_and_back, HERE)) == ""
    assert permanent_target(the_exchange((f"301 {HERE}",), HERE)) == ""


def led(url, location):
    """How following a redirect begins, where it leads, and why it does not."""
    try:
        return Outcome.OK, next_url(url, location), ""
    except FetchError as failure:
        return failure.outcome, "", failure.message


def address(number):
    return f"http://example.org/{number}"


def an_exchange(statuses, *before):
    """An exchange that went from address 0 on, one further with each of these redirects."""
    hops = [f"{status} {address(number)}" for number, status in enumerate(statuses)]
    return the_exchange((*before, *hops), address(len(statuses)))


def the_exchange(redirects, url):
    return Exchange(
        page_id="1" * 32,
        channel_id="a:feeds:1",
        requested_url=address(0),
        url=url,
        redirects=tuple(redirects),
        status=200,
        headers=(),
        body=b"",
        body_sha256="",
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
        elapsed_ms=1,
        byte_count=0,
        outcome=Outcome.OK,
    )
