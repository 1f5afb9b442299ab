"""What the terminal shows: progress, tables and sentences; nothing here decides anything."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from classifiers.signals import signal_named
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.console import Console

_WIDTH = 132  # columns of a table of organizations
_NAME_WIDTH = 28
#: What `run --json` says of each organization.
_FIGURES = (
    "organization_id",
    "name",
    "readable_channel_count",
    "channel_count",
    "coverage_share",
    "posts_per_week",
    "reply_rate_72h",
    "reply_rate_72h_n",
    "reply_rate_72h_missing_reason",
    "response_hours_median",
    "response_hours_median_n",
    "response_hours_median_missing_reason",
    "stage_code",
    "stage_label",
    "is_abstained",
    "set90_low",
    "set90_high",
    "claimed_stage_code",
    "claim_position",
)


@contextmanager
def progress(label: str, total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error while a terminal is watching; tell it what is done."""
    if quiet or not sys.stderr.isatty() or total == 0:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.advance(task, count)


def console() -> Console:
    """Standard output; wide enough for a table when nobody watches."""
    from rich.console import Console

    made = Console(highlight=False)
    if not sys.stdout.isatty():
        made.width = _WIDTH
    return made


def stage_set(row: Mapping[str, Any], level: int = 90) -> str:
    """A prediction set in words: one stage, or the first and the last of a run."""
    low, high = row[f"set{level}_low"], row[f"set{level}_high"]
    if low is None:
        return "not estimated"
    if low == high:
        return Stage(low).label
    return f"{Stage(low).label} to {Stage(high).label}"


def point(row: Mapping[str, Any]) -> str:
    """The observed stage, or that the estimator names none; to be shown with its set."""
    if row["set90_low"] is None or row["stage_code"] is None:
        return "not observable"
    return "abstained" if row["is_abstained"] else str(row["stage_label"])


def observed(row: Mapping[str, Any]) -> str:
    """The observed stage with its set, in one text."""
    if row["set90_low"] is None or row["stage_code"] is None:
        return point(row)
    return f"{point(row)} ({stage_set(row)})"


def claimed(row: Mapping[str, Any]) -> str:
    """The claimed stage, and where it lies relative to the 90 % set."""
    code = row["claimed_stage_code"]
    if code is None:
        return "no label"
    position = {"above": " ▲", "below": " ▼"}.get(row["claim_position"] or "", "")
    return f"{Stage(code).label}{position}"


def number(value: float | None, form: str = ".1f") -> str:
    """A number, or a dash for what was not measured."""
    return "-" if value is None else format(value, form)


def organizations_table(rows: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401 - a rich table
    """One row per organization: what was seen, what that says of its stage, what it claims."""
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    table.add_column("Organization", max_width=_NAME_WIDTH, no_wrap=True, overflow="ellipsis")
    for name in (
        "Channels\nread",
        "Days\nseen",
        "Posts\n/week",
        "Replies\nin 72 h",
        "First\nanswer",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("Observed\nstage", "90 % prediction\nset", "Claimed\nstage"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*_organization_cells(row))
    return table


def _organization_cells(row: Mapping[str, Any]) -> list[str]:
    is_seen = row["stage_code"] is not None
    return [
        row["name"],
        f"{row['readable_channel_count']}/{row['channel_count']}",
        number(row["coverage_share"], ".0%"),
        number(row["posts_per_week"]),
        reply_rate(row),
        first_answer(row),
        point(row),
        stage_set(row) if is_seen else "-",
        claimed(row),
    ]


def reply_rate(row: Mapping[str, Any]) -> str:
    """How much of what was said to an organization it answered, of how many; or why not."""
    value, n = row["reply_rate_72h"], row["reply_rate_72h_n"]
    if value is not None:
        return f"{value:.0%} of {n}"
    return _why_not(row["reply_rate_72h_missing_reason"]) or f"too few ({n})"


def first_answer(row: Mapping[str, Any]) -> str:
    """Hours until half of the questions to an organization are answered; or why not known."""
    value, n = row["response_hours_median"], row["response_hours_median_n"]
    if value is not None:
        return f"{value:.1f} h"
    is_enough = n >= signal_named("response_hours_median").minimum_count
    counted = "most open" if is_enough else f"too few ({n})"
    return _why_not(row["response_hours_median_missing_reason"]) or counted


def _why_not(missing_reason: str) -> str:
    return {"absent": "no channel", "unobserved": "not seen"}.get(missing_reason, "")


def organization_figures(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the table says of an organization, for machines."""
    return {name: row[name] for name in _FIGURES}


#: How to read the table, for someone who sees it for the first time.
LEGEND = """\
Days, posts and replies are of the last 13 full weeks; "-" means not seen, which is not zero.
Replies in 72 h: how much of what others said to it in public it answered in public in that time.
First answer: time in which half of the questions to it get an answer; "most open": over half wait.
"no channel": none where others can be seen to speak to it; "too few (n)": not enough was said.
Observed stage: estimated from outside, on the ladder Planning, Presence, Engagement, Formalized,
Strategic, Converged. In nine of ten (simulated) cases the true stage lies in the 90 % prediction
set; "abstained" means that the set is too wide, or too little was seen, to name a single stage.
Claimed stage: what the organization says of itself; ▲ claims more, ▼ less than the set allows."""


def comparison_sentences(comparison: Any) -> list[str]:  # noqa: ANN401 - see flows.compare
    """Claimed against observed, in words with every n."""
    if not comparison.gaps:
        return ["No claims to compare: list them in claims.csv (docs/claims.md)."]
    judged = comparison.above_count + comparison.within_count + comparison.below_count
    judged_sentence = (
        f"Claimed against observed, {judged} organizations with both: "
        f"{comparison.above_count} claim more than their 90 % set allows (▲), "
        f"{comparison.below_count} claim less (▼), {comparison.within_count} lie within it."
    )
    sentences = [judged_sentence]
    if comparison.not_judged_count:
        sentences.append(
            f"{comparison.not_judged_count} claims are not judged: too little was seen."
        )
    return [*sentences, _points_sentence(comparison)]


def taught_sentences(comparison: Any) -> list[str]:  # noqa: ANN401 - see flows.compare
    """That claims taught the model that judges them, as far as they did.

    Where the model without claims is at hand, `counterpart.counterpart_sentences` says it.
    """
    sentences = []
    if comparison.out_of_fold_count:
        sentences.append(
            f"Claims taught the model; {comparison.out_of_fold_count} of these organizations are "
            "estimated by a part of it that had not seen theirs (`barograph compare` sets the "
            "model without claims beside it)."
        )
    if comparison.circular_count:
        sentences.append(
            f"{comparison.circular_count} claims are left out: they taught the model that would "
            "have to judge them."
        )
    return sentences


def _points_sentence(comparison: Any) -> str:  # noqa: ANN401 - see flows.compare
    abstained = (
        f"The estimator abstains from a single stage for {comparison.abstained_count} of the "
        f"{comparison.both_count} organizations with a claim and an estimate"
    )
    if not comparison.point_count:
        return f"{abstained}, so there is no single stage to set against a claim."
    return (
        f"{abstained}; of the other {comparison.point_count}, {comparison.exact_count} claims "
        f"equal it and {comparison.within_one_count} lie within one stage."
    )
