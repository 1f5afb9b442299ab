"""The core signals in polars: lazy, streaming, from Parquet.

Runs under the Python that has the library, as `python polars_signals.py .../activities.parquet
MONDAY RESULT.csv`; organizations.parquet lies beside it, and MONDAY (UTC) is the one after the
last full week. Writes a row for each organization
and signal.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import polars as pl  # type: ignore[import-not-found]  # not in our environment

OWNER = "organization_id"
DAY = timedelta(days=1)


def main(path: str, monday: str, result: str) -> None:
    """Measure the signals of the weeks before a Monday."""
    end = datetime.fromisoformat(monday)
    acts = pl.scan_parquet(path).filter(
        pl.col("occurred_at") >= end - 26 * 7 * DAY, pl.col("occurred_at") < end
    )
    posts = acts.filter(
        pl.col("direction") == "by_organization", pl.col("kind").is_in(["post", "release"])
    )
    everyone = pl.scan_parquet(path.replace("activities", "organizations"))
    answered = _answered(acts, end)
    measured = [
        *_cadence(posts.filter(pl.col("occurred_at") >= end - 13 * 7 * DAY), everyone),
        _burstiness(posts),
        _reply_rate(answered, end),
        _response_median(answered, end),
        *_community(acts, end),
    ]
    found = pl.collect_all(measured, engine="streaming")
    pl.concat([frame for frame in found if frame.height]).write_csv(result)


def _cadence(posts: pl.LazyFrame, everyone: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Of 13 weeks, those without a post count as none."""
    weeks = posts.group_by(OWNER, week=pl.col("occurred_at").dt.truncate("1w")).len()
    counts = weeks.group_by(OWNER).agg(
        median=pl.col("len").sort(descending=True).get(6, null_on_oob=True), active=pl.len()
    )
    whole = everyone.join(counts, on=OWNER, how="left").with_columns(
        pl.col("median", "active").fill_null(0)
    )
    return [
        _signal(whole, "posts_per_week", pl.col("median")),
        _signal(whole, "active_weeks_share", pl.col("active") / 13),
    ]


def _burstiness(posts: pl.LazyFrame) -> pl.LazyFrame:
    gaps = (
        posts.select(OWNER, second=pl.col("occurred_at").dt.epoch("s"))
        .sort(OWNER, "second")
        .with_columns(gap=pl.col("second").diff().over(OWNER))
    )
    sums = gaps.group_by(OWNER).agg(
        n=pl.len(),
        total=pl.col("gap").sum(),
        squares=(pl.col("gap") * pl.col("gap")).sum(),
    )
    count, total = pl.col("n") - 1, pl.col("total").cast(pl.Float64)
    r = (count.cast(pl.Float64) * pl.col("squares") - total * total).sqrt() / total
    more, less = (pl.col("n") + 1).sqrt(), (pl.col("n") - 1).sqrt()
    value = (more * r - less) / ((more - 2) * r + less)
    return _signal(sums.filter(pl.col("n") >= 20, pl.col("total") > 0), "burstiness", value)  # noqa: PLR2004


def _answered(acts: pl.LazyFrame, end: datetime) -> pl.LazyFrame:
    """What outsiders said to organizations in 13 weeks, with the moment of the first answer."""
    inbound = acts.filter(
        pl.col("direction") == "to_organization", pl.col("occurred_at") >= end - 13 * 7 * DAY
    )
    said = acts.filter(pl.col("direction") == "by_organization")
    return pl.concat([_in_trees(inbound, said), _in_lists(inbound, said)])


def _in_trees(inbound: pl.LazyFrame, said: pl.LazyFrame) -> pl.LazyFrame:
    replies = (
        said.filter(pl.col("parent_id") != "")
        .select(OWNER, activity_id="parent_id", answered_at="occurred_at")
        .group_by(OWNER, "activity_id")
        .agg(pl.col("answered_at").min())
    )
    return (
        inbound.filter(pl.col("thread_shape") == "tree")
        .join(replies, on=[OWNER, "activity_id"], how="left")
        .select(OWNER, "occurred_at", "is_question", "answered_at")
    )


def _in_lists(inbound: pl.LazyFrame, said: pl.LazyFrame) -> pl.LazyFrame:
    turns = said.filter(pl.col("thread_id") != "").select(
        OWNER, "thread_id", answered_at="occurred_at"
    )
    asked = inbound.filter(pl.col("thread_shape") == "list")
    answers = (
        asked.select(OWNER, "thread_id", "activity_id", "occurred_at")
        .join(turns, on=[OWNER, "thread_id"])
        .filter(pl.col("answered_at") > pl.col("occurred_at"))
        .group_by("activity_id")
        .agg(pl.col("answered_at").min())
    )
    return asked.join(answers, on="activity_id", how="left").select(
        OWNER, "occurred_at", "is_question", "answered_at"
    )


def _reply_rate(answered: pl.LazyFrame, end: datetime) -> pl.LazyFrame:
    waited = pl.col("answered_at") - pl.col("occurred_at")
    rates = (
        answered.filter(pl.col("occurred_at") <= end - 3 * DAY)
        .group_by(OWNER)
        .agg(n=pl.len(), value=(waited <= 3 * DAY).fill_null(value=False).sum())
    )
    enough = rates.filter(pl.col("n") >= 20)  # noqa: PLR2004
    return _signal(enough, "reply_rate_72h", pl.col("value") / pl.col("n"))


def _response_median(answered: pl.LazyFrame, end: datetime) -> pl.LazyFrame:
    """The median by Kaplan and Meier, in hours."""
    seconds = (pl.col("answered_at").fill_null(end) - pl.col("occurred_at")).dt.total_seconds()
    steps = (
        answered.filter(pl.col("is_question"))
        .select(OWNER, seconds=seconds, is_ended=pl.col("answered_at").is_not_null())
        .group_by(OWNER, "seconds")
        .agg(ended=pl.col("is_ended").sum(), leaving=pl.len())
        .sort(OWNER, "seconds")
        .with_columns(
            n=pl.col("leaving").sum().over(OWNER),
            gone=pl.col("leaving").cum_sum().over(OWNER) - pl.col("leaving"),
        )
    )
    curve = steps.with_columns(
        still_open=(1 - pl.col("ended") / (pl.col("n") - pl.col("gone")))
        .log()
        .cum_sum()
        .over(OWNER)
    )
    crossed = curve.filter(
        pl.col("n") >= 5,  # noqa: PLR2004
        pl.col("ended") > 0,
        pl.col("still_open").exp() <= 0.5 + 1e-9,
    )
    medians = crossed.group_by(OWNER).agg(value=pl.col("seconds").min())
    return _signal(medians, "response_hours_median", pl.col("value") / 3600)


def _community(acts: pl.LazyFrame, end: datetime) -> list[pl.LazyFrame]:
    """A person has another key at every source."""
    late = (pl.col("direction") == "to_organization") & (
        pl.col("occurred_at") >= end - 13 * 7 * DAY
    )
    persons = (
        acts.filter(pl.col("author_role") == "outsider", pl.col("author_key") != "")
        .group_by(OWNER, "author_key")
        .agg(count=pl.len(), is_participant=late.any())
    )
    takers = persons.group_by(OWNER).agg(value=pl.col("is_participant").sum())
    tops = (
        persons.group_by(OWNER)
        .agg(
            top=pl.col("count").sort(descending=True).head((pl.len() + 9) // 10).sum(),
            total=pl.col("count").sum(),
            n=pl.len(),
        )
        .filter(pl.col("n") >= 10)  # noqa: PLR2004
    )
    return [
        _signal(takers.filter(pl.col("value") > 0), "participants", pl.col("value")),
        _signal(tops, "top_decile_share", pl.col("top") / pl.col("total")),
    ]


def _signal(frame: pl.LazyFrame, code: str, value: pl.Expr) -> pl.LazyFrame:
    return frame.select(OWNER, signal_code=pl.lit(code), value=value.cast(pl.Float64))


if __name__ == "__main__":
    main(*sys.argv[1:])
