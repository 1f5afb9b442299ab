"""Audits of labels and features: does an evaluation measure what it claims to?

Each audit looks for one way in which a model can look better than it is: labels that follow
nothing, identifiers that order the organizations, gaps that our own collection left, one
feature that copies the label, a window of signals that ends after the label's day. Each says
`pass`, `warning` or `not possible`, with its numbers. Limits are strict (99 % intervals, a
correction over the signals), since a false alarm costs the trust in the next one.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.evaluating.baselines import prevalence, single_feature
from classifiers.evaluating.gap_tests import FEWEST_OF_EACH, gap_tests
from classifiers.evaluating.pipeline import CLASSES, Drawn, out_of_fold
from classifiers.evaluating.scores import Resampler, row_parts
from classifiers.evaluating.splits import repeated_folds
from classifiers.features import feature_names
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.signals import MissingReason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifiers.evaluating.gap_tests import GapTest
    from classifiers.evaluating.labelled_table import FloatArray, LabelledTable
    from classifiers.evaluating.pipeline import Pipeline
    from classifiers.evaluating.scores import Score
    from classifiers.out_of_fold import Fold

FEWEST_LABELS = 30  #: an audit of fewer says nothing
LEVEL = 0.99  #: of the intervals
CLEAR_DIFFERENCE = 0.3  #: stages between rows with and without a gap; less is no artefact
SIGNIFICANCE = 0.01  #: of the test of gaps, over all signals and groups together

_FOLD_COUNT = 5
_HALF = 0.5
_NEARLY_ALL = 0.9  # of the model's gain, by gaps alone: no evidence is in the values
_FLAG_PRECISION = 20.0  # of the slopes of the model of gaps alone
_SHUFFLE_SEED = 20


class Verdict(StrEnum):
    """What an audit says."""

    PASS = "pass"  # noqa: S105 - no password
    WARNING = "warning"
    NOT_POSSIBLE = "not possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One audit: its verdict, one sentence with the numbers, and the numbers."""

    name: str
    verdict: Verdict
    text: str
    figures: dict[str, Any] = field(default_factory=dict)


def audit_all(
    table: LabelledTable, pipeline: Pipeline, ceiling: float | None = None
) -> list[Audit]:
    """Every audit of this module, in a fixed order.

    Args:
        table: the labels and their features.
        pipeline: the whole way from labels to probabilities; without sets, as it runs often.
        ceiling: least mean absolute error of a model that is always right, see
            `reliability.perfect_model_error`; None where it is not known.
    """
    window = audit_windows(table)
    if len(table) < FEWEST_LABELS or len(set(table.groups.tolist())) < _FOLD_COUNT:
        text = f"{len(table)} labels; audits need {FEWEST_LABELS}, of {_FOLD_COUNT} groups"
        names = (
            "shuffled_labels",
            "identifier",
            "unseen_signals",
            "missing_flags",
            "single_feature",
        )
        skipped = [Audit(name=n, verdict=Verdict.NOT_POSSIBLE, text=text) for n in names]
        return [*skipped, window]
    [folds] = repeated_folds(table, _FOLD_COUNT, 1)
    held_out = HeldOut(table, folds, pipeline)
    return [
        audit_shuffled_labels(held_out),
        audit_identifier(held_out),
        audit_unseen_signals(table),
        audit_missing_flags(held_out),
        audit_single_features(held_out, ceiling),
        window,
    ]


def audit_shuffled_labels(held_out: HeldOut) -> Audit:
    """Whether labels say more than chance, and shuffled ones do not.

    Labels as they are must do better than their prevalences; the same labels dealt to other
    organizations must not. The first fails where labels have nothing to do with the signals,
    the second where something of the held-out rows leaks into the training.
    """
    table = held_out.table
    real = held_out.gain_over_prevalence(table)
    mixed = np.random.default_rng(_SHUFFLE_SEED).permutation(len(table))
    shuffled = held_out.gain_over_prevalence(
        table.changed(stage_codes=table.stage_codes[mixed], weights=table.weights[mixed])
    )
    follows, leaks = _is_above(real), _is_above(shuffled)
    text = f"ranked probability score better than the prevalences': {_shown(real)}"
    if not follows:
        text = f"labels do not follow the signals; {text}"
    if leaks:
        text = f"shuffled labels can be guessed, so the evaluation leaks; {text}"
    return Audit(
        name="shuffled_labels",
        verdict=_verdict(is_clean=follows and not leaks),
        text=f"{text}, shuffled {_shown(shuffled)}",
        figures={"gain": real._asdict(), "gain_shuffled": shuffled._asdict()},
    )


def audit_identifier(held_out: HeldOut) -> Audit:
    """Whether the place of an organization in the order of identifiers tells its stage."""
    table = held_out.table
    _, places = np.unique(table.organization_ids, return_inverse=True)
    ordered = table.changed(X=places[:, np.newaxis].astype(np.float64))
    gain = held_out.gain_over_prevalence(ordered, lambda known, X: single_feature(known, X, 0))
    is_clean = not _is_above(gain)
    what = "tells nothing" if is_clean else "tells the stage; something else orders them alike"
    return Audit(
        name="identifier",
        verdict=_verdict(is_clean=is_clean),
        text=f"the order of identifiers {what}: gain {_shown(gain)}",
        figures={"gain": gain._asdict()},
    )


def audit_unseen_signals(table: LabelledTable) -> Audit:
    """Whether what we failed to see is tied to the stage: signal by signal, and in groups.

    A gap may depend on where an organization is found, how large it is and what else could not
    be read, and how far back it reaches on how much is posted. It must not tell more of the
    stage than that, see `evaluating.gap_tests`.
    """
    found = gap_tests(table)
    if not found:
        text = f"no signal is unobserved in {FEWEST_OF_EACH} rows and seen in as many"
        return Audit(name="unseen_signals", verdict=Verdict.NOT_POSSIBLE, text=text)
    tied = [each for each in found if _is_tied(each)]
    names = ", ".join(f"{each.gap} ({each.stages_apart:+.1f} stages)" for each in tied)
    text = f"gaps of {len(found)} signals and groups were tested (n = {len(table)})"
    tail = f"; tied to the stage: {names}" if tied else "; none is tied to the stage"
    return Audit(
        name="unseen_signals",
        verdict=_verdict(is_clean=not tied),
        text=text + tail,
        figures={"tested_count": len(found), "tied": [each._asdict() for each in tied]},
    )


def audit_missing_flags(held_out: HeldOut) -> Audit:
    """How far one gets with nothing but which signals are missing.

    That an organization has no channel is evidence, and can be feigned; and gaps of our own
    collection follow from how much is posted, which is evidence too. So a warning is given
    only where our own gaps alone give half of what the model gains, or all gaps nearly all.
    """
    table = held_out.table
    all_gaps = _flags(table, (MissingReason.ABSENT, MissingReason.UNDEFINED))
    own_gaps = _flags(table, (MissingReason.UNOBSERVED,))
    every = held_out.gain_over_prevalence(
        table.changed(X=np.hstack([all_gaps, own_gaps])), _flagged
    )
    own = held_out.gain_over_prevalence(table.changed(X=own_gaps), _flagged)
    whole = held_out.gain_over_prevalence(table)
    share = _share(every.value, whole.value) if _is_above(whole) else None
    own_share = _share(own.value, whole.value) if _is_above(own) else None
    is_clean = (share or 0) < _NEARLY_ALL and (own_share or 0) < _HALF
    text = f"which signals are missing gives {share or 0:.0%} of the model's gain, {_shown(every)}"
    return Audit(
        name="missing_flags",
        verdict=_verdict(is_clean=is_clean),
        text=f"{text}; what we failed to see alone {_shown(own)}",
        figures={"gain": every._asdict(), "gain_unobserved": own._asdict(), "share": share},
    )


def audit_single_features(held_out: HeldOut, ceiling: float | None = None) -> Audit:
    """Whether one feature alone explains more than all the others together.

    The best single feature is set beside the whole pipeline without it or the next best
    feature, whichever errs less, and beside the least error that a model could have against one
    rater. Two copies of the label hide one another from the first of these comparisons.
    """
    table = held_out.table
    errors = [held_out.single_feature_error(at) for at in range(table.X.shape[1])]
    best = int(np.argmin([error.mean() for error in errors]))
    rest = _errors_without(held_out, best, errors)
    difference = held_out.resampler.mean(rest - errors[best])
    alone = float(errors[best].mean())
    is_below = ceiling is not None and alone < ceiling
    name = feature_names(table.signal_codes)[best]
    is_clean = not _is_above(difference) and not is_below
    what = "no feature explains more than the rest" if is_clean else "may hold the label itself"
    return Audit(
        name="single_feature",
        verdict=_verdict(is_clean=is_clean),
        text=f"{name}: {what}; error alone {alone:.2f}, of all others {rest.mean():.2f} stages",
        figures={
            "feature": name,
            "error_alone": alone,
            "error_of_others": float(rest.mean()),
            "difference": difference._asdict(),
            "ceiling": ceiling,
        },
    )


def audit_windows(table: LabelledTable) -> Audit:
    """Whether the features of a label end by the day that it speaks of."""
    late = table.window_ends > table.about_days
    days = (table.window_ends - table.about_days).astype("timedelta64[D]").astype(np.int64)
    most = int(days[late].max(initial=0))
    names = sorted(set(table.organization_ids[late].tolist()))
    text = f"{late.sum()} of {len(table)} labels have signals of a later window"
    if late.any():
        text += f", by up to {most} days; build the weeks before with `barograph build --since`"
    return Audit(
        name="window",
        verdict=_verdict(is_clean=not late.any()),
        text=text,
        figures={"late_count": int(late.sum()), "most_days": most, "organizations": names},
    )


class HeldOut:
    """One table with its folds, and what the pipeline says of its held-out rows."""

    def __init__(self, table: LabelledTable, folds: Sequence[Fold], pipeline: Pipeline) -> None:
        self.table, self.folds, self.pipeline = table, folds, pipeline
        self.resampler = Resampler(table.groups, level=LEVEL)
        self.drawn = out_of_fold(pipeline, table, folds)
        self._single_errors: dict[int, FloatArray] = {}

    def losses(self, table: LabelledTable, pipeline: Pipeline | None, name: str) -> FloatArray:
        """A loss of each row of a table with the same rows, held out in the same folds."""
        is_own = table is self.table and pipeline is None
        whole = pipeline or self.pipeline
        drawn = self.drawn if is_own else out_of_fold(whole, table, self.folds)
        return row_parts([drawn], table.stage_codes).losses[name]

    def gain_over_prevalence(self, table: LabelledTable, pipeline: Pipeline | None = None) -> Score:
        """How much lower its ranked probability score is than that of the prevalences."""
        name = "ranked_probability_score"
        own = self.losses(table, pipeline, name)
        return self.resampler.mean(self.losses(table, prevalence, name) - own)

    def single_feature_error(self, at: int) -> FloatArray:
        """Distance of each row from what one feature alone says, in stages."""
        if np.isnan(self.table.X[:, at]).all():
            return np.full(len(self.table), np.inf)
        if at not in self._single_errors:
            self._single_errors[at] = self.losses(
                self.table, lambda known, X: single_feature(known, X, at), "distance"
            )
        return self._single_errors[at]


def _errors_without(held_out: HeldOut, best: int, errors: list[FloatArray]) -> FloatArray:
    """Of the pipeline without the best feature or of the next best feature: the smaller."""
    without = held_out.table.X.copy()
    without[:, best] = np.nan
    rest = held_out.losses(held_out.table.changed(X=without), None, "distance")
    others = [each for at, each in enumerate(errors) if at != best]
    return min(rest, *others, key=np.mean)


def _flags(table: LabelledTable, reasons: Sequence[MissingReason]) -> FloatArray:
    return np.hstack([(table.reasons == reason.value).astype(np.float64) for reason in reasons])


def _flagged(training: LabelledTable, X: FloatArray) -> Drawn:
    spread = training.X.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    mean = training.X.mean(axis=0)
    own = CumulativeLinkClassifier(alpha=_FLAG_PRECISION, alpha_threshold=0.01, classes=CLASSES)
    own.fit((training.X - mean) / scale, training.stage_codes, training.weights)
    return Drawn(own.predict_proba((X - mean) / scale), {}, "")


def _is_tied(test: GapTest) -> bool:
    return abs(test.stages_apart) >= CLEAR_DIFFERENCE and test.p < SIGNIFICANCE


def _is_above(score: Score) -> bool:
    return score.low is not None and score.low > 0


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole and whole > 0 else None


def _shown(score: Score) -> str:
    if score.value is None or score.low is None or score.high is None:
        return "not defined"
    return f"{score.value:+.3f} ({score.low:+.3f} to {score.high:+.3f})"


def _verdict(*, is_clean: bool) -> Verdict:
    return Verdict.PASS if is_clean else Verdict.WARNING
