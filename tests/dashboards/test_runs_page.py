"""What the page on collection says, on small snapshots."""

import csv
import io
import re
from datetime import date, datetime, timedelta

import pytest
from lxml import html

from connectors.contract import Outcome
from dashboards.answering import Wanted, gathered, make
from dashboards.pages import runs_words
from dashboards.pages.runs import RUNS, SHOWN_RUNS

UNTIL = datetime(2026, 11, 21, 9, 0)  # noqa: DTZ001 - marts hold naive UTC; as_of of the snapshot
PUBLISHED = UNTIL + timedelta(minutes=30)
HOSTILE = '<script>alert(1)</script>" onload="x'


@pytest.fixture
def collected(read, town):
    """A snapshot with a week of collecting; arguments replace rows of its tables."""
    return lambda **tables: read(*town, tables=collection() | tables)


def test_the_finding_counts_channels_and_organizations_of_seven_days(collected):
    told = finding(page_of(collected()))
    assert told == (
        "In the 7 days to 2026-11-21 09:00 UTC 2 of 5 channels were seen and 1 of 24 "
        "organizations reached. The latest answer is of 2026-11-21 08:20 UTC, 1 hour before this "
        "snapshot was published. The last run completed, but not every channel could be read. "
        "2 of 4 channels failed."
    )


def test_seven_days_end_with_the_last_attempt_when_that_is_later(collected):
    late = channel(1, "ok", seen=UNTIL + timedelta(days=3), attempted=UNTIL + timedelta(days=3))
    told = finding(page_of(collected(channels=[late])))
    assert told.startswith("In the 7 days to 2026-11-24 09:00 UTC 1 of 1 channels were seen")


def test_channels_that_were_never_asked_are_told(collected):
    assert "1 of the channels on the list was never asked." in text(page_of(collected()))


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_ages_are_told_in_the_unit_that_fits(age, told):
    assert runs_words.span(age) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (61, "1 min 1 s"), (3600 + 12 * 60, "1 h 12 min"), (None, "not ended")],
)
def test_a_run_tells_how_long_it_took(seconds, told):
    assert runs_words.duration(seconds) == told


def test_the_page_explains_every_outcome_of_an_attempt():
    assert set(runs_words.OUTCOMES) == {outcome.value for outcome in Outcome} | {""}


def test_channels_not_seen_are_those_whose_last_outcome_showed_nothing(collected):
    channels = [channel(place, outcome.value) for place, outcome in enumerate(Outcome)]
    page = page_of(collected(channels=[*channels, channel(99, "")]))
    shown = {
        row[3] for row in table_named(page, "Channels that were not seen at their last attempt")[1:]
    }
    assert shown == {runs_words.outcome_label(o.value) for o in Outcome if not o.is_seen}


def test_a_source_tells_what_was_reached_of_what_was_expected(collected):
    rows = table_named(page_of(collected()), "Sources")
    assert rows[1] == [
        "feeds",
        "2026-11-21 08:20",
        "1.2",
        "2026-11-21 09:20, overdue",
        "1",
        "2",
        "2",
        "4",
        "1,250",
        "1",
        "0",
        "1",
    ]


def test_a_source_that_was_never_seen_has_no_numbers_in_place_of_unknown_ones(collected):
    silent = source("mastodon") | {
        "last_success_at": None,
        "next_due_at": None,
        "activity_count_28d": None,
    }
    row = table_named(page_of(collected(sources=[silent])), "Sources")[1]
    assert row[:4] == ["mastodon", "never", "never", "not planned"]
    assert row[8] == "not seen"


def test_days_are_told_by_what_was_asked_and_seen(collected):
    page = page_of(collected())
    assert table_named(page, "Four weeks, day by day")[-3:] == [
        ["feeds", "2026-11-19", "4", "4", "4", "0", "all seen"],
        ["feeds", "2026-11-20", "4", "0", "9", "9", "none seen"],
        ["feeds", "2026-11-21", "4", "2", "6", "3", "some not seen"],
    ]
    digits = page.xpath("//*[@class='day-digit']/text()")
    assert digits == ["0", "4", "2"]
    strip = page.xpath("//*[contains(@class, 'day-strip')]/@aria-label")[0]
    assert strip == (
        "feeds, 28 days: nothing asked on 25, all seen on 1, some not seen on 1, none seen on 1"
    )


def test_outcomes_are_explained_where_they_occur(collected):
    rows = table_named(page_of(collected()), "How the last attempts ended")
    assert rows[1] == ["feeds", "Read", "2", "A document arrived and was understood."]
    assert rows[2][:3] == ["feeds", "Never asked", "1"]
    assert rows[3][:3] == ["feeds", "Closed by robots.txt", "1"]


def test_channels_not_seen_name_organization_outcome_and_last_success(collected):
    rows = table_named(page_of(collected()), "Channels that were not seen at their last attempt")
    assert rows[1] == [
        "Organization 03",
        "feeds",
        "https://example.org/3",
        "Closed by robots.txt",
        "robots.txt forbids it",
        "2026-11-21 09:00",
        "never",
    ]
    assert rows[2][0] == "Organization 02"
    assert rows[2][-1] == "2026-10-01 00:00"


def test_an_organization_without_a_page_is_not_linked(collected):
    unmeasured = channel(2, "timeout") | {"organization_id": "newcomer"}
    page = page_of(collected(channels=[unmeasured, channel(3, "timeout")]))
    linked = page.xpath("//section[@aria-labelledby='channels']//th/a/@href")
    assert linked == ["organizations/organization-0003"]
    assert "newcomer" in text(page)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "@name@host.example", HOSTILE])
def test_only_web_addresses_become_links(collected, address):
    found = channel(2, "timeout") | {"address": address, "last_error": HOSTILE}
    page = page_of(collected(channels=[found]))
    assert not page.xpath("//td//a")
    assert not page.xpath("//body//script | //*[@onload]")
    row = table_named(page, "Channels that were not seen at their last attempt")[1]
    assert (row[2], row[4]) == (address, HOSTILE)


def test_links_out_give_nothing_away(collected):
    page = page_of(collected())
    assert set(page.xpath("//td//a/@rel")) == {"nofollow noopener noreferrer"}


def test_of_very_many_channels_a_hundred_are_listed_with_their_total(collected):
    page = page_of(collected(channels=[channel(place, "timeout") for place in range(103)]))
    rows = table_named(page, "Channels that were not seen at their last attempt")
    assert len(rows) == 1 + 100
    assert "n = 103 channels, the last attempt at each channel. The first 100 of 103." in text(page)


def test_weeks_tell_the_share_of_organizations_reached(collected):
    page = page_of(collected())
    assert (
        "Week of 2026-11-16: 92 % of organizations reached. Fewer than 90 % were reached in "
        "2 of 3 weeks, fewest in that of 2026-11-02: 61 %."
    ) in text(page)
    rows = table_named(page, "Organizations reached by week")
    assert rows[1] == ["2026-11-16", "24", "22", "92 %", "300", "336", "89 %"]
    assert [row[0] for row in rows[1:]] == ["2026-11-16", "2026-11-09", "2026-11-02"]


def test_the_weeks_are_drawn_as_high_as_their_shares(collected):
    figure = figures_of(collected())["weeks"]
    heights = re.findall(r'height="([\d.]+)" class="segment found"', str(figure.drawing))
    shares = [14 / 23, 21 / 24, 22 / 24]
    assert [float(height) for height in heights] == pytest.approx(
        [160 * s for s in shares], abs=0.01
    )


def test_a_run_tells_its_state_and_counts(collected):
    rows = table_named(page_of(collected()), "Runs")
    assert rows[0] == [
        "Started (UTC)",
        "Took",
        "State",
        "Command",
        "Listed",
        "Asked",
        "Held",
        "Failed",
        "Activities",
        "Error",
    ]
    assert rows[1] == [
        "2026-11-21 08:00",
        "20 min 0 s",
        "completed, some channels failed",
        "run",
        "5",
        "4",
        "1",
        "2",
        "1,250",
        "",
    ]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("completed", "The last run saw every channel that it asked."),
        ("failed", "The last run failed before its end."),
        ("interrupted", "The last run ended before its work was done."),
        ("running", "The last run had not ended when this snapshot was made."),
    ],
)
def test_the_state_of_the_last_run_is_a_sentence(collected, state, told):
    last = run(0) | {"state": state, "failed_count": None, "ended_at": None}
    page = page_of(collected(runs=[last, run(1)]))
    assert finding(page).endswith(told)


def test_what_was_not_recorded_of_a_run_is_not_zero(collected):
    killed = run(0) | {"ended_at": None, "failed_count": None, "activity_count": None}
    row = table_named(page_of(collected(runs=[killed])), "Runs")[1]
    assert (row[1], row[7], row[8]) == ("not ended", "not recorded", "no attempt")


def test_the_latest_runs_stand_on_the_page_and_all_in_the_table(collected):
    page = page_of(collected(runs=[run(back) for back in range(25)]))
    tables = page.xpath("//section[@aria-labelledby='runs']//table")
    assert [len(table.xpath(".//tbody/tr")) for table in tables] == [SHOWN_RUNS, 25]
    assert "All 25 runs" in text(page)


def test_a_run_that_prefect_shows_leads_there_and_nowhere_else(collected):
    address = "http://127.0.0.1:4200/runs/flow-run/5d1f"
    shown, hostile = run(0) | {"flow_run_url": address}, run(1)
    page = page_of(collected(runs=[shown, hostile | {"flow_run_url": "javascript:alert(1)"}]))
    assert page.xpath("//a[text()='its flow run']/@href") == [address]
    assert not page.xpath("//a[starts-with(@href, 'javascript')]")
    assert "In Prefect" not in text(page_of(collected(runs=[run(0)])).xpath("//table")[-1])


def test_without_channels_the_page_names_the_command(read, town):
    page = page_of(read(*town))
    assert finding(page) == "No channel is on the list, so there is nothing to collect."
    assert "barograph discover" in page.xpath("//code/text()")
    assert "No run is on record." in text(page)
    assert not page.xpath("//section[@aria-labelledby='sources']")


def test_before_the_first_run_nothing_is_called_seen_or_failed(read, town):
    new = channel(1, "") | {"last_attempt_at": None, "last_seen_at": None}
    listed = source("feeds") | {"last_success_at": None, "next_due_at": None}
    page = page_of(read(*town, tables={"channels": [new], "sources": [listed]}))
    assert finding(page) == "1 channel is on the list; none was asked yet."
    assert "barograph collect" in page.xpath("//code/text()")
    assert "No channel was asked in these four weeks." in text(page)
    assert "Every channel that was asked was seen" not in text(page)


@pytest.mark.parametrize(
    ("table", "section", "told", "command"),
    [
        ("sources", "sources", "does not tell how complete and fresh each source is", "publish"),
        ("source_outcomes", "outcomes", "does not tell how the last attempts at each", "publish"),
        ("source_days", "days", "No channel was asked in these four weeks.", "collect"),
        ("weeks", "weeks", "No week was measured.", "build"),
        ("runs", "runs", "No run is on record.", "run"),
    ],
)
def test_in_place_of_a_table_without_rows_stands_what_is_missing_and_the_command(
    collected, table, section, told, command
):
    page = page_of(collected(**{table: []}))
    (found,) = page.xpath("//section[@aria-labelledby=$name]", name=section)
    assert told in text(found)
    assert f"barograph {command}" in found.xpath(".//code/text()")
    assert not found.xpath(".//table | .//svg")
    assert not page.xpath("//table[not(.//td)]")


def test_the_days_of_a_source_that_has_no_row_are_drawn_all_the_same(collected):
    strip = page_of(collected(sources=[])).xpath("//*[contains(@class, 'day-strip')]/@aria-label")
    assert strip[0].startswith("feeds, 28 days: nothing asked on 25")


def test_when_every_channel_was_seen_that_is_said(collected):
    page = page_of(collected(channels=[channel(1, "ok")]))
    assert "Every channel that was asked was seen at its last attempt." in text(page)


def test_without_a_measured_week_there_are_no_axes(collected):
    page = page_of(collected(weeks=[]))
    assert "No week was measured." in text(page)
    assert not page.xpath("//*[contains(@class, 'week-columns')]")


def test_table_csv_and_json_hold_the_rows_of_the_figure(collected):
    snapshot = collected(runs=[run(back) for back in range(12)])
    page = page_of(snapshot)
    for figure in figures_of(snapshot).values():
        written = make(snapshot, Wanted(page=RUNS, form="csv", figure=figure.name))
        assert len(list(csv.DictReader(io.StringIO(written)))) == len(figure.rows) > 0
        if figure.name != "channels":  # its table has links and names in one column
            cells = [
                [column.write(value) for column, value in zip(figure.columns, row, strict=True)]
                for row in figure.rows
            ]
            assert shown_whole(page, figure.name) == [
                [cell.replace("\u00a0", " ") for cell in row] for row in cells
            ]


def test_every_figure_answers_at_its_addresses(browse, town):
    client = browse(*town, tables=collection())
    for name in ("sources", "days", "outcomes", "channels", "weeks", "runs"):
        for form in ("csv", "json"):
            assert client.get(f"/runs/{name}.{form}").status_code == 200
    for name in ("days", "weeks"):
        assert client.get(f"/runs/{name}.svg").status_code == 200
    assert client.get("/runs.csv").text.startswith("source,last_success_at,hours_since_success")


def test_the_same_snapshot_always_makes_the_same_page(collected):
    snapshot = collected()
    assert make(snapshot, Wanted(page=RUNS)) == make(snapshot, Wanted(page=RUNS))


def test_the_page_keeps_the_rules_of_all_pages(collected):
    page = page_of(collected())
    assert not page.xpath("//@style")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert [each.tag for each in page.xpath("//h1|//h2|//h3")][:2] == ["h1", "h2"]
    for svg in page.xpath("//svg"):
        assert svg.get("aria-label") or svg.get("aria-hidden") == "true"
    assert not re.search(r"\b(None|nan|score|rank|grade)\b", text(page))


def collection():
    """Five channels of one source: two seen, one refused, one failed, one never asked."""
    days = [(UNTIL.date() - timedelta(days=back)) for back in (2, 1, 0)]
    counts = [(4, 4, 4, 0), (4, 0, 9, 9), (4, 2, 6, 3)]
    return {
        "sources": [source("feeds")],
        "source_days": [day_of(day, *each) for day, each in zip(days, counts, strict=True)],
        "source_outcomes": [
            {"source": "feeds", "outcome": outcome, "channel_count": count}
            for outcome, count in (("", 1), ("disallowed", 1), ("ok", 2))
        ],
        "channels": [
            channel(1, "ok"),
            channel(1, "unchanged") | {"channel_id": "other"},
            channel(2, "timeout", seen=datetime(2026, 10, 1)),  # noqa: DTZ001 - naive UTC
            channel(3, "disallowed", seen=None) | {"last_error": "robots.txt forbids it"},
            channel(4, "") | {"last_attempt_at": None, "last_seen_at": None},
        ],
        "runs": [run(0)],
        "weeks": [
            week(date(2026, 11, 2), 23, 14),
            week(date(2026, 11, 9), 24, 21),
            week(date(2026, 11, 16), 24, 22),
        ],
    }


def source(name):
    return {
        "source": name,
        "channel_count": 4,
        "organization_count": 2,
        "reached_organization_count": 1,
        "seen_channel_count": 2,
        "last_success_at": UNTIL - timedelta(minutes=40),
        "next_due_at": UNTIL + timedelta(minutes=20),
        "activity_count_28d": 1250,
        "robots_count": 1,
        "rate_limited_count": 0,
        "failed_count": 1,
    }


def day_of(day, asked, seen, attempts, failed):
    return {
        "source": "feeds",
        "day": day,
        "asked_channel_count": asked,
        "seen_channel_count": seen,
        "attempt_count": attempts,
        "failed_attempt_count": failed,
    }


def channel(place, outcome, seen=UNTIL - timedelta(minutes=40), attempted=UNTIL):
    return {
        "organization_id": f"organization-{place:04d}",
        "channel_id": f"channel-{place:04d}",
        "source": "feeds",
        "address": f"https://example.org/{place}",
        "role": "official",
        "function": "",
        "last_attempt_at": attempted,
        "last_seen_at": seen,
        "last_outcome": outcome,
        "last_error": "",
        "activity_count": 0,
        "is_lossy": False,
    }


def run(back):
    started = datetime(2026, 11, 21, 8, 0) - timedelta(days=back)  # noqa: DTZ001 - naive UTC
    return {
        "run_id": f"run-{back}",
        "started_at": started,
        "ended_at": started + timedelta(minutes=20),
        "state": "completed_with_failures",
        "command": "run",
        "channel_count": 5,
        "due_count": 4,
        "held_count": 1,
        "failed_count": 2,
        "error": "",
        "activity_count": 1250,
        "flow_run_url": "",
    }


def week(monday, organizations, reached):
    return {
        "as_of_week": monday,
        "organization_count": organizations,
        "reached_count": reached,
        "seen_day_count": 300,
        "channel_day_count": 336,
        "model_version": "cold-start-1",
    }


def figures_of(snapshot):
    _, content = gathered(snapshot, Wanted(page=RUNS))
    return {figure.name: figure for figure in content.figures}


def page_of(snapshot):
    return html.document_fromstring(make(snapshot, Wanted(page=RUNS)))


def text(node):
    return re.sub(r"\s+", " ", node.text_content()).strip()


def finding(page):
    return text(page.xpath("//p[@class='finding']")[0])


def table_named(page, label):
    (table, *_) = page.xpath("//*[@aria-label=$label]//table", label=label)
    return [[text(cell) for cell in row.xpath("th|td")] for row in table.xpath(".//tr")]


def shown_whole(page, name):
    """The last table of a section: all rows with all columns."""
    table = page.xpath("//section[@aria-labelledby=$name]//table", name=name)[-1]
    return [[text(cell) for cell in row.xpath("th|td")] for row in table.xpath(".//tbody/tr")]
