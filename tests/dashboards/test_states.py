"""What pages say when something is missing, old, wide or too little: a sentence and a command."""

import re
import shlex
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient
from whole_snapshot import (
    ABSTAINED,
    ADDRESSES,
    NO_LABEL,
    ORGANIZATION,
    WIDE,
    Dashboard,
    address_of,
    changed,
    shared_whole,
    words,
)

from dashboards.app import create_app
from dashboards.pages.registry import PAGES
from flows.cli import main
from warehouse.snapshots import Snapshot

WEEK = "date '2026-11-16'"
KEPT = ("snapshot", "agreement")  #: have one row always
NOTHING_MATCHES = "country=ES&industry=health&size=1-9&group=pilot&source=mastodon"
PLACES = [*(page.name for page in PAGES), "several compared"]
_NO_CLAIM = (
    "claimed_stage_code = null, claimed_on = null, claim_instrument = null, claim_position = null"
)
_NO_ESTIMATE = ", ".join(
    f"{column} = null"
    for column in (
        *(f"probability_{stage}" for stage in range(1, 7)),
        *("stage_code", "stage_label", "set80_low", "set80_high", "set90_low", "set90_high"),
        *("is_abstained", "claim_position"),
    )
)
WITHOUT = {
    "organizations": [
        "update marts.snapshot set organization_count = 0, model_version = '', data_to = null",
    ],
    "model": [
        f"update marts.organizations set {_NO_ESTIMATE}, model_version = ''",
        "update marts.snapshot set model_version = '', model_kind = ''",
        "update marts.weeks set model_version = '', estimate_count = 0, abstained_count = 0",
        *(
            f"delete from marts.{table}"
            for table in (
                *("models", "set_quality", "reliability", "model_measures", "contributions"),
                "agreement_statistics",
            )
        ),
    ],
    "claims": [
        f"update marts.organizations set {_NO_CLAIM}",
        *(f"delete from marts.{name}" for name in ("claims", "answers", "agreement_statistics")),
    ],
    "weeks before": [
        f"delete from marts.{table} where as_of_week < {WEEK}"
        for table in ("organizations", "weeks", "signals")
    ],
    "collection": [
        f"delete from marts.{table}"
        for table in (
            *("channels", "sources", "source_days", "source_outcomes", "runs", "activity_weeks"),
            "weeks",
        )
    ],
}
#: What is missing, the page, what it says, and the commands that provide it.
TOLD = [
    ("organizations", "benchmark", "No organization was measured", ["barograph run"]),
    ("organizations", "comparison", "has no organization to compare", ["barograph run"]),
    ("organizations", "agreement", "No trained model", ["barograph train", "barograph publish"]),
    ("organizations", "assess", "has no organization to assess", ["barograph run"]),
    ("organizations", "quality", "No model was trained", ["barograph run", "barograph train"]),
    ("organizations", "runs", "No channel is on the list", ["barograph discover"]),
    ("organizations", "runs", "No run is on record", ["barograph run", "barograph status"]),
    ("organizations", "method", "no comparison of claims", ["barograph compare"]),
    ("model", "benchmark", "Signals are shown, stages are not", ["barograph train"]),
    ("model", "organization", "Signals are shown, stages are not", ["barograph train"]),
    ("model", "organization", "hence no history of stages", ["barograph train"]),
    ("model", "several compared", "Signals are shown, stages are not", ["barograph train"]),
    ("model", "agreement", "no observed stages to compare with", ["barograph train"]),
    ("model", "quality", "there is no estimate to judge", ["barograph train"]),
    ("model", "quality", "No estimate was made", ["barograph estimate", "barograph publish"]),
    ("claims", "benchmark", "no label to compare with", ["barograph claims import"]),
    ("claims", "organization", "No label: there is no public claim", ["barograph assess"]),
    ("claims", "organization", "no public ESM3 self-assessment", ["barograph assess"]),
    ("claims", "several compared", "No label: none of them has", ["barograph assess"]),
    ("claims", "agreement", "no label to compare with", ["barograph claims import"]),
    ("claims", "agreement", "has public answers to ESM3", ["barograph assess"]),
    ("claims", "method", "no comparison of claims", ["barograph assess", "barograph compare"]),
    (
        "weeks before",
        "benchmark",
        "and 13 weeks before",
        ["barograph build --since", "barograph estimate --since"],
    ),
    (
        "weeks before",
        "organization",
        "Only one week has an estimate",
        ["barograph build --since", "barograph estimate --since"],
    ),
    ("collection", "organization", "No channel of this organization", ["barograph discover"]),
    ("collection", "organization", "Nothing is counted", ["barograph run"]),
    ("collection", "runs", "No week was measured", ["barograph build"]),
]


@pytest.fixture(scope="module")
def link(tmp_path_factory, worker_id):
    return shared_whole(tmp_path_factory, worker_id)


@pytest.fixture(scope="module")
def whole(link, tmp_path_factory):
    return Dashboard(link, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def without(link, tmp_path_factory):
    """The dashboard of a snapshot that lacks something."""
    found = {}

    def open_without(what):
        if what not in found:
            tables = [t for t in table_names(link) if t not in KEPT]
            more = [f"delete from marts.{t}" for t in tables] if what == "organizations" else []
            folder = tmp_path_factory.mktemp("without")
            lacking = changed(link, folder / "snapshots", *WITHOUT[what], *more)
            found[what] = Dashboard(lacking, folder)
        return found[what]

    return open_without


@pytest.mark.parametrize(("what", "place", "said", "commands"), TOLD)
def test_what_is_missing_is_said_with_the_command_that_provides_it(
    without, what, place, said, commands
):
    page = without(what).page(ADDRESSES[place])
    (told, *_) = [
        each
        for each in page.xpath("//p[@class='empty' or @class='finding']")
        if said in words(each) or said in words(each.getprevious())
    ]
    near = [told, *told.itersiblings("p")]
    named = [words(code) for each in near for code in each.xpath(".//code")]
    for command in commands:
        assert any(name.startswith(command) for name in named), named


@pytest.mark.parametrize("what", WITHOUT)
@pytest.mark.parametrize("place", PLACES)
def test_a_page_that_lacks_something_is_still_a_page(without, what, place):
    answer = without(what).get(ADDRESSES[place])
    is_nobody_there = what == "organizations" and place in {"organization", "several compared"}
    assert answer.status_code == ({"organization": 404}.get(place, 422) if is_nobody_there else 200)
    if is_nobody_there:
        return
    page = without(what).page(ADDRESSES[place])
    for form in page.xpath("//form"):
        form.getparent().remove(form)  # a choice may be called None
    assert not re.search(r"\b(nan|undefined|None(?! of ))\b", words(page))
    for drawing in page.xpath("//*[name()='svg'][@aria-label]"):
        marks = "name()='rect' or name()='circle' or name()='path' or @class='median'"
        assert drawing.xpath(f".//*[{marks}]"), drawing.get("aria-label")


@pytest.mark.parametrize("what", WITHOUT)
@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "assess"])
def test_the_data_of_a_page_that_lacks_something_can_still_be_had(without, what, page):
    place = address_of(page) or "benchmark"
    expected = 404 if what == "organizations" and page.is_about_one else 200
    answer = without(what).get(f"{place}.json")
    assert answer.status_code == expected
    if expected == 200:
        for figure in answer.json()["figures"].values():
            assert isinstance(figure["metadata"]["n"], int)


def test_every_command_that_a_page_names_exists_with_its_options(without, whole):
    dashboards = [whole, *(without(what) for what in WITHOUT)]
    named = {
        words(code)
        for dashboard in dashboards
        for place in PLACES
        if dashboard.get(ADDRESSES[place]).status_code == 200
        for code in dashboard.page(ADDRESSES[place]).xpath("//code")
        if words(code).startswith("barograph")
    }
    assert len(named) > 15
    for command in named:
        assert_command(command)


@pytest.mark.parametrize("place", ["benchmark", "agreement", "quality"])
def test_no_match_is_a_sentence_and_no_empty_axes(whole, place):
    address = {"benchmark": "", "agreement": "agreement", "quality": "quality"}[place]
    page = whole.page(f"{address}?{NOTHING_MATCHES}")
    (told,) = [each for each in page.xpath("//p[@class='empty']") if "matches" in words(each)]
    assert words(told).startswith("No organization ")
    assert words(told).endswith("matches these filters. Clear filters") or place == "quality"
    assert told.xpath("a[text()='Clear filters']/@href")
    assert not told.xpath("following::*[name()='svg']")


def test_an_organization_without_a_label_says_so_and_the_matrix_counts_both_known(whole):
    rows = whole.page("?search=000005").xpath("//table[@class='organizations']/tbody/tr")
    assert [words(row.xpath("td")[1]) for row in rows] == ["no label"]
    assert "There is no label" in whole.text(f"organizations/{NO_LABEL}")
    count = whole.get("benchmark/claims.json").json()["metadata"]["n"]
    for place in ("", "agreement"):
        assert f"Both stages known for {count} of 120 organizations" in whole.text(place)


def test_the_abstained_are_hatched_or_grey_and_tell_their_reason(whole):
    reason = "41 % of the channel days were seen; at least 60 % are needed."
    page = whole.page(f"organizations/{ABSTAINED}")
    ladder, history = page.xpath("//*[name()='svg'][contains(@class, 'stage-')]")[:2]
    assert f"Abstained. {reason}" in words(page)
    assert {*ladder.xpath(".//*[name()='rect']/@fill")} == {"#c9cdd2", "none"}
    assert history.xpath(".//*[@fill='url(#hatch-history)']")
    assert whole.page("").xpath("//*[name()='rect'][@fill='url(#hatch)']")
    for place in ("?search=000004", ADDRESSES["several compared"]):
        assert reason in whole.text(place)


def test_a_wide_set_is_told_before_its_stage(whole):
    told = "Engagement to Converged: the signals do not tell these apart"
    (row,) = whole.page("?search=000009").xpath("//td[@class='stage']//*[@class='words']")
    assert words(row).startswith(told)
    finding = whole.page(f"organizations/{WIDE}").xpath("//p[@class='finding']")[0]
    assert words(finding).startswith(told)
    assert words(finding).index("Engagement to Converged") < words(finding).index("median")
    compared = whole.text(ADDRESSES["several compared"])
    assert (
        "Engagement to Converged is the 90 % set: the signals do not tell these apart" in compared
    )


@pytest.mark.parametrize("place", PLACES)
def test_old_data_and_a_failed_run_are_told_before_the_numbers_which_stay(stale, whole, place):
    page = stale.page(ADDRESSES[place])
    notices = [words(each) for each in page.xpath("//p[@class='notice']")]
    assert notices[0].startswith("Data end 2026-11-09, 14 days before")
    assert notices[1].startswith("The last run failed")
    leads_there = bool(page.xpath("//p[@class='notice']/a[text()='See Runs']/@href"))
    assert leads_there == (place != "runs")
    view = "//*[@id='view']"
    assert words(page.xpath(view)[0]) == words(whole.page(ADDRESSES[place]).xpath(view)[0])


@pytest.fixture(scope="module")
def stale(link, tmp_path_factory):
    told = "update marts.snapshot set data_to = timestamp '2026-11-09 00:00', run_state = 'failed'"
    folder = tmp_path_factory.mktemp("stale")
    return Dashboard(changed(link, folder / "snapshots", told), folder)


def test_a_week_that_was_reached_in_part_is_marked_and_told(whole):
    told = "Week of 2026-08-17: 60 % of organizations reached."
    page = whole.page("")
    (mark,) = [each for each in page.xpath("//ol[@class='marks']/li") if words(each) == told]
    badges = page.xpath("//*[name()='text'][@class='badge-text']")
    assert mark.get("value") in [badge.text for badge in badges]
    assert "fewest in that of 2026-08-17: 60 %." in whole.text("runs")


def test_too_few_peers_get_no_band_and_no_percentile(few):
    page = few.page(f"organizations/{ORGANIZATION}")
    told = {words(each).partition(" · ")[0] for each in page.xpath("//p[@class='place']")}
    assert told == {"Too few organizations (n = 7) for percentiles"}
    assert not page.xpath("//*[@class='own-signal']//*[contains(@class, 'band-')]")
    rows = few.get(f"organizations/{ORGANIZATION}/signals.json").json()["rows"]
    assert {row["percentile"] for row in rows} == {None}
    benchmark = few.text("?industry=public-administration")
    assert "Too few organizations (n = 8) for percentiles." in benchmark


@pytest.fixture(scope="module")
def few(link, tmp_path_factory):
    """An industry of eight, all of which have every signal."""
    signals = Snapshot.open(link).rows("select distinct signal_code from marts.signals")
    values = ", ".join(f"{row['signal_code']} = 0.5" for row in signals)
    mine = "industry = 'public-administration'"
    folder = tmp_path_factory.mktemp("few")
    return Dashboard(
        changed(
            link,
            folder / "snapshots",
            f"delete from marts.organizations where {mine} and organization_id not in (select "
            f"organization_id from marts.organizations where {mine} and as_of_week = {WEEK} "
            f"order by organization_id limit 8)",
            f"update marts.organizations set {values} where {mine}",
            "update marts.signals set value = 0.5",
        ),
        folder,
    )


@pytest.mark.parametrize("place", PLACES)
def test_before_anything_was_published_each_page_names_the_command(tmp_path, place):
    settings = {"inbox": tmp_path / "inbox", "drafts": tmp_path / "drafts"}
    client = TestClient(create_app(tmp_path / "snapshot.duckdb", **settings))
    answer = client.get(f"/{ADDRESSES[place]}")
    assert answer.status_code == 503
    assert "No snapshot published yet" in answer.text
    assert "<code>barograph publish</code>" in answer.text


def test_a_table_that_an_older_version_lacks_is_told_with_the_command(publish, town, tmp_path):
    judged = {"model_version": "m", "is_current": True, "is_evaluated": True, "label_count": 1}
    more = {"source": "offset", "trained_at": datetime(2026, 11, 1, tzinfo=UTC), "claim_count": 0}
    link, reading = publish(*town[:2], tables={"models": [judged | more]}), {}
    for table in table_names(link):
        older = changed(link, tmp_path / table, f"drop table marts.{table}")
        reading[table] = asked_of_older(older)
    assert [*reading["snapshot"]] == [*reading["organizations"]] == [page.name for page in PAGES]
    silent = {"agreement", "notice", "replies", "corrections"}  # nothing was said in those days
    assert {table for table, names in reading.items() if not names} <= silent


def test_a_column_that_an_older_version_lacks_is_told_with_the_command(publish, town, tmp_path):
    link = publish(*town[:2])
    for table, column in (("organizations", "groups"), ("weeks", "reached_count")):
        statement = f"alter table marts.{table} drop column {column}"
        assert "benchmark" in asked_of_older(changed(link, tmp_path / column, statement))


@pytest.mark.parametrize("place", [page.name for page in PAGES])
def test_an_error_of_our_own_is_a_page_with_an_id(browse, town, place):
    client = browse({**town[0], "organization_id": ORGANIZATION}, published_at=None)
    answer = client.get(f"/{ADDRESSES[place] if place != 'assess' else 'quality'}")
    assert answer.status_code == 500
    assert re.search(r"could not be built \(id [0-9a-f]{8}\). The data are unchanged", answer.text)
    assert "Traceback" not in answer.text


def asked_of_older(link):
    """The pages that cannot be shown; each says why, and no page fails."""
    dashboard, names = Dashboard(link, link.parent), []
    for page in PAGES:
        answer = dashboard.get(address_of(page, organization="organization-0000"))
        assert answer.status_code in {200, 503}, (page.name, answer.status_code)
        if answer.status_code == 503:
            assert "This snapshot is of another version" in answer.text
            assert "<code>barograph publish</code>" in answer.text
            names.append(page.name)
    return names


def table_names(link):
    rows = Snapshot.open(link).rows(
        "select table_name from duckdb_tables() where schema_name = 'marts' order by table_name"
    )
    return [row["table_name"] for row in rows]


def assert_command(text):
    """Follow the words of a command through those that there are."""
    command, context = main, None
    for word in shlex.split(text)[1:]:
        if word.startswith("--"):
            options = {name for parameter in command.params for name in parameter.opts}
            assert word in options, text
        elif hasattr(command, "get_command"):
            command = command.get_command(context, word)
            assert command is not None, text
