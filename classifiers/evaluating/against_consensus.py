"""How near the model is to what raters say together, beside how near each rater is.

Of organizations coded twice or more, each rater's code is compared with the consensus of the
others, and the model's estimate, out of fold, with the same consensus. A model as near as the
raters are has reached what labels of this kind can show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.evaluating.scores import Resampler, weighted_kappa
from classifiers.reliability import ENOUGH_DOUBLE_CODED
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from classifiers.evaluating.labelled_table import FloatArray, TextArray
    from classifiers.evaluating.pipeline import BoolArray
    from classifiers.evaluating.scores import Score

FEWEST_CODES = 10  #: of one rater, to be shown apart

_STAGE_COUNT = len(Stage)
_DISTANCES = np.abs(np.subtract.outer(np.arange(_STAGE_COUNT), np.arange(_STAGE_COUNT)))


class BesideConsensus(NamedTuple):
    """One rater, or all of them, and the model, against the consensus of the other raters.

    Every n is the number of codes; organizations are drawn for the intervals.
    """

    rater: str  #: "all raters" for all of them together
    rater_error: Score  #: mean absolute, in stages
    model_error: Score
    difference: Score  #: model minus rater; below 0 the model is nearer
    rater_kappa: Score  #: quadratic weighted
    model_kappa: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstConsensus:
    """Raters and model against the consensus of the other raters.

    Attributes:
        double_coded_count: organizations with a label of two raters or more, and an estimate.
        rows: all raters together first, then each with enough codes, by name.
    """

    double_coded_count: int
    rows: tuple[BesideConsensus, ...]

    @property
    def is_firm(self) -> bool:
        """Whether enough organizations were coded twice."""
        return self.double_coded_count >= ENOUGH_DOUBLE_CODED


def against_consensus(
    codes: Sequence[Mapping[str, int]],
    organization_ids: TextArray,
    model_shares: FloatArray,
    resample_count: int,
    seed: int = 0,
) -> AgainstConsensus | None:
    """Compare raters and model with the consensus of the other raters.

    The consensus is the median of the other codes. Of an even number of them the lower and the
    upper median count half each: taking the lower one would make it too low.

    Args:
        codes: of each label, the stage by rater.
        organization_ids: of each label.
        model_shares: of each label, how often each stage was the model's point out of fold,
            shape (n_labels, n_stages).
        resample_count: of the bootstrap over organizations.
        seed: of these draws.

    Returns:
        None where no label has two raters.
    """
    pairs = [(at, rater) for at, given in enumerate(codes) if len(given) > 1 for rater in given]
    if not pairs:
        return None
    places = np.array([at for at, _ in pairs])
    compared = _Compared(
        said=np.eye(_STAGE_COUNT)[[codes[at][rater] - 1 for at, rater in pairs]],
        others=np.array([_consensus_without(codes[at], rater) for at, rater in pairs]),
        model=model_shares[places],
        resampler=Resampler(organization_ids[places], resample_count, seed),
    )
    return AgainstConsensus(
        double_coded_count=len(set(organization_ids[places].tolist())),
        rows=tuple(compared.rows(np.array([rater for _, rater in pairs]))),
    )


class _Compared(NamedTuple):
    said: FloatArray
    others: FloatArray
    model: FloatArray
    resampler: Resampler

    def rows(self, raters: TextArray) -> Iterator[BesideConsensus]:
        yield self.told("all raters", np.ones(len(raters), dtype=np.bool_))
        names, counts = np.unique(raters, return_counts=True)
        for name in names[counts >= FEWEST_CODES].tolist():
            yield self.told(name, raters == name)

    def told(self, rater: str, is_counted: BoolArray) -> BesideConsensus:
        errors = [_errors(side, self.others) for side in (self.said, self.model)]
        return BesideConsensus(
            rater,
            self.resampler.mean(errors[0], is_counted),
            self.resampler.mean(errors[1], is_counted),
            self.resampler.mean(errors[1] - errors[0], is_counted),
            self._kappa(self.said, is_counted),
            self._kappa(self.model, is_counted),
        )

    def _kappa(self, side: FloatArray, is_counted: BoolArray) -> Score:
        return self.resampler.figure(lambda w: weighted_kappa(side, self.others, w), is_counted)


def _errors(side: FloatArray, others: FloatArray) -> FloatArray:
    errors: FloatArray = np.einsum("ri,ij,rj->r", side, _DISTANCES, others)
    return errors


def _consensus_without(given: Mapping[str, int], rater: str) -> FloatArray:
    others = sorted(code for name, code in given.items() if name != rater)
    shares = np.zeros(_STAGE_COUNT)
    for place in ((len(others) - 1) // 2, len(others) // 2):
        shares[others[place] - 1] += 0.5
    return shares
