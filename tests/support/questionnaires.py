"""A browser that fills in questionnaires: reads the form off the page and sends it."""

from lxml import html
from starlette.testclient import TestClient

from classifiers.assessing.instrument import read_instrument
from dashboards.app import create_app

DAY = "2026-11-20"
FROM_HERE = {"origin": "http://testserver"}
ORGANIZATION = "organization-0000"


def app_of(snapshot, folder, **given):
    """The dashboard with self-assessment, which keeps its files in a folder."""
    return create_app(snapshot, inbox=folder / "inbox", drafts=folder / "kept", **given)


def browser_of(app, **given):
    return TestClient(app, raise_server_exceptions=False, **given)


def altimeter(level=3, **fields):
    """Every statement up to a stage in place, none above."""
    items = read_instrument("altimeter").items
    said = {item.code: "2" if item.stage_code <= level else "0" for item in items}
    return {**said, "stage": "4", "ambition": "5", "answered_on": DAY, **fields}


def esm3(level=2, **fields):
    """Every criterion at one level, governance by its two steps."""
    items = read_instrument("esm3").items
    said = {item.code: str(level) for item in items if not item.steps}
    return {**said, "BUS3a": "yes", "BUS3b": "yes", "answered_on": DAY, **fields}


def opened(browser, instrument="altimeter", organization=ORGANIZATION):
    """The page of an empty form."""
    return browser.get(f"/assess/{instrument}", params={"organization": organization})


def hidden(response):
    """Fields that a form sends without being asked."""
    found = html.fromstring(response.text).xpath("//input[@type='hidden']")
    return {each.get("name"): each.get("value") for each in found}


def sent(browser, instrument="altimeter", answers=None, *, wanted="send", page=None, **options):
    """What comes of a form that is opened, filled in and sent."""
    page = page or opened(browser, instrument)
    filled = {"altimeter": altimeter, "esm3": esm3}[instrument]() if answers is None else answers
    fields = {**hidden(page), **filled, "wanted": wanted}
    return browser.post(f"/assess/{instrument}", data=fields, **{"headers": FROM_HERE, **options})


def text_of(response):
    """What a reader sees, with single blanks."""
    return " ".join(html.fromstring(response.text).xpath("//main")[0].text_content().split())
