"""The core signals in pandas, from Parquet.

Runs under the Python that has the library, as `python pandas_signals.py .../activities.parquet
MONDAY RESULT.csv`; organizations.parquet lies beside it, and MONDAY (UTC) is the one after the
last full week. Writes a row for each organization
and signal.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

OWNER = "organization_id"
DAY = pd.Timedelta(days=1)


def main(path: str, monday: str, result: str) -> None:
    """Measure the signals of the weeks before a Monday."""
    end = pd.Timestamp(monday)
    window = [("occurred_at", ">=", end - 26 * 7 * DAY), ("occurred_at", "<", end)]
    acts = pd.read_parquet(path, filters=window)
    everyone = pd.Index(pd.read_parquet(path.replace("activities", "organizations"))[OWNER])
    own = acts[acts["direction"] == "by_organization"]
    posts = own[own["kind"].isin(["post", "release"])]
    late = acts["occurred_at"] >= end - 13 * 7 * DAY
    answered = _answered(acts[late & (acts["direction"] == "to_organization")], own)
    measured = {
        **_cadence(posts[posts["occurred_at"] >= end - 13 * 7 * DAY], everyone),
        "burstiness": _burstiness(posts),
        "reply_rate_72h": _reply_rate(answered, end),
        "response_hours_median": _response_median(answered, end),
        **_community(acts, late),
    }
    frames = (
        series.rename("value").rename_axis(OWNER).reset_index().assign(signal_code=code)
        for code, series in measured.items()
    )
    pd.concat(list(frames))[[OWNER, "signal_code", "value"]].to_csv(result, index=False)


def _cadence(posts: pd.DataFrame, everyone: pd.Index) -> dict[str, pd.Series]:
    """Of 13 weeks, those without a post count as none."""
    week = posts["occurred_at"].dt.normalize() - pd.to_timedelta(
        posts["occurred_at"].dt.day_of_week, unit="D"
    )
    counts = posts.groupby([OWNER, week]).size().sort_values(ascending=False)
    by_owner = counts.groupby(level=0)
    middle = by_owner.nth(6).droplevel(1)
    return {
        "posts_per_week": middle.reindex(everyone, fill_value=0),
        "active_weeks_share": by_owner.size().reindex(everyone, fill_value=0) / 13,
    }


def _burstiness(posts: pd.DataFrame) -> pd.Series:
    ordered = posts.sort_values([OWNER, "occurred_at"])
    gaps = ordered.groupby(OWNER)["occurred_at"].diff().dt.total_seconds()
    sums = pd.DataFrame({OWNER: ordered[OWNER], "n": 1, "total": gaps, "squares": gaps * gaps})
    sums = sums.groupby(OWNER).sum()
    sums = sums[(sums["n"] >= 20) & (sums["total"] > 0)]  # noqa: PLR2004
    n, total = sums["n"], sums["total"]
    r = np.sqrt((n - 1) * sums["squares"] - total * total) / total
    return (np.sqrt(n + 1) * r - np.sqrt(n - 1)) / ((np.sqrt(n + 1) - 2) * r + np.sqrt(n - 1))


def _answered(inbound: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """What outsiders said to organizations, with the moment of the first answer."""
    kept = ["activity_id", OWNER, "thread_id", "occurred_at", "is_question"]
    trees = inbound.loc[inbound["thread_shape"] == "tree", kept]
    lists = inbound.loc[inbound["thread_shape"] == "list", kept]
    replies = said[said["parent_id"] != ""].groupby([OWNER, "parent_id"])["occurred_at"].min()
    replies = replies.rename("answered_at").rename_axis([OWNER, "activity_id"]).reset_index()
    turns = said.loc[said["thread_id"] != "", [OWNER, "thread_id", "occurred_at"]]
    turns = turns.rename(columns={"occurred_at": "answered_at"})
    pairs = lists.merge(turns, on=[OWNER, "thread_id"])
    pairs = pairs[pairs["answered_at"] > pairs["occurred_at"]]
    firsts = pairs.groupby("activity_id")["answered_at"].min().reset_index()
    return pd.concat(
        [
            trees.merge(replies, on=[OWNER, "activity_id"], how="left"),
            lists.merge(firsts, on="activity_id", how="left"),
        ]
    )


def _reply_rate(answered: pd.DataFrame, end: pd.Timestamp) -> pd.Series:
    watched = answered[answered["occurred_at"] <= end - 3 * DAY]
    is_in_time = (watched["answered_at"] - watched["occurred_at"]) <= 3 * DAY
    rates = is_in_time.groupby(watched[OWNER]).agg(["mean", "size"])
    return rates.loc[rates["size"] >= 20, "mean"]  # noqa: PLR2004


def _response_median(answered: pd.DataFrame, end: pd.Timestamp) -> pd.Series:
    """The median by Kaplan and Meier, in hours."""
    asked = answered[answered["is_question"].astype(bool)]
    waited = (asked["answered_at"].fillna(end) - asked["occurred_at"]).dt.total_seconds()
    steps = asked["answered_at"].notna().groupby([asked[OWNER], waited.rename("seconds")])
    steps = steps.agg(["sum", "size"]).reset_index()
    by_owner = steps.groupby(OWNER)
    at_risk = by_owner["size"].transform("sum") - by_owner["size"].cumsum() + steps["size"]
    with np.errstate(divide="ignore"):
        factor = np.log(1 - steps["sum"] / at_risk)
    open_share = np.exp(factor.groupby(steps[OWNER]).cumsum())
    is_enough = by_owner["size"].transform("sum") >= 5  # noqa: PLR2004
    crossed = steps[(steps["sum"] > 0) & (open_share <= 0.5 + 1e-9) & is_enough]
    return crossed.groupby(OWNER)["seconds"].min() / 3600


def _community(acts: pd.DataFrame, late: pd.Series) -> dict[str, pd.Series]:
    """A person has another key at every source."""
    spoken = acts[(acts["author_role"] == "outsider") & (acts["author_key"] != "")]
    is_taking = late.loc[spoken.index] & (spoken["direction"] == "to_organization")
    persons = is_taking.groupby([spoken[OWNER], spoken["author_key"]])
    persons = persons.agg(["size", "any"]).reset_index()
    persons = persons.sort_values("size", ascending=False)
    by_owner = persons.groupby(OWNER)
    count = by_owner["size"].transform("size")
    is_top = by_owner.cumcount() < (count + 9) // 10
    enough = persons[count >= 10]  # noqa: PLR2004
    top = enough[is_top.loc[enough.index]].groupby(OWNER)["size"].sum()
    takers = by_owner["any"].sum()
    return {
        "participants": takers[takers > 0],
        "top_decile_share": top / enough.groupby(OWNER)["size"].sum(),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
