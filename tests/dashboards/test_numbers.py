"""The numbers of the pages: sums, totals, percentiles, and no stage without its set."""

import re

import numpy as np
import pytest
from lxml import html
from questionnaires import altimeter, app_of, browser_of, opened, sent
from whole_snapshot import (
    ADDRESSES,
    ORGANIZATION,
    WIDE,
    Dashboard,
    changed,
    shared_whole,
    words,
)

from classifiers.signals import SIGNAL_CODES, SIGNALS
from classifiers.stages import Stage
from dashboards.charts.strip import FEWEST_FOR_BANDS, FEWEST_FOR_DOTS
from dashboards.pages.benchmark import STRIPS

WEEK = "date '2026-11-16'"
NAMES = "|".join(stage.label for stage in Stage)
STAGE = re.compile(rf"\b(?!Engagement rate)(?:{NAMES})\b")  # which is a signal
SET = re.compile(rf"\b(?:{NAMES}) (?:only\b|(?:or|to) (?:{NAMES})\b)")
CLAIMS = re.compile(
    r"(\w+) of (\d+) claims? more than their 90 % set allows, "
    r"(\w+) claims? less, (\w+) lies? within"
)
LEVELS = (5, 25, 50, 75, 95)
#: Where the six stages are names of rows, columns, thresholds or gates, and of what is claimed.
NO_STAGE_OF_ONE = (
    "//table[.//th[text()='In the 90 % set']]",  # the ladder's own, which tells the set by row
    "//form",
    "//thead",
    "//section[@aria-labelledby='stages']//ul[@class='legend']",  # organizations by stage
    "//section[@aria-labelledby='stages']//*[@aria-label='Observed stages by week']",
    "//*[@aria-label='Expected by probability']",  # the same by the sums of their probabilities
    "//*[name()='svg'][starts-with(@aria-label, 'Expected by probability')]",
    "//section[@aria-labelledby='signals']//h3",  # families of signals, one of them Presence
    "//th[@class='family']",
    "//*[name()='svg'][starts-with(@aria-label, 'Observed stages in the week of')]",
    "//*[name()='svg'][contains(@class, 'matrix') or contains(@class, 'gap-heat')]",
    "//*[@aria-label='Claimed and observed stages' or @aria-label='Claimed by observed stage']",
    "//*[@aria-label='Claims beside their 90 % sets']",
    "//*[@aria-label='ESM3 perspectives by observed stage']",
    "//*[@aria-label='Every number of the comparison']",
    "//section[@aria-labelledby='support']",  # thresholds
    "//table[contains(@class, 'gates')]",
    "//*[@aria-label='Answers on the six stages by dimension']",
    "//*[@aria-label='Claims']",
    "//section[@aria-labelledby='sets' or @aria-labelledby='reliability']",
    "//p[text()[contains(., 'Where raters saw these stages')]]",
    "//section[@aria-labelledby='claimed']",
    "//section[@aria-labelledby='answers']",
    "//*[@aria-label='Peers by stage']",
    "//*[name()='svg'][contains(@class, 'peer-stages')]",
)
UNITS = ("tr", "p", "li", "svg", "figcaption", "h1", "h2", "h3", "summary", "dd", "dt")


@pytest.fixture(scope="module")
def link(tmp_path_factory, worker_id):
    return shared_whole(tmp_path_factory, worker_id)


@pytest.fixture(scope="module")
def whole(link, tmp_path_factory):
    return Dashboard(link, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def rounded(link, tmp_path_factory):
    """Values in few steps, so that many organizations have the same."""
    values = ", ".join(f"{code} = round({code}, 1)" for code in SIGNAL_CODES)
    folder = tmp_path_factory.mktemp("rounded")
    statements = [f"update marts.organizations set {values}"]
    statements += ["update marts.signals set value = round(value, 1)"]
    return Dashboard(changed(link, folder / "snapshots", *statements), folder)


@pytest.fixture(scope="module")
def result(link, tmp_path_factory):
    """The page after sending a questionnaire about an organization with a wide set."""
    browser = browser_of(app_of(link, tmp_path_factory.mktemp("sent")))
    answer = sent(browser, page=opened(browser, organization=WIDE), answers=altimeter(3))
    return html.document_fromstring(answer.text)


@pytest.mark.parametrize("query", ["", "?industry=finance", "?week=2026-08-10&source=mastodon"])
def test_the_stages_of_each_week_sum_to_its_estimates(whole, query):
    rows = rows_of(whole, f"benchmark/stages.json{query}")
    for row in rows:
        counts = [row[f"{name.lower()}_count"] for name in ("Abstained", *NAMES.split("|"))]
        assert sum(counts) == row["n"]
    if not query:
        counted = "select as_of_week, count(stage_code) as n from marts.organizations group by all"
        expected = {f"{row['as_of_week']}": row["n"] for row in whole.snapshot.rows(counted)}
        assert {row["as_of_week"]: row["n"] for row in rows} == expected


def test_the_columns_of_each_week_fill_the_axis(whole):
    page = whole.page("")
    (chart,) = page.xpath("//*[name()='svg'][contains(@aria-label, 'Observed stages in the week')]")
    heights = {}
    for segment in chart.xpath(".//*[name()='rect'][@class='segment']"):
        heights.setdefault(segment.get("x"), []).append(float(segment.get("height")))
    assert len(heights) == len(rows_of(whole, "benchmark/stages.json"))
    assert all(sum(each) == pytest.approx(208, abs=0.3) for each in heights.values())


def test_the_shares_beside_the_colours_are_those_of_the_last_week(whole):
    last = rows_of(whole, "benchmark/stages.json")[0]
    legend = whole.page("").xpath("//section[@aria-labelledby='stages']//ul/li")
    assert sum(int(each.xpath("string(b)")) for each in legend) == last["n"]
    for each in legend:
        count = last[f"{each.xpath('string(span)').lower()}_count"]
        shown = words(each.xpath("small")[0])
        assert (each.xpath("string(b)"), shown) == (
            str(count),
            f"{round(100 * count / last['n'])} %",
        )


def test_abstentions_and_sizes_of_sets_sum_to_the_estimates_of_their_week(whole):
    counted = {row["as_of_week"]: row["n"] for row in rows_of(whole, "benchmark/stages.json")}
    for row in rows_of(whole, "quality/sizes.json"):
        sizes = sum(row[f"size_{size}_count"] for size in range(1, 7))
        assert sizes == row["estimate_count"] == counted[row["as_of_week"]]
    for row in rows_of(whole, "quality/abstention.json"):
        assert row["abstained_share"] == row["abstained_count"] / row["estimate_count"]


@pytest.mark.parametrize("figure", ["benchmark/claims", "agreement/matrix"])
def test_the_matrix_counts_all_whose_both_stages_are_known(whole, figure):
    document = whole.get(f"{figure}.json").json()
    total = sum(
        row[f"observed_{stage.label.lower()}_count"] for row in document["rows"] for stage in Stage
    )
    (counted,) = whole.snapshot.rows(
        f"select count(*) as n from marts.organizations where as_of_week = {WEEK} and "
        "claimed_stage_code is not null and stage_code is not null and not is_abstained"
    )
    assert total == document["metadata"]["n"] == counted["n"]
    place = "" if figure.startswith("benchmark") else "agreement"
    assert f"Both stages known for {total} of 120" in whole.text(place)
    cells = whole.page(place).xpath("//*[contains(@class, 'matrix')]//*[@class='count']/text()")
    assert sum(map(int, cells)) == total


@pytest.mark.parametrize("place", ["", "agreement"])
def test_shares_of_the_matrix_are_parts_of_their_rows(whole, place):
    figure = "benchmark/claims" if not place else "agreement/matrix"
    (matrix,) = whole.page(f"{place}?shares=rows").xpath("//*[contains(@class, 'matrix')]")
    shown = [words(each) for each in matrix.xpath(".//*[@class='count']")]
    rows = [
        [count for name, count in row.items() if name != "claimed_stage"]
        for row in reversed(rows_of(whole, f"{figure}.json"))
    ]
    shares = [f"{round(100 * count / sum(row))} %" for row in rows for count in row if count]
    assert shown == shares


def test_claims_beside_their_sets_sum_to_those_compared(whole):
    document = whole.get("benchmark/positions.json").json()
    counts = {
        place: sum(row[f"{place}_count"] for row in document["rows"])
        for place in ("above", "below", "within")
    }
    assert sum(counts.values()) == document["metadata"]["n"]
    expected = (counts["above"], document["metadata"]["n"], counts["below"], counts["within"])
    for place in ("", "agreement"):
        told = CLAIMS.search(whole.text(place)).groups()
        assert tuple(int(count.replace("none", "0")) for count in told) == expected
    outside = rows_of(whole, "agreement/outside.json")
    listed = [row["claim_position"] for row in outside]
    assert (listed.count("above"), listed.count("below")) == (counts["above"], counts["below"])
    for row in outside:
        is_above = row["claimed_stage_code"] > row["set90_high"]
        assert is_above or row["claim_position"] in {"above", "below"}


def test_percentiles_of_signals_are_those_of_numpy(rounded):
    for row in rows_of(rounded, "benchmark/signals.json"):
        compare_spread(row, values_of(rounded, row["signal_code"]), "")


@pytest.mark.parametrize("code", STRIPS[:2])
def test_percentiles_of_industries_are_those_of_numpy(rounded, code):
    rows = rows_of(rounded, f"benchmark/groups.json?signal={code}")
    assert len(rows) == 10
    for row in rows:
        compare_spread(row, values_of(rounded, code, f"industry = '{row['industry']}'"), "")


@pytest.mark.parametrize("peers", ["all", "size"])
def test_the_own_percentile_counts_half_of_those_that_are_equal(rounded, peers):
    (own,) = rounded.snapshot.rows(
        f"select * from marts.organizations where as_of_week = {WEEK} "
        f"and organization_id = '{ORGANIZATION}'"
    )
    among = f"organization_id <> '{ORGANIZATION}'"
    among += f" and size_class = '{own['size_class']}'" if peers == "size" else ""
    rows = rows_of(rounded, f"organizations/{ORGANIZATION}/signals.json?peers={peers}")
    assert len(rows) == len(SIGNALS)
    tied = 0
    for row in rows:
        value, others = own[row["signal_code"]], values_of(rounded, row["signal_code"], among)
        compare_spread(row, others, "peer_")
        if value is None or len(others) < FEWEST_FOR_DOTS:
            assert row["percentile"] is None
        else:
            rank = 100 * ((others < value).mean() + (others == value).mean() / 2)
            assert row["percentile"] == pytest.approx(rank, abs=0.051)
            tied += (others == value).any()
    assert tied


def test_no_percentile_stands_without_its_n(whole):
    for address in ADDRESSES.values():
        page = whole.page(address)
        for each in page.xpath("//p[@class='place'] | //figure[@class='strip-row']/figcaption"):
            assert re.search(r"\bn = \d", words(each)), words(each)
        for note in page.xpath("//*[contains(@class, 'group-strips')]//*[@class='tick']"):
            if "median" in words(note):
                assert "n = " in words(note)


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_no_stage_of_an_organization_stands_without_its_set(whole, address):
    page = html.document_fromstring(whole.get(address).text)
    if not address.startswith("method"):  # which defines the stages
        assert bare_stages(page) == []


def test_no_stage_stands_without_its_set_after_answering(result):
    assert "Engagement to Converged" in words(result)
    assert bare_stages(result) == []


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("", "//td[@class='stage']//small"),
        ("agreement", "//*[@aria-label='Claims above their set']//td[2]"),
        (f"organizations/{WIDE}", "//p[@class='finding']/strong"),
        (f"organizations/{ORGANIZATION}", "//*[@aria-label='Stage history']//td[2]"),
    ],
)
def test_a_stage_whose_set_is_taken_away_is_found(whole, address, part):
    page = html.document_fromstring(whole.get(address).text)
    for each in page.xpath(part):
        each.drop_tree()
    assert bare_stages(page)


def test_data_of_stages_have_their_sets_beside_them(whole):
    for name in ("", "agreement", f"organizations/{ORGANIZATION}", ADDRESSES["several compared"]):
        place, _, query = (name or "benchmark").partition("?")
        figures = whole.get(f"{place}.json?{query}".rstrip("?")).json()["figures"]
        for figure, found in figures.items():
            columns = set(found["metadata"]["columns"])
            if (
                columns & {"stage_code", "observed_stage", "stage_label"}
                and figure != "perspectives"
            ):
                assert columns & {"set90", "set90_low", "is_in_90_set"}, figure


def rows_of(dashboard, address):
    return dashboard.get(address).json()["rows"]


def values_of(dashboard, code, where="true"):
    rows = dashboard.snapshot.rows(
        f"select {code} as value from marts.organizations where as_of_week = {WEEK} and {where}"
    )
    return np.array([row["value"] for row in rows if row["value"] is not None])


def compare_spread(row, values, prefix):
    """The percentiles of a row are those of the values, or left out where these are too few."""
    assert row[f"{prefix}n"] == len(values)
    for level in LEVELS:
        shown = row[f"{prefix}percentile_{level:02d}"]
        fewest = FEWEST_FOR_DOTS if level == 50 else FEWEST_FOR_BANDS
        if len(values) < fewest:
            assert shown is None
        else:
            assert shown == pytest.approx(np.percentile(values, level))


def bare_stages(page):
    """Parts of a page that name the stage of an organization and no set; it is taken apart."""
    for path in NO_STAGE_OF_ONE:
        for each in page.xpath(path):
            if each.getparent() is not None:
                each.drop_tree()
    parts = {each for name in UNITS for each in page.xpath(f"//main//*[name()='{name}']")}
    told = [said_by(each) for each in parts if not is_inner(each)]
    return [text for text in told if STAGE.search(text) and not SET.search(text)]


def said_by(part):
    """The words of a part, those of neighbouring cells apart; of a drawing with its label."""
    return " ".join(" ".join([part.get("aria-label", ""), *part.itertext()]).split())


def is_inner(part):
    """Whether a part belongs to a larger one that is read as a whole."""
    return any(each.tag in UNITS for each in part.iterancestors())
