"""The measured parts of docs/evaluation.md, from what benchmarks/audits.py measured.

Only what stands between the markers is written anew; the text around them is kept.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from audits import COPY_OFF_SHARES, LABEL_COUNT, MISSED, SOURCES  # beside this script
from audits_planting import LAST_LOW_STAGE, Way

from classifiers.evaluating.stress_tests import StressVerdict
from classifiers.simulators import SIMULATORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Row = dict[str, Any]

PAGE = Path(__file__).parents[1] / "docs" / "evaluation.md"

_DOUBLED = "doubled posts"
_SOURCE_NAMES = {"simulator": "labels do not speak", "offset": "source `offset`"}
_VERDICTS = (StressVerdict.WIDENS, StressVerdict.UNCLEAR, StressVerdict.JUMPS)
_MISSED_TEXTS = {
    ("replies", Way.TOGETHER): "replies missed together",
    ("conversations", Way.TOGETHER): "everything in conversations missed together",
    ("replies", Way.BY_ITSELF): "each signal of replies missed by itself",
    ("replies", Way.WHERE_MEASURED): "replies missed only where there were enough to measure",
}
_STRESS_TEXT = """
Measured by `python benchmarks/audits.py FOLDER --write` on {sets} of {label_count} labels,
with the model `{model}`; means of what changes, and how many sets have which verdict:

{table}

The 90 % sets hold {before} of the labels without a stress, and {hidden} where
evidence is hidden or lost (means of each stress; first where labels do not speak, then of
`offset`). Whoever posts everything twice moves by {shifts} stages on average, and the
sets then hold {doubled}: {by_simulator}.
"""
_PLANTED_TEXT = """
Measured by the same command on {sets} for each number of labels;
24 % of the labels lie one stage off. A crawler misses something of two shares of the
organizations: of those with a label of 1 to {last_low}, and of the others.

{table}

{alarms}
"""


def write_report(rows: list[Row]) -> None:
    """Write both parts of the page anew from all rows of audits.jsonl.

    Raises:
        ValueError: the rows are of several models, or the page has no such part.
    """
    models = {row["model_version"] for row in rows}
    if len(models) != 1:
        message = f"rows are of the models {sorted(models)}; measure one model in a new folder"
        raise ValueError(message)
    text = PAGE.read_text("utf-8")
    for name, part in (("stresses", stress_part(rows)), ("planted faults", planted_part(rows))):
        text = _replaced(text, name, part)
    PAGE.write_text(text, encoding="utf-8")


def stress_part(rows: list[Row]) -> str:
    """The table of stresses with the sentences that count."""
    own = [row for row in rows if row["label_count"] == LABEL_COUNT]
    others = [name for name in own[0]["stresses"][SOURCES[0]] if name != _DOUBLED]
    return _STRESS_TEXT.format(
        sets=_sets(own),
        label_count=LABEL_COUNT,
        model=own[0]["model_version"],
        table=_stress_table(own),
        before=_coverages(own, [_DOUBLED], "coverage_before"),
        hidden=_coverages(own, others),
        shifts=_shifts(own),
        doubled=_coverages(own, [_DOUBLED]),
        by_simulator="; ".join(_by_simulator(own)),
    )


def planted_part(rows: list[Row]) -> str:
    """The table of planted faults with the sentences that count."""
    own = [row for row in rows if row["label_count"] == LABEL_COUNT]
    head = ["planted", "labels", *(f"found: {_name(each)}" for each in SIMULATORS)]
    return _PLANTED_TEXT.format(
        sets=_sets(own),
        last_low=LAST_LOW_STAGE,
        table=_table(head, [_clean_cells(own), *_planted_cells(rows)]),
        alarms=_alarms(own),
    )


def _replaced(text: str, name: str, part: str) -> str:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if begin not in text or end not in text:
        message = f"the page has no part between {begin} and {end}; put both markers into it"
        raise ValueError(message)
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{part.strip()}\n{end}{after}"


def _sets(rows: Sequence[Row]) -> str:
    counts = Counter(row["simulator"] for row in rows)
    each = " and ".join(f"{counts[name]} of {_name(name)}" for name in SIMULATORS)
    return f"{len(rows)} sets ({each})"


def _stress_table(rows: Sequence[Row]) -> str:
    head = [f"{_SOURCE_NAMES[source]}: spread, root error" for source in SOURCES]
    head = [cell for growths in head for cell in (growths, ", ".join(_VERDICTS))]
    names = list(rows[0]["stresses"][SOURCES[0]])
    lines = ([name, *_stress_cells(rows, name)] for name in names)
    return _table(["stress", *head], lines)


def _stress_cells(rows: Sequence[Row], name: str) -> Iterator[str]:
    for source in SOURCES:
        growths = (_mean(rows, source, name, key) for key in ("spread_growth", "root_error_growth"))
        yield ", ".join(f"{100 * growth:+.0f} %" for growth in growths)
        counts = Counter(row["stresses"][source][name]["verdict"] for row in rows)
        yield ", ".join(str(counts[verdict.value]) for verdict in _VERDICTS)


def _coverages(rows: Sequence[Row], names: Sequence[str], key: str = "coverage") -> str:
    """Of each source: the coverage, or its range over several stresses."""
    told = []
    for source in SOURCES:
        values = [round(100 * _mean(rows, source, name, key)) for name in names]
        ends = sorted({min(values), max(values)})
        told.append(" to ".join(map(str, ends)))
    return " and ".join(f"{each} %" for each in told)


def _shifts(rows: Sequence[Row]) -> str:
    return " and ".join(f"{_mean(rows, each, _DOUBLED, 'shift'):+.2f}" for each in SOURCES)


def _by_simulator(rows: Sequence[Row]) -> Iterator[str]:
    for name in SIMULATORS:
        own = [row for row in rows if row["simulator"] == name]
        if own:
            held = _coverages(own, [_DOUBLED])
            yield f"in worlds of {_name(name)} {_shifts(own)} stages, {held}"


def _mean(rows: Sequence[Row], source: str, name: str, key: str) -> float:
    return float(np.mean([row["stresses"][source][name][key] for row in rows]))


def _clean_cells(rows: Sequence[Row]) -> list[str]:
    counts = (_told(row["warned"] for row in rows if row["simulator"] == s) for s in SIMULATORS)
    return ["nothing: a warning of any audit", str(LABEL_COUNT), *counts]


def _planted_cells(rows: Sequence[Row]) -> Iterator[list[str]]:
    for key, text in _texts().items():
        own = [row for row in rows if key in row["found"]]
        for count in sorted({row["label_count"] for row in own}):
            of_count = [row for row in own if row["label_count"] == count]
            yield [text, str(count), *_found_cells(of_count, key)]


def _found_cells(rows: Sequence[Row], key: str) -> list[str]:
    return [_told(row["found"][key] for row in rows if row["simulator"] == s) for s in SIMULATORS]


def _texts() -> dict[str, str]:
    copied = {f"copied, {share:.0%} off": _copied(share) for share in COPY_OFF_SHARES}
    missed = {
        each.key: f"{_MISSED_TEXTS[each.what, each.way]}: {_shares(each.shares)}" for each in MISSED
    }
    return copied | {"shuffled": "shuffled labels"} | missed


def _copied(share: float) -> str:
    text = "the label, copied into one feature"
    return f"{text}; {100 * share:.0f} % of the copies one stage off" if share else text


def _shares(shares: Sequence[float]) -> str:
    low, high = (f"{100 * share:.0f}" for share in shares)
    return f"{low} and {high} %"


def _told(found: Iterable[object]) -> str:
    values = list(map(bool, found))
    return f"{sum(values)} of {len(values)}"


def _alarms(rows: Sequence[Row]) -> str:
    counts = Counter(name for row in rows for name in row["warned"])
    if not counts:
        return "No audit warned of a set without anything planted."
    names = ", ".join(f"`{name}` ({count})" for name, count in counts.most_common())
    return f"Warnings of sets without anything planted came from {names}."


def _name(simulator: str) -> str:
    return simulator.replace("_", " ")


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    first, *others = (f"| {' | '.join(cells)} |" for cells in (head, *lines))
    return "\n".join([first, "|---" * len(head) + "|", *others])
