"""The page after sending: the claim, beside the observed stage with its set, beside peers."""

import csv
import io
import re
from xml.etree import ElementTree as ET

import pytest
from lxml import html
from questionnaires import altimeter, app_of, browser_of, esm3, sent, text_of

from classifiers.assessing.instrument import read_instrument


def estimated(stage, low, high, **given):
    shares = {f"probability_{number}": 1 / 6 for number in range(1, 7)}
    known = {"name": "Example", "stage_code": stage, "set90_low": low, "set90_high": high}
    return {**known, **shares, **given}


@pytest.fixture
def result(publish, tmp_path):
    """The result page of answers about the first of some organizations, and its browser."""

    def send(*members, answers=None, instrument="altimeter", **header):
        browser = browser_of(app_of(publish(*members, **header), tmp_path))
        return sent(browser, instrument, answers), browser

    return send


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (estimated(2, 1, 3), "The claim lies within the 90 % set (Planning to Engagement)."),
        (estimated(2, 2, 2), "The claim lies above the 90 % set (Presence only)."),
        (estimated(5, 4, 5), "The claim lies below the 90 % set (Formalized or Strategic)."),
    ],
)
def test_the_claim_is_laid_beside_the_set(result, own, words):
    response, _ = result(own, answers=altimeter(3))
    told = text_of(response)
    assert "These answers claim Engagement: the highest stage that all dimensions but one" in told
    assert words in told
    assert "Placed directly: Formalized." in told
    assert "In three years: Strategic." in told


def test_every_rule_is_given(result):
    response, browser = result(estimated(2, 1, 3), answers=altimeter(3, ST2="0", ST3="0"))
    rows = read_csv(browser, response, "rules")
    assert [row["stage"] for row in rows] == ["3", "1", "3", "4"]


def test_levels_by_dimension_stand_in_drawing_table_and_file(result):
    response, browser = result(estimated(2, 1, 3), answers=altimeter(3, ST2="cannot say"))
    rows = read_csv(browser, response, "levels")
    assert [(row["level"], row["lowest"], row["highest"]) for row in rows] == [
        ("", "1", "3"),
        *[("3", "3", "3")] * 5,
    ]
    table = table_after(response, "Levels as a table")
    assert table[0] == ["Strategy", "open", "1", "3"]
    drawing = ET.fromstring(browser.get(f"{response.url}/levels.svg").text)
    assert "Strategy 1 to 3; Organization 3" in drawing.get("aria-label")


def test_what_cannot_be_said_may_leave_the_stage_open(result):
    answers = altimeter(3, ST3="cannot say", OR3="cannot say", stage="cannot say")
    response, _ = result(estimated(2, 1, 3), answers=answers)
    told = text_of(response)
    assert "leaves the stage open: Presence to Engagement. No stage is claimed." in told
    assert "The claim lies" not in told


def test_below_the_first_stage_counts_as_the_lowest(result):
    response, _ = result(estimated(2, 2, 3), answers=altimeter(0))
    assert "the claim counts as Planning, the lowest stage" in text_of(response)
    assert "The claim lies below the 90 % set" in text_of(response)


def test_esm3_gives_levels_by_perspective_and_no_stage(result):
    response, browser = result(
        estimated(2, 1, 3), instrument="esm3", answers=esm3(2, EMP1="1", EMP2="cannot say")
    )
    rows = read_csv(browser, response, "levels")
    assert [row["perspective"] for row in rows] == [
        "Employee",
        "Business",
        "Organization",
        "Technology",
    ]
    assert [row["level"] for row in rows] == ["1.5", "2.0", "2.0", "2.0"]
    told = text_of(response)
    assert "The model defines no total, and the profile is no stage." in told
    assert "These answers claim" not in told
    assert "This questionnaire is about the inside" in told


def test_the_observed_stage_stands_with_its_set_and_its_probabilities(result):
    response, browser = result(estimated(2, 1, 3), answers=altimeter(3))
    assert "Presence; 90 % set: Planning to Engagement" in text_of(response)
    rows = read_csv(browser, response, "observed")
    assert [row["is_in_90_percent_set"] for row in rows] == ["true"] * 3 + ["false"] * 3
    assert [row["stage"] for row in rows if row["is_claimed"] == "true"] == ["Engagement"]


@pytest.mark.parametrize(
    ("own", "header", "words"),
    [
        ({"name": "A"}, {"model_version": ""}, "No trained model for this snapshot"),
        ({"name": "A"}, {}, "There is no estimate for this organization in this snapshot."),
        (
            estimated(3, 1, 6, is_abstained=True, abstention_text="Abstained: 2 posts were seen."),
            {},
            "Abstained: 2 posts were seen.",
        ),
    ],
)
def test_what_is_not_observed_is_told(result, own, header, words):
    response, _ = result(own, **header)
    told = text_of(response)
    assert response.status_code == 200
    assert words in told
    assert "nan" not in told.split()
    assert "None" not in told.split()


def test_an_organization_that_has_left_the_snapshot_keeps_its_result(publish, tmp_path):
    browser = browser_of(app_of(publish(estimated(2, 1, 3)), tmp_path))
    address = str(sent(browser).url)
    publish({"organization_id": "other", **estimated(2, 1, 3)})
    response = browser.get(address)
    assert response.status_code == 200
    assert "The organization is not in the week of this snapshot." in text_of(response)


def peers_of(*others, **own):
    member = estimated(2, 1, 3, industry="finance", size_class="10-49", **own)
    return [member, *others]


OTHERS = (
    estimated(1, 1, 2, industry="finance", size_class="10-49", claimed_stage_code=3),
    estimated(3, 2, 4, industry="finance", size_class="1000+"),
    estimated(3, 2, 4, industry="health", size_class="10-49"),
    estimated(4, 2, 5, industry="health", size_class="1000+", is_abstained=True),
)


@pytest.mark.parametrize(
    ("query", "words", "observed"),
    [
        (
            "",
            "4 peers: all others in the snapshot",
            {"Engagement": 2, "Planning": 1, "Abstained": 1},
        ),
        ("?peers=industry", "2 peers: of the same industry", {"Engagement": 1, "Planning": 1}),
        ("?peers=size", "2 peers: of the same size", {"Engagement": 1, "Planning": 1}),
        ("?peers=both", "1 peer: of the same industry and size", {"Planning": 1}),
    ],
)
def test_peers_are_chosen_after_answering_and_counted(result, query, words, observed):
    response, browser = result(*peers_of(*OTHERS))
    page = browser.get(f"{response.url}{query}")
    assert words in text_of(page)
    assert f"n = {sum(observed.values())} peers with an estimate" in text_of(page)
    rows = read_csv(browser, page, "peers")
    assert {
        r["stage"]: int(r["observed_count"]) for r in rows if r["observed_count"] != "0"
    } == observed
    table = table_after(page, "Peers as a table, with their claims")
    assert {row[0]: int(row[1]) for row in table if row[1] != "0"} == observed


def test_claims_of_peers_are_counted_beside_their_stages(result):
    response, browser = result(*peers_of(*OTHERS))
    rows = read_csv(browser, response, "peers")
    assert {row["stage"]: row["claimed_count"] for row in rows}["Engagement"] == "1"


def test_without_a_known_industry_there_are_no_peers_of_it(result):
    response, browser = result(estimated(2, 1, 3, industry=""), *OTHERS)
    told = text_of(browser.get(f"{response.url}?peers=industry"))
    assert "The industry of" in told
    assert "is not known, so there is no such group" in told


def test_without_any_peers_the_page_says_so(result):
    response, _ = result(estimated(2, 1, 3))
    assert "No other organization in the snapshot is all others" not in text_of(response)
    assert "There is no other organization in the snapshot (n = 0)." in text_of(response)


def test_an_unknown_choice_of_peers_is_named(result):
    response, browser = result(estimated(2, 1, 3))
    page = browser.get(f"{response.url}?peers=<b>")
    assert page.status_code == 422
    assert "“&lt;b&gt;” is no known value of “peers”" in page.text


@pytest.mark.parametrize(("count", "shown"), [(9, "too few peers"), (10, "3")])
def test_medians_of_peers_are_told_from_ten_on(publish, tmp_path, count, shown):
    members = [estimated(2, 1, 3) for _ in range(count + 1)]
    rows = [
        {
            "organization_id": f"organization-{number:04d}",
            "instrument": "esm3",
            "instrument_version": "1",
            "item_code": item.code,
            "answer": 3,
        }
        for number in range(1, count + 1)
        for item in read_instrument("esm3").items
    ]
    browser = browser_of(app_of(publish(*members, tables={"answers": rows}), tmp_path))
    response = sent(browser, "esm3")
    table = html.fromstring(response.text).xpath(
        "//div[@aria-label='Perspectives among peers']//tbody/tr"
    )
    cells = [[cell.text_content() for cell in row] for row in table]
    assert cells[0] == ["Employee", "2", shown, str(count)]


def test_every_answer_stands_on_the_page(result):
    response, _ = result(estimated(2, 1, 3), answers=altimeter(3, ST1="cannot say"))
    rows = html.fromstring(response.text).xpath(
        "//div[@aria-label='Table of your answers']//tbody/tr"
    )
    assert len(rows) == 36
    first = [" ".join(cell.text_content().split()) for cell in rows[0]]
    item = read_instrument("altimeter").item("ST1")
    assert first == ["Strategy", item.text, "Cannot say"]


def test_figures_can_be_had_together_with_their_definitions(result):
    response, browser = result(estimated(2, 1, 3))
    document = browser.get(f"{response.url}.json").json()
    assert list(document["figures"]) == ["levels", "rules", "observed", "peers"]
    assert document["metadata"]["filters"] == {"peers": "all"}


@pytest.mark.parametrize("rest", ["/nothing.csv", "/levels.xls", "/answers.svg", "/rules.svg"])
def test_a_figure_there_is_not_is_not_found(result, rest):
    response, browser = result(estimated(2, 1, 3))
    assert browser.get(f"{response.url}{rest}").status_code == 404


def test_links_of_the_page_lead_somewhere(result):
    response, browser = result(*peers_of(*OTHERS))
    links = html.fromstring(response.text).xpath("//section//a/@href | //form/@hx-get")
    assert any("answers.csv" in link for link in links)
    for link in links:
        if "method" not in link and "organizations/" not in link:
            assert browser.get(str(response.url.join(link))).status_code == 200, link


def read_csv(browser, response, figure):
    address, _, query = str(response.url).partition("?")
    text = browser.get(f"{address}/{figure}.csv?{query}").text
    return list(csv.DictReader(io.StringIO(text, newline="")))


def table_after(response, summary):
    page = html.fromstring(response.text)
    (details,) = page.xpath(f"//details[summary='{summary}']")
    rows = details.xpath(".//tbody/tr")
    return [[re.sub(r"\s+", " ", cell.text_content()) for cell in row] for row in rows]
