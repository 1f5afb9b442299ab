"""Links of entries: made absolute, compared, reduced to their host."""

import pytest

from connectors.feeddocument.links import absolute_link, link_host, link_key


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("/x", "https://news.example/x"),
        ("x", "https://news.example/blog/x"),
        ("?p=1", "https://news.example/blog/feed?p=1"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("www.a.example/x", "https://www.a.example/x"),
        ("urn:uuid:1", "urn:uuid:1"),
        ("", ""),
        ("//[bad/x", ""),
    ],
)
def test_a_link_means_what_a_browser_takes_it_for(link, absolute):
    assert absolute_link(link, "https://news.example/blog/feed") == absolute


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ("https://www.Example.org/a", "example.org"),
        ("http://user:pass@example.org:8080?x", "example.org"),
        ("https://münchen.example/", "münchen.example"),
        ("http://[::1]/x", "::1"),
        ("mailto:a@example.org", ""),
        ("http://[bad", ""),
    ],
)
def test_a_host_is_that_of_a_web_link_alone(link, host):
    assert link_host(link) == host


def test_links_to_one_page_share_a_key_and_others_do_not():
    same = [
        "https://a.example/x?id=1",
        "http://A.example:80/x?id=1#top",
        "https://a.example:443/x?utm_medium=rss&id=1&gclid=2",
    ]
    others = [
        "https://a.example/x?id=2",
        "https://a.example/y?id=1",
        "https://a.example:8443/x?id=1",
    ]
    assert len({link_key(link) for link in same}) == 1
    assert len({link_key(link) for link in [*same, *others]}) == 4
