"""What the benchmark page says, on small snapshots."""

import re
from datetime import date, datetime

import pytest
from lxml import html

from classifiers.stages import Stage
from dashboards.answering import Wanted, make
from dashboards.asked import UnknownValueError
from dashboards.filters import Filters
from dashboards.pages.registry import PAGES
from dashboards.reading import header as header_reading
from dashboards.reading import signals as signal_reading

HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    '" onload="alert(1)" x=\'',
    "L" * 200,
    "שלום עולם & Sons",
    "bell\x07 and nul-free \x1b escape",
)


def test_the_distribution_counts_every_estimate_once(read, town):
    snapshot = read(*town)
    counts = snapshot.rows(
        "select if(is_abstained, null, stage_code) as stage, count(*) as n"
        " from marts.organizations group by all"
    )
    expected = {row["stage"]: row["n"] for row in counts}
    shown = table_named(page_of(snapshot), "Observed stages by week")
    labels = ["Abstained", *(stage.label for stage in Stage)]
    assert shown[0] == ["Week of", *labels, "n"]
    assert shown[1] == ["2026-11-16", *(str(expected.get(s, 0)) for s in (None, *Stage)), "24"]


def test_the_matrix_holds_every_pair_of_known_stages(read, town):
    snapshot = read(*town)
    page = page_of(snapshot)
    shown = table_named(page, "Claimed and observed stages")
    total = sum(int(cell) for row in shown[1:] for cell in row[1:])
    known = snapshot.rows(
        "select count(*) as n from marts.organizations"
        " where claimed_stage_code is not null and not is_abstained"
    )[0]["n"]
    assert total == known == 18
    assert "Both stages known for 18 of 24 organizations" in text(page)


def test_the_finding_counts_claims_beside_their_sets(read, town):
    expected = "3 of 18 claim more than their 90 % set allows, 1 claims less, 14 lie within."
    assert expected in text(page_of(read(*town)))


def test_claims_are_laid_beside_sets_even_where_the_estimate_abstained(read):
    member = estimated(2, 1, 5) | {"is_abstained": True, "abstention_reason": "wide_set"}
    claimed = {"claimed_stage_code": 6, "claim_position": "above"}
    page = page_of(read(member | claimed, estimated(2, 1, 5)))
    shown = table_named(page, "Claims beside their 90 % sets")
    assert shown[1] == ["6 Converged", "0", "0", "1"]
    assert all(row[1:] == ["0", "0", "0"] for row in shown[2:])
    assert "there is no observed median to set against it" in text(page)


def test_weeks_before_the_snapshots_week_stand_in_the_distribution_only(read, town):
    earlier = [{**member, "as_of_week": date(2026, 11, 9)} for member in town[:5]]
    page = page_of(read(*town, *earlier))
    assert [row[0] for row in table_named(page, "Observed stages by week")[1:]] == [
        "2026-11-16",
        "2026-11-09",
    ]
    assert len(organization_rows(page)) == 24


def test_no_stage_stands_without_its_set(read, town):
    for row in organization_rows(page_of(read(*town))):
        assert "90 % set" in row.observed()


def test_an_abstained_organization_shows_its_set_before_the_reason(read, town):
    row = organization_rows(page_of(read(*town)))[-1].observed()
    assert re.search(r"90 % set: .*Abstained: 40 % of the channel days were seen", row)


def test_an_unreadable_organization_is_said_to_have_abstained(read):
    sentence = "Not observable: no channel of this organization could be read."
    member = estimated(1, 1, 6) | {"is_abstained": True, "abstention_text": sentence}
    row = organization_rows(page_of(read(member)))[0].observed()
    assert f"Abstained. {sentence}" in row


def test_a_wide_set_is_told_before_the_stage(read):
    row = organization_rows(page_of(read(estimated(2, 1, 4))))[0].observed()
    assert row.startswith("Planning to Formalized: the signals do not tell these apart")
    assert row.endswith("90 % set; median Presence")


def test_what_was_not_seen_is_never_shown_as_zero(read):
    member = {"name": "Silent", "posts_per_week": None, "coverage_share": None}
    row = organization_rows(page_of(read(member)))[0]
    assert row.texts().count("not seen") == 2
    assert "no label" in row.texts()


def test_percentiles_equal_those_of_the_table(read, town):
    snapshot = read(*town)
    strip = signal_reading.signal_strips(snapshot, Filters(), ["posts_per_week"])[0]
    values = [0.5 + index for index in range(24)]
    assert strip.n == 24
    assert strip.percentile_50 == pytest.approx(12.0)
    assert strip.percentile_25 == pytest.approx(values[5] + 0.75)
    row = next(r for r in table_named(page_of(snapshot), "Signals") if r[0] == "Posts per week")
    assert row[1:] == ["24", "0", "1.7", "6.2", "12", "18", "22"]


def test_fewer_than_twenty_values_get_no_percentile_bands(read, town):
    page = page_of(read(*town[:15]))
    row = next(r for r in table_named(page, "Signals") if r[0] == "Posts per week")
    assert row[1:] == ["15", "0", "too few", "too few", "7.5", "too few", "too few"]


def test_fewer_than_ten_values_are_too_few(read, town):
    assert "Too few organizations (n = 7) for percentiles." in text(page_of(read(*town[:7])))


def test_a_signal_that_nobody_has_is_said_to_be_unseen(read, town):
    assert "Not seen for any organization of this selection." in text(page_of(read(*town)))


def test_without_a_model_there_are_signals_and_no_stages(read):
    organizations = [{"name": f"N{i}", "posts_per_week": float(i)} for i in range(12)]
    page = page_of(read(*organizations, model_version=""))
    assert "No trained model for this snapshot. Signals are shown, stages are not." in text(page)
    assert "no model" in text(page)
    assert len(page.xpath("//circle")) == 12 + 1  # the dots and the one in the key
    assert not page.xpath("//*[contains(@class, 'ladder')]")


def test_without_claims_there_is_no_label_to_compare_with(read):
    page = page_of(read(estimated(2, 1, 3)))
    assert "no label to compare with" in text(page)
    assert "claims less" not in text(page)


def test_invented_organizations_are_announced_as_such(read, town):
    assert "These organizations are invented." in text(page_of(read(*town, is_invented=True)))
    assert "invented" not in text(page_of(read(*town)))


def test_the_header_tells_what_the_numbers_rest_on(read, town):
    page = page_of(read(*town, snapshot_number=7))
    edition = text(page.xpath("//*[@class='edition']")[0])
    assert edition == (
        "24 organizations data to week of 2026-11-16"
        " snapshot 000007, published 2026-11-21 09:30 UTC model cold-start-1 (cold start)"
    )


def test_old_data_and_failures_are_told_before_the_numbers(read, town):
    old = datetime(2026, 11, 9, 9, 0)  # noqa: DTZ001 - marts hold naive UTC
    page = page_of(read(*town, data_to=old, run_state="completed_with_failures"))
    assert "Data end 2026-11-09, 12 days before this snapshot's date." in text(page)
    assert "The last run could not read every channel" in text(page)


def test_organizations_without_a_measurement_are_not_passed_over(read, town):
    page = page_of(read(*town, organization_count=26))
    assert "24 of 26 organizations; the others were not measured in this week." in text(page)


def test_a_snapshot_without_any_fetch_says_so(read, town):
    assert "No fetch has succeeded yet" in text(page_of(read(*town, data_to=None)))


def test_no_match_shows_a_sentence_and_no_axes(read, town):
    page = page_of(read(*town), industry="finance", country="BE")
    assert "No organization matches these filters." in text(page)
    assert not page.xpath("//svg")


def test_filters_narrow_every_part_of_the_page(read, town):
    page = page_of(read(*town), industry="finance")
    assert "12 of 24 organizations: industry finance." in text(page)
    assert table_named(page, "Observed stages by week")[1][-1] == "12"
    assert table_named(page, "Signals")[1][1] == "12"
    assert len(organization_rows(page)) == 12


def test_sorting_puts_unknown_values_last_in_both_directions(read):
    members = [
        {"name": name, "posts_per_week": rate}
        for name, rate in (("A", 2.0), ("B", None), ("C", 5.0))
    ]
    snapshot = read(*members)
    assert names(page_of(snapshot, sort="posts")) == ["A", "C", "B"]
    assert names(page_of(snapshot, sort="-posts")) == ["C", "A", "B"]


def test_sizes_sort_by_employees_not_by_letters(read):
    sizes = ("1000+", "50-249", "1-9", "250-999", "10-49")
    snapshot = read(*[{"name": size, "size_class": size} for size in sizes])
    expected = ["1-9", "10-49", "50-249", "250-999", "1000+"]
    assert names(page_of(snapshot, sort="size")) == expected
    assert [
        option.filter_value for option in header_reading.filter_options(snapshot)["size"]
    ] == expected


def test_the_column_sorted_by_says_so(read, town):
    page = page_of(read(*town), sort="-coverage")
    sorted_headers = page.xpath("//th[@aria-sort]")
    assert [(th.get("aria-sort"), text(th)) for th in sorted_headers] == [
        ("descending", "Coverage ▾")
    ]
    assert sorted_headers[0].xpath("a/@href") == ["./?sort=coverage#organizations"]


def test_the_table_goes_on_to_a_second_page(read):
    snapshot = read(*[{"name": f"N{index:03d}"} for index in range(53)])
    assert names(page_of(snapshot, page=2)) == ["N050", "N051", "N052"]
    with pytest.raises(UnknownValueError):
        page_of(snapshot, page=3)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_text_and_nothing_else(read, town, name):
    snapshot = read({**town[0], "name": name}, *town[1:])
    markup = markup_of(snapshot)
    page = html.document_fromstring(markup)
    assert page.xpath("//script/@src") == ["static/vendor/htmx-4.0.1.min.js"]
    assert not page.xpath("//script[not(@src)] | //script/text() | //*[@onload]")
    printable = re.sub(r"[\x00-\x1f]", "", name)
    assert any(printable == re.sub(r"[\x00-\x1f]", "", shown) for shown in names(page))
    assert any(title.startswith(printable) for title in page.xpath("//circle/title/text()"))


def test_the_page_never_uses_a_word_that_judges(read, town):
    shown = text(page_of(read(*town))).lower()
    assert not re.search(r"\b(score|rank|grade|over-?claim\w*|ai)\b", shown)


def test_every_chart_has_a_label_or_is_decoration(read, town):
    for svg in page_of(read(*town)).xpath("//svg"):
        labelled = svg.get("role") in {"img", "group"} and svg.get("aria-label")
        assert labelled or svg.get("aria-hidden") == "true"


def test_no_shape_is_styled_inline(read, town):
    assert not page_of(read(*town)).xpath("//@style")


def test_every_id_is_unique_and_every_fragment_leads_somewhere(read, town):
    page = page_of(read(*town))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    own = [href for href in page.xpath("//a/@href") if not href.startswith("method#")]
    fragments = {href.partition("#")[2] for href in own if "#" in href}
    assert fragments <= set(ids)


def page_of(snapshot, **asked):
    return html.document_fromstring(markup_of(snapshot, **asked))


def markup_of(snapshot, **asked):
    query = Filters(**asked).address()
    return make(snapshot, Wanted(page=PAGES[0]), query)


def text(node):
    return re.sub(r"\s+", " ", node.text_content()).strip()


def table_named(page, label):
    rows = page.xpath(f"//*[@aria-label='{label}']//tr")
    return [[text(cell) for cell in row.xpath("th|td")] for row in rows]


class Row:
    def __init__(self, node):
        self.node = node

    def texts(self):
        return [text(cell) for cell in self.node.xpath("th|td")]

    def observed(self):
        return " ".join(text(word) for word in self.node.xpath("td//*[@class='words']/*"))


def organization_rows(page):
    return [Row(node) for node in page.xpath("//table[@class='organizations']/tbody/tr")]


def names(page):
    return [bdi.text_content() for bdi in page.xpath("//table[@class='organizations']//bdi")]


def estimated(stage, low, high):
    return {"name": "One", "stage_code": stage, "set90_low": low, "set90_high": high}
