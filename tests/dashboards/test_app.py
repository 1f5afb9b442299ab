"""How the dashboard answers over HTTP."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dashboards.app import create_app


@pytest.mark.parametrize("address", ["/", "/organizations.csv", "/organizations.json"])
def test_every_address_answers(browse, town, address):
    assert browse(*town).get(address).status_code == 200


@pytest.mark.parametrize("address", ["/", "/?industry=nowhere", "/nothing/here", "/static/app.css"])
def test_every_response_is_guarded(browse, town, address):
    headers = browse(*town).get(address).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_a_reader_who_has_the_page_gets_304(browse, town):
    client = browse(*town)
    first = client.get("/?industry=finance")
    again = client.get("/?industry=finance", headers={"if-none-match": first.headers["etag"]})
    other = client.get("/?industry=public-administration")
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["etag"].startswith('W/"snapshot-000001-')
    assert other.headers["etag"] != first.headers["etag"]


def test_a_new_snapshot_shows_without_a_restart(publish, town):
    client = TestClient(create_app(publish(*town)))
    before = client.get("/")
    publish(*town[:3])
    after = client.get("/", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "All 3 organizations of the snapshot." in after.text


def test_a_page_asked_for_twice_is_the_same(browse, town):
    client = browse(*town)
    assert client.get("/?sort=-posts").text == client.get("/?sort=-posts").text


def test_an_unknown_value_is_named_with_those_that_are_known(browse, town):
    response = browse(*town).get("/?industry=<b>fishing</b>")
    assert response.status_code == 422
    assert "“&lt;b&gt;fishing&lt;/b&gt;” is no known value of “industry”" in response.text
    assert "Known values: finance, public-administration." in response.text


@pytest.mark.parametrize(
    "query",
    [
        "sort=shoe-size",
        "sort=--name",
        "page=0",
        "page=2",
        "page=٣",
        "page=1e9",
        "country=nl",
        "industry=finance&industry=finance",
    ],
)
def test_a_value_that_makes_no_sense_answers_422(browse, town, query):
    assert browse(*town).get(f"/?{query}").status_code == 422


def test_a_form_without_choices_leads_to_the_short_address(browse, town):
    client = browse(*town)
    response = client.get("/?industry=&size=&country=BE", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "./?country=BE")
    assert str(client.get("/?industry=&size=&country=").url).endswith("/")


def test_parameters_of_others_are_dropped(browse, town):
    response = browse(*town).get("/?utm_source=letter&sort=-posts")
    assert response.status_code == 200
    assert response.url.query == b"sort=-posts"


@pytest.mark.parametrize("address", ["/", "/organizations.csv"])
def test_without_a_snapshot_the_page_tells_the_command(tmp_path, address):
    response = TestClient(create_app(tmp_path / "snapshot.duckdb")).get(address)
    assert response.status_code == 503
    assert "No snapshot published yet" in response.text
    assert "barograph publish" in response.text


def test_an_error_of_our_own_gets_an_id_that_the_log_knows(browse, town, caplog):
    client = browse(*town, published_at=None)
    response = client.get("/")
    failure_id = response.text.partition("(id ")[2][:8]
    assert response.status_code == 500
    assert "The data are unchanged" in response.text
    assert f"page / failed (id {failure_id})" in caplog.text


def test_an_unknown_address_still_finds_its_styles(browse, town):
    response = browse(*town).get("/some/where")
    assert response.status_code == 404
    assert 'href="../static/app.css"' in response.text


def test_the_page_travels_compressed(browse, town):
    client = browse(*town)
    response = client.get("/")
    sheet = client.get("/static/app.css")
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) + int(sheet.headers["content-length"]) < 60_000


def test_starting_the_dashboard_loads_no_data_frame_library():
    program = "import sys, json, dashboards.app; print(json.dumps(list(sys.modules)))"
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    assert not {"numpy", "pandas", "pyarrow", "sklearn", "prefect"} & set(json.loads(answer.stdout))
