"""Looking changes nothing, and nothing but pages, their data and their styles can be fetched."""

import asyncio
import hashlib
from urllib.parse import unquote

import pytest
from questionnaires import altimeter, app_of, browser_of, opened, sent
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from whole_snapshot import ADDRESSES, ORGANIZATION, Dashboard, changed, shared_whole

from dashboards.app import SECURITY_HEADERS, create_app
from dashboards.pages.registry import PAGES
from dashboards.rendering import FOLDER

#: Ways out of a folder, as a client sends them without tidying up.
WAYS_OUT = (
    "../app.py",
    "..%2fapp.py",
    "%2e%2e/app.py",
    "%2e%2e%2fapp.py",
    "..%5capp.py",
    "..%252fapp.py",
    "....//app.py",
    "vendor/../../app.py",
    "%00../app.py",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "~root",
    "",
    ".",
    "vendor",
    "app.css%00.txt",
)
NO_ORGANIZATIONS = (
    "..",
    "%2e%2e",
    "../..",
    "..%2f..%2fapp",
    "%2fetc%2fpasswd",
    "organization-000012%00",
    "organization-000012/nothing",
    "ORGANIZATION-000012",
    "organization-000012 ",
    "%27%20or%201%3D1%20--",
    "x" * 3000,
)
NOTHING_THERE = (
    "benchmark/nothing.csv",
    "benchmark/organizations.xlsx",
    "benchmark/organizations.svg",
    "benchmark/organizations.csv.exe",
    "benchmark/..%2fapp.py",
    "benchmark/stages.html",
    "benchmark.html",
    "benchmark.py",
    "benchmark",
    "organizations.xml",
    "organizations.svg",
    "quality/sets.",
    "quality.svg/x",
    "method/agreement.json",
    "assess/nothing",
    "assess/results/nothing",
    "assess/results/..%2f..%2fkey",
    "assess/drafts/..%2fkey",
    "snapshot.duckdb",
    "app.py",
    "templates/page.html",
    ".git/config",
    "robots.txt",
    "favicon.ico",
)
WRONG_METHODS = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def whole(tmp_path_factory, worker_id):
    """A dashboard on a snapshot of its own, in a folder with nothing else."""
    folder = tmp_path_factory.mktemp("reading")
    link = changed(shared_whole(tmp_path_factory, worker_id), folder / "snapshots")
    return Dashboard(link, folder)


def test_asking_for_every_page_and_twin_changes_nothing(whole):
    before = state_of(whole.link.parent)
    asked = 0
    for address in ADDRESSES.values():
        page = whole.page(address)
        twins = [link for link in page.xpath("//p[@class='twins']/a/@href") if "?" not in link]
        for link in twins[:6]:
            up = "" if "/" not in address.partition("?")[0] else "../"
            assert whole.get(link.removeprefix(up)).status_code == 200, link
            asked += 1
    assert asked > 30
    assert state_of(whole.link.parent) == before
    assert [path.name for path in whole.link.parent.parent.iterdir()] == ["snapshots"]


def test_a_form_that_is_looked_at_leaves_its_key_and_nothing_else(whole, tmp_path):
    before = state_of(whole.link.parent)
    browser = browser_of(app_of(whole.link, tmp_path))
    assert opened(browser, organization=ORGANIZATION).status_code == 200
    assert state_of(whole.link.parent) == before
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert kept[0].stat().st_mode & 0o077 == 0


def test_answers_go_into_the_inbox_and_change_no_snapshot(whole, tmp_path):
    before = state_of(whole.link.parent)
    browser = browser_of(app_of(whole.link, tmp_path))
    page = opened(browser, organization=ORGANIZATION)
    assert sent(browser, page=page, answers=altimeter(3)).status_code == 200
    assert state_of(whole.link.parent) == before
    assert len([*(tmp_path / "inbox").iterdir()]) == 1


def test_a_snapshot_that_nobody_may_write_can_be_read(whole):
    path = whole.link.resolve()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert TestClient(create_app(whole.link)).get("/").status_code == 200
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)


@pytest.mark.parametrize("way", WAYS_OUT)
def test_nothing_beside_the_static_files_can_be_fetched(raw, way):
    status, body = raw(f"/static/{way}")
    assert status in {404, 405}
    assert b"from __future__" not in body
    assert b"root:" not in body


def test_a_link_among_static_files_leads_nowhere(tmp_path):
    folder = tmp_path / "static"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "in.txt").write_text("open")
    (mount,) = [each for each in create_app(tmp_path).routes if isinstance(each, Mount)]
    files = StaticFiles(directory=folder, follow_symlink=mount.app.follow_symlink)
    client = TestClient(Starlette(routes=[Mount(mount.path, files)]))
    assert client.get("/static/in.txt").text == "open"
    assert client.get("/static/out.txt").status_code == 404
    assert mount.app.directory == FOLDER / "static"
    assert not [path for path in (FOLDER / "static").rglob("*") if path.is_symlink()]


def test_every_static_file_can_be_fetched_with_its_type(whole):
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    for path in (FOLDER / "static").rglob("*"):
        if path.suffix in kinds:
            answer = whole.get(f"static/{path.relative_to(FOLDER / 'static')}")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(kinds[path.suffix])


@pytest.mark.parametrize("name", NO_ORGANIZATIONS)
def test_what_names_no_organization_is_not_found(raw, name):
    for form in ("", ".json", "/stages.csv"):
        status, body = raw(f"/organizations/{name}{form}")
        assert status == 404, form
        assert b"Traceback" not in body


def test_a_slash_too_much_leads_to_the_page_without_it(whole):
    answer = whole.client.get(f"/organizations/{ORGANIZATION}/")
    assert (answer.status_code, answer.url.path) == (200, f"/organizations/{ORGANIZATION}")


@pytest.mark.parametrize("address", NOTHING_THERE)
def test_what_is_not_there_is_not_found(raw, address):
    status, body = raw(f"/{address}")
    assert status == 404
    assert b"There is no such" in body


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_can_be_asked_for_its_head_alone(whole, page):
    address = f"/{ADDRESSES[page.name]}"
    head, got = whole.client.head(address), whole.client.get(address)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length", *SECURITY_HEADERS):
        assert head.headers[name] == got.headers[name], name


@pytest.mark.parametrize("method", WRONG_METHODS)
def test_nothing_can_be_done_to_a_page_but_look(whole, method):
    for address in (*ADDRESSES.values(), "benchmark.csv", "benchmark/stages.svg", "healthz"):
        answer = whole.client.request(method, f"/{address}")
        assert answer.status_code == 405, address
        assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "HEAD"}
    assert whole.client.request(method, "/static/app.css").status_code == 405


def test_every_answer_is_guarded(whole, tmp_path):
    unpublished = TestClient(create_app(tmp_path / "none.duckdb"), raise_server_exceptions=False)
    answers = [whole.get(address) for address in ADDRESSES.values()]
    answers += [whole.get(address) for address in ("healthz", "organizations", "benchmark.csv")]
    answers += [whole.get(address) for address in ("benchmark/stages.svg", "static/app.css")]
    answers += [whole.get(address) for address in ("nothing/here", "?industry=x", "?page=99")]
    answers += [whole.get("organizations/nobody"), whole.get("assess/altimeter")]
    answers += [whole.client.post("/"), whole.client.get("/?size=", follow_redirects=False)]
    answers += [whole.client.get("/", headers={"if-none-match": answers[0].headers["etag"]})]
    answers += [unpublished.get("/"), unpublished.get("/healthz"), unpublished.get("/assess/x")]
    found = sorted({answer.status_code for answer in answers})
    assert found == [200, 303, 304, 404, 405, 422, 503]
    for answer in answers:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value, (answer.url, name)


def test_an_error_of_our_own_is_guarded_too(browse, town):
    answer = browse(*town, published_at=None).get("/")
    assert answer.status_code == 500
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value


def test_the_guard_allows_no_script_or_style_within_a_page():
    policy = dict(part.strip().partition(" ")[::2] for part in POLICY.split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


POLICY = SECURITY_HEADERS["content-security-policy"]


@pytest.fixture(scope="module")
def raw(whole):
    """Asks for a path exactly as it is written, as no well-behaved client would."""

    def ask(path):
        received = []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"testserver")],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
        }

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            received.append(message)

        asyncio.run(whole.app(scope, receive, send))
        return received[0]["status"], b"".join(each.get("body", b"") for each in received[1:])

    return ask


def state_of(folder):
    """Every file below a folder with its bytes, and where links lead."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if not path.is_dir()
    }
