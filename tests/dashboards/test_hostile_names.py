"""Texts of others that try to be markup, script, formula or address are text on every page."""

import csv
import io
import json
import re
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pytest
from lxml import html
from questionnaires import altimeter, app_of, browser_of, opened, sent
from whole_snapshot import (
    ADDRESSES,
    ORGANIZATION,
    Dashboard,
    address_of,
    changed,
    shared_whole,
)
from whole_tables import MODEL

from dashboards.answering import Wanted, make
from dashboards.pages.registry import PAGES
from dashboards.reading.header import filter_options

TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "</title></bdi><bdi class=hostile>",
    "</textarea></select><option selected>",
    "]]></svg><svg onload=alert(1)>",
    "<!-- <style>*{display:none}</style>",
    '=HYPERLINK("http://example.org","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r\n=1+1",
    "bell\x07, escape\x1b[31m, null\x00, vertical\x0b",
    "\N{RIGHT-TO-LEFT OVERRIDE}drawkcab \N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED}",
    "{{ 7 * 7 }} {% raw %} %s {0}",
    "&lt;b&gt; &amp;amp; &#60;",
    "W" * 200,
)
ADDRESS = "javascript:alert(document.domain)//https://example.org"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
#: Columns with texts of others, and how rows share the same one.
COLUMNS = {
    "organizations": {
        "name": "organization_id",
        "industry": "industry",
        "country": "country",
        "abstention_text": "organization_id",
        "model_version": "model_version",
    },
    "channels": {"last_error": "channel_id", "function": "channel_id", "role": "channel_id"},
    "runs": {"error": "run_id", "command": "run_id", "state": "run_id"},
    "agreement_statistics": {"group_name": "position", "reason": "position", "label": "code"},
    "set_quality": {"group_name": "group_name"},
    "answers": {"instrument_version": "organization_id"},
}
FIGURES_OF = {page.name: page for page in PAGES if page.name != "assess"}


@pytest.fixture(scope="module")
def link(tmp_path_factory, worker_id):
    return shared_whole(tmp_path_factory, worker_id)


@pytest.fixture(scope="module")
def harmless(link, tmp_path_factory):
    return Dashboard(link, tmp_path_factory.mktemp("harmless"))


@pytest.fixture(scope="module")
def hostile(link, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    return Dashboard(changed(link, folder / "snapshots", *statements()), folder)


@pytest.fixture(scope="module")
def kinds(harmless):
    """Every kind of element, with its attributes, that a harmless page has."""
    pages = [harmless.page(address) for address in ADDRESSES.values()]
    pages += [harmless.page(f"?industry=finance&group=pilot&search=x&sort=-posts&{TWO}")]
    return {kind for page in pages for kind in kinds_of(page)}


TWO = "claimed=3&observed=2"


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_a_page_of_hostile_texts_has_no_element_of_theirs(hostile, kinds, address):
    page = parsed(hostile.get(hostile_address(address)))
    assert kinds_of(page) <= kinds
    assert_harmless(page)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_page_of_an_organization_with_a_hostile_name_shows_it_as_text(hostile, kinds, text):
    (found, *_) = [o for o, name in names_of(hostile).items() if name.startswith(text)]
    answer = hostile.get(f"organizations/{found}")
    page = parsed(answer)
    assert shown(page.xpath("//h1/bdi")[0].text_content()).startswith(shown(text))
    assert shown(page.xpath("string(//title)")).startswith(shown(text))
    assert kinds_of(page) <= kinds
    assert_harmless(page)


def test_hostile_names_stand_in_the_table_as_they_are(hostile):
    page = parsed(hostile.get(""))
    names = {
        shown(each.text_content()) for each in page.xpath("//table[@class='organizations']//bdi")
    }
    assert len(names) == 50
    assert names <= {shown(name) for name in names_of(hostile).values()}


def test_no_address_that_is_none_becomes_a_link(hostile):
    for address in ADDRESSES.values():
        page = parsed(hostile.get(hostile_address(address)))
        for link in page.xpath("//@href | //@src | //@action | //@*[local-name()='href']"):
            assert not link.strip().lower().startswith(("javascript", "data:", "vbscript", "//"))
    channels = parsed(hostile.get("runs")).xpath("//*[@id='channels']/..//tbody//td[2]")
    assert channels
    assert all(ADDRESS in cell.text_content() and not cell.xpath(".//a") for cell in channels)
    page = parsed(hostile.get(f"organizations/{ORGANIZATION}"))
    assert not page.xpath("//a[text()='Website' or starts-with(text(), 'evidence')]")


@pytest.mark.parametrize("name", FIGURES_OF)
def test_no_cell_of_a_sheet_is_a_formula(hostile, name):
    for figure, found in figures_of(hostile, name).items():
        answer = hostile.get(twin_of(name, figure, "csv"))
        heads, *lines = csv.reader(io.StringIO(answer.text, newline=""))
        assert not [head for head in heads if head.startswith(FORMULA)]
        assert len(lines) == len(found["rows"])
        for line, record in zip(lines, found["rows"], strict=True):
            for cell, value in zip(line, record.values(), strict=True):
                assert not cell.startswith(FORMULA) or isinstance(value, int | float), cell


@pytest.mark.parametrize("name", FIGURES_OF)
def test_a_drawing_of_hostile_texts_is_well_formed_and_does_nothing(hostile, name):
    for figure in figures_of(hostile, name):
        answer = hostile.get(twin_of(name, figure, "svg"))
        if answer.status_code == 200:
            for each in ET.fromstring(answer.content).iter():
                assert each.tag.rpartition("}")[2] in DRAWN
                assert not [key for key in each.attrib if key.lower().startswith("on")]


DRAWN = {
    *("svg", "style", "g", "a", "defs", "pattern", "title", "text"),
    *("rect", "line", "circle", "path"),
}


def test_data_hold_hostile_texts_as_they_are(hostile):
    rows = hostile.get("benchmark/organizations.json").json()["rows"]
    names = names_of(hostile)
    assert {row["organization_id"]: row["name"] for row in rows} == names
    industries = {row["industry"] for row in rows}
    assert industries <= {*TEXTS}
    assert len(industries) == 10


@pytest.mark.parametrize("name", ["industry", "country", "group"])
def test_hostile_texts_can_be_filtered_by_and_are_said_as_text(hostile, kinds, name):
    page = parsed(hostile.get(""))
    values = [value for value in page.xpath(f"//select[@name='{name}']/option/@value") if value]
    known = {each.filter_value for each in filter_options(hostile.snapshot)[name]}
    assert {shown(value) for value in values} == {shown(value) for value in known}
    for value in known:
        address = f"?{urlencode({name: value})}"
        answer = hostile.get(address)
        if value.strip():
            assert answer.status_code == 200, value
            assert answer.url.query.decode() == urlencode({name: value})
            filtered = parsed(answer)
            assert shown(value) in shown(filtered.xpath("string(//p[@id='status'])"))
            assert kinds_of(filtered) <= kinds
            document = hostile.get(f"benchmark/positions.json{address}").json()
            assert document["metadata"]["filters"][name] == value


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_a_reader_asks_for_is_said_as_text(hostile, kinds, text):
    refused = hostile.get(f"?{urlencode({'industry': f'no such {text}'})}")
    assert refused.status_code == 422
    assert "is no known value of" in refused.text
    for answer in (
        refused,
        hostile.get(f"organizations/{quote(f'no such {text}', safe='')}"),
        hostile.get(f"{quote(text, safe='')}"),
        hostile.get(f"benchmark/{quote(text, safe='')}.csv"),
        hostile.get(f"?{urlencode({'search': f'x{text}'})}"),
    ):
        assert answer.status_code in {200, 404, 422}
        page = parsed(answer)
        assert {kind[0] for kind in kinds_of(page)} <= {kind[0] for kind in kinds} | {"pre"}
        assert_harmless(page)


def test_pages_of_a_static_site_have_no_element_of_theirs_either(hostile):
    for page in PAGES:
        if page.is_static:
            organization = ORGANIZATION if page.is_about_one else ""
            text = make(
                hostile.snapshot, Wanted(page=page, organization_id=organization), is_live=False
            )
            document = html.document_fromstring(text.replace("\x00", ""))
            assert not document.xpath("//script | //img | //@onload | //@onerror | //*[@style]")
            assert not document.xpath("//*[@class='hostile']")
            assert len(document.xpath("//style")) == 1


def test_a_result_about_a_hostile_name_shows_it_as_text(hostile, tmp_path):
    browser = browser_of(app_of(hostile.link, tmp_path))
    answers = altimeter(3, note=TEXTS[0])
    for organization in [*names_of(hostile)][:2]:
        answer = sent(browser, page=opened(browser, organization=organization), answers=answers)
        page = parsed(answer)
        assert answer.status_code == 200
        assert shown(names_of(hostile)[organization]) in shown(page.text_content())
        assert_harmless(page)


def statements():
    """Hostile texts in place of harmless ones: equal texts stay equal, others stay others."""
    listed = ", ".join(f"${at}" for at in range(1, len(TEXTS) + 1))
    for table, columns in COLUMNS.items():
        for column, key in columns.items():
            suffix = " || ' ' || organization_id" if column == "name" else ""
            replaced = (
                f"update marts.{table} set {column} = ([{listed}])[1 + numbered.place]{suffix} "
                f"from (select each, row_number() over (order by each) % {len(TEXTS)} as place "
                f"from (select distinct {key} as each from marts.{table})) as numbered "
                f"where numbered.each = {table}.{key} and coalesce({column}::varchar, '') <> ''"
            )
            yield replaced, list(TEXTS)
    yield ("update marts.organizations set groups = [$1, $2] where len(groups) > 0", [*TEXTS[3:5]])
    yield ("update marts.organizations set homepage = $1", [ADDRESS])
    yield ("update marts.channels set address = $1 || channel_id", [ADDRESS])
    yield ("update marts.answers set evidence_url = $1", [ADDRESS])
    version = "(select max(model_version) from marts.organizations)"
    for table in ("models", "set_quality", "reliability", "model_measures"):
        named = f"update marts.{table} set model_version = {version}"
        yield f"{named} where model_version = '{MODEL}'"
    yield f"update marts.snapshot set model_version = {version}"
    yield f"update marts.weeks set model_version = {version}"


def hostile_address(address):
    """The same view; what it narrows by is another text here."""
    return address.replace("industry=finance&", "").replace("model=invented-0", "")


def parsed(answer):
    """A page as a browser reads it, which takes a NUL for no character."""
    return html.document_fromstring(answer.text.replace("\x00", ""))


def kinds_of(page):
    return {(each.tag, *sorted(each.keys())) for each in page.iter() if isinstance(each.tag, str)}


def assert_harmless(page):
    assert not page.xpath("//script[not(@src)] | //script/text() | //style | //img | //iframe")
    assert not page.xpath("//@*[starts-with(name(), 'on')] | //@style")
    assert not page.xpath("//*[@class='hostile'] | //comment()")
    assert page.xpath("count(//title[not(ancestor::*[name()='svg'])])") == 1


def shown(text):
    """What can be seen of a text, with single blanks."""
    return " ".join(CONTROL.sub("", text).split())


def names_of(dashboard):
    rows = dashboard.snapshot.rows(
        "select organization_id, name from marts.organizations "
        "where as_of_week = (select as_of_week from marts.snapshot) order by organization_id"
    )
    return {row["organization_id"]: row["name"] for row in rows}


def options_of(dashboard, name):
    from dashboards.reading.header import filter_options

    return [
        {"filter_value": each.filter_value} for each in filter_options(dashboard.snapshot)[name]
    ]


def figures_of(dashboard, name):
    page = FIGURES_OF[name]
    query = ADDRESSES["several compared"].partition("?")[2] if name == "comparison" else ""
    place = address_of(page) or "benchmark"
    return json.loads(dashboard.get(f"{place}.json?{query}".rstrip("?")).text)["figures"]


def twin_of(name, figure, form):
    query = ADDRESSES["several compared"].partition("?")[2] if name == "comparison" else ""
    place = address_of(FIGURES_OF[name]) or "benchmark"
    return f"{place}/{figure}.{form}?{query}".rstrip("?")
