"""Answers that keep us out instead of showing the content."""

from datetime import UTC, datetime

import pytest

from connectors.contract import Page
from connectors.fetching.walls import header_wall, wall

ADDRESS = "https://example.org/feed"
FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>%s</channel></rss>'


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("body", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\n" * 10_000])
def test_an_empty_answer_is_no_empty_feed(status, body):
    assert f"answered {status} with an empty body" in wall(page(body, status=status))


@pytest.mark.parametrize("body", [b"[]", b"{}", b"0", FEED % b"", b" " * 5_000 + b"<rss/>"])
def test_a_short_answer_is_not_empty(body):
    assert wall(page(body)) == ""


def test_an_answer_that_has_no_body_by_its_nature_is_not_empty():
    assert wall(page(b"", status=304)) == ""


@pytest.mark.parametrize(
    ("header", "who"),
    [
        (("cf-mitigated", "challenge"), "Cloudflare"),
        (("x-amzn-waf-action", "challenge"), "AWS WAF"),
        (("x-amzn-waf-action", "CAPTCHA"), "AWS WAF"),
        (("x-vercel-mitigated", "challenge"), "Vercel"),
        (("sg-captcha", "challenge"), "SiteGround"),
        (("x-dd-b", "1"), "DataDome"),
        (("x-sucuri-block", "EXP0021"), "Sucuri"),
        (("server", "AkamaiGHost"), "Akamai"),
    ],
)
def test_a_gatekeeper_is_known_by_its_headers(header, who):
    headers = (("content-type", "text/html"), header)
    assert header_wall(403, headers).startswith(f"{who} lets only browsers in")
    assert wall(page(b"", status=403, headers=headers)).startswith(who)


@pytest.mark.parametrize(
    ("status", "header"),
    [
        (403, ("server", "cloudflare")),
        (403, ("cf-ray", "8f02-LHR")),
        (403, ("x-datadome", "protected")),
        (403, ("x-sucuri-id", "12014")),
        (403, ("x-amzn-waf-action", "count")),
        (404, ("server", "AkamaiGHost")),
        (503, ("server", "ddos-guard")),
    ],
)
def test_headers_that_a_gatekeeper_adds_to_everything_tell_nothing(status, header):
    assert header_wall(status, (header,)) == ""


def test_an_empty_challenge_is_named_as_a_challenge():
    headers = (("x-amzn-waf-action", "challenge"),)
    assert "AWS WAF" in wall(page(b"", status=202, headers=headers))


@pytest.mark.parametrize(
    ("who", "head", "body"),
    [
        (
            "Cloudflare",
            "<title>Just a moment...</title>",
            (
                "<noscript><p id='challenge-error-text'>Enable JavaScript and cookies to continue"
                "</p></noscript><script>(function(){window._cf_chl_opt = {cvId: '3'};"
                "var a = document.createElement('script');"
                "a.src = '/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1';}());</script>"
            ),
        ),
        (
            "Cloudflare",
            "<title>Attention Required! | Cloudflare</title>",
            "<div id='cf-error-details'><h1>Sorry, you have been blocked</h1></div>",
        ),
        (
            "AWS WAF",
            (
                "<title></title><script>window.awsWafCookieDomainList = []; window.gokuProps = {};"
                "</script><script src='https://1c.eu.token.awswaf.com/1c/challenge.js'></script>"
            ),
            "<div id='challenge-container'></div>",
        ),
        (
            "Imperva",
            "<META NAME='ROBOTS' CONTENT='NOINDEX, NOFOLLOW'>",
            (
                "<iframe id='main-iframe' src='/_Incapsula_Resource?CWUDNSAI=27&xinfo=3-1'>"
                "Request unsuccessful. Incapsula incident ID: 0-48</iframe>"
            ),
        ),
        (
            "DataDome",
            "<title>example.org</title>",
            (
                "<p id='cmsg'>Please enable JS and disable any ad blocker</p>"
                "<script>var dd={'rt':'c','cid':'A','host':'geo.captcha-delivery.com'}</script>"
                "<script src='https://ct.captcha-delivery.com/c.js'></script>"
            ),
        ),
        (
            "HUMAN",
            "<title>Access to this page has been denied</title>",
            "<p>Press &amp; Hold to confirm you are a human.</p><div id='px-captcha'></div>",
        ),
        (
            "DDoS-Guard",
            "<title>DDoS-Guard</title>",
            "<script src='/.well-known/ddos-guard/js-challenge/index.js'></script>",
        ),
        (
            "Sucuri",
            "<title>You are being redirected...</title>",
            "<script>var s={},u,c,U,r,i,l=0,a,e=eval,sucuri_cloudproxy_js='',S='YT0n';</script>",
        ),
        (
            "Akamai",
            "<title>Challenge Validation</title>",
            "<div id='sec-if-cpt-container'></div>",
        ),
        (
            "Akamai",
            "<TITLE>Access Denied</TITLE>",
            (
                "You don't have permission to access this. Reference&#32;&#35;18&#46;2"
                "<P>https&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;18&#46;2</P>"
            ),
        ),
        (
            "Anubis",
            (
                "<title>Making sure you're not a bot!</title>"
                '<script id="anubis_challenge" type="application/json">{"rules":{}}</script>'
            ),
            "<p>Loading...</p>",
        ),
        (
            "SiteGround",
            '<meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2Ffeed&y=ipr:1">',
            "",
        ),
        ("Vercel", "<title>Vercel Security Checkpoint</title>", "We're verifying your browser"),
        (
            "F5",
            "<title></title>",
            "Please enable JavaScript to view the page content.<br/>Your support ID is: 12.",
        ),
        (
            "the site",
            "<title>One more step</title>",
            (
                "<p>Show that you are no robot.</p><form method='post'>"
                "<div class='g-recaptcha' data-sitekey='6L'></div><input type='hidden' name='r'>"
                "<input type='submit' value='Go on'></form>"
            ),
        ),
        (
            "the site",
            "<title>Security</title>",
            "<p>Verify you are human</p><div class='box cf-turnstile' data-sitekey='0x'></div>",
        ),
    ],
)
def test_a_challenge_is_no_document(who, head, body):
    document = html(head, body)
    assert wall(page(document)).startswith(f"{who} lets only browsers in")
    assert wall(page(b"\xef\xbb\xbf\n<!-- x --><!DOCTYPE html>" + document)).startswith(who)


def test_imperva_may_send_nothing_but_its_script():
    body = (
        b'<html><head><META NAME="robots" CONTENT="noindex,nofollow">'
        b'<script src="/_Incapsula_Resource?SWJIYLWA=50,71"></script><body></body></html>'
    )
    assert wall(page(body)).startswith("Imperva")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/login",
        "https://example.org/login/?next=/feed",
        "https://example.org/Login.aspx?ReturnUrl=%2f",
        "https://example.org/users/sign_in",
        "https://example.org/wp-login.php?redirect_to=x",
        "https://example.org/session/new",
        "https://www.linkedin.example/authwall?trk=1",
        "https://accounts.google.com/v3/signin/identifier",
        "https://login.microsoftonline.com/common/oauth2/authorize",
        "https://town.okta.com/app/x",
        "https://sso.example.org/realms/town",
    ],
)
def test_a_redirect_to_a_login_is_a_wall(url):
    document = html("<title>Welcome</title>", "<div id='root'></div>")
    assert "leads to a login page" in wall(page(document, url=url, requested_url=ADDRESS))


@pytest.mark.parametrize("title", ["Log in · Example", "Sign In", "Anmelden", "Connexion | Ville"])
def test_a_page_that_is_all_login_is_a_wall(title):
    document = html(
        f"<title>{title}</title>",
        "<form><label>Name</label><input name='n'><input class='x' type='password'></form>",
    )
    assert "sent a login page" in wall(page(document))


@pytest.mark.parametrize(
    "sign",
    [
        "<h1>Log in to continue</h1>",
        "<button type='submit'>Sign in</button>",
        "<input type='submit' value='Anmelden'>",
        "<legend>Inloggen</legend>",
    ],
)
def test_a_page_that_asks_for_a_password_and_says_what_for_is_a_wall(sign):
    form = f"<form method='post'>{sign}<input type='text' name='u'><input type='password'></form>"
    assert "sent a login page" in wall(page(html("<title>Example</title>", form)))


@pytest.mark.parametrize("action", ["/login", "/users/sign_in", "/session", "/sso/start"])
def test_a_password_that_goes_to_a_login_is_a_wall(action):
    form = f'<form action="{action}" method="post"><input name=u><input type="password"></form>'
    assert "sent a login page" in wall(page(html("<title>Example</title>", form)))


@pytest.mark.parametrize(
    "url",
    [
        "https://consent.youtube.com/m?continue=https%3A%2F%2Fwww.youtube.com%2Ffeeds",
        "https://consent.google.com/ml?continue=x",
        "https://consent.google.co.uk/ml",
        "https://guce.yahoo.com/consent",
    ],
)
def test_a_consent_page_is_a_wall(url):
    document = html("<title>Before you continue</title>", "<p>Cookies</p>" * 1_000)
    assert "consent page" in wall(page(document, url=url, requested_url=ADDRESS))


def test_a_search_engine_that_is_sorry_is_a_wall():
    document = html("<title>Sorry...</title>", "<p>Unusual traffic</p>")
    url = "https://www.google.com/sorry/index?continue=x"
    assert wall(page(document, url=url, requested_url=ADDRESS)).startswith("Google")


def html(head, body):
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def page(body, url=ADDRESS, requested_url=None, status=200, headers=()):
    return Page(
        page_id="0",
        channel_id="channel",
        requested_url=requested_url or url,
        url=url,
        status=status,
        headers=headers,
        body=body,
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
