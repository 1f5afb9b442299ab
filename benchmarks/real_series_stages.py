"""The part of docs/real-series.md about observed stages."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import isnan
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

from scipy.stats import rankdata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from real_series_estimates import Pooled, StageSet, StageYear
    from real_series_halves import Agreement, Estimate


_WIDTH = 100  # characters of a line


class Estimated(NamedTuple):
    """What was estimated from the series."""

    model_version: str
    years: list[StageYear]  #: those that may be published
    left_out_count: int  #: years of organizations to whom too few people spoke
    agreements: list[Agreement]


def sections(estimated: Estimated, redash_shares: Mapping[int, float]) -> str:
    """The sections, in Markdown.

    Args:
        estimated: what was estimated.
        redash_shares: share of topics of Redash's forum that staff answered, by year.
    """
    years = estimated.years
    pooled = [year for year in years if year.pooled]
    redash = [year for year in pooled if year.organization_id == "redash"]
    return _TEXT.format(
        model_version=estimated.model_version,
        left_out_count=estimated.left_out_count,
        counts=_counts(pooled),
        years=_years(pooled),
        without=_without([year for year in years if not year.pooled]),
        redash=_redash(redash, redash_shares),
        redash_words=_redash_words(redash, redash_shares),
        agreements=_agreements(estimated.agreements),
    )


def _counts(pooled: Sequence[StageYear]) -> str:
    """How many years keep a point, and why the others do not."""
    total = len(pooled)
    reasons = [year.pooled.reason for year in pooled if year.pooled]
    told = [f"{reasons.count(reason)} `{reason}`" for reason in sorted(set(reasons) - {""})]
    organizations = len({year.organization_id for year in pooled})
    return fill(
        f"{total} years of {organizations} organizations have at least one quarter with enough "
        f"evidence. Years with a point: {reasons.count('')}. Years that abstain, by reason: "
        f"{', '.join(told) or 'none'}.",
        _WIDTH,
    )


def _table(heads: Sequence[str], rules: str, rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", rules, *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


def _years(pooled: Iterable[StageYear]) -> str:
    heads = ["organization", "year", "n", *map(str, range(1, 7)), "median", "80 %", "90 %"]
    return _table(
        [*heads, "year abstains", "quarters"],
        "|---|---|---:|" + "---:|" * 6 + "---|---|---|---|---|",
        [
            [year.organization_id, str(year.year), *_pooled_cells(year.pooled), quarters(year)]
            for year in pooled
            if year.pooled
        ],
    )


def _pooled_cells(pooled: Pooled) -> list[str]:
    return [
        str(pooled.quarter_count),
        *(f"{share:.2f}" for share in pooled.probabilities),
        *_stage_cells(pooled),
        f"`{pooled.reason}`" if pooled.reason else "",
    ]


def _stage_cells(pooled: Pooled) -> list[str]:
    median = f"({pooled.stage_code})" if pooled.reason else str(pooled.stage_code)
    return [median, run(pooled.set80), run(pooled.set90)]


def run(stages: StageSet) -> str:
    """A set in figures."""
    return str(stages.low) if stages.low == stages.high else f"{stages.low} to {stages.high}"


def quarters(year: StageYear) -> str:
    """How the quarters of a year came out, with counts."""
    counts = sorted(year.reason_counts.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{count} {reason or 'with a point'}" for reason, count in counts)


def _without(years: Sequence[StageYear]) -> str:
    """Years without evidence; organizations that have several stand in one row."""
    by_reasons: dict[tuple[int, str], list[str]] = {}
    for year in years:
        by_reasons.setdefault((year.year, quarters(year)), []).append(year.organization_id)
    return _table(
        ["year", "quarters", "organizations"],
        "|---|---|---|",
        [[str(year), told, ", ".join(names)] for (year, told), names in sorted(by_reasons.items())],
    )


def _redash(redash: Iterable[StageYear], shares: Mapping[int, float]) -> str:
    heads = ["year", "n", *map(str, range(1, 7)), "expected", "median", "80 %", "90 %"]
    return _table(
        [*heads, "year abstains", "staff answered"],
        "|---|---:|" + "---:|" * 7 + "---|---|---|---|---:|",
        [
            _redash_cells(year.year, year.pooled, shares.get(year.year))
            for year in redash
            if year.pooled
        ],
    )


def _redash_cells(year: int, pooled: Pooled, share: float | None) -> list[str]:
    count, *shares = _pooled_cells(pooled)[:7]
    expected = f"{pooled.expected_stage:.1f}"
    reason = _pooled_cells(pooled)[-1]
    answered = "" if share is None else f"{share:.2f}"
    return [str(year), count, *shares, expected, *_stage_cells(pooled), reason, answered]


def _redash_words(redash: Sequence[StageYear], shares: Mapping[int, float]) -> str:
    """What is seen, and no more; the figures decide what is said."""
    found = [(year.year, year.pooled) for year in redash if year.pooled]
    if len(found) < 2:  # noqa: PLR2004 - a course has two ends
        return "Too few years could be estimated to say anything of a course."
    (first, start), (last, end) = found[0], found[-1]
    steps = [
        after.expected_stage - before.expected_stage for (_, before), (_, after) in pairwise(found)
    ]
    pairs = list(combinations((p for _, p in found), 2))
    apart = sum(not _overlap(*pair) for pair in pairs)
    return fill(
        f"The expected stage is {start.expected_stage:.1f} in {first} and {end.expected_stage:.1f} "
        f"in {last}; on the way it falls {sum(step < 0 for step in steps)} times and rises "
        f"{sum(step > 0 for step in steps)} times. {_apart(apart, len(pairs))} "
        f"Years rank by expected stage as by staff-answered share with a Spearman correlation "
        f"of {_rank_correlation(found, shares):.2f} (n = {len(found)} years of one forum).",
        _WIDTH,
    )


def _apart(count: int, pair_count: int) -> str:
    if not count:
        return (
            f"In each of the {pair_count} pairs of years the two 90 % sets share a stage, so by "
            "the sets no year differs from another for certain."
        )
    return f"Of the {pair_count} pairs of years, {count} have 90 % sets that share no stage."


def _overlap(one: Pooled, other: Pooled) -> bool:
    return one.set90.overlaps(other.set90)


def _rank_correlation(found: Sequence[tuple[int, Pooled]], shares: Mapping[int, float]) -> float:
    """Pearson's correlation of ranks, ties sharing theirs."""
    both = [(pooled.expected_stage, shares[year]) for year, pooled in found if year in shares]
    ours, theirs = (rankdata(values) - (len(both) + 1) / 2 for values in zip(*both, strict=True))
    spread = float((ours**2).sum() * (theirs**2).sum()) ** 0.5
    return float((ours * theirs).sum()) / spread if spread else float("nan")


def _agreements(found: Iterable[Agreement]) -> str:
    heads = ["years", "n", "organizations", "quadratic kappa", "linear kappa"]
    return _table(
        [*heads, "same median", "mean gap", "90 % sets share a stage"],
        "|---|---:|---:|---|---|---:|---:|---:|",
        [
            [
                one.scope,
                str(one.year_count),
                str(one.organization_count),
                _with_interval(one.quadratic),
                _with_interval(one.linear),
                _number(one.same_share, ".0%"),
                _number(one.mean_gap, ".2f"),
                _number(one.overlap_share, ".0%"),
            ]
            for one in found
        ],
    )


def _with_interval(estimate: Estimate) -> str:
    if isnan(estimate.value):
        return "undefined"
    lower, upper = (_number(bound, ".2f") for bound in (estimate.lower, estimate.upper))
    return f"{estimate.value:.2f} ({lower} to {upper})"


def _number(value: float, form: str) -> str:
    return "undefined" if isnan(value) else format(value, form)


_TEXT = """\
## Observed stages by year

Estimated by the shipped cold-start model (`{model_version}`), which has seen no real organization
and no label. None of these organizations has a stage that an expert gave, so nothing here says
how right the estimates are; and most are standards groups and a volunteers' project, for which the
model was not made. What can be seen is whether it says the same twice, whether it follows a course
that is known, and whether it abstains where it should.

How the years are made:

- All is measured at the end of every quarter (`barograph build --as-of`), over the last 13 full
  weeks; so four nearly disjoint windows a calendar year, by what is known today. A quarter in which
  no channel could be read is no quarter of the year.
- Quarters that abstain for evidence (`low_coverage`, `few_active_weeks`, `few_signals`) are left
  out. The year's six probabilities are the plain means over the others (n of them): the stage of a
  quarter taken at random, not evidence added up, so a year is no surer than its quarters.
- The median is that of the mean probabilities; the 80 and the 90 % set are those that the model's
  own thresholds give them. These are calibrated for single windows in simulated worlds; for means
  over a year nobody has measured how often they hold.
- A year abstains as a quarter does: `outside_training` when one of its quarters is; `low_inbound`
  when fewer than 20 messages a quarter were seen, on average, and the 90 % set holds Presence and
  Engagement; `wide_set` when that set holds four stages or more. Its median then stands in
  brackets: it is withheld, and shown only because the halves below are compared by it.
- The collections of answered questions on X hold no question that was left open, so nothing that
  was said there counts as seen: `low_inbound`.
- A model without labels has wide sets, so as to hold in nearly every simulated world
  ([estimating.md](estimating.md)); `wide_set` is what that costs.
- Staff are who the README of the series says; for Redash the three accounts of 2023.
- A year in which fewer than five outsiders spoke to the organization is not shown (rule R14); that
  leaves out {left_out_count}, among them all blogs, timelines and trackers to which nobody speaks.

{counts}

{years}

### Years without a quarter that has enough evidence

{without}

## The course of Redash

{redash}

*Expected*: mean stage by the probabilities. *Staff answered*: the share above, ever.

{redash_words}
The forum is one channel of the organization, and its staff is known as of 2023 only, so part of
what looks like silence in earlier years is colleagues who had left.

## Odd and even threads

Threads of every account are numbered in the order of their opening; the odd ones make one project,
the even ones another, each with all that was said in them. Commits, which stand in no thread, turn
about in the same way in the order of their moments, so no event is in both halves. Only trackers
and forums, with the commits of the same organizations: for who has no conversation there is nothing
to split. Both halves are measured and pooled as above, in the years shown above. Each half has half
of the volume: it looks like a smaller organization, and `low_inbound` comes sooner. Both halves
have nearly the same volume by construction, and the same people; volume is part of what the model
reads, so some of the agreement is built in.

{agreements}

Kappa compares median stages, also withheld ones where the row says so; in brackets its 95 %
interval, from 2,000 draws of organizations (draws in which it is undefined are left out). *Mean
gap*: of the expected stages, in stages. Agreement of halves is about noise only: both could be
wrong in the same way.
"""
