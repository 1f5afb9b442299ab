"""Writes docs/real-series.md: the real series imported, measured, and compared with their summary.

    python benchmarks/real_series.py FOLDER [DOCUMENT]

FOLDER holds the activity series (they are not part of Barograph). They go through `barograph
import` and `barograph build` into a project that is thrown away; every figure is computed from
that warehouse, the answers by the very model that signals are measured from.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flows.kept_out import keep_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from warehouse.db import Connection

DOCUMENT = Path(__file__).parents[1] / "docs" / "real-series.md"
#: What is compared with the summary, and to how many decimals it is given there.
COMPARED = {
    "inbound_threads": 0,
    "inbound_issues": 0,
    "threads_followed_72h": 0,
    "threads_followed_7d": 0,
    "answered_72h_share": 4,
    "answered_7d_share": 4,
    "answered_ever_share": 4,
    "median_hours_first_answer_km": 2,
    "distinct_outsiders": 0,
    "inbound_posts": 0,
    "organization_posts": 0,
    "organization_authors": 0,
}
#: Staff-answered share of Redash's forum as published, 2016 to 2023.
REDASH = (0.82, 0.46, 0.40, 0.71, 0.37, 0.52, 0.57, 0.00)

#: No cell about fewer people is published (rule R14).
FEWEST_PEOPLE = 5

_OPENINGS = """
    create or replace temp table openings as
    select
        conversations.organization_id,
        channels.source,
        year(conversations.occurred_at) as year,
        conversations.kind,
        conversations.found_through,
        datediff('microsecond', conversations.occurred_at, answered_at) as answered_us,
        datediff('microsecond', conversations.occurred_at, observed_until) as observed_us,
    from all_conversations as conversations
    join raw.channels on conversations.channel_id = channels.channel_id
    where conversations.is_opening
"""
_DURATIONS = """
    create or replace temp table {name} as
    select
        concat_ws('|', organization_id, source{year}) as subject,
        coalesce(answered_us, observed_us) as duration_us,
        answered_us is not null as is_ended,
    from openings
    where found_through <> 'answer' and observed_us is not null
"""
_SHARES = """
    with counted as (
        select
            organization_id,
            source,
            {year} as year,
            count(*) as inbound_threads,
            count(*) filter (kind = 'issue') as inbound_issues,
            count(*) filter (observed_us >= 259200e6) as threads_followed_72h,
            count(*) filter (observed_us >= 604800e6) as threads_followed_7d,
            count(*) filter (observed_us >= 259200e6 and answered_us <= 259200e6) as in_72h,
            count(*) filter (observed_us >= 604800e6 and answered_us <= 604800e6) as in_7d,
            count(*) filter (answered_us is not null) as ever,
        from openings
        where found_through <> 'answer'
        group by all
    ),

    medians as (
        from statistics.kaplan_meier({durations})
    )

    select
        counted.organization_id,
        counted.source,
        counted.year,
        inbound_threads,
        inbound_issues,
        threads_followed_72h,
        threads_followed_7d,
        in_72h / nullif(threads_followed_72h, 0) as answered_72h_share,
        in_7d / nullif(threads_followed_7d, 0) as answered_7d_share,
        ever / inbound_threads as answered_ever_share,
        medians.median_hours as median_hours_first_answer_km,
    from counted
    left join medians on medians.subject = concat_ws('|', organization_id, source{subject_year})
    order by all
"""
_PEOPLE = """
    select
        activities.organization_id,
        channels.source,
        year(activities.occurred_at) as year,
        count(distinct nullif(author_key, '')) filter (is_inbound) as distinct_outsiders,
        count(*) filter (is_inbound) as inbound_posts,
        count(*) filter (is_outbound) as organization_posts,
        count(distinct nullif(author_key, '')) filter (is_outbound) as organization_authors,
    from (
        select
            *,
            direction in ('to_organization', 'among_others') and kind <> 'bot_reply' as is_inbound,
            direction = 'by_organization' and kind not in ('merge', 'commit') as is_outbound,
        from raw.activities
    ) as activities
    join raw.channels on activities.channel_id = channels.channel_id
    where thread_id <> ''
    group by all
"""
_ONLY_ANSWERED = """
    select
        organization_id,
        count(*) as message_count,
        count(*) filter (answered_at is not null) as answered_count,
    from all_conversations
    where found_through = 'answer'
    group by organization_id
    order by organization_id
"""


class Measured(NamedTuple):
    """What came of the series."""

    years: list[dict[str, Any]]  #: one row an organization, source and year of opening
    wholes: list[dict[str, Any]]  #: the same over all years
    only_answered: list[dict[str, Any]]
    row_counts: dict[str, int]


class Difference(NamedTuple):
    """A figure that is another than in the summary."""

    row: str
    figure: str
    ours: float | None
    theirs: float | None


def measure(series: Path, files: Iterable[Path], project: Path) -> Measured:
    """Import tables of the series into a project, build, and compute."""
    from flows.build import build_signals
    from flows.importing.job import import_files
    from flows.importing.order import ImportOrder
    from flows.project import Project
    from flows.settings import Settings
    from warehouse.db import open_warehouse

    settings = Settings(folder=project)
    mapping = mapping_of(series, project)
    counts: dict[str, int] = {}
    for path in files:
        name = "profile-series" if path.name.startswith("profiles_") else str(mapping)
        done = import_files(ImportOrder(settings=settings, files=(path,), mapping=name))
        counts |= {"read": counts.get("read", 0) + done.row_count}
        counts |= {"added": counts.get("added", 0) + done.landed.added_count}
        counts |= {"left out": counts.get("left out", 0) + done.left_out.total}
    with open_warehouse(settings.data_folder / "warehouse.duckdb") as connection:
        build_signals(Project(settings.data_folder), connection)
        return _computed(connection, counts)


def all_files(series: Path) -> list[Path]:
    """The tables of activities and profiles among the series."""
    return sorted((*series.glob("*.csv.gz"), *series.glob("profiles_*.csv")))


def conversations(series: Path) -> list[Path]:
    """The tables that the summary is about: trackers and forums."""
    return sorted((*series.glob("github_*.csv.gz"), *series.glob("discourse_*.csv.gz")))


def mapping_of(series: Path, folder: Path) -> Path:
    """A mapping that knows, from the manifest, until when each tracker was observed."""
    lines = (series / "MANIFEST.jsonl").read_text("utf-8").splitlines()
    origins = [one for line in lines for one in json.loads(line).get("origins", ())]
    archived = {one["repo"]: one["archived"] for one in origins if "archived" in one}
    text = 'extends = "activity-series"\n' + "".join(
        f'[[period.channel]]\naddress = "{repo}"\ncovered_until = "{moment}"\n'
        for repo, moment in sorted(archived.items())
    )
    path = folder / "series.toml"
    path.write_text(text, "utf-8")
    return path


def _computed(connection: Connection, counts: dict[str, int]) -> Measured:
    """Conversations are asked for of all years, not only of those that signals need."""
    from warehouse.conversations import gather_conversations

    gather_conversations(connection)
    connection.execute(_OPENINGS)
    for name, year in (("by_year", ", year"), ("over_all", "")):
        connection.execute(_DURATIONS.format(name=name, year=year))
    of_year = _SHARES.format(year="year", durations="by_year", subject_year=", year")
    of_all = _SHARES.format(year="null", durations="over_all", subject_year="")
    shares = {_key(row): row for row in _rows(connection, of_year)}
    people = {_key(row): row for row in _rows(connection, _PEOPLE)}
    empty = dict.fromkeys(("inbound_threads", "inbound_issues"), 0)
    empty |= dict.fromkeys(("threads_followed_72h", "threads_followed_7d"), 0)
    years = [
        {**empty, **people.get(k, {}), **shares.get(k, {})} for k in sorted({*shares, *people})
    ]
    return Measured(years, _rows(connection, of_all), _rows(connection, _ONLY_ANSWERED), counts)


def _key(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return row["organization_id"], row["source"], int(row["year"])


def _rows(connection: Connection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def compare(years: Iterable[Mapping[str, Any]], summary: Path) -> tuple[int, list[Difference]]:
    """How many figures were compared with the summary, and those that differ."""
    ours = {_key(row): row for row in years}
    compared, differences = 0, []
    with summary.open(encoding="utf-8", newline="") as file:
        for theirs in csv.DictReader(file):
            key = (theirs["org_id"].lower(), theirs["channel"], int(theirs["year"]))
            for figure, decimals in COMPARED.items():
                compared += 1
                mine = _rounded(ours.get(key, {}).get(figure), decimals)
                said = float(theirs[figure]) if theirs[figure] else None
                if mine != said:
                    differences.append(Difference(" ".join(map(str, key)), figure, mine, said))
    return compared, differences


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(float(value), decimals)


def redash_shares(years: Iterable[Mapping[str, Any]]) -> dict[int, float]:
    """The share of topics of Redash's forum that staff answered ever, by year of the topic."""
    return {
        row["year"]: row["answered_ever_share"]
        for row in years
        if row["organization_id"] == "redash" and row["inbound_threads"]
    }


def document(measured: Measured, compared: int, differences: Sequence[Difference]) -> str:
    """The page, in Markdown."""
    shares = redash_shares(measured.years)
    return _TEXT.format(
        row_counts=", ".join(f"{count:,} {what}" for what, count in measured.row_counts.items()),
        compared=f"{compared:,}",
        agreement=_agreement(differences),
        wholes=_table(measured.wholes),
        years=_table([row for row in measured.years if may_be_shown(row)]),
        redash_years=" | ".join(map(str, shares)),
        redash_line="|".join("---:" for _ in shares),
        redash_published=" | ".join(f"{share:.2f}" for share in REDASH),
        redash_ours=" | ".join(f"{share:.4f}" for share in shares.values()),
        redash_quick=" | ".join(_redash_quick(measured.years)),
        only_answered=_only_answered(measured.only_answered),
    )


def may_be_shown(row: Mapping[str, Any]) -> bool:
    """Whether a year is about enough people to be published."""
    return bool(row["inbound_threads"]) and row["distinct_outsiders"] >= FEWEST_PEOPLE


def _redash_quick(years: Iterable[Mapping[str, Any]]) -> list[str]:
    found = [row for row in years if row["organization_id"] == "redash" and row["inbound_threads"]]
    return [f"{row['answered_72h_share']:.2f}" for row in found]


def _agreement(differences: Sequence[Difference]) -> str:
    if not differences:
        return "Every one of them is equal to the last decimal that the summary gives."
    lines = [f"{one.row}: {one.figure} {one.ours}, summary {one.theirs}" for one in differences]
    return f"{len(differences)} differ:\n\n" + "\n".join(f"- {line}" for line in lines)


def _table(rows: Iterable[Mapping[str, Any]]) -> str:
    lines = [
        "| organization | source | year | asked | in 72 h | in 7 d | ever | median h |",
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*lines, *map(line, rows)])


def line(row: Mapping[str, Any]) -> str:
    """A row of a table, in Markdown."""
    median = row["median_hours_first_answer_km"]
    cells = [
        row["organization_id"],
        row["source"],
        str(row["year"] or "all"),
        f"{row['inbound_threads']:,}",
        _share(row["answered_72h_share"], row["threads_followed_72h"], row["inbound_threads"]),
        _share(row["answered_7d_share"], row["threads_followed_7d"], row["inbound_threads"]),
        _share(row["answered_ever_share"], row["inbound_threads"], row["inbound_threads"]),
        "over half open" if median is None else f"{median:,.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _share(share: float | None, followed: int, asked: int) -> str:
    """A share, with its denominator where some were not followed for long enough."""
    if share is None:
        return "too soon"
    return f"{share:.0%}" if followed == asked else f"{share:.0%} of {followed:,}"


def _only_answered(rows: Iterable[Mapping[str, Any]]) -> str:
    lines = ["| organization | messages | of these answered |", "|---|---:|---:|"]
    made = [
        f"| {r['organization_id']} | {r['message_count']} | {r['answered_count']} |" for r in rows
    ]
    return "\n".join([*lines, *made])


_TEXT = """\
# Real series

Public forums, issue trackers, blogs and timelines of organizations, brought in with
`barograph import --mapping activity-series` ([importing.md](importing.md)), built with
`barograph build`, and computed from that warehouse. The data are not part of Barograph; this page
is written by `python benchmarks/real_series.py FOLDER`. Rows: {row_counts}.

## Whether it is right

Whoever collected the series computed a summary of their own: one row an organization, source and
year, with counts, shares and Kaplan-Meier medians. {compared} figures can be compared with it.
{agreement}

The model was not written for this: answers come from `rollups/conversations.sql`, medians from
`statistics.kaplan_meier`, which signals use as well, asked for all years. What makes the figures
equal:

- A thread counts in the calendar year (UTC) of its opening, where an outsider opened it. Pull
  requests count as issues do. What a machine says is neither a question nor an answer.
- An answer is the next thing in the thread that the organization does after the opening, whoever
  of its staff does it: a reply, a review, a merge. Closing without a word is not recorded.
- A question is followed until its channel was last observed: of a tracker, the moment when its
  archive was written (the mapping takes it from the manifest); of a forum, its last post. The share
  within 72 hours is one of the questions that were followed for 72 hours at least.
- An unanswered question counts in the median as one that was open for at least so long (censored),
  and is not dropped. Where more than half are open at the end, there is no median.
- Where one organization has two trackers, each is censored at its own moment.

## Redash, staff-answered share by year

Published: the share of topics that staff answered at all, up to the end of the data, however late.

| | {redash_years} |
|---|{redash_line}|
| published | {redash_published} |
| computed, answered ever | {redash_ours} |
| computed, answered in 72 h | {redash_quick} |

The published figures are therefore "ever", not "in 72 hours": over two fifths of the answers of
2017 and 2018 came later than that. Staff are the three accounts of the forum's about page of 2023,
so answers by those who had left before are missing; 2023 is the 68 topics of its first 11 weeks.

## All years together

*Asked*: threads that outsiders opened. *Median h*: hours to the first answer, censored.

{wholes}

## Year by year

Years in which fewer than five people spoke are compared as well, but not shown (rule R14).

{years}

## Only what was answered

These collections of questions on X keep conversations that the organization answered. They say
nothing of what it left open, so Barograph counts them in no rate and no median
(`found_through = 'answer'`); what is not answered here was said in the course of such a
conversation.

{only_answered}
"""


def main(arguments: Sequence[str]) -> int:
    """Write the document; its path may be the second argument."""
    keep_out("pandas")
    series, *target = map(Path, arguments)
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(series, all_files(series), Path(folder))
    compared, differences = compare(measured.years, series / "conversations_summary.csv")
    page = next(iter(target), DOCUMENT)
    page.write_text(document(measured, compared, differences), "utf-8")
    print(f"{page}: {compared} figures compared, {len(differences)} differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
