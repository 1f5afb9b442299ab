"""Whether labels follow the signals beyond what industry and size explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.evaluating.pipeline import CLASSES, out_of_fold
from classifiers.evaluating.splits import repeated_folds
from classifiers.metrics import ranked_probability_score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from classifiers.evaluating.labelled_table import IntArray, LabelledTable
    from classifiers.evaluating.pipeline import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class PermutationTest:
    """Ranked probability score of the labels, and of labels dealt anew within their strata.

    Attributes:
        score: of the labels as they are, on held-out rows; lower is better.
        permuted_mean: of permuted labels, on average.
        permuted_lowest: the best of them.
        p: (b + 1) / (m + 1), with b of m permutations at least as good.
        permutation_count: m.
        movable_share: rows whose stratum holds another stage; the others never change.
        n: organizations, each with its last label.
        source: what was fixed for all of them.
    """

    score: float
    permuted_mean: float
    permuted_lowest: float
    p: float
    permutation_count: int
    movable_share: float
    n: int
    source: str


def permutation_test(
    table: LabelledTable,
    pipeline: Pipeline,
    permutation_count: int,
    advance: Callable[[int], None] = lambda _: None,
) -> PermutationTest | None:
    """Deal the labels anew within industry and size, and train and judge all over again.

    Args:
        table: the labels; only the last of each organization counts.
        pipeline: the whole way, with one fixed source, as it is trained anew in each fold.
        permutation_count: 1,000 for a publication; p cannot fall below 1 / (count + 1).
        advance: told after each permutation.

    Returns:
        None without permutations, or where no stratum holds two stages.
    """
    each = table.one_row_each()
    strata = _strata(each)
    movable_share = _movable_share(each.stage_codes, strata)
    if not permutation_count or not movable_share:
        return None
    own, source = _score(each, pipeline)
    permuted = []
    for mixed in _dealt_anew(each, strata, permutation_count):
        permuted.append(_score(mixed, pipeline)[0])
        advance(1)
    return PermutationTest(
        score=own,
        permuted_mean=float(np.mean(permuted)),
        permuted_lowest=min(permuted),
        p=(sum(score <= own for score in permuted) + 1) / (permutation_count + 1),
        permutation_count=permutation_count,
        movable_share=movable_share,
        n=len(each),
        source=source,
    )


def _score(table: LabelledTable, pipeline: Pipeline) -> tuple[float, str]:
    [folds] = repeated_folds(table, 5, 1)
    drawn = out_of_fold(pipeline, table, folds)
    score = ranked_probability_score(table.stage_codes, drawn.probabilities, classes=CLASSES)
    return score, drawn.source


def _strata(table: LabelledTable) -> IntArray:
    pairs = [f"{a}\n{b}" for a, b in zip(table.industries, table.size_classes, strict=True)]
    strata: IntArray = np.unique(pairs, return_inverse=True)[1]
    return strata


def _movable_share(stage_codes: IntArray, strata: IntArray) -> float:
    kinds = [len(np.unique(stage_codes[strata == one])) for one in range(strata.max() + 1)]
    return float(np.mean(np.array(kinds)[strata] > 1))


def _dealt_anew(table: LabelledTable, strata: IntArray, count: int) -> Iterator[LabelledTable]:
    generator = np.random.default_rng(0)
    for _ in range(count):
        order = _shuffled_within(strata, generator)
        yield table.changed(stage_codes=table.stage_codes[order], weights=table.weights[order])


def _shuffled_within(strata: IntArray, generator: np.random.Generator) -> IntArray:
    order = np.arange(len(strata))
    for one in range(strata.max() + 1):
        places = np.flatnonzero(strata == one)
        order[places] = generator.permutation(places)
    return order
