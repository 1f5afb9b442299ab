"""What is said of each condition, as templates over the parts of its query.

Nothing here names a person, and no stage stands without its 90 % prediction set.
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """Templates of a condition's messages (`str.format`).

    `title` is the subject line; `text` what happened, since when and how bad; `advice` what to
    do; `ended` how it stands once it is over.
    """

    title: str
    text: str
    advice: str
    ended: str


WORDS = {
    "source_out": Words(
        title="{subject_id} is out: {failing_count} of {asked_count} channels fail",
        text=(
            "Of {asked_count} channels of {subject_id} that were asked in the last 6 hours and "
            "worked within a week, {failing_count} fail ({value:.0%}; told above "
            "{limit_value:.0%}). While it lasts, nothing is told of its coverage, its errors and "
            "the silence of its channels, nor of stages and claims of organizations there."
        ),
        advice=(
            "See how each ended with `barograph status`. Where all sources fail at once it is "
            "probably your own line. Nothing is lost that the platform still shows later."
        ),
        ended="Of {asked_count} channels that were asked, {failing_count} fail now.",
    ),
    "run_failed": Words(
        title="runs fail: the last two came to no end",
        text=(
            "The last two runs failed or were killed; the last one began at {started_at:%Y-%m-%d "
            "%H:%M} UTC ({run_state}{error_words}). Nothing new is published until one completes."
        ),
        advice="See what it says with `barograph status`, and do one by hand: `barograph run`.",
        ended="The last run completed.",
    ),
    "snapshot_stale": Words(
        title="nothing has been published for {value:.0f} hours",
        text="{published_words} {value:.0f} hours ago (told after {limit_value:.0f} hours).",
        advice=(
            "Is the scheduler alive? `barograph status` shows the last run, `barograph run` does "
            "one now."
        ),
        ended="The newest snapshot is {value:.1f} hours old.",
    ),
    "error_rate": Words(
        title="{subject_id}: {value:.0%} of the attempts failed in 24 hours",
        text=(
            "{failed_count} of {attempt_count} attempts to read channels of {subject_id} failed "
            "within 24 hours ({value:.0%}; told above {limit_value:.0%})."
        ),
        advice="See which and why with `barograph status`; mend or take off addresses that died.",
        ended="{failed_count} of {attempt_count} attempts failed within the last 24 hours.",
    ),
    "coverage_drop": Words(
        title="less is seen of {where}: {value:.0%} of the days, usually {usual:.0%}",
        text=(
            "In the last 7 full days {value:.0%} of the {day_count} days of channels of {where} "
            "were seen; the median of the {week_count} weeks before is {usual:.0%} (told below "
            "{limit_value:.0%}). What was not seen is not zero: signals say so, and estimates may "
            "abstain."
        ),
        advice="See which channels are not seen with `barograph status`.",
        ended="{value:.0%} of {day_count} days of channels were seen in the last 7 full days.",
    ),
    "schema_drift": Words(
        title="{subject_id} changed what we read: {value:.0f} fields are left out",
        text=(
            "Answers of {subject_id} have fields of another kind than before ({value:.0f} of late, "
            "such as {path}). They are left out, everything else is read; the answers themselves "
            "are in the archive."
        ),
        advice="`barograph status` lists them; a newer version of Barograph may know them.",
        ended="The latest answers of {subject_id} show none of them.",
    ),
    "schema_new_field": Words(
        title="{subject_id} shows {value:.0f} new fields",
        text=(
            "Answers of {subject_id} have fields that they did not have before ({value:.0f} within "
            "7 days, such as {path}). Nothing is lost by it; it often comes before a change that "
            "does more."
        ),
        advice="`barograph status` counts them; `barograph export DIR` lists them in `drifts`.",
        ended="No further ones came up for 7 days.",
    ),
    "budget_low": Words(
        title="{server} has {remaining:.0f} of {most:.0f} requests left",
        text=(
            "After the last run {server} ({source}) grants {remaining:.0f} of {most:.0f} requests "
            "more ({value:.0%}; told below {limit_value:.0%}){reset_words}. Barograph stops before "
            "the last ones; channels there are then read later than they should be."
        ),
        advice=(
            "Give a token where the source takes one (`github_tokens`), list fewer channels, or "
            "see what else uses the same address or token."
        ),
        ended="{remaining:.0f} of {most:.0f} requests are left ({value:.0%}).",
    ),
    "channel_silent": Words(
        title="{name} has been silent for {value:.0f} days at {source}",
        text=(
            "{address} ({source}, {name}) was seen on {value:.0f} days since its last act of "
            "{last_act_at:%Y-%m-%d}, and showed nothing new. Usual are {median_gap_days:.1f} days "
            "between two acts (median, n = {act_count} acts in 400 days); told after "
            "{limit_value:.0f} days. Days that were not seen do not count."
        ),
        advice=(
            "Look whether the organization speaks elsewhere now (`barograph discover`), and mend "
            "the address in your list."
        ),
        ended="It was heard again: the last act is of {last_act_at:%Y-%m-%d}.",
    ),
    "stage_changed": Words(
        title="{name}: public signals have come to be consistent with {stages_now}",
        text=(
            "Since the week of {began_on} publicly observable signals of {name} are consistent "
            "with {stages_now} (90 % prediction set; observed stage {stage_now}); those of the "
            "week of {before_on} were consistent with {stages_before} (90 % prediction set; "
            "observed stage {stage_before}). It is told because the new stage had a probability of "
            "0.8 or more in every week of two quarters in a row that names one."
        ),
        advice=(
            "`barograph roadmap {subject_id}` shows its course, `barograph explain {subject_id}` "
            "what speaks for and against."
        ),
        ended=(
            "A quarter has passed since, or it is not found any more: the course stands in "
            "`barograph roadmap {subject_id}`."
        ),
    ),
    "signals_worse": Words(
        title="{name}: {signal_count} watched signals got worse",
        text=(
            "Since the week of {since} publicly observable signals of {name} are worse than in the "
            "year before: {signals}. It takes two signals, so that one bad week tells nothing; why "
            "they are is not known."
        ),
        advice="`barograph roadmap {subject_id}` shows its course and the warning.",
        ended="The last two weeks that could be judged show no warning.",
    ),
    "claim_outside": Words(
        title="{name} claims {position_words} than its 90 % prediction set holds",
        text=(
            "{name} claims the stage {claimed}; publicly observable signals of the week of "
            "{as_of_week} are consistent with {stages_now} (90 % prediction set; observed stage "
            "{stage_now}). The claim lay within the set before, and outside of it for two weeks. "
            "Among honest claims that happens to about one in ten."
        ),
        advice=(
            "`barograph explain {subject_id}` shows what the set rests on, and what cannot be seen."
        ),
        ended="{claim_words}",
    ),
}
