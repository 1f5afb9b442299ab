"""What every page and figure promises, over HTTP, on a snapshot that has something for each."""

import csv
import io
import json
from itertools import pairwise
from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree import ElementTree as ET

import pytest
from lxml import html
from questionnaires import altimeter, app_of, browser_of, opened, sent
from whole_snapshot import (
    ABSTAINED,
    ADDRESSES,
    COMPARED,
    NO_LABEL,
    ORGANIZATION,
    WIDE,
    Dashboard,
    address_of,
    shared_whole,
    words,
)
from whole_tables import MODEL

from classifiers.signals import SIGNALS
from dashboards import sentences
from dashboards.answering import Wanted, gathered
from dashboards.pages.registry import PAGES
from dashboards.reading.organizations import organization_ids
from dashboards.twins import csv_cell

ROOT = "http://testserver/"
QUERIES = {"comparison": COMPARED}
FIGURES_OF = {page.name: page for page in PAGES if page.name != "assess"}
METADATA = (
    "title",
    "definition",
    "n",
    "n_unit",
    "window",
    "columns",
    "filters",
    "snapshot",
    "as_of_week",
    "model_version",
    "license",
)
#: Tables of their own make: their regions, and what stands in their rows; all others are the
#: figure as it is.
OWN_TABLES = {
    ("benchmark", "organizations"): (["Organizations"], lambda row: [row["name"]]),
    ("benchmark", "changes"): (["Who has moved"], lambda row: [row["name"]]),
    ("benchmark", "positions"): (
        ["Claims beside their 90 % sets"],
        lambda row: [
            row["claimed_stage"],
            " | ".join(str(row[f"{place}_count"]) for place in ("below", "within", "above")),
        ],
    ),
    ("benchmark", "signals"): (
        ["Signals"],
        lambda row: [LABELS[row["signal_code"]], f"| {row['n']} | {row['missing_count']} |"],
    ),
    ("organization", "esm3"): (
        ["ESM3 by perspective"],
        lambda row: [row["item"], f"{row['answer']} {row['answer_words']}", row["public_signals"]],
    ),
    ("organization", "channels"): (
        ["Channels"],
        lambda row: [row["address"], row["source"], row["role"], row["last_outcome"]],
    ),
    ("comparison", "signals"): (["All signals"], lambda row: [row["signal"]]),
    ("comparison", "claims"): (["Claims"], lambda row: [row["claimed_stage"] or "no label"]),
    ("agreement", "outside"): (
        ["Claims above their set", "Claims below their set"],
        lambda row: [row["name"], sentences.stage_set(row["set90_low"], row["set90_high"])],
    ),
    ("runs", "channels"): (
        ["Channels that were not seen at their last attempt"],
        lambda row: [row["name"], row["source"], row["address"], row["last_error"]],
    ),
}
#: Pages whose links are followed: each kind, and some whose links keep what was asked for.
LINKED = [*(page.name for page in PAGES), "several compared", "narrowed"]
LABELS = {signal.code: signal.label for signal in SIGNALS}
FEW = {f"organizations/{each}" for each in (ORGANIZATION, ABSTAINED, WIDE, NO_LABEL)}


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory, worker_id):
    link = shared_whole(tmp_path_factory, worker_id)
    return Dashboard(link, tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def result(dashboard, tmp_path_factory):
    """The page after sending a questionnaire, and its browser."""
    browser = browser_of(app_of(dashboard.link, tmp_path_factory.mktemp("sent")))
    page = opened(browser, organization=ORGANIZATION)
    return sent(browser, page=page, answers=altimeter(3)), browser


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_a_page_answers_in_whole_and_says_what_its_numbers_rest_on(dashboard, address):
    page = dashboard.page(address)
    assert [heading.getparent().get("id") for heading in page.xpath("//h1")] == ["view"]
    assert page.xpath("string(//html/@lang)") == "en"
    edition = words(page.xpath("//*[@class='edition']")[0])
    assert "120 organizations data to week of 2026-11-16 snapshot 000001" in edition
    assert f"model {MODEL}" in edition
    assert len(page.xpath("//nav//a[@aria-current='page']")) == (0 if "organ" in address[:5] else 1)


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_a_page_has_headings_in_order_and_names_for_what_it_holds(dashboard, address):
    page = dashboard.page(address)
    levels = [int(each.tag[1]) for each in page.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for name in page.xpath("//@aria-labelledby | //@aria-describedby | //label/@for"):
        assert {*name.split()} <= {*ids}
    assert not page.xpath("//th[not(@scope)] | //@style | //a[not(@href)]")
    for svg in page.xpath("//*[name()='svg'][not(ancestor::*[name()='svg'])]"):
        is_told = svg.get("role") in {"img", "group"} and svg.get("aria-label")
        assert is_told or svg.get("aria-hidden") == "true"


@pytest.mark.parametrize("name", FIGURES_OF)
def test_every_figure_answers_as_csv_json_and_svg(dashboard, name):
    for figure in figures_of(dashboard, name):
        for form, kind in (("csv", "text/csv"), ("json", "application/json")):
            answer = dashboard.get(twin_of(name, figure, form))
            assert answer.status_code == 200, figure.name
            assert answer.headers["content-type"].startswith(kind)
        answer = dashboard.get(twin_of(name, figure, "svg"))
        assert answer.status_code == (200 if figure.drawing else 404), figure.name


@pytest.mark.parametrize("name", FIGURES_OF)
def test_a_figure_has_the_same_rows_in_all_its_forms(dashboard, name):
    for figure in figures_of(dashboard, name):
        assert figure.rows, figure.name
        names = [column.name for column in figure.columns]
        assert len(names) == len(set(names))
        lines = csv_rows(dashboard.get(twin_of(name, figure, "csv")))
        assert lines[0] == names
        expected = [
            [str("" if cell is None else cell) for cell in csv_row(row)] for row in figure.rows
        ]
        assert lines[1:] == expected, figure.name
        rows = json_of(dashboard.get(twin_of(name, figure, "json")))["rows"]
        assert rows == json.loads(json.dumps(figure.records(), default=iso)), figure.name


@pytest.mark.parametrize("name", FIGURES_OF)
def test_a_figure_tells_what_its_numbers_mean_and_rest_on(dashboard, name):
    for figure in figures_of(dashboard, name):
        about = json_of(dashboard.get(twin_of(name, figure, "json")))["metadata"]
        assert set(METADATA) <= set(about)
        told = (about["title"], about["definition"], about["window"], about["license"])
        assert all(told), figure.name
        assert about["n"] == figure.n > 0, figure.name
        assert about["snapshot"] == "snapshot-000001"
        assert about["model_version"] == MODEL
        assert list(about["columns"]) == [column.name for column in figure.columns]
        assert all(about["columns"].values())


@pytest.mark.parametrize("name", FIGURES_OF)
def test_all_figures_of_a_page_can_be_had_at_once(dashboard, name):
    document = json_of(dashboard.get(whole_of(name, "json")))
    figures = figures_of(dashboard, name)
    assert list(document["figures"]) == [figure.name for figure in figures]
    for figure in figures:
        assert len(document["figures"][figure.name]["rows"]) == len(figure.rows)
    first = csv_rows(dashboard.get(whole_of(name, "csv")))
    assert first[0] == [column.name for column in figures[0].columns]


@pytest.mark.parametrize("name", FIGURES_OF)
def test_a_table_on_the_page_has_the_rows_of_its_figure(dashboard, name):
    page = dashboard.page(address_of(FIGURES_OF[name], QUERIES.get(name, "")))
    for figure in figures_of(dashboard, name):
        if (name, figure.name) in OWN_TABLES:
            compare_own_table(page, name, figure)
        elif name != "method":  # its signals are a list of definitions, see the next test
            assert has_table(page, figure), figure.name


def test_every_signal_is_defined_on_the_page_of_methods(dashboard):
    page = dashboard.page("method")
    for signal in SIGNALS:
        told = words(page.get_element_by_id(f"signal-{signal.code}"))
        assert told.startswith(f"{signal.label} {signal.unit}, {signal.window_weeks} weeks")
        assert blank(signal.definition) in told


@pytest.mark.parametrize("name", FIGURES_OF)
def test_a_drawing_is_a_whole_document_with_the_marks_of_the_page(dashboard, name):
    page = dashboard.page(address_of(FIGURES_OF[name], QUERIES.get(name, "")))
    labels = page.xpath("//*[name()='svg']/@aria-label")
    for figure in figures_of(dashboard, name):
        if figure.drawing:
            drawn = ET.fromstring(dashboard.get(twin_of(name, figure, "svg")).text)
            assert drawn.get("aria-label"), figure.name
            assert drawn.get("width") == "760"
            nested = {each.get("aria-label") for each in drawn.iter() if each.get("aria-label")}
            assert nested & {*labels}, figure.name


def test_every_figure_is_explained_on_the_page_of_methods(dashboard, result):
    ids = {*dashboard.page("method").xpath("//@id")}
    anchors = {f.anchor for name in FIGURES_OF for f in figures_of(dashboard, name)}
    assert anchors <= ids
    assert {f"signal-{signal.code}" for signal in SIGNALS} <= ids
    links = html.document_fromstring(result[0].text).xpath("//a/@href")
    linked = {link.partition("#")[2] for link in links if "method#" in link}
    assert linked
    assert linked <= ids


@pytest.mark.parametrize("name", LINKED)
def test_every_link_of_a_page_leads_to_a_page_that_has_its_fragment(dashboard, name):
    address = ADDRESSES[name]
    for target in sorted(links_of(dashboard.page(address), ROOT + address)):
        assert leads_somewhere(dashboard, target), target


def test_every_link_of_a_result_leads_somewhere(dashboard, result):
    answer, browser = result
    for target in links_of(html.document_fromstring(answer.text), str(answer.url)):
        bare, fragment = urldefrag(target)
        if "/assess/results/" in bare:
            found = browser.get(bare)
            assert found.status_code == 200, target
            assert not fragment or fragment in html.document_fromstring(found.text).xpath("//@id")
        else:
            assert leads_somewhere(dashboard, target), target


def figures_of(dashboard, name):
    page = FIGURES_OF[name]
    organization = ORGANIZATION if page.is_about_one else ""
    wanted = Wanted(page=page, form="csv", organization_id=organization)
    return gathered(dashboard.snapshot, wanted, QUERIES.get(name, ""))[1].figures


def twin_of(name, figure, form):
    return with_query(f"{place_of(name)}/{figure.name}.{form}", name)


def whole_of(name, form):
    return with_query(f"{place_of(name)}.{form}", name)


def place_of(name):
    return address_of(FIGURES_OF[name]) or "benchmark"


def with_query(address, name):
    return f"{address}?{QUERIES[name]}" if name in QUERIES else address


def csv_rows(answer):
    return list(csv.reader(io.StringIO(answer.text, newline="")))


def csv_row(row):
    return [csv_cell(value) for value in row]


def json_of(answer):
    return json.loads(answer.text)


def has_table(page, figure):
    """Whether a table of the page shows the rows of a figure as they are."""
    heads = [blank(column.label) for column in figure.columns]
    rows = [
        [blank(column.write(value)) for column, value in zip(figure.columns, row, strict=True)]
        for row in figure.rows
    ]
    return any(
        [words(cell) for cell in table.xpath("thead//th")] == heads and body(table) == rows
        for table in page.xpath("//table")
    )


def compare_own_table(page, name, figure):
    """Long tables show their first rows; some tables have a row before each group."""
    regions, cells = OWN_TABLES[name, figure.name]
    tables = [page.xpath("//*[@aria-label=$named]//table", named=each)[0] for each in regions]
    rows = [row for table in tables for row in body(table) if len(row) > 1]
    records = figure.records()[: len(rows)] if name == "benchmark" else figure.records()
    assert len(rows) == len(records) > 0, figure.name
    for row, record in zip(rows, records, strict=True):
        shown = f"{' | '.join(row)} |"
        assert all(blank(cell) in shown for cell in cells(record)), (shown, record)


def body(table):
    return [[words(cell) for cell in row.xpath("th|td")] for row in table.xpath("tbody/tr")]


def blank(text):
    return " ".join(text.split())


def links_of(page, base):
    """Every address of this site that a page names for a reader to follow."""
    named = page.xpath("//a/@href | //link/@href | //script/@src | //form/@action | //@hx-get")
    found = {urljoin(base, each) for each in named}
    return {each for each in found if urlsplit(each).netloc == urlsplit(ROOT).netloc}


def leads_somewhere(dashboard, target):
    """Of the pages of organizations a few are looked at; of the others it is known who there is."""
    address, fragment = urldefrag(target.removeprefix(ROOT))
    if address == "assess/new":  # where the first step's form leads when nothing is chosen
        return True
    if address.startswith("organizations/o") and "." not in address and address not in FEW:
        bare = address.partition("?")[0].removeprefix("organizations/")
        return bare in organization_ids(dashboard.snapshot)
    answer = dashboard.get(address)
    if answer.status_code != 200:
        return False
    return not fragment or f'id="{fragment}"' in answer.text


def iso(value):
    return value.isoformat()
