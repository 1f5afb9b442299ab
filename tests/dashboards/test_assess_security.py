"""What comes from elsewhere, is too large, or reaches for other files, is not taken."""

import asyncio
import re

import pytest
from questionnaires import (
    FROM_HERE,
    altimeter,
    app_of,
    browser_of,
    hidden,
    opened,
    sent,
    text_of,
)
from starlette.requests import Request

from dashboards.assessing import posted
from dashboards.assessing.posted import MOST_BYTES, MOST_FIELDS
from dashboards.assessing.refusals import RefusedError
from dashboards.assessing.seals import COOKIE, FormKey
from dashboards.assessing.tokens import derived_token, is_token, new_token


@pytest.fixture
def app(publish, town, tmp_path):
    return app_of(publish(*town), tmp_path)


@pytest.fixture
def browser(app):
    return browser_of(app)


def is_empty(tmp_path):
    return not (tmp_path / "inbox").exists() and not (tmp_path / "kept" / "sent").exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://testserver.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
        {"sec-fetch-site": "none"},
    ],
)
def test_a_form_of_another_site_is_not_taken(browser, tmp_path, headers):
    response = sent(browser, headers=headers)
    assert response.status_code == 403
    assert "did not come from a page of this dashboard" in text_of(response)
    assert is_empty(tmp_path)


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://testserver"}, {"sec-fetch-site": "same-origin"}]
)
def test_a_form_of_our_own_is_taken(browser, headers):
    assert "/assess/results/" in str(sent(browser, headers=headers).url)


def test_a_form_without_the_cookie_that_says_nothing_of_its_origin_is_not_taken(app, tmp_path):
    page = opened(browser_of(app))
    response = sent(browser_of(app), page=page, headers={})
    assert response.status_code == 403
    assert is_empty(tmp_path)


@pytest.mark.parametrize("seal", ["", "0" * 64, "ü", "x" * 5000])
def test_a_form_of_our_own_with_a_seal_that_does_not_fit_comes_back_filled_in(
    browser, tmp_path, seal
):
    answers = altimeter(3, respondent="press", seal=seal)
    response = sent(browser, answers=answers)
    assert response.status_code == 403
    assert "nothing was sent" in text_of(response)
    assert "38 of 38 answered" in text_of(response)
    assert is_empty(tmp_path)
    assert "/assess/results/" in str(sent(browser, answers=altimeter(), page=response).url)


def test_a_seal_fits_one_browser_and_one_form_only(tmp_path):
    key, visitor, form = FormKey(tmp_path / "key"), new_token(), new_token()
    seal = key.seal(visitor, form)
    assert key.is_sealed(visitor, form, seal)
    assert not key.is_sealed(new_token(), form, seal)
    assert not key.is_sealed(visitor, new_token(), seal)
    assert not FormKey(tmp_path / "other").is_sealed(visitor, form, seal)
    assert FormKey(tmp_path / "key").is_sealed(visitor, form, seal), "also after a restart"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_the_cookie_is_for_this_site_and_no_script(browser):
    cookie = opened(browser).headers["set-cookie"]
    assert re.match(rf"{COOKIE}=[\w-]{{43}};", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    secure = browser.get(
        "/assess/altimeter?organization=organization-0000", headers={"x-forwarded-proto": "https"}
    )
    assert "Secure" in secure.headers["set-cookie"]


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""]
)
def test_what_is_no_form_is_not_read(browser, kind):
    headers = {**FROM_HERE, "content-type": kind}
    response = browser.post("/assess/altimeter", content=b"token=x", headers=headers)
    assert response.status_code == 415


def form_headers():
    return {**FROM_HERE, "content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("address", ["/assess/altimeter", "/assess/altimeter/progress"])
def test_a_body_that_is_too_large_is_refused(browser, address):
    body = b"note=" + b"x" * MOST_BYTES
    assert browser.post(address, content=body, headers=form_headers()).status_code == 413
    pieces = (b"note=x" for _ in range(MOST_BYTES))
    response = browser.post(address, content=pieces, headers=form_headers())
    assert response.status_code == 413, "its length need not be declared"


@pytest.mark.parametrize(("seconds", "status"), [(60, 408), (0, 400)])
def test_a_body_that_does_not_arrive_is_given_up(monkeypatch, seconds, status):
    monkeypatch.setattr(posted, "MOST_SECONDS", 0.05)

    async def receive():
        await asyncio.sleep(seconds)
        return {"type": "http.disconnect"}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(RefusedError) as caught:
        asyncio.run(posted.posted_fields(request))
    assert caught.value.status == status


def test_a_form_with_too_many_fields_is_refused(browser):
    body = "&".join(f"a{number}=1" for number in range(MOST_FIELDS + 1))
    response = browser.post("/assess/altimeter", content=body, headers=form_headers())
    assert response.status_code == 413


@pytest.mark.parametrize("body", [b"note=%ff%fe", b"note=\xff", b"note=%ED%A0%80"])
def test_what_is_no_text_is_refused(browser, body):
    response = browser.post("/assess/altimeter", content=body, headers=form_headers())
    assert response.status_code == 400


@pytest.mark.parametrize(
    "token",
    [
        "..%2F..%2Fwarehouse",
        "%2e%2e%2fform.key",
        "form.key",
        "x" * 42,
        "x" * 44,
        "x" * 42 + "%0a",
        "x" * 42 + ".",
        "x" * 42 + "%00",
        "é" * 43,
    ],
)
def test_no_token_leads_out_of_its_folder(browser, tmp_path, token):
    sent(browser)
    secret = (tmp_path / "kept" / "form.key").read_text()
    for address in (
        f"/assess/drafts/{token}",
        f"/assess/results/{token}",
        f"/assess/results/{token}/answers.json",
    ):
        response = browser.get(address)
        assert response.status_code == 404
        assert secret not in response.text


def test_a_forged_form_token_names_no_file(browser, tmp_path):
    fields = {**hidden(opened(browser)), **altimeter(), "wanted": "save", "token": "../../evil"}
    response = browser.post("/assess/altimeter", data=fields, headers=FROM_HERE)
    assert response.status_code == 403
    assert not list(tmp_path.rglob("*evil*"))
    assert not (tmp_path / "kept" / "drafts").exists()


def test_tokens_cannot_be_guessed_from_each_other():
    token = new_token()
    assert is_token(token)
    assert is_token(derived_token(token, "content"))
    assert derived_token(token, "content") != derived_token(token, "other content")
    assert derived_token(token, "content") != derived_token(new_token(), "content")


def test_a_result_is_shown_to_who_knows_its_address_only(browser):
    assert browser.get(f"/assess/results/{new_token()}").status_code == 404


def test_the_page_of_a_form_holds_no_token_of_a_result(browser):
    page = opened(browser)
    result = str(sent(browser, page=page).url).rpartition("/")[2]
    assert hidden(page)["token"] not in result
    assert hidden(page)["token"] not in sent(browser, page=page).text
