"""The page docs/real-series.md, from what benchmarks/real_series.py computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from real_series_estimates import FEWEST_PEOPLE
from real_series_stages import sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from real_series import Difference, Measured
    from real_series_stages import Estimated

#: Staff-answered share of Redash's forum as published, 2016 to 2023.
REDASH = (0.82, 0.46, 0.40, 0.71, 0.37, 0.52, 0.57, 0.00)


def redash_shares(years: Iterable[Mapping[str, Any]]) -> dict[int, float]:
    """The share of topics of Redash's forum that staff answered ever, by year of the topic."""
    return {
        row["year"]: row["answered_ever_share"]
        for row in years
        if row["organization_id"] == "redash" and row["inbound_threads"]
    }


def document(
    measured: Measured, compared: int, differences: Sequence[Difference], estimated: Estimated
) -> str:
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
        stages=sections(estimated, shares),
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

{stages}"""
