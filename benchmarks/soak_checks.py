"""What a soak run must have kept, each beside what was found."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from soak_alerts import alerts_told
from soak_course import ALL_WELL, NOTHING_DONE
from soak_plan import ASK_ALL, RUN
from soak_sizes import sizes_of
from soak_warehouse import acts, differing_tables, opened_snapshots, rows
from soak_world import START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from soak_alerts import Alerts
    from soak_course import Course, Step
    from soak_reader import Reader

#: Of the memory of runs: the last quarter of them beside the first.
_MOST_GROWTH = 1.1
#: Snapshots that are kept.
_MOST_SNAPSHOTS = 3
#: Conditions that hold in this world at some time; another one that is told is a false alarm.
_CONDITIONS = {"source_out", "run_failed", "snapshot_stale", "error_rate"}


class Verdict(NamedTuple):
    """Something that must hold, and what was found."""

    what: str
    found: str
    is_kept: bool


def verdicts(course: Course, replayed: Path, reader: Reader | None) -> Iterator[Verdict]:
    """Everything that a soak run is to show.

    Args:
        course: the run, at its end.
        replayed: an empty folder, into which the archive is replayed.
        reader: the dashboard that lived through it.
    """
    yield from _killings(course)
    yield from acts_kept(course)
    yield _replay(course, replayed)
    yield from _left(course)
    yield from _told(course, alerts_told(course.data, course.site.told))
    if course.disk.is_own:
        yield _full_disk(course)
    yield from _memory(course, reader)


def _killings(course: Course) -> Iterator[Verdict]:
    killed = [step.hour for step in course.steps if step.ended.is_killed]
    hours = len(set(killed))
    found = f"{len(killed)} kills in {hours} of {course.plan.hours} hours"
    yield Verdict("a process was killed in every hour", found, hours == course.plan.hours)
    odd = [step for step in course.steps if not _is_expected(course, step)]
    told = "; ".join(f"hour {s.hour}: {s.command} {s.ended.code}" for s in odd) or "none"
    yield Verdict("no other process failed", told, not odd)


def _is_expected(course: Course, step: Step) -> bool:
    is_full = course.disk.is_own and step.hour == course.plan.disk_hour
    may_find_nothing = step.hour == 0 and step.command != "run"  # no warehouse is there yet
    is_told = step.ended.code == NOTHING_DONE and (is_full or may_find_nothing)
    return step.ended.is_killed or step.is_done or is_told


def acts_kept(course: Course) -> Iterator[Verdict]:
    """Whether the acts in the warehouse are those that were published and shown, each once."""
    found = acts(course.data)
    kept = course.to_be_kept()
    lost = kept - set(found)
    yield Verdict(
        "nothing lost: each entry is in the warehouse that stood in a whole answer to a process "
        "that archived it or came to its end",
        f"{len(kept)} shown, {len(lost)} lost",
        bool(kept) and not lost,
    )
    published = {(path, at) for path, feed in course.site.feeds.items() for at in feed.published}
    invented = set(found) - published
    doubled = found.total() - len(found)
    yield Verdict(
        "nothing doubled, nothing invented: acts by channel and moment",
        f"{found.total()} acts, {doubled} doubled, {len(invented)} that nobody published",
        not doubled and not invented,
    )
    ((ids, distinct),) = rows(
        course.data, "select count(*), count(distinct activity_id) from raw.activities"
    )
    yield Verdict("identifiers of acts are unique", f"{ids} of {distinct}", ids == distinct)
    yield Verdict(
        "after no run an act was there twice, or one gone that had been there",
        f"{len(course.doubled)} twice, {len(course.vanished)} gone",
        not course.doubled and not course.vanished,
    )
    lately = _published_lately(course)
    unseen = len(lately - set(found))
    yield Verdict(
        "no feed moved on unseen: each entry published in these hours is in the warehouse",
        f"{len(lately)} published, {unseen} not there",
        not unseen,
    )


def _published_lately(course: Course) -> set[tuple[str, datetime]]:
    """Entries from the first hour until the last run began."""
    last = max(step.at for step in course.steps if step.arguments[: len(RUN)] == RUN)
    return {
        (path, at)
        for path, feed in course.site.feeds.items()
        for at in feed.published
        if START <= at <= last
    }


def _replay(course: Course, replayed: Path) -> Verdict:
    arguments = ("replay", "--data", str(replayed), "--from", str(course.data))
    ended = course.run(course.plan.hours, arguments)
    different = differing_tables(course.data, replayed) if ended.code == ALL_WELL else ["all"]
    return Verdict(
        "a replay of the archive gives the same tables",
        f"exit code {ended.code}, different: {', '.join(different) or 'none'}",
        not different,
    )


def _left(course: Course) -> Iterator[Verdict]:
    states = dict(rows(course.data, "select state, count(*) from raw.runs group by 1 order by 1"))
    told = ", ".join(f"{count} {state}" for state, count in states.items())
    yield Verdict("no run is left as running", told, "running" not in states)
    sizes = sizes_of(course.disk.folder)
    yield Verdict(
        "the landing folder is empty", f"{sizes.landing_count} files", not sizes.landing_count
    )
    opened = opened_snapshots(course.data / "snapshots")
    counts = ", ".join(f"{name} {count} rows" for name, count in opened.items())
    is_whole = 0 < len(opened) <= _MOST_SNAPSHOTS and all(opened.values())
    yield Verdict("every snapshot opens and can be read to its last row", counts, is_whole)


def _told(course: Course, alerts: Alerts) -> Iterator[Verdict]:
    odd = [*alerts.repeated_in_log, *alerts.unpaired, *alerts.not_in_table]
    yield Verdict(
        "the log has each message once: a beginning, and at most one end, of each alert",
        f"{len(alerts.episodes)} alerts, {alerts.message_count} messages, {len(odd)} odd",
        (bool(alerts.episodes) or not course.disk.is_own) and not odd,
    )
    yield Verdict(
        "the webhook has each letter: once, but for a kill between its taking it and our noting it",
        f"{alerts.letter_count} letters, {alerts.missing_letters} missing, "
        f"{alerts.second_copies} second copies, {alerts.refused_tries} refused and sent again",
        not alerts.missing_letters and alerts.second_copies <= _killed_looks(course),
    )
    false_alarms = {episode.code for episode in alerts.episodes} - _CONDITIONS
    yield Verdict(
        "nothing was told that did not hold", ", ".join(false_alarms) or "-", not false_alarms
    )
    yield from _conditions(course, alerts)


def _killed_looks(course: Course) -> int:
    """Killed processes that may have been sending."""
    return sum(step.ended.is_killed and step.command in {"run", "alerts"} for step in course.steps)


def _conditions(course: Course, alerts: Alerts) -> Iterator[Verdict]:
    failing = alerts.of("run_failed")
    # Whether a look in the hour of the full disk could be written down, nobody can know.
    doubtful = len(failing) - course.expected_failing
    yield Verdict(
        "told that runs fail as often as two in a row had come to no end",
        f"{len(failing)} told, {course.expected_failing} by the record of runs (the hour of the "
        "full disk may add one)",
        0 <= doubtful <= int(course.disk.is_own) and all(one.recovered_at for one in failing),
    )
    if course.disk.is_own:
        stale = alerts.of("snapshot_stale")
        yield Verdict(
            "told once, and once that it is over, that nothing was published: the full disk",
            f"{len(stale)} told, {sum(one.recovered_at is not None for one in stale)} over",
            len(stale) == 1 and stale[0].recovered_at is not None,
        )
    if course.plan.has_outage:
        span, out = course.plan.out_span, alerts.of("source_out")
        is_once = len(out) == 1 and span.holds(out[0].opened_at)
        ended_at = out[0].recovered_at if out else None
        yield Verdict(
            "told once, and once that it is over, that the server was out",
            "; ".join(f"{_clock(o.opened_at)} to {_clock(o.recovered_at)}" for o in out) or "never",
            is_once and ended_at is not None and ended_at >= span.end,
        )


def _clock(moment: datetime | None) -> str:
    return f"{moment:%a %H:%M}" if moment else "(open)"


def _full_disk(course: Course) -> Verdict:
    """Runs that fail for it end with an error in a sentence, which says what to do."""
    failed = [
        step.ended.output
        for step in course.steps
        if step.hour == course.plan.disk_hour and step.ended.code == NOTHING_DONE
    ]
    clear = [out for out in failed if "make room" in out and "Traceback" not in out]
    return Verdict(
        "on a full disk commands end with a sentence that says what to do",
        f"{len(failed)} failed, {len(clear)} with such a sentence",
        bool(failed) and len(clear) == len(failed),
    )


def finished_runs(course: Course) -> list[Step]:
    """Runs that came to their end, but for the first: it trains the model."""
    return [step for step in course.steps if step.is_whole_run][1:]


def quarters(values: list[float]) -> tuple[float, float]:
    """Medians of the first and of the last quarter of some values."""
    size = max(1, len(values) // 4)
    return median(values[:size]), median(values[-size:])


def _memory(course: Course, reader: Reader | None) -> Iterator[Verdict]:
    runs = [step for step in finished_runs(course) if step.ended.peak_megabytes]
    # What a run takes depends on what it has to do.
    for what, asks_all in {"that asks all channels": True, "that asks those due": False}.items():
        peaks = [r.ended.peak_megabytes for r in runs if (ASK_ALL in r.arguments) is asks_all]
        if peaks:
            yield _flat(f"the highest memory of a run {what}", "MB", peaks)
    if reader is not None and reader.megabytes:
        yield _flat("memory of a dashboard that lived through it", "MB", reader.megabytes)
        yield _flat(
            "open files and connections of the dashboard",
            "",
            [float(n) for n in reader.descriptors],
        )
        told = f"{len(reader.refused)} pages refused"
        yield Verdict("the dashboard answered at every hour", told, not reader.refused)


def _flat(what: str, unit: str, values: list[float]) -> Verdict:
    first, last = quarters(values)
    found = f"{first:.0f} {unit}".strip() + f", then {last:.0f} {unit}".rstrip()
    ratio = last / first
    return Verdict(
        f"no more in the last quarter of the hours than in the first: {what}",
        f"{found}: factor {ratio:.2f}",
        ratio <= _MOST_GROWTH,
    )
