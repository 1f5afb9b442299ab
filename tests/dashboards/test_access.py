"""Who may read the dashboard, and what those who may not are told."""

import base64

import pytest
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from dashboards.access import (
    FEWEST_CHARACTERS,
    MOST_FAILURES,
    AccessSettingError,
    PasswordAccess,
    access_for,
)
from dashboards.app import create_app
from dashboards.ratelimits import MOST_CLIENTS, RateLimit

PASSWORD = "correct horse battery"


def client(path, setting="", host="127.0.0.1", **given):
    given = {"base_url": "http://127.0.0.1:8035", **given}
    return TestClient(create_app(path, access=access_for(setting, host)), **given)


def basic(password, user="anyone"):
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"authorization": f"Basic {text}"}


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8035", "127.0.0.1", "127.8.9.1:80", "[::1]:8035", "a.localhost"],
)
def test_on_this_machine_its_own_names_are_answered(publish, town, host):
    assert client(publish(*town)).get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.7", "", "0.0.0.0"]
)
def test_a_name_that_leads_here_by_somebody_elses_doing_is_refused(publish, town, host):
    response = client(publish(*town)).get("/", headers={"host": host})
    assert response.status_code == 421
    assert "names of its own machine only" in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "", "host.example"])
def test_others_can_only_be_served_with_a_setting_that_says_whom(host):
    with pytest.raises(AccessSettingError, match="BAROGRAPH_DASHBOARD_ACCESS"):
        access_for("", host)


@pytest.mark.parametrize(
    "setting",
    [
        "secret-word-of-mine",
        "password:short-one",
        "header:",
        "header:a b",
        "Password:longer-than-12",
    ],
)
def test_a_setting_that_is_none_is_told_without_its_value(setting):
    with pytest.raises(AccessSettingError) as caught:
        access_for(setting, "127.0.0.1")
    assert "dashboard_access" in str(caught.value)
    for secret in ("secret-word", "short-one", "longer-than"):
        assert secret not in str(caught.value)


def test_the_password_is_in_no_representation():
    access = access_for(f"password:{PASSWORD}", "0.0.0.0")
    assert isinstance(access, PasswordAccess)
    assert PASSWORD not in repr(access)
    assert len(PASSWORD) >= FEWEST_CHARACTERS


@pytest.mark.parametrize(
    "address", ["/", "/organizations.csv", "/static/app.css", "/assess", "/no"]
)
def test_nothing_is_read_without_the_password(publish, town, address):
    browser = client(publish(*town), f"password:{PASSWORD}", "0.0.0.0")
    for headers in ({}, basic("correct horse"), basic(""), {"authorization": "Basic ?"}):
        response = browser.get(address, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith('Basic realm="Barograph"')
        assert "Organization 01" not in response.text


@pytest.mark.parametrize("user", ["", "anyone", "ünïcode"])
def test_with_the_password_any_user_name_will_do(publish, town, user):
    browser = client(publish(*town), f"password:{PASSWORD}", "0.0.0.0")
    assert browser.get("/", headers=basic(PASSWORD, user)).status_code == 200


def test_a_password_may_hold_colons_and_other_letters(publish, town):
    browser = client(publish(*town), "password:a:b:ç:longer-one", "0.0.0.0")
    assert browser.get("/", headers=basic("a:b:ç:longer-one")).status_code == 200


def test_after_too_many_wrong_passwords_no_more_is_looked_at(publish, town):
    browser = client(publish(*town), f"password:{PASSWORD}", "0.0.0.0")
    for _ in range(MOST_FAILURES):
        assert browser.get("/", headers=basic("wrong")).status_code == 401
    response = browser.get("/", headers=basic(PASSWORD))
    assert response.status_code == 429
    assert 0 < int(response.headers["retry-after"]) <= 900
    assert browser.get("/").status_code == 401, "who gives none may still be asked"


def test_behind_a_proxy_only_those_it_marked_are_let_in(publish, town):
    browser = client(publish(*town), "header:X-Forwarded-User", "0.0.0.0")
    assert browser.get("/").status_code == 403
    assert browser.get("/", headers={"x-forwarded-user": " "}).status_code == 403
    named = {"x-forwarded-user": "ann", "host": "barograph.example"}
    assert browser.get("/", headers=named).status_code == 200


def test_behind_a_proxy_the_client_is_the_last_address_that_it_wrote_down():
    access = access_for("header:X-Forwarded-User", "0.0.0.0")
    scope = {
        "type": "http",
        "headers": [(b"x-forwarded-for", b"6.6.6.6, 10.0.0.9")],
        "client": ("127.0.0.1", 5),
    }
    assert access.client(HTTPConnection(scope)) == "10.0.0.9"
    assert access.client(HTTPConnection(scope | {"headers": []})) == "127.0.0.1"


@pytest.mark.parametrize("setting", ["", f"password:{PASSWORD}", "header:X-Forwarded-User"])
def test_the_health_path_answers_without_access_and_without_data(tmp_path, setting):
    browser = client(tmp_path / "nothing.duckdb", setting)
    response = browser.get("/healthz", headers={"host": "10.0.0.7:80"})
    assert (response.status_code, response.text) == (200, "ok\n")


def test_events_are_counted_for_each_client_within_the_span():
    moments = [0.0]
    limit = RateLimit(2, 60, clock=lambda: moments[-1])
    assert [limit.take("a") for _ in range(3)] == [0, 0, 60]
    assert limit.take("b") == 0
    moments.append(59.5)
    assert limit.wait_seconds("a") == 1
    moments.append(60.0)
    assert [limit.take("a") for _ in range(3)] == [0, 0, 60]


def test_the_oldest_clients_are_forgotten_before_memory_fills():
    limit = RateLimit(1, 1000, clock=lambda: 0.0)
    for number in range(MOST_CLIENTS + 1):
        assert limit.take(str(number)) == 0
    assert limit.take("0") == 0, "the first one is forgotten"
    assert limit.take(str(MOST_CLIENTS)) > 0
