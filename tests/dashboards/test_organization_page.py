"""What the page of one organization says, on small snapshots."""

import csv
import io
import json
import re
from datetime import date, datetime, timedelta

import pytest
from lxml import html

from classifiers.assessing.instrument import read_instrument
from connectors.contract import Outcome
from dashboards.answering import Wanted, make
from dashboards.asked import UnknownValueError
from dashboards.pages.organization import ORGANIZATION
from dashboards.pages.organization_evidence import OUTCOMES
from dashboards.pages.page import NoSuchOrganizationError
from warehouse.snapshots import Snapshot

WEEK = date(2026, 11, 16)
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    '" onload="alert(1)" x=\'',
    "L" * 200,
    "שלום עולם & Sons",
)
SHARES = (0.01, 0.05, 0.2, 0.57, 0.12, 0.05)


def test_the_stage_stands_in_a_sentence_with_probability_set_and_claim(read):
    page = page_of(read(estimated(4, 3, 5) | claim(5, "within")))
    assert finding(page) == (
        "Observed stage Formalized (probability 0.57). The 90 % prediction set is Engagement to "
        "Strategic. The organization claims Strategic (2026-09-01), one stage above the observed "
        "stage and within the 90 % set."
    )


@pytest.mark.parametrize(
    ("claimed", "position", "words"),
    [
        (6, "above", "two stages above the observed stage and above the 90 % set"),
        (4, "within", "the same as the observed stage and within the 90 % set"),
        (1, "below", "three stages below the observed stage and below the 90 % set"),
        (5, None, "which is not compared with the set"),
    ],
)
def test_a_claim_is_told_by_its_distance_and_its_place_beside_the_set(
    read, claimed, position, words
):
    page = page_of(read(estimated(4, 3, 5) | claim(claimed, position)))
    assert finding(page).endswith(f"{words}.")


def test_a_claim_that_the_model_learnt_from_is_not_compared(read):
    member = estimated(4, 3, 5) | claim(5, None) | {"saw_claim": True}
    assert "the model has learnt from this very claim" in finding(page_of(read(member)))


def test_the_two_highest_stages_in_one_word_have_their_probabilities_together(read):
    member = estimated(5, 4, 6) | {"stage_label": "Strategic or Converged"} | claim(6, "within")
    words = finding(page_of(read(member)))
    assert "Observed stage Strategic or Converged (probability 0.17)." in words
    assert "claims Converged (2026-09-01), the same as the observed stage" in words


def test_an_abstained_estimate_names_no_stage_and_says_why(read):
    member = estimated(3, 2, 5) | {
        "is_abstained": True,
        "abstention_text": "Abstained: 2 posts in 8 weeks; at least 3 are needed.",
    }
    page = page_of(read(member | claim(5, "within")))
    assert finding(page) == (
        "Abstained. 2 posts in 8 weeks; at least 3 are needed. The 90 % prediction set is "
        "Presence to Strategic. The organization claims Strategic (2026-09-01), within the 90 % "
        "set."
    )
    assert [row[4] for row in table_named(page, "Stage ladder")[1:]] == ["no"] * 6


def test_a_wide_set_is_told_before_the_stage(read):
    words = finding(page_of(read(estimated(3, 1, 4))))
    assert words.startswith("Planning to Formalized: the signals do not tell these apart.")
    assert "its median is Engagement (probability 0.20)" in words


def test_without_a_claim_there_is_no_label(read):
    page = page_of(read(estimated(4, 3, 5)))
    assert "There is no label" in finding(page)
    assert "No label: there is no public claim of a stage." in text(page)


def test_without_a_model_there_are_signals_and_no_axes_of_stages(read):
    page = page_of(read(member("one", "One", posts_per_week=2.0), model_version=""))
    assert "No trained model for this snapshot. Signals are shown, stages are not." in text(page)
    assert not page.xpath("//*[contains(@class, 'stage-ladder') or contains(@class, 'history')]")
    assert "Posts per week 2 posts" in text(page)


def test_a_week_without_an_estimate_says_so(read):
    page = page_of(read(member("one", "One")))
    assert "No estimate was made for the week of 2026-11-16." in text(page)
    assert "There is no estimate whose parts could be told." in text(page)


def test_an_unknown_organization_has_no_page(read, browse):
    with pytest.raises(NoSuchOrganizationError, match="nobody"):
        page_of(read(estimated(4, 3, 5)), "nobody")
    answer = browse(estimated(4, 3, 5)).get("/organizations/nobody")
    assert answer.status_code == 404
    assert "No organization “nobody” is in this snapshot." in answer.text


def test_a_week_in_which_it_was_not_measured_says_so_and_leads_to_one_in_which_it_was(read):
    earlier = date(2026, 11, 9)
    snapshot = read(
        member("a", "One"),
        member("b", "Other"),
        member("b", "Other") | {"as_of_week": earlier},
        tables={"weeks": [measured_week(WEEK, 2), measured_week(earlier, 1)]},
    )
    page = page_of(snapshot, "a", week="2026-11-09")
    assert "This organization was not measured in the week of 2026-11-09." in text(page)
    assert page.xpath("//p[@class='empty']/a/@href") == ["a?week=2026-11-16"]
    assert not page.xpath("//svg")


def test_the_ladder_has_the_probabilities_of_its_table(read):
    page = page_of(read(estimated(4, 3, 5)))
    drawn = page.xpath("//*[contains(@class, 'stage-ladder')]/text[contains(@class, 'name')]")
    shown = [row[2] for row in table_named(page, "Stage ladder")[1:]]
    assert (
        [text(node) for node in drawn] == shown == ["0.01", "0.05", "0.20", "0.57", "0.12", "0.05"]
    )


def test_the_history_has_a_row_a_week_and_marks_another_model(read):
    weeks = [
        estimated(stage, 2, 4) | {"as_of_week": WEEK - timedelta(weeks=ago), "model_version": model}
        for ago, stage, model in ((3, 2, "m-1"), (2, 3, "m-1"), (0, 3, "m-2"))
    ]
    weeks[1]["is_abstained"] = True
    page = page_of(read(*[week | {"organization_id": "one"} for week in weeks]))
    assert table_named(page, "Stage history")[1:] == [
        ["2026-11-16", "Engagement", "Presence to Formalized", "no", "m-2"],
        ["2026-11-02", "none", "Presence to Formalized", "yes", "m-1"],
        ["2026-10-26", "Presence", "Presence to Formalized", "no", "m-1"],
    ]
    assert "1: model m-2 from 2026-11-16 on." in text(page)
    assert "n = 3 weeks with an estimate, 2026-10-26 to 2026-11-16." in text(page)


def test_one_week_alone_is_no_history(read):
    page = page_of(read(estimated(4, 3, 5)))
    assert "Only one week has an estimate up to that of 2026-11-16." in text(page)


def test_the_percentile_leaves_itself_out_and_counts_ties_half(read):
    others = [member(f"o{index}", f"O{index}", posts_per_week=float(index)) for index in range(12)]
    page = page_of(read(member("one", "One", posts_per_week=9.0), *others))
    assert place(page, "Posts per week") == "percentile 79 of n = 12 · 13 weeks"  # (9 + 0.5) / 12
    assert "n = 12, 13 or 26 weeks to that of 2026-11-16" in text(page)


def test_fewer_than_ten_peers_get_no_percentile_and_no_strip(read, town):
    page = page_of(read(member("one", "One", posts_per_week=9.0), *town[:7]), peers="all")
    assert place(page, "Posts per week") == (
        "Too few organizations (n = 7) for percentiles · 13 weeks"
    )
    assert not strip_of(page, "Posts per week")


@pytest.mark.parametrize(("count", "dots", "bands"), [(10, 10, 0), (19, 19, 0), (20, 0, 2)])
def test_few_peers_are_dots_and_many_are_bands(read, town, count, dots, bands):
    page = page_of(read(member("one", "One", posts_per_week=9.0), *town[:count]), peers="all")
    drawn = strip_of(page, "Posts per week")[0]
    assert len(drawn.xpath(".//circle[@class='dot']")) == dots
    assert len(drawn.xpath(".//rect[starts-with(@class, 'band')]")) == bands
    assert len(drawn.xpath(".//circle[@class='own']")) == 1


@pytest.mark.parametrize(
    ("peers", "count", "words"),
    [
        ("industry", 3, "other organizations of industry health"),
        ("size", 2, "other organizations of size 1000+"),
        ("both", 1, "other organizations of industry health and size 1000+"),
        ("all", 5, "all other organizations"),
        ("group:north", 2, "other organizations of the group north"),
    ],
)
def test_peers_are_those_asked_for(read, peers, count, words):
    kinds = (("health", "1-9", []), ("health", "1-9", ["north"]), ("health", "1000+", []))
    kinds += (("legal", "1000+", []), ("legal", "1-9", ["north"]))
    others = [
        member(f"o{index}", f"O{index}", posts_per_week=1.0)
        | {"industry": industry, "size_class": size, "groups": groups}
        for index, (industry, size, groups) in enumerate(kinds)
    ]
    own = member("one", "One") | {"industry": "health", "size_class": "1000+", "groups": ["north"]}
    page = page_of(read(own, *others), peers=peers)
    assert (
        f"n = {count}, 13 or 26 weeks to that of 2026-11-16, see each signal. Peers: {words}."
        in (text(page))
    )


def test_without_an_industry_there_are_no_peers_of_it(read, town):
    page = page_of(read(member("one", "One") | {"industry": ""}, *town))
    words = text(page).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    assert "No peers: the list does not give this organization's industry." in words


def test_peers_that_nobody_knows_are_refused(read, town):
    with pytest.raises(UnknownValueError, match="group:south"):
        page_of(read(member("one", "One"), *town), peers="group:south")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"missing_reason": "absent"}, "No value: it has no channel that could show it."),
        (
            {"missing_reason": "unobserved", "unseen_reason": "blocked"},
            "No value: we were not let in (a login, robots.txt, or a refusal).",
        ),
        (
            {"missing_reason": "unobserved", "unseen_reason": ""},
            "No value: the platforms that we read do not show it.",
        ),
        (
            {"missing_reason": "undefined", "n": 7},
            "No value: seen, but too little to compute it from (7 of 20).",
        ),
        (
            {"missing_reason": "", "value": 0.25, "n": 9, "is_pooled": True},
            (
                "too little of its own (9 of 20); the value is drawn towards its peers, and "
                "models do not read it."
            ),
        ),
    ],
)
def test_a_signal_without_a_value_of_its_own_says_why(read, given, words):
    page = page_of(read(member("one", "One"), tables={"signals": [measurement(**given)]}))
    assert text(signal_named(page, "Replies within 72 hours").xpath("p[@class='why']")[0]) == words


def test_a_value_drawn_towards_peers_has_no_place_among_them(read):
    others = [member(f"o{index}", f"O{index}", reply_rate_72h=0.5) for index in range(12)]
    pooled = measurement(value=0.25, n=9, is_pooled=True, missing_reason="")
    page = page_of(read(member("one", "One"), *others, tables={"signals": [pooled]}))
    assert place(page, "Replies within 72 hours") == "n = 12 · 13 weeks"
    assert not strip_of(page, "Replies within 72 hours")[0].xpath(".//circle[@class='own']")


def test_an_interval_stands_beside_its_value(read):
    given = measurement(value=0.4, lower=0.25, upper=0.55, n=40, missing_reason="")
    page = page_of(read(member("one", "One"), tables={"signals": [given]}))
    measured = text(signal_named(page, "Replies within 72 hours").xpath("p[@class='measure']")[0])
    assert measured == "Replies within 72 hours 40 % 95 % interval 25 % to 55 %"


def test_the_course_of_a_signal_is_broken_where_no_week_was_measured(read):
    weeks = [member("one", "One", posts_per_week=float(ago)) for ago in (0, 1, 3)]
    for ago, week in zip((0, 1, 3), weeks, strict=True):
        week["as_of_week"] = WEEK - timedelta(weeks=ago)
    page = page_of(read(*weeks))
    path = signal_named(page, "Posts per week").xpath(".//path[@class='spark']/@d")[0]
    assert path.count("M") == 2
    assert [row[0] for row in table_named(page, "Signals by week")[1:]] == [
        "2026-10-26",
        "2026-11-09",
        "2026-11-16",
    ]


def test_the_parts_of_an_estimate_are_told_around_the_observed_stage(read):
    parts = [part("average", 0, -1.0), part("cadence", 1, 0.75), part("not_seen", 2, 0.05)]
    page = page_of(read(estimated(4, 3, 5), tables={"contributions": parts}))
    headings = [text(node) for node in page.xpath("//div[@class='thresholds']//h3")]
    assert headings == ["Above Engagement? Probability 0.74", "Above Formalized? Probability 0.17"]
    assert "Cadence" in text(page.xpath("//div[@class='thresholds']")[0])
    assert "+0.75 clearly for" in text(page)
    assert "+0.05 next to nothing" in text(page)
    rows = table_named(page, "What supports it")
    assert rows[-1] == ["Together", "", *["\N{MINUS SIGN}0.20"] * 5]
    assert rows[2] == ["Cadence", "50 %", *["+0.75"] * 5]


def test_only_one_threshold_is_told_of_the_lowest_stage(read):
    page = page_of(read(estimated(1, 1, 2), tables={"contributions": [part("average", 0, 1.0)]}))
    headings = [text(node) for node in page.xpath("//div[@class='thresholds']//h3")]
    assert headings == ["Above Planning? Probability 0.99"]


def test_parts_of_earlier_weeks_are_named_as_unpublished(read):
    earlier = date(2026, 11, 9)
    weeks = [measured_week(WEEK, 1), measured_week(earlier, 1)]
    snapshot = read(
        estimated(4, 3, 5),
        estimated(4, 3, 5) | {"as_of_week": earlier},
        tables={"weeks": weeks, "contributions": [part("average", 0, 1.0)]},
    )
    words = text(page_of(snapshot, week="2026-11-09"))
    assert "The parts of an estimate are published for the latest week only." in words
    assert "barograph explain one --week 2026-11-09" in words


def test_an_estimate_without_stored_parts_says_so(read):
    words = text(page_of(read(estimated(4, 3, 5))))
    assert "The parts of this estimate were not stored" in words


def test_without_answers_the_criteria_stand_with_their_public_signals(read):
    page = page_of(read(member("one", "One")))
    assert "There is no public ESM3 self-assessment of this organization." in text(page)
    assert "barograph assess one --instrument esm3 --public" in text(page)
    rows = criteria(page)
    assert len(rows) == 12
    assert {tuple(row[1:]) for row in rows} == {
        ("not answered", "none"),
        ("not answered", "Answers by peers"),
    }


def test_answers_are_squares_digit_and_words(read):
    given = {"EMP1": 1, "EMP2": 3, "ORG1": 2, "TEC3": None}
    page = page_of(read(member("one", "One"), tables={"answers": answers("esm3", given)}))
    rows = {row[0].partition("|")[0]: row[1:] for row in criteria(page, "|")}
    assert rows["Social media focus"] == ["1 personal", "none"]
    assert rows["Content management"] == ["3 pull", "none"]
    assert rows["Community management"] == ["2 explicit", "Answers by peers"]
    assert rows["Platform"] == ["cannot say", "none"]
    assert rows["Culture"] == ["not answered", "none"]
    assert "n = 4 of 12 items answered, answered on 2026-09-01." in text(page)
    assert "Mean 2.0 of 2 answered" in text(page)
    drawn = page.xpath("//table[@class='esm3']//svg")
    assert [len(svg.xpath("rect[@class='level reached']")) for svg in drawn] == [1, 3, 2]


def test_answers_to_another_version_are_not_put_into_the_words_of_this_one(read):
    given = [answer | {"instrument_version": "0"} for answer in answers("esm3", {"EMP1": 1})]
    page = page_of(read(member("one", "One"), tables={"answers": given}))
    assert criteria(page)[0][1] == "1 level 1"
    assert "Answered was version 0" in text(page)


def test_the_gates_of_the_six_stages_stand_by_dimension(read):
    given = {item.code: 2 for item in read_instrument("altimeter").items[:6]}
    page = page_of(read(member("one", "One"), tables={"answers": answers("altimeter", given)}))
    rows = table_named(page, "Answers on the six stages")
    assert rows[1] == ["Strategy", *["2"] * 6]
    assert rows[2] == ["Organization", *["not answered"] * 6]
    assert "n = 6 of 36 items answered" in text(page)


def test_only_web_addresses_become_links(read):
    addresses = ("https://example.org/feed", "javascript:alert(1)", "@town@social.example")
    rows = [channel(address) for address in addresses]
    homepage = {"homepage": "javascript:alert(2)"}
    evidence = [row | {"evidence_url": "data:text/html,x"} for row in answers("esm3", {"EMP1": 1})]
    tables = {"channels": rows, "answers": evidence}
    page = page_of(read(member("one", "One") | homepage, tables=tables))
    outside = page.xpath("//a[contains(@rel, 'nofollow')]")
    assert [link.get("href") for link in outside] == ["https://example.org/feed"]
    assert all(link.get("rel") == "nofollow noopener noreferrer" for link in outside)
    assert not page.xpath("//a[starts-with(@href, 'javascript') or starts-with(@href, 'data')]")


def test_channels_tell_how_they_were_last_read(read):
    seen = datetime(2026, 11, 20, 8, 0)  # noqa: DTZ001 - marts hold naive UTC
    rows = [
        channel("https://a.example", last_outcome="disallowed", is_lossy=True),
        channel("https://b.example", last_seen_at=seen),
    ]
    page = page_of(read(member("one", "One"), tables={"channels": rows}))
    shown = table_named(page, "Channels")
    assert shown[1][3:5] == [
        "never",
        (
            "not asked: robots.txt does not want it "
            "may be incomplete: it lists less than appears between two looks"
        ),
    ]
    assert shown[2][3:5] == ["2026-11-20", "read"]


def test_every_way_an_attempt_ends_has_words():
    assert set(OUTCOMES) == {outcome.value for outcome in Outcome} | {""}


def test_weeks_that_were_not_seen_are_no_zeros(read):
    weeks = [activity(0, post_count=0), activity(1, post_count=None), activity(2, post_count=5)]
    page = page_of(read(member("one", "One"), tables={"activity_weeks": weeks}))
    rows = table_named(page, "Seen by source and week", last=True)
    assert [row[2] for row in rows[1:]] == ["0", "not seen", "5"]
    drawn = page.xpath("//*[contains(@class, 'activity-weeks')]")[0]
    assert len(drawn.xpath(".//rect[@class='unseen-week']")) == 1
    assert len(drawn.xpath(".//rect[@class='posted']")) == 1


def test_an_organization_of_which_nothing_is_known_says_what_is_missing(read):
    words = text(page_of(read(member("one", "One"))))
    assert "No channel of this organization is on the list." in words
    assert "Nothing is counted for this organization yet." in words


def test_claims_of_the_past_are_listed_with_the_one_that_counts(read):
    rows = [
        claim_row(date(2025, 3, 1), 4, is_headline=False),
        claim_row(date(2026, 9, 1), 5, is_headline=True),
        claim_row(None, 2, is_headline=False),
    ]
    page = page_of(read(member("one", "One"), tables={"claims": rows}))
    assert table_named(page, "Claims")[1:] == [
        ["2026-09-01", "Strategic", "chosen among the six stages", "yes"],
        ["2025-03-01", "Formalized", "chosen among the six stages", "no"],
        ["day not given", "Presence", "chosen among the six stages", "no"],
    ]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_text_and_nothing_else(read, name):
    rows = [channel("https://example.org/'\"><script>alert(1)</script>")]
    others = [member(f"o{index}", name, posts_per_week=1.0) for index in range(12)]
    snapshot = read(
        member("one", name, posts_per_week=1.0) | {"industry": name, "country": name},
        *[other | {"industry": name} for other in others],
        tables={"channels": rows},
    )
    page = page_of(snapshot)
    assert not page.xpath("//script[not(@src)] | //*[@onload]")
    assert page.xpath("//h1/bdi")[0].text_content() == name
    assert all(title.text.startswith(name) for title in page.xpath("//circle[@class='dot']/title"))


@pytest.mark.parametrize(
    ("figure", "region"),
    [
        ("stages", "Stage ladder"),
        ("history", "Stage history"),
        ("support", "What supports it"),
        ("signals", "Signals among peers"),
        ("courses", "Signals by week"),
        ("activity", "Seen by source and week"),
        ("claims", "Claims"),
    ],
)
def test_the_table_on_the_page_has_the_rows_of_its_csv(read, town, figure, region):
    snapshot = whole(read, town)
    rows = list(csv.reader(io.StringIO(twin_of(snapshot, figure, "csv"))))
    shown = table_named(page_of(snapshot, peers="all"), region, last=True)
    assert len(shown) == len(rows) > 1
    assert [row[0] for row in shown[1:]] == [row[0] for row in rows[1:]]
    document = json.loads(twin_of(snapshot, figure, "json"))
    assert len(document["rows"]) == len(rows) - 1
    assert document["metadata"]["n"] > 0
    assert document["metadata"]["filters"]["peers"] == "all"


@pytest.mark.parametrize("figure", ["stages", "history", "support", "signals", "activity"])
def test_every_drawing_is_a_document_of_its_own(read, town, figure):
    drawing = twin_of(whole(read, town), figure, "svg")
    root = html.etree.fromstring(drawing.encode())
    assert root.get("role") == "img"
    assert root.get("aria-label")


def test_a_page_of_a_static_site_has_no_form_and_no_query(read, town):
    wanted = Wanted(page=ORGANIZATION, organization_id="one")
    page = html.document_fromstring(make(whole(read, town), wanted, is_live=False))
    assert not page.xpath("//form | //script | //*[@hx-boost]")
    assert not [href for href in page.xpath("//a/@href") if "?" in href]


def test_every_id_is_unique_and_nothing_is_styled_inline(read, town):
    page = page_of(whole(read, town), peers="all")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert not page.xpath("//@style")
    for svg in page.xpath("//svg[not(ancestor::svg)]"):
        assert (svg.get("role") == "img" and svg.get("aria-label")) or svg.get("aria-hidden")


def test_the_page_never_uses_a_word_that_judges(read, town):
    shown = text(page_of(whole(read, town), peers="all")).lower()
    assert not re.search(r"\b(score|rank|grade|over-?claim\w*|ai|nan)\b", shown)


def page_of(snapshot: Snapshot, organization_id="one", **asked):
    return html.document_fromstring(
        make(snapshot, Wanted(page=ORGANIZATION, organization_id=organization_id), query(asked))
    )


def twin_of(snapshot, figure, form):
    wanted = Wanted(page=ORGANIZATION, organization_id="one", figure=figure, form=form)
    return make(snapshot, wanted, "peers=all")


def query(asked):
    return "&".join(f"{name}={value}" for name, value in asked.items())


def text(node):
    return re.sub(r"\s+", " ", node.text_content().replace("\N{NO-BREAK SPACE}", " ")).strip()


def finding(page):
    return text(page.xpath("//section[@aria-labelledby='stages']/p[@class='finding']")[0])


def table_named(page, label, *, last=False):
    """The rows of a table by its region's label; of several regions the first, or the last."""
    regions = page.xpath(f"//*[@aria-label='{label}'][.//tr]")
    rows = regions[-1 if last else 0].xpath(".//tr")
    return [[text(cell) for cell in row.xpath("th|td")] for row in rows]


def criteria(page, mark=" "):
    rows = page.xpath("//table[@class='esm3']/tbody/tr")
    for small in page.xpath("//table[@class='esm3']//small"):
        small.text = f"{mark}{small.text}"
    return [[text(cell) for cell in row.xpath("th[@scope='row']|td")] for row in rows]


def signal_named(page, label):
    return page.xpath(f"//div[@class='own-signal'][p/span/b[.='{label}']]")[0]


def place(page, label):
    return text(signal_named(page, label).xpath("p[@class='place']")[0])


def strip_of(page, label):
    return signal_named(page, label).xpath("*[contains(@class, 'strip')]")


def member(organization_id, name, **signals):
    return {"organization_id": organization_id, "name": name, **signals}


def estimated(stage, low, high):
    shares = {f"probability_{code}": share for code, share in enumerate(SHARES, 1)}
    return member("one", "One") | {
        "stage_code": stage,
        "set90_low": low,
        "set90_high": high,
        **shares,
    }


def claim(stage, position):
    return {
        "claimed_stage_code": stage,
        "claimed_on": date(2026, 9, 1),
        "claim_instrument": "altimeter_direct",
        "claim_position": position,
    }


def claim_row(day, stage, *, is_headline):
    return {
        "organization_id": "one",
        "instrument": "altimeter_direct",
        "claimed_on": day,
        "stage_code": stage,
        "is_headline": is_headline,
    }


def measurement(**given):
    return {
        "organization_id": "one",
        "as_of_week": WEEK,
        "window_weeks": 13,
        "signal_code": "reply_rate_72h",
        "unseen_reason": "",
        **given,
    }


def measured_week(week, count):
    return {
        "as_of_week": week,
        "organization_count": count,
        "reached_count": count,
        "model_version": "cold-start-1",
    }


def part(name, order, log_odds):
    seen = {"seen_share": 0.5} if name == "cadence" else {}
    pushes = {f"above_{code}_log_odds": log_odds for code in range(1, 6)}
    return {"organization_id": "one", "part": name, "part_order": order, **seen, **pushes}


def answers(instrument, given):
    return [
        {
            "organization_id": "one",
            "instrument": instrument,
            "instrument_version": read_instrument(instrument).version,
            "answered_on": date(2026, 9, 1),
            "item_code": code,
            "answer": answer,
        }
        for code, answer in given.items()
    ]


def channel(address, **given):
    return {
        "organization_id": "one",
        "channel_id": f"one:{address}",
        "source": "feeds",
        "address": address,
        "role": "official",
        "function": "",
        "last_outcome": "ok",
        "last_error": "",
        "activity_count": 3,
        "is_lossy": False,
        **given,
    }


def activity(weeks_ago, **given):
    return {
        "organization_id": "one",
        "source": "feeds",
        "week": WEEK - timedelta(weeks=weeks_ago),
        "covered_day_count": 0 if given["post_count"] is None else 7,
        "channel_day_count": 7,
        **given,
    }


def whole(read, town):
    """An organization of which everything is known, in two weeks, among others."""
    own = estimated(4, 3, 5) | claim(5, "within") | {"posts_per_week": 9.0}
    earlier = own | {"as_of_week": date(2026, 11, 9)}
    tables = {
        "contributions": [part("average", 0, -1.0), part("cadence", 1, 0.75)],
        "activity_weeks": [activity(ago, post_count=ago) for ago in range(3)],
        "claims": [claim_row(date(2026, 9, 1), 5, is_headline=True)],
        "channels": [channel("https://a.example")],
        "answers": answers("esm3", {"EMP1": 1}) + answers("altimeter", {"ST1": 2}),
    }
    return read(own, earlier, *town, tables=tables)
