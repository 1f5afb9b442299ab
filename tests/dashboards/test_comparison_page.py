"""What the comparison of two to six organizations says, on small snapshots."""

import csv
import io
import re
from datetime import date

import pytest
from lxml import html

from dashboards.answering import Wanted, make
from dashboards.asked import UnknownValueError
from dashboards.pages.comparison import COMPARISON
from dashboards.pages.registry import PAGES

WEEK = date(2026, 11, 16)
HOSTILE_NAMES = ("<script>alert(1)</script>", '" onload="alert(1)" x=\'', "L" * 200, "שלום & Sons")


def test_each_organization_has_its_ladder_and_its_sentence(read):
    page = page_of(read(*three()), "a", "b", "c")
    words = [text(node) for node in page.xpath("//div[@class='compared']//p[@class='words']")]
    assert words == [
        (
            "Observed stage Formalized (0.57). 90 % set: Engagement to Strategic. Claims Strategic "
            "(2026-09-01), one stage above the observed stage and within the 90 % set."
        ),
        (
            "Planning to Formalized is the 90 % set: the signals do not tell these apart. Median: "
            "Engagement. No label."
        ),
        (
            "Abstained. 2 posts in 8 weeks; at least 3 are needed. 90 % set: Presence to "
            "Strategic. No label."
        ),
    ]
    assert len(page.xpath("//div[@class='compared']//*[contains(@class, 'stage-ladder')]")) == 3


def test_letters_follow_the_order_of_the_names(read):
    page = page_of(read(*three()), "c", "a", "b")
    headings = [text(node) for node in page.xpath("//div[@class='compared']//h3")]
    assert [heading[:12] for heading in headings] == [
        "AA: Alpha fi",
        "BB: Beta fin",
        "CC: Gamma fi",
    ]


def test_the_table_has_every_signal_with_a_value_or_the_reason(read):
    page = page_of(read(*three()), "a", "b")
    rows = {row[0]: row[1:] for row in table_named(page, "All signals")}
    assert rows["Posts per week"] == ["3 posts", "5 posts"]
    assert rows["Weekend share"] == ["25 %", "seen, but too little to compute it from"]
    assert rows["Replies within 72 hours"] == ["not measured in this week"] * 2


def test_strips_mark_those_with_a_value_and_name_those_without(read, town):
    snapshot = read(*three(), *town)
    page = page_of(snapshot, "a", "b", "c")
    strip = strip_named(page, "Posts per week")
    assert [text(node) for node in strip.xpath(".//text[@class='letter']")] == ["A", "B"]
    assert "n = 26 · 13 weeks" in text(strip)
    assert "No value: C." in text(strip)
    assert len(strip.xpath(".//rect[starts-with(@class, 'band')]")) == 2


def test_letters_of_equal_values_do_not_cover_each_other(read, town):
    equal = [member(name, name, posts_per_week=4.0) for name in "abc"]
    strip = strip_named(page_of(read(*equal, *town), "a", "b", "c"), "Posts per week")
    heights = [
        float(node.get("cy")) for node in strip.xpath(".//circle[contains(@class, 'letter')]")
    ]
    assert len(set(heights)) == 3


def test_too_few_organizations_get_no_bands(read):
    strip = strip_named(page_of(read(*three()), "a", "b"), "Posts per week")
    assert "Too few organizations (n = 2) for percentiles" in text(strip)
    assert not strip.xpath(".//rect[starts-with(@class, 'band')]")


def test_claims_stand_beside_each_other(read):
    page = page_of(read(*three()), "a", "b")
    assert table_named(page, "Claims")[1:] == [
        ["AA: Alpha", "Strategic", "2026-09-01", "within"],
        ["BB: Beta", "no label", "", "not compared"],
    ]
    assert "n = 1 of 2 with a public claim" in text(page)


def test_without_any_claim_there_is_no_label(read):
    assert "No label: none of them has a public claim" in text(page_of(read(*three()), "b", "c"))


def test_without_organizations_there_is_a_form_and_nothing_else(read):
    page = page_of(read(*three()))
    assert "Choose two to six organizations." in text(page)
    assert len(page.xpath("//select[@name='org']")) == 6
    assert page.xpath("//select[@id='org-1']/option/@value") == ["", "a", "b", "c"]
    assert not page.xpath("//section")


def test_one_organization_is_kept_in_the_form_until_another_is_chosen(read):
    page = page_of(read(*three()), "b")
    assert "Choose at least one more organization." in text(page)
    assert page.xpath("//select[@id='org-1']/option[@selected]/@value") == ["b"]
    assert not page.xpath("//section")


def test_more_than_six_are_refused(read, browse):
    members = [member(name, name) for name in "abcdefg"]
    with pytest.raises(UnknownValueError) as raised:
        page_of(read(*members), *"abcdefg")
    assert raised.value.known == ("two to six organizations",)
    query = "&".join(f"org={name}" for name in "abcdefg")
    assert browse(*members).get(f"/compare?{query}").status_code == 422


def test_an_unknown_organization_is_refused(read):
    with pytest.raises(UnknownValueError, match="nobody"):
        page_of(read(*three()), "a", "nobody")


def test_one_that_was_not_measured_in_the_week_is_named(read):
    earlier = date(2026, 11, 9)
    weeks = [
        {"as_of_week": week, "organization_count": 2, "reached_count": 2, "model_version": "m"}
        for week in (WEEK, earlier)
    ]
    snapshot = read(*three(), three()[0] | {"as_of_week": earlier}, tables={"weeks": weeks})
    words = text(page_of(snapshot, "a", "b", week="2026-11-09"))
    assert "Beta was not measured in the week of 2026-11-09." in words
    assert "1 organization, week of 2026-11-09." in words


def test_very_many_organizations_are_found_by_name_instead_of_listed(read, monkeypatch):
    monkeypatch.setattr("dashboards.reading.header.MOST_LISTED", 2)
    page = page_of(read(*three()), "a", find="BETA")
    assert not page.xpath("//select[@name='org']")
    assert page.xpath("//input[@name='org']/@value") == ["a"]
    assert page.xpath("//ul[@aria-label='Found']//a/@href") == ["compare?org=a&org=b"]
    nobody = page_of(read(*three()), "a", find="omega")
    assert "contains “omega”." in text(nobody)


def test_without_a_model_there_are_signals_and_no_ladders(read):
    members = [member(name, name, posts_per_week=2.0) for name in "ab"]
    page = page_of(read(*members, model_version=""), "a", "b")
    assert "No trained model for this snapshot." in text(page)
    assert not page.xpath("//*[contains(@class, 'stage-ladder')]")


@pytest.mark.parametrize(("figure", "region"), [("stages", "Stage ladders"), ("strips", None)])
def test_the_table_on_the_page_has_the_rows_of_its_csv(read, figure, region):
    snapshot = read(*three())
    rows = list(csv.reader(io.StringIO(twin_of(snapshot, figure, "csv"))))
    shown = table_named(page_of(snapshot, "a", "b"), region or "Signals among all organizations")
    assert [row[:1] for row in shown[1:]] == [row[:1] for row in rows[1:]]
    assert len(rows) > 2


def test_the_csv_of_all_signals_has_a_column_an_organization(read):
    rows = list(csv.DictReader(io.StringIO(twin_of(read(*three()), "signals", "csv"))))
    posts = next(row for row in rows if row["signal_code"] == "posts_per_week")
    assert (posts["a"], posts["b"]) == ("3.0", "5.0")
    weekend = next(row for row in rows if row["signal_code"] == "weekend_share")
    assert (weekend["a"], weekend["b"]) == ("0.25", "")


@pytest.mark.parametrize("figure", ["stages", "strips"])
def test_every_drawing_is_a_document_of_its_own(read, figure):
    root = html.etree.fromstring(twin_of(read(*three()), figure, "svg").encode())
    assert root.get("role") == "img"
    assert root.get("aria-label")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_text_and_nothing_else(read, name):
    page = page_of(read(member("a", name, posts_per_week=1.0), *three()[1:]), "a", "b")
    assert not page.xpath("//script[not(@src)] | //*[@onload]")
    assert name in [node.text_content() for node in page.xpath("//bdi")]
    assert name in [node.text_content() for node in page.xpath("//option")]


def test_every_id_is_unique_and_nothing_is_styled_inline(read):
    page = page_of(read(*three()), "a", "b", "c")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert not page.xpath("//@style")


def test_it_has_no_place_in_a_static_site():
    assert COMPARISON in PAGES
    assert not COMPARISON.is_static


def page_of(snapshot, *organizations, **asked):
    return html.document_fromstring(
        make(snapshot, Wanted(page=COMPARISON), query(organizations, asked))
    )


def twin_of(snapshot, figure, form):
    wanted = Wanted(page=COMPARISON, figure=figure, form=form)
    return make(snapshot, wanted, query(("a", "b"), {}))


def query(organizations, asked):
    chosen = [f"org={name}" for name in organizations]
    return "&".join([*chosen, *(f"{name}={value}" for name, value in asked.items())])


def text(node):
    return re.sub(r"\s+", " ", node.text_content().replace("\N{NO-BREAK SPACE}", " ")).strip()


def table_named(page, label):
    rows = page.xpath(f"//*[@aria-label='{label}'][.//tr]//tr")
    return [[text(cell) for cell in row.xpath("th|td")] for row in rows]


def strip_named(page, label):
    return page.xpath(f"//figure[@class='strip-row'][figcaption/b='{label}']")[0]


def member(organization_id, name, **given):
    return {"organization_id": organization_id, "name": name, **given}


def three():
    shares = (0.01, 0.05, 0.2, 0.57, 0.12, 0.05)
    probabilities = {f"probability_{code}": share for code, share in enumerate(shares, 1)}
    alpha = member("a", "Alpha", posts_per_week=3.0, weekend_share=0.25) | {
        "stage_code": 4,
        "set90_low": 3,
        "set90_high": 5,
        "claimed_stage_code": 5,
        "claimed_on": date(2026, 9, 1),
        "claim_position": "within",
    }
    beta = member("b", "Beta", posts_per_week=5.0) | {
        "stage_code": 3,
        "set90_low": 1,
        "set90_high": 4,
    }
    gamma = member("c", "Gamma") | {
        "stage_code": 3,
        "set90_low": 2,
        "set90_high": 5,
        "is_abstained": True,
        "abstention_text": "Abstained: 2 posts in 8 weeks; at least 3 are needed.",
    }
    return [each | probabilities for each in (alpha, beta, gamma)]
