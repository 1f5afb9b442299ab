"""The course of an organization and its early warnings, in words and tables; it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.claims import DEFAULT_INSTRUMENT
from classifiers.stages import Stage
from flows.earlywarnings import FEWEST_WEEKS
from flows.explanationreport import Section, Table, figure
from flows.terminal import number, stage_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MOST_SPANS = 12
_MEASURE = (
    "`barograph build --since DATE` measures the weeks before, as far back as what was collected "
    "reaches"
)
_CLAIM_COLUMNS = ("Day", "Claims", "How")
_SAME_TALKS = {"reply_rate_72h", "response_hours_median"}


def course_section(record: Mapping[str, Any]) -> Section:
    """Where an organization was seen to be, week by week; `record` as `flows.course` makes it."""
    return Section(
        "Course",
        (*_course_sentences(record), *_claims_intro(record)),
        (
            _held_table(record["held_stages"]),
            _spans_table(record["spans"]),
            _claims_table(record["claims"]),
        ),
    )


def _course_sentences(record: Mapping[str, Any]) -> Iterator[str]:
    weeks = record["weeks"]
    estimated = [week for week in weeks if week["probabilities"]]
    if len(estimated) <= 1:
        yield _few_weeks(estimated)
        yield f"{_MEASURE}; `barograph estimate --since DATE` estimates them."
    else:
        yield _weeks_sentence(weeks)
    if any(week["gap"] == "another model" for week in weeks):
        yield "`barograph estimate --since DATE` estimates by the last model what another one did."
    if len(estimated) > 1 and not record["held_stages"]:
        yield (
            "No stage is held: that takes a probability of 0.8 or more in every week that names "
            "a stage, of two quarters that follow each other."
        )
    yield from _smoothed_sentences(record)


def _few_weeks(estimated: Sequence[Mapping[str, Any]]) -> str:
    if not estimated:
        return "No week is estimated, so there is no course to tell."
    return "Only one week is estimated, so there is no course to tell yet."


def _weeks_sentence(weeks: Sequence[Mapping[str, Any]]) -> str:
    gaps = [week["gap"] for week in weeks]
    named = {0: "none names", 1: "one names"}.get(gaps.count(""), f"{gaps.count('')} name")
    kinds = [f"{gaps.count(gap)} {gap}" for gap in dict.fromkeys(filter(None, gaps))]
    left = f"; the others are gaps, which are no change: {', '.join(kinds)}" if kinds else ""
    return (
        f"Of the {len(weeks)} weeks from Monday {weeks[0]['as_of_week']} to "
        f"{weeks[-1]['as_of_week']}, {named} a single stage{left}."
    )


def _smoothed_sentences(record: Mapping[str, Any]) -> Iterator[str]:
    """What all weeks say together; nothing that a single week does not say itself."""
    found = record["smoothed"]
    if found is None or sum(not week["gap"] for week in record["weeks"]) <= 1:
        return
    shares = ", ".join(
        f"{stage.label} {share:.0%}"
        for stage, share in zip(Stage, found["probabilities"], strict=True)
    )
    yield f"All of these weeks together say of the week of Monday {found['week']}: {shares}."
    yield (
        f"Expected moves until then: {record['expected_rise_count']:.1f} up, "
        f"{record['expected_fall_count']:.1f} down."
    )


def _held_table(held: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (
            one["stage_label"],
            str(one["began_on"]),
            str(one["held_on"]),
            str(one["ended_on"] or "still held"),
            f"{'' if one['ended_on'] else 'at least '}{one['dwell_week_count']}",
        )
        for one in held
    )
    columns = ("Stage", "Since", "Held from", "Until", "Weeks")
    return Table("Stages that were held (0.8 or more for two quarters)", columns, rows)


def _spans_table(spans: Sequence[Mapping[str, Any]]) -> Table:
    latest = spans[-_MOST_SPANS:]
    rows = tuple(
        (
            str(span["since"]),
            str(span["until"]),
            str(span["week_count"]),
            f"gap: {span['gap']}" if span["gap"] else f"{span['stage_label']}",
            "-" if span["gap"] else stage_set(span),
        )
        for span in latest
    )
    columns = ("From", "To", "Weeks", "Observed stage", "90 % sets, together")
    left = f", the latest {len(latest)} of {len(spans)} spans" if len(latest) < len(spans) else ""
    return Table(f"Week by week{left}", columns, rows if len(spans) > 1 else ())


def _claims_intro(record: Mapping[str, Any]) -> Iterator[str]:
    if not record["claims"]:
        yield "It has claimed no stage."
    elif not any(one["week"] for one in record["claims"]):
        yield "No week within a quarter of its claims names a stage, so nothing is set beside them."


def _claims_table(claims: Sequence[Mapping[str, Any]]) -> Table:
    is_beside = any(one["week"] for one in claims)
    beside = ("Observed below", "The same", "Above") if is_beside else ()
    rows = tuple(_claim_cells(one)[: len(_CLAIM_COLUMNS) + len(beside)] for one in claims)
    title = "Its claims, beside the stage of that time" if is_beside else "Its claims"
    return Table(title, (*_CLAIM_COLUMNS, *beside), rows)


def _claim_cells(claim: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        str(claim["claimed_on"] or "no date"),
        Stage(claim["stage_code"]).label,
        "named by itself" if claim["instrument"] == DEFAULT_INSTRUMENT else "by its gates",
        *(number(claim[key], ".0%") for key in ("below", "same", "above")),
    )


def warnings_section(record: Mapping[str, Any]) -> Section:
    """Signals that got worse; `record` as `flows.earlywarnings` makes it."""
    return Section(
        "Early warnings", tuple(_warning_sentences(record)), (_warnings_table(record["warnings"]),)
    )


def is_on(warning: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Whether a warning lasts until the last measured week."""
    return bool(warning["until"] == record["last_measured_week"])


def _warning_sentences(record: Mapping[str, Any]) -> Iterator[str]:
    judged = record["judged_weeks"]
    if not judged:
        yield (
            f"Nothing is known of them: that takes two signals over {FEWEST_WEEKS} weeks; measured "
            f"until now: {record['measured_week_count']}. {_MEASURE}."
        )
        return
    yield _judged_sentence(record)
    if record["outages"]:
        days = ", ".join(map(str, record["outages"]))
        yield f"Weeks in which a platform (or our own line) was out are left out: {days}."
    if any({one["signal_code"] for one in w["signals"]} <= _SAME_TALKS for w in record["warnings"]):
        yield (
            "The reply rate and the time to an answer rest on the same conversations: two signals "
            "are not two witnesses."
        )


def _judged_sentence(record: Mapping[str, Any]) -> str:
    judged, count = record["judged_weeks"], len(record["warnings"])
    found = {0: "None", 1: "One"}.get(count, str(count))
    left = record["measured_week_count"] - len(judged)
    rest = (
        f"; {left} more cannot be judged (too short a past, too little seen, or an outage)"
        if left
        else ""
    )
    return (
        f"{found} in {len(judged)} weeks from Monday {judged[0]} to {judged[-1]}, in which two or "
        f"more signals could be set against their own past{rest}."
    )


def _warnings_table(warnings: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (
            str(warning["since"]),
            str(warning["until"]),
            f"{one['label']} ({one['unit']})",
            figure(one["usual"]),
            f"{figure(one['value'])} ({one['n']})",
        )
        for warning in reversed(warnings)
        for one in warning["signals"]
    )
    columns = ("Since", "Until", "Signal", "Median of the year before", "At last (n)")
    return Table("Worse than its own past, the newest first", columns, rows)
