"""The report of a comparison, from real numbers: nothing is lost, unexplained or executed."""

import json
import re
import shutil
from datetime import date
from functools import cache
from html.parser import HTMLParser

import lxml.html
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from classifiers.claims import Claim
from classifiers.comparing.compared import Organization, compared_organizations
from classifiers.comparing.repeated_claims import repeated_statistics
from classifiers.comparing.report import agreement_report
from classifiers.comparing.sensitivity import sensitivity_statistics
from classifiers.comparing.square_table import tabulate
from classifiers.estimates import StageEstimate
from dashboards.agreementreport import html_report, markdown_report
from flows.agreement import report_record
from flows.agreementfiles import _json

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREENS = [{"width": width, "height": 844} for width in (1280, 390, 320)]
PRIOR = np.array([0.05, 0.25, 0.30, 0.23, 0.13, 0.04])
STAGES = np.arange(1, 7)
HOSTILE = "<script>alert('1')</script>|[x](javascript:1)`*_&amp;\u202e\n# " + "w" * 200
VOID = {"meta", "link", "br"}

WORLDS = {
    "nobody": {"count": 0},
    "one": {"count": 1},
    "no points": {"count": 12, "width": 0},
    "honest": {"count": 120},
    "planted": {"count": 120, "raised": 2},
    "hostile": {"count": 12, "name": HOSTILE, "raised": 4},
}


@cache
def record_of(world):
    """The record of an invented world with calibrated estimates."""
    options = WORLDS[world]
    compared = compared_world(**options)
    others = [*sensitivity_statistics(compared, PRIOR, {}), *repeated(options["count"])]
    codes = np.arange(60) % 6 + 1
    known = tabulate(codes, np.clip(codes + (np.arange(60) % 5 == 0), 1, 6))
    about = {
        "as_of_week": date(2026, 11, 9),
        "model_versions": ["cold-start-3"],
        "rule": "the claim that counts",
        "rules": {"altimeter_direct": "the organization names its own stage of the six"},
        "listed_count": options["count"] + 5,
        "is_invented": world == "planted",
    }
    return report_record(agreement_report(compared, known if compared else None, others), about)


def compared_world(count, raised=0, width=4, name="organization"):
    generator = np.random.default_rng(7)
    true = generator.choice(STAGES, p=PRIOR, size=count)
    signals = true + 0.6 * generator.standard_normal(count)
    masses = PRIOR * np.exp(-0.5 * ((signals[:, np.newaxis] - STAGES) / 0.6) ** 2)
    shares = masses / masses.sum(axis=1, keepdims=True)
    names = [f"{name} {number}" for number in range(count)]
    claims = np.minimum(true + raised * (np.arange(count) % 4 == 0), 6)
    return compared_organizations(
        [
            Claim(organization_id=one, stage_code=int(code))
            for one, code in zip(names, claims, strict=True)
        ],
        [estimate(one, row, width) for one, row in zip(names, shares, strict=True)],
        [organization(one, number, name) for number, one in enumerate(names)],
    )


def organization(organization_id, number, name):
    industry = ("finance", "health", name)[number % 3]
    size = ("10-49", "1000+")[number % 2]
    return Organization(organization_id=organization_id, industry=industry, size_class=size)


def estimate(organization_id, shares, width):
    sums = np.cumsum(shares)
    low, high = (int(np.searchsorted(sums, bound)) + 1 for bound in (0.05, 0.95))
    is_wide = high - low >= width
    return StageEstimate(
        organization_id=organization_id,
        probabilities=tuple(shares.tolist()),
        stage_code=int(np.searchsorted(sums, 0.5)) + 1,
        stage_label="",
        set80_low=low,
        set80_high=high,
        set90_low=low,
        set90_high=high,
        is_abstained=is_wide,
        abstention_reason="wide_set" if is_wide else "",
        abstention_text="",
        model_version="cold-start-3",
    )


def repeated(count):
    years = (date(2025, 1, 1), date(2026, 1, 1))
    return repeated_statistics(
        Claim(organization_id=str(at), stage_code=1 + (at + at % 3 * place) % 6, claimed_on=day)
        for at in range(min(count, 9))
        for place, day in enumerate(years)
    )


@cache
def page_of(world):
    return html_report(record_of(world))


@cache
def markdown_of(world):
    return markdown_report(record_of(world))


def statistic(world, code):
    [found] = [each for each in record_of(world)["statistics"] if each["code"] == code]
    return found


every_world = pytest.mark.parametrize("world", list(WORLDS))


@every_world
def test_a_page_is_well_formed_and_every_link_has_its_target(world):
    checker = Checker()
    checker.feed(page_of(world))
    assert checker.faults == []
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids))
    assert set(checker.links) <= set(checker.ids)


@every_world
def test_a_page_asks_for_nothing_and_runs_nothing(world):
    page = page_of(world)
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<iframe|<img|@import|url\((?!#)|\ssrc=|\son\w+=|\sstyle=", page)
    assert re.findall(r'<link[^>]*href="([^"]*)"', page) == ["data:,"]
    assert set(re.findall(r'https?://[^"\s<]*', page)) <= {"http://www.w3.org/2000/svg"}


@every_world
def test_what_is_not_known_never_prints_as_nan_or_none(world):
    for text in (words_of(page_of(world)), markdown_of(world)):
        assert not re.search(r"\b(nan|None|inf|NaN|Undefined)\b", text)


def test_a_number_that_is_none_is_not_known():
    record = record_of("honest")
    nothing = dict.fromkeys(("value", "low", "high", "expected", "p_value"), float("nan"))
    found = [
        each | ({} if each["unit"] == "organizations" else nothing) for each in record["statistics"]
    ]
    changed = record | {"statistics": found}
    for text in (words_of(html_report(changed)), markdown_report(changed)):
        assert "not known" in text
        assert not re.search(r"\b(nan|None)\b", text)


@every_world
def test_markdown_has_the_tables_of_the_page(world):
    on_page = [cells(table) for table in tree(page_of(world)).findall(".//table")]
    in_text = markdown_tables(markdown_of(world))[1:]  # the first holds the facts of the page
    assert in_text == on_page


@every_world
def test_every_number_stands_with_its_definition_and_its_n(world):
    page = tree(page_of(world))
    codes = {each["code"] for each in record_of(world)["statistics"]}
    assert {node.get("id") for node in page.xpath("//dl[contains(@class,'numbers')]/div")} == {
        f"def-{code}" for code in codes
    }
    assert all(f"### `{code}`" in markdown_of(world) for code in codes)
    for table in page.findall(".//table"):
        head, *rows = cells(table)
        if head[-1] == "n":
            assert all(re.match(r"\d+ \w", row[-1]) for row in rows)
    assert all(node.get("title") for node in page.xpath("//td//a | //tbody//th//a"))


@pytest.mark.parametrize("world", ["honest", "planted", "hostile"])
def test_every_number_of_the_record_is_linked_from_a_table(world):
    linked = set(re.findall(r'href="#def-(\w+)"', page_of(world)))
    assert linked == {each["code"] for each in record_of(world)["statistics"]}


def test_kappa_stands_beside_its_ceiling():
    kappa, ceiling = statistic("honest", "kappa_quadratic"), statistic("honest", "ceiling_kappa")
    row, *_ = rows_named("honest", "Quadratic weighted kappa")
    assert row[1:4] == [
        f"{kappa['value']:.2f}",
        f"{kappa['low']:.2f} to {kappa['high']:.2f}",
        f"{ceiling['value']:.2f}",
    ]


def test_a_share_is_told_with_its_interval_and_what_honest_claims_would_show():
    found, excess = statistic("planted", "above_share"), statistic("planted", "excess_above")
    digits = 0 if found["n"] < 100 else 1
    written = [
        f"{100 * part:.{digits}f}"
        for part in (found["value"], found["low"], found["high"], excess["expected"])
    ]
    [row] = rows_named("planted", "Claims above the point")
    value, low, high, expected = written
    assert row[1:4] == [f"{value}\xa0%", f"{low} to {high}\xa0%", f"{expected}\xa0%"]


def test_limits_of_agreement_are_not_called_an_interval():
    [row] = rows_named("honest", "Standard deviation of the gap")
    assert "limits of agreement" in row[0]
    assert row[2] == ""


def test_a_planted_excess_is_told_and_honest_claims_are_not_accused():
    assert "The interval leaves out 0." in words_of(page_of("planted"))
    assert "cannot be told from honest claims" in words_of(page_of("honest"))


def test_contradicted_claims_are_listed_with_set_and_p_the_least_likely_first():
    rows = record_of("planted")["organizations"]
    out = [r for r in rows if r["claim_position"] in {"above", "below"} or r["is_contradicted"]]
    [table] = (
        t for t in tree(page_of("planted")).findall(".//table") if cells(t)[0][0] == "Organization"
    )
    listed = cells(table)[1:]
    assert {row[0] for row in listed} == {row["organization_id"] for row in out}
    assert listed[0][0] == min(out, key=lambda row: row["p_value"])["organization_id"]
    assert all(re.fullmatch(r"stages? \{[1-6, ]+\}", row[2]) for row in listed)
    assert "may be private" in words_of(page_of("planted"))
    assert [w for w in WORLDS if "are invented" in words_of(page_of(w))] == ["planted"]


def test_nobody_claims_and_the_report_says_so():
    for text in (words_of(page_of("nobody")), markdown_of("nobody")):
        assert "No organization claims a stage, so there is nothing to compare." in text
        assert "Agreement\n" not in text


def test_without_points_the_reasons_stand_in_place_of_numbers_and_drawings():
    page = tree(page_of("no points"))
    assert not page.xpath("//svg[contains(@class,'matrix') or contains(@class,'honesty')]")
    [row] = rows_named("no points", "Claim equals the observed stage")
    assert "not known" in row
    assert statistic("no points", "exact_share")["reason"] in row[0]
    assert page.xpath("//svg[contains(@class,'gap-forest')]")


def test_a_report_read_back_from_its_json_is_the_same():
    read = json.loads(json.dumps(record_of("planted"), default=_json))
    assert html_report(read) == page_of("planted")
    assert markdown_report(read) == markdown_of("planted")


@given(st.text(min_size=1, max_size=40))
@example("before\u2028after")
@settings(max_examples=12, deadline=None)
def test_no_name_breaks_out_of_its_cell(name):
    record = record_of("hostile")
    first, *rest = sorted(record["organizations"], key=lambda row: row["claim_position"] != "above")
    changed = record | {"organizations": [first | {"organization_id": name}, *rest]}
    checker = Checker()
    checker.feed(html_report(changed))
    assert checker.faults == []
    widths = [{len(row) for row in table} for table in markdown_tables(markdown_report(changed))]
    assert all(len(width) == 1 for width in widths)


def test_a_hostile_name_is_shown_as_it_is():
    shown = words_of(page_of("hostile"))
    assert "<script>alert('1')</script>|[x](javascript:1)`*_&amp;" in shown
    assert "<script" not in markdown_of("hostile")


@pytest.mark.browser
@pytest.mark.parametrize("world", ["planted", "hostile", "nobody"])
def test_the_page_fits_can_be_read_and_asks_nobody(chromium, tmp_path, world):
    path = tmp_path / "report.html"
    path.write_text(page_of(world), encoding="utf-8")
    page, requests, complaints = chromium.new_page(), [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    for size in SCREENS:
        page.set_viewport_size(size)
        assert page.evaluate(OVERFLOW) == 0
        assert page.evaluate(SMALLEST) >= 11
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert page.evaluate(FAINT) == []
    assert page.evaluate(SKIPPED_HEADINGS) == 0
    assert (requests, complaints) == ([path.as_uri()], [])
    page.close()


@pytest.fixture(scope="module")
def chromium():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(BROWSERS)} found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: Words whose colour stands out from their ground by less than WCAG 2.2 asks (AA, 4.5:1).
FAINT = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c[3] !== 0) return c; }
    return [255, 255, 255]; };
  return [...document.querySelectorAll('body *')]
    .filter(e => e.tagName !== 'title')
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(e => { const style = getComputedStyle(e), isDrawn = e instanceof SVGElement;
      const pair = [light(parse(isDrawn ? style.fill : style.color)), light(ground(e))];
      return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) < 4.5; })
    .map(e => `${e.tagName} ${e.textContent}`); }"""
#: Height of the smallest words of a drawing, in pixels.
SMALLEST = """() => Math.min(99, ...[...document.querySelectorAll('svg text')]
  .filter(t => t.getClientRects().length)
  .map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().d))"""
SKIPPED_HEADINGS = """() => [...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])
  .filter((level, i, all) => level > (all[i - 1] || 0) + 1).length"""


class Checker(HTMLParser):
    """Finds tags that are not closed in their order, scripts, ids and links."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.ids, self.links = [], [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.faults += [tag] if tag in {"script", "iframe", "img"} else []
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"][1:]] if tag == "a" else []
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")


def tree(page):
    return lxml.html.fromstring(page.removeprefix("<!doctype html>\n"))


def words_of(page):
    return " ".join(tree(page).find("body").itertext())


def cells(table):
    return [
        [flat(cell.text_content()) for cell in row.xpath("th | td")] for row in table.iter("tr")
    ]


def rows_named(world, name):
    tables = (cells(table) for table in tree(page_of(world)).findall(".//table"))
    return [row for table in tables for row in table if row[0].startswith(name)]


def markdown_tables(text):
    blocks = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    return [
        [read_row(line) for at, line in enumerate(block.splitlines()) if at != 1]
        for block in blocks
    ]


def read_row(line):
    inner = re.split(r"(?<!\\)\|", line)[1:-1]
    return [flat(read_cell(cell.strip())) for cell in inner]


def read_cell(cell):
    linked = re.sub(r"(?<!\\)\[((?:[^\]\\]|\\.)*)\]\(#\w+\)", r"\1", cell)
    plain = re.sub(r"\\([\\`*_\[\]|~#/.])", r"\1", linked)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def flat(text):
    return re.sub(r"[ \n]+", " ", text.replace("(", " ").replace(")", " ")).strip()
