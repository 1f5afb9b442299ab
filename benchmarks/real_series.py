"""Writes docs/real-series.md: the real series imported, measured, compared and estimated.

    python benchmarks/real_series.py FOLDER [DOCUMENT]

FOLDER holds the activity series (they are not part of Barograph). They go through `barograph
import` and `barograph build` into a project that is thrown away; every figure is computed from
that warehouse, the answers by the very model that signals are measured from. Stages are estimated
by the cold-start model at the end of every quarter, and once more from each half of the threads.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from real_series_estimates import (
    FEWEST_PEOPLE,
    estimated_quarters,
    measured_quarters,
    people_by_year,
    stage_years,
)
from real_series_halves import agreements, halved_files, write_halves
from real_series_page import document
from real_series_stages import Estimated

from flows.kept_out import keep_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from classifiers.estimates import SignalRow
    from warehouse.db import Connection

    MeasuredQuarters = list[tuple[int, list[SignalRow]]]

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
    from flows.project import Project
    from warehouse.db import open_warehouse

    counts = bring_in(series, files, project)
    with open_warehouse(Project(project / "data").warehouse) as connection:
        build_signals(Project(project / "data"), connection)
        return _computed(connection, counts)


def bring_in(series: Path, files: Iterable[Path], project: Path) -> dict[str, int]:
    """Import tables of the series, or halves of them, into a project; rows by what became of them.

    Args:
        series: whose manifest tells until when trackers were observed.
        files: the tables.
        project: its folder.
    """
    from flows.importing.job import import_files
    from flows.importing.order import ImportOrder
    from flows.settings import Settings

    settings = Settings(folder=project)
    mapping = mapping_of(series, project)
    counts: dict[str, int] = {}
    for path in files:
        name = "profile-series" if path.name.startswith("profiles_") else str(mapping)
        done = import_files(ImportOrder(settings=settings, files=(path,), mapping=name))
        counts |= {"read": counts.get("read", 0) + done.row_count}
        counts |= {"added": counts.get("added", 0) + done.landed.added_count}
        counts |= {"left out": counts.get("left out", 0) + done.left_out.total}
    return counts


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


def estimate(series: Path, project: Path, measured: Measured) -> Estimated:
    """Stages by year: of all threads from the project, and of their halves from two more."""
    from classifiers.training import train_cold_start

    model = train_cold_start(0)
    people = people_by_year(measured.years)
    spoken = {key for key, count in people.items() if count >= FEWEST_PEOPLE}
    years = {year for _, year in spoken}
    whole, odd, even = (
        stage_years(model.calibration, estimated_quarters(model, rows))
        for rows in (measured_quarters(project, years), *_halves(series, project, years))
    )
    shown = [year for year in whole if year.key in spoken]
    left_out = len(whole) - len(shown)
    return Estimated(model.model_version, shown, left_out, agreements(shown, odd, even))


def _halves(series: Path, folder: Path, years: set[int]) -> list[MeasuredQuarters]:
    """The quarters of both halves, each measured in a project and a process of its own."""
    written = write_halves(halved_files(series), folder / "halves")
    half = partial(_half, series, years)
    with ProcessPoolExecutor(len(written), get_context("spawn")) as processes:
        return list(processes.map(half, (folder / name for name in written), written.values()))


def _half(series: Path, years: set[int], project: Path, files: list[Path]) -> MeasuredQuarters:
    project.mkdir()
    bring_in(series, files, project)
    return measured_quarters(project, years)


def main(arguments: Sequence[str]) -> int:
    """Write the document; its path may be the second argument."""
    keep_out("pandas")
    series, *target = map(Path, arguments)
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(series, all_files(series), Path(folder))
        estimated = estimate(series, Path(folder), measured)
    compared, differences = compare(measured.years, series / "conversations_summary.csv")
    page = next(iter(target), DOCUMENT)
    page.write_text(document(measured, compared, differences, estimated), "utf-8")
    print(f"{page}: {compared} figures compared, {len(differences)} differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
