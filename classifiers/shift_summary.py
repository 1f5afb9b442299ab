"""What was learned of self-assessments: how far they lie from experts' codes, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student_t

from classifiers.decisions import median_positions
from classifiers.nonconformity import rps_scores
from classifiers.shift_checks import ShiftCheck, check_shift

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.noisy_labels import NoisyLabelOrdinalClassifier
    from classifiers.self_assessments import ReportedTable

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

LEVEL = 0.95  #: of all intervals here
FEW_ANCHORS = 30  #: with fewer, how far self-assessments are off is known roughly at best


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean or share with its 95 % interval; all NaN where there are too few rows for one."""

    value: float
    low: float
    high: float


class HeldOutCodes(NamedTuple):
    """Experts' codes beside what models said that had not seen them."""

    stage_codes: IntArray
    weights: FloatArray
    probabilities: FloatArray  #: by the model that learned from self-assessments too
    probabilities_without: FloatArray | None  #: by the model of codes alone


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShare:
    """How often self-assessments lie so many stages above (below, if negative) the code."""

    step: int
    anchor_count: int
    anchor_share: Interval  #: by Wilson 1927
    share: float  #: of all self-assessments used, as the model has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How a model does on experts' codes that it had not seen."""

    mean_absolute_error: Interval
    bias: Interval  #: median minus code; above 0 where it runs high


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSummary:
    """What self-assessments taught, and what speaks against it.

    Attributes:
        claim_count: self-assessments used.
        label_count: rows with experts' codes.
        anchor_count: organizations with both.
        steps: share of each number of steps.
        anchor_mean: mean steps of the anchors.
        mean: mean steps of all self-assessments used, as the model has it.
        checks: whether the shift goes with stage, size or industry.
        judged, judged_without: with self-assessments, and without them.
        gain: by how much the ranked probability score (lower is better) of codes held out is
            better with self-assessments.
    """

    claim_count: int
    label_count: int
    anchor_count: int
    steps: tuple[StepShare, ...]
    anchor_mean: Interval
    mean: float
    checks: tuple[ShiftCheck, ...]
    judged: Judged
    judged_without: Judged | None
    gain: Interval | None

    @property
    def is_copied(self) -> bool:
        """Whether every anchor's code is its self-assessment: then one may be the other."""
        return all(each.step == 0 for each in self.steps if each.anchor_count)

    @property
    def suspects(self) -> tuple[ShiftCheck, ...]:
        """What the shift seems to go with."""
        return tuple(check for check in self.checks if check.is_suspect)


def summarize_shift(
    reported: ReportedTable, reports: NoisyLabelOrdinalClassifier, codes: HeldOutCodes
) -> ShiftSummary:
    """Summary of a model fitted to `reported`, judged on codes that it had not seen."""
    is_anchor = reported.is_anchor
    off = (reported.reported_codes - reported.stage_codes)[is_anchor]
    shares = _shares_by_step(reported, reports)
    judged_without = None
    if codes.probabilities_without is not None:
        judged_without = _judged(codes.probabilities_without, codes)
    return ShiftSummary(
        claim_count=int(reported.is_reported.sum()),
        label_count=int(reported.is_coded.sum()),
        anchor_count=int(is_anchor.sum()),
        steps=_steps(off, shares),
        anchor_mean=mean_with_interval(off.astype(np.float64)),
        mean=float(sum(step * share for step, share in shares.items())),
        checks=check_shift(reported, reports),
        judged=_judged(codes.probabilities, codes),
        judged_without=judged_without,
        gain=_gain(codes),
    )


def mean_with_interval(values: FloatArray, weights: FloatArray | None = None) -> Interval:
    """Weighted mean, and its interval by the t distribution.

    Examples:
        >>> found = mean_with_interval(np.array([1.0, 2.0, 3.0, 4.0]))
        >>> [round(number, 1) for number in (found.value, found.low, found.high)]
        [2.5, 0.4, 4.6]
    """
    shares = np.ones(len(values)) if weights is None else weights
    shares = shares / shares.sum()
    mean = float(shares @ values)
    count = len(values)
    if count < 2:  # noqa: PLR2004 - one row says nothing of its scatter
        return Interval(mean, float("nan"), float("nan"))
    variance = (shares**2) @ (values - mean) ** 2 * count / (count - 1)
    reach = float(student_t.ppf((1 + LEVEL) / 2, count - 1) * np.sqrt(variance))
    return Interval(mean, mean - reach, mean + reach)


def share_with_interval(count: int, total: int) -> Interval:
    """Share of `count` in `total`, with the score interval of Wilson 1927.

    Examples:
        >>> found = share_with_interval(5, 10)
        >>> [round(number, 2) for number in (found.value, found.low, found.high)]
        [0.5, 0.24, 0.76]
    """
    z = float(norm.ppf((1 + LEVEL) / 2))
    share, spread = count / total, 1 + z**2 / total
    middle = (share + z**2 / (2 * total)) / spread
    reach = z * float(np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))) / spread
    return Interval(share, middle - reach, middle + reach)


def _shares_by_step(
    reported: ReportedTable, reports: NoisyLabelOrdinalClassifier
) -> dict[int, float]:
    is_reported = reported.is_reported
    off = reported.reported_codes[is_reported, np.newaxis] - reports.classes_
    masses = reports.posterior_[is_reported] * reported.weights[is_reported, np.newaxis]
    masses = masses / masses.sum()
    return {int(step): float(masses[off == step].sum()) for step in np.unique(off)}


def _steps(off: IntArray, shares: dict[int, float]) -> tuple[StepShare, ...]:
    seen = sorted(step for step, share in shares.items() if share > 0.005 or step in off)  # noqa: PLR2004 - rounds to 0.01
    counts = {step: int((off == step).sum()) for step in seen}
    return tuple(
        StepShare(
            step=step,
            anchor_count=count,
            anchor_share=share_with_interval(count, len(off)),
            share=shares[step],
        )
        for step, count in counts.items()
    )


def _judged(probabilities: FloatArray, codes: HeldOutCodes) -> Judged:
    off = (1 + median_positions(probabilities) - codes.stage_codes).astype(np.float64)
    return Judged(
        mean_absolute_error=mean_with_interval(np.abs(off), codes.weights),
        bias=mean_with_interval(off, codes.weights),
    )


def _gain(codes: HeldOutCodes) -> Interval | None:
    if codes.probabilities_without is None:
        return None
    rows, places = np.arange(len(codes.stage_codes)), codes.stage_codes - 1
    scores = [
        rps_scores(drawn)[rows, places]
        for drawn in (codes.probabilities_without, codes.probabilities)
    ]
    return mean_with_interval(scores[0] - scores[1], codes.weights)
