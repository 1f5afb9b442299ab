"""What audits of labels find of planted faults, and what estimates do when evidence gets worse.

    python benchmarks/audits.py FOLDER [--sets 36] [--write]

Each set is labelled organizations of one simulated world; labels carry experts' errors (24 % of
them lie one stage off). The model is the cold start that ships; labels correct it anew in each
fold. On 200 labels every audit runs on the set as it is, each audit on the fault that it is made
for, and every stress of an evaluation is put on the held-out organizations. With 100 and 400
labels only replies that a crawler misses together are planted. One line of JSON a set goes to
FOLDER/audits.jsonl, so that a run can be stopped and taken up again. --write puts the counts into
docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from audits_planting import (  # beside this script
    CONVERSATIONS,
    REPLIES,
    Shares,
    Way,
    copy_label,
    labelled_set,
    miss_signals,
    shuffle_labels,
)

from classifiers.audits import (
    HeldOut,
    Verdict,
    audit_all,
    audit_shuffled_labels,
    audit_single_features,
    audit_unseen_signals,
)
from classifiers.evaluating.pipeline import ColdStartPipeline, out_of_fold_views
from classifiers.evaluating.scores import Resampler
from classifiers.evaluating.splits import repeated_folds
from classifiers.evaluating.stress_tests import stress_labelled
from classifiers.evaluating.stresses import stresses
from classifiers.simulators import SIMULATORS
from classifiers.training import train_cold_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.audits import Audit
    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.evaluating.stress_tests import StressTest
    from classifiers.model import StageModel
    from classifiers.out_of_fold import Fold

LABEL_COUNT = 200
OTHER_LABEL_COUNTS = (100, 400)
STRONG, WEAK = Shares(0.8, 0.1), Shares(0.6, 0.15)
COPY_OFF_SHARES = (0.0, 0.1, 0.24)
SOURCES = ("simulator", "offset")  # labels do not speak; they speak through the features
FOLD_COUNT = 5


class Missed(NamedTuple):
    """One way in which a crawler misses conversations, in one strength."""

    what: str
    way: Way
    shares: Shares

    @property
    def key(self) -> str:
        """Its name in the log."""
        return f"{self.what} {self.way}, {self.shares.low:.0%} and {self.shares.high:.0%}"


SIGNALS = {"replies": REPLIES, "conversations": CONVERSATIONS}
MISSED = tuple(
    Missed(what, way, shares)
    for (what, way), shares in product(
        (
            ("replies", Way.TOGETHER),
            ("conversations", Way.TOGETHER),
            ("replies", Way.BY_ITSELF),
            ("replies", Way.WHERE_MEASURED),
        ),
        (STRONG, WEAK),
    )
)


def main() -> None:
    """Measure what is not measured yet, then write the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", type=int, default=36, help="of each simulator")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    log = given.folder / "audits.jsonl"
    _run(given.sets, log)
    if given.write:
        from audits_report import write_report  # beside this script

        write_report(_rows(log))


def _run(set_count: int, log: Path) -> None:
    done = {_key(row) for row in _rows(log)}
    counts = (LABEL_COUNT, *OTHER_LABEL_COUNTS)
    for number, simulator, count in product(range(set_count), SIMULATORS, counts):
        row = {"simulator": simulator, "set": number, "label_count": count}
        if _key(row) in done:
            continue
        row |= _measured(labelled_set(simulator, number, count), number)
        with log.open("a") as out:
            out.write(json.dumps(row | {"model_version": _cold_start().model_version}) + "\n")
        print(simulator, number, count, row.get("warned", ""), flush=True)


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("simulator", "set", "label_count"))


@cache
def _cold_start() -> StageModel:
    return train_cold_start()


def _measured(table: LabelledTable, number: int) -> dict[str, Any]:
    if len(table) != LABEL_COUNT:
        asked = [each for each in MISSED if (each.what, each.way) == ("replies", Way.TOGETHER)]
        return {"found": {each.key: _finds_missed(table, each, number) for each in asked}}
    pipeline = ColdStartPipeline(_cold_start().evidence).fixed("offset")
    return {
        "warned": [audit.name for audit in audit_all(table, pipeline) if _is_warning(audit)],
        "found": dict(_found(table, pipeline, number)),
        "stresses": {source: _stressed(table, source) for source in SOURCES},
    }


def _found(
    table: LabelledTable, pipeline: ColdStartPipeline, number: int
) -> Iterator[tuple[str, bool]]:
    """Of each planted fault: whether its audit warns."""
    for share in COPY_OFF_SHARES:
        copied = copy_label(table, share, np.random.default_rng([number, 2]))
        audit = audit_single_features(HeldOut(copied, _folds(copied), pipeline))
        yield f"copied, {share:.0%} off", _is_warning(audit)
    mixed = shuffle_labels(table, np.random.default_rng([number, 3]))
    yield "shuffled", _is_warning(audit_shuffled_labels(HeldOut(mixed, _folds(mixed), pipeline)))
    for missed in MISSED:
        yield missed.key, _finds_missed(table, missed, number)


def _finds_missed(table: LabelledTable, missed: Missed, number: int) -> bool:
    generator = np.random.default_rng([number, 4])
    planted = miss_signals(table, SIGNALS[missed.what], missed.shares, missed.way, generator)
    return _is_warning(audit_unseen_signals(planted))


def _is_warning(audit: Audit) -> bool:
    return audit.verdict is Verdict.WARNING


def _stressed(table: LabelledTable, source: str) -> dict[str, Any]:
    cold = _cold_start()
    pipeline = ColdStartPipeline(cold.evidence, cold.calibration, source)
    found = stresses(table.X, table.signal_codes)
    matrices = [table.X, *(stress.X for stress in found)]
    views = out_of_fold_views(pipeline, table, _folds(table), matrices)
    tests = stress_labelled(table, views, found, Resampler(table.groups))
    return {test.name: _figures(test) for test in tests}


def _figures(test: StressTest) -> dict[str, Any]:
    assert test.root_error_growth is not None  # there are labels
    assert test.coverage is not None
    assert test.coverage_before is not None
    return {
        "verdict": test.verdict.value,
        "spread_growth": test.spread_growth.value,
        "root_error_growth": test.root_error_growth.value,
        "shift": test.shift.value,
        "coverage": test.coverage.value,
        "coverage_before": test.coverage_before.value,
    }


def _folds(table: LabelledTable) -> list[Fold]:
    [folds] = repeated_folds(table, FOLD_COUNT, 1)
    return list(folds)


def _rows(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


if __name__ == "__main__":
    main()
