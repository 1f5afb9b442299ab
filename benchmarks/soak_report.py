"""The report of a soak run, as docs/soak.md has it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from documents import table
from soak_alerts import alerts_told
from soak_checks import finished_runs
from soak_course import SPEED
from soak_traces import STAGES
from soak_world import CHANNEL_COUNT, ORGANIZATION_COUNT, WINDOW_COUNT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from soak_checks import Verdict
    from soak_course import Course
    from soak_reader import Reader
    from soak_sizes import Sizes

_HOURS_SHOWN = 6


def report(
    course: Course,
    found: Sequence[Verdict],
    sizes: Sequence[Sizes],
    reader: Reader | None,
    seconds: float,
) -> str:
    """All tables, as Markdown."""
    sections = (
        _outline(course, seconds),
        table(("what must hold", "found", ""), _judged(found), 3),
        "### Where processes were killed\n",
        table(("command", *STAGES), _kills(course)),
        "### What the server answered\n",
        table(("answer", "times"), course.site.answers.most_common()),
        "### What was told\n",
        table(("condition", "of", "began", "over"), _episodes(course), 4),
        "### Hour by hour\n",
        table(_HOURLY, _hourly(course, sizes, reader)),
    )
    return "\n".join(sections)


def _outline(course: Course, seconds: float) -> str:
    plan, killed = course.plan, sum(step.ended.is_killed for step in course.steps)
    disk = (
        "a file system of its own (tmpfs), which was filled"
        if course.disk.is_own
        else ("an ordinary folder: nobody may mount here, so the full disk was left out")
    )
    return (
        f"`python benchmarks/soak.py --hours {plan.hours} --seed {plan.seed}`: {plan.hours} "
        f"simulated hours took {seconds / 60:.1f} minutes. {ORGANIZATION_COUNT} organizations, "
        f"{CHANNEL_COUNT} feeds of {WINDOW_COUNT} entries; {len(course.steps)} processes, "
        f"{killed} of them killed. The project lay on {disk}. One channel was not found in the "
        f"hours {plan.gone[0]} to {plan.gone[1]}, three runs were killed one after another in "
        f"hour {plan.bad_hour}, the disk was full in hour {plan.disk_hour}, and the server "
        f"answered every request with 502 in the hours {plan.out[0]} to {plan.out[1]}. In a "
        f"process the clock runs {SPEED:.0f} times as fast.\n"
    )


def _judged(found: Iterable[Verdict]) -> Iterator[tuple[str, str, str]]:
    for verdict in found:
        yield verdict.what, verdict.found, "yes" if verdict.is_kept else "**no**"


def _kills(course: Course) -> Iterator[tuple[str, ...]]:
    counts = Counter((s.command, s.reached) for s in course.steps if s.ended.is_killed)
    for command in sorted({command for command, _ in counts}):
        yield command, *(str(counts[command, stage]) for stage in STAGES)


def _episodes(course: Course) -> Iterator[tuple[str, ...]]:
    for one in alerts_told(course.data, course.site.told).episodes:
        ended = _clock(one.recovered_at) if one.recovered_at else "still open"
        yield f"`{one.code}`", one.subject, _clock(one.opened_at), ended


def _clock(moment: datetime) -> str:
    return f"{moment:%A %H:%M}"


_HOURLY = (
    "hour",
    "run, MB",
    "run, s",
    "dashboard, MB",
    "its files",
    "archive, MB",
    "warehouse, MB",
    "snapshots, MB",
    "snapshots",
    "unfinished files",
    "left in TMPDIR",
)


def _hourly(
    course: Course, sizes: Sequence[Sizes], reader: Reader | None
) -> Iterator[tuple[str, ...]]:
    """Every sixth hour, and the last."""
    ended = {step.hour: step.ended for step in finished_runs(course)}
    hours = len(sizes)
    for hour in sorted({*range(_HOURS_SHOWN - 1, hours, _HOURS_SHOWN), hours - 1}):
        run, size = ended.get(hour), sizes[hour]
        yield (
            str(hour),
            f"{run.peak_megabytes:.0f}" if run else "-",
            f"{run.seconds:.1f}" if run else "-",
            f"{reader.megabytes[hour]:.0f}" if reader else "-",
            str(reader.descriptors[hour]) if reader else "-",
            *(f"{value:.1f}" for value in (size.archive, size.warehouse, size.snapshots)),
            *(str(n) for n in (size.snapshot_count, size.unfinished_count, size.temporary_count)),
        )
