"""How well ordered classes are estimated, on public data and beside what others offer.

    python benchmarks/ordinal.py FOLDER [--partitions N] [--sets NAME,NAME] [--models NAME,NAME]
    python benchmarks/ordinal.py FOLDER --write [--partitions N]

The first form fits every model to every partition and appends what it predicts to
FOLDER/predictions.jsonl, one line a fit; what is there is not fitted again, so a run can be
stopped and resumed. The second form writes the tables of docs/classifier.md from that file, or from
its first N partitions.
The data come with skordinal. Exit codes: 0 done, 1 some fits failed, 2 a usage error.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from ordinal_roster import CANDIDATES, Candidate
from sklearn.model_selection import StratifiedShuffleSplit
from skordinal.datasets import load_dataset

from classifiers.conformal import OrdinalConformalClassifier
from classifiers.decisions import median_positions
from classifiers.members import probabilities_over
from classifiers.nonconformity import SCORES, scores_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DATA_SETS = ("esl", "swd", "lev", "era", "balance_scale")
PARTITION_COUNT = 30
TEST_SHARE = 0.25
SET_ALPHA = 0.1

_DOCUMENT = Path(__file__).parents[1] / "docs" / "classifier.md"
_DIGITS = 5  # of a stored probability
_SEED = 0


class Partition(NamedTuple):
    """Rows of one data set, divided into training and test."""

    data_set: str
    number: int
    X: Any
    y: Any
    test_X: Any  # noqa: N815
    test_y: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What one model said of the test rows of one partition.

    Attributes:
        predicted: class of each row, None when the fit failed.
        probabilities: of each class, None for a model that has none.
        seconds: CPU time of one fit, without the search for settings.
        sets: by nonconformity score the lowest and highest class of each row's 90 % set.
        failure: what went wrong.
    """

    data_set: str
    partition: int
    model: str
    predicted: list[int] | None = None
    probabilities: list[list[float]] | None = None
    seconds: float | None = None
    sets: dict[str, tuple[list[int], list[int]]] | None = None
    failure: str = ""


def partitions_of(data_set: str, count: int = PARTITION_COUNT) -> Iterator[Partition]:
    """Stratified partitions, 75 % for training; the same ones in every run."""
    rows, codes = load_dataset(data_set, return_X_y=True)
    splitter = StratifiedShuffleSplit(count, test_size=TEST_SHARE, random_state=_SEED)
    for number, (training, test) in enumerate(splitter.split(rows, codes)):
        yield Partition(data_set, number, rows[training], codes[training], rows[test], codes[test])


def predict(candidate: Candidate, partition: Partition) -> Prediction:
    """Fit a candidate to a partition and keep what it says; a failure is kept as well."""
    naming = {
        "data_set": partition.data_set,
        "partition": partition.number,
        "model": candidate.name,
    }
    try:
        return Prediction(**naming, **_said(candidate, partition))
    except Exception as error:  # noqa: BLE001 - whatever a peer raises is a result
        return Prediction(**naming, failure=f"{type(error).__name__}: {error}"[:300])


def read_predictions(folder: Path) -> list[Prediction]:
    """All that has been stored, in the order of fitting."""
    path = folder / "predictions.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [Prediction(**json.loads(line)) for line in lines]


def run(folder: Path, data_sets: Sequence[str], candidates: Sequence[Candidate], count: int) -> int:
    """Fit what is not stored yet; the number of fits that failed now."""
    stored = {(one.data_set, one.partition, one.model) for one in read_predictions(folder)}
    failure_count = 0
    with (folder / "predictions.jsonl").open("a", encoding="utf-8") as file:
        for partition, candidate in _pairs(data_sets, candidates, count):
            if (partition.data_set, partition.number, candidate.name) in stored:
                continue
            made = predict(candidate, partition)
            file.write(json.dumps(asdict(made)) + "\n")
            file.flush()
            failure_count += bool(made.failure)
            print(made.data_set, made.partition, made.model, made.seconds, made.failure)
    return failure_count


def main(arguments: Sequence[str] | None = None) -> int:
    """Run or write, as the command line asks; the exit code."""
    options = _read_options(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.write:
        from ordinal_table import write_section

        stored = read_predictions(options.folder)
        write_section(_DOCUMENT, [one for one in stored if one.partition < options.partitions])
        return 0
    chosen = [one for one in CANDIDATES if not options.models or one.name in options.models]
    return 1 if run(options.folder, options.sets, chosen, options.partitions) else 0


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    option = parser.add_argument
    option("folder", type=Path, help="holds predictions.jsonl")
    option("--partitions", type=int, default=PARTITION_COUNT, help="%(default)s")
    option("--sets", type=_names(DATA_SETS), default=DATA_SETS, metavar="NAME,NAME")
    option("--models", type=_names([one.name for one in CANDIDATES]), metavar="NAME,NAME")
    option("--write", action="store_true", help="write the tables of docs/classifier.md")
    return parser.parse_args(arguments)


def _names(known: Sequence[str]) -> Any:  # noqa: ANN401 - what argparse calls a type
    def read(text: str) -> list[str]:
        names = text.split(",")
        if unknown := set(names) - set(known):
            message = f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}"
            raise argparse.ArgumentTypeError(message)
        return names

    return read


def _pairs(
    data_sets: Sequence[str], candidates: Sequence[Candidate], count: int
) -> Iterator[tuple[Partition, Candidate]]:
    """Partition by partition over all data sets, so that a stopped run is an even sample."""
    prepared = [list(partitions_of(data_set)) for data_set in data_sets]
    for number in range(min(count, PARTITION_COUNT)):
        for partitions in prepared:
            for candidate in candidates:
                yield partitions[number], candidate


def _said(candidate: Candidate, partition: Partition) -> dict[str, Any]:
    X, y, test_X = partition.X, partition.y, partition.test_X  # noqa: N806
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peers warn of convergence and of small classes
        model = candidate.chosen(X, y)
        start = time.process_time()
        model.fit(X, y)
        seconds = time.process_time() - start
        said: dict[str, Any] = {"seconds": round(seconds, 4)}
        if not (candidate.has_probabilities and hasattr(model, "predict_proba")):
            return said | {"predicted": model.predict(test_X).tolist()}
        classes = np.unique(np.concatenate([y, partition.test_y]))
        probabilities = probabilities_over(model, test_X, classes)
        said["predicted"] = classes[median_positions(probabilities)].tolist()
        said["probabilities"] = probabilities.round(_DIGITS).tolist()
        if partition.number < candidate.set_partition_count:
            said["sets"] = _sets(candidate, partition)
    return said


def _sets(candidate: Candidate, partition: Partition) -> dict[str, tuple[list[int], list[int]]]:
    model = candidate.chosen(partition.X, partition.y)
    conformal = OrdinalConformalClassifier(model, alpha=SET_ALPHA).fit(partition.X, partition.y)
    true = np.arange(len(partition.y)), np.searchsorted(conformal.classes_, partition.y)
    sets = {}
    for method in SCORES:  # one fit serves all: scores follow from its probabilities
        conformal.set_params(method=method)
        conformal.oof_scores_ = scores_by(method, conformal.oof_proba_)[true]
        low, high = conformal.predict_interval(partition.test_X)
        sets[method] = (low.tolist(), high.tolist())
    return sets


if __name__ == "__main__":
    sys.exit(main())
