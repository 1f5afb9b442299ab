"""An evaluation of observed stages against what raters said, with all that a reviewer asks for.

Everything that is learned is learned anew inside each fold: the choice of the source, the
correction of the simulation, the sets. Figures come with intervals over organizations and with
n, next to baselines on the same folds; audits look for ways in which they could mislead; and
the warnings, first of all, say where to be careful.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.audits import audit_all
from classifiers.evaluating.against_consensus import against_consensus
from classifiers.evaluating.baselines import POINT_ONLY, baselines
from classifiers.evaluating.cautions import cautions, drift_cautions
from classifiers.evaluating.learning_curve import learning_curve
from classifiers.evaluating.permutation import permutation_test
from classifiers.evaluating.pipeline import out_of_fold, out_of_fold_views
from classifiers.evaluating.scores import (
    RESAMPLE_COUNT,
    Resampler,
    abstention_curve,
    calibration_curves,
    calibration_error_by_chance,
    point_scores,
    row_parts,
    set_scores,
)
from classifiers.evaluating.splits import repeated_folds, temporal_split, why_not_tested
from classifiers.evaluating.stress_tests import stress_labelled
from classifiers.evaluating.stresses import stresses
from classifiers.evaluating.subgroups import errors_by_rater, subgroup_errors
from classifiers.reliability import ENOUGH_DOUBLE_CODED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from classifiers.audits import Audit
    from classifiers.evaluating.against_consensus import AgainstConsensus
    from classifiers.evaluating.drift import DriftCheck
    from classifiers.evaluating.labelled_table import IntArray, LabelledTable
    from classifiers.evaluating.permutation import PermutationTest
    from classifiers.evaluating.pipeline import ColdStartPipeline, Drawn
    from classifiers.evaluating.scores import RowParts, Score
    from classifiers.evaluating.splits import TemporalSplit
    from classifiers.evaluating.stress_tests import StressTest

FOLD_COUNT = 5
FEWEST_LABELS = 20  #: to be evaluated at all
FEWEST_GROUPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an evaluation repeats, and how often.

    Attributes:
        repeat_count: how often the folds are dealt anew.
        permutation_count: labels dealt anew within industry and size; 0 leaves the test out.
        permuted_source: the source that is fixed for permutations, audits and learning curve.
        cut: day of the temporal split, YYYY-MM-DD; "" for three fifths of the labels.
        with_audits: False leaves the audits out.
        resample_count: of the bootstrap over organizations.
        seed: of the folds and resamples.
    """

    repeat_count: int = 5
    permutation_count: int = 200
    permuted_source: str = "offset"
    cut: str = ""
    with_audits: bool = True
    resample_count: int = RESAMPLE_COUNT
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """How close to one rater a model could come that is always right; None where not known.

    Attributes:
        double_coded_count: organizations that two raters or more gave a stage to.
        low, high: least and greatest error of such a model, in stages.
        alpha, alpha_low, alpha_high: Krippendorff's of the raters, with its 95 % interval.
    """

    double_coded_count: int = 0
    low: float | None = None
    high: float | None = None
    alpha: float | None = None
    alpha_low: float | None = None
    alpha_high: float | None = None

    @property
    def is_firm(self) -> bool:
        """Whether enough organizations were coded twice."""
        return self.double_coded_count >= ENOUGH_DOUBLE_CODED


@dataclass(frozen=True, slots=True, kw_only=True)
class Raters:
    """What is known of the raters.

    Attributes:
        ceiling: what they allow.
        codes: of each label, in the order of the table, the stage by rater; empty where it is
            not known who said what.
    """

    ceiling: Ceiling = field(default_factory=Ceiling)
    codes: Sequence[Mapping[str, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All figures of one evaluation; parts are empty where there were no labels for them.

    Attributes:
        warnings: what to be careful of, gravest first.
        label_count, organization_count, stage_counts: what it rests on.
        settings: what was repeated how often.
        sources: the sources that folds chose.
        scores: figures of points and probabilities by name.
        sets: by level, coverage and size.
        calibration: curve of each threshold, of the first repeat.
        abstention: error of those kept when the least sure are left out.
        baselines: by name, their scores.
        differences: by name of the baseline, model minus baseline, paired by organization; below
            0 the model is better.
        temporal: scores on newcomers and on returning organizations, or why not.
        permutation: None when it was left out.
        audits: verdicts with their numbers.
        stress: what estimates do when evidence gets worse; of labelled organizations, or of
            measured ones where there are too few labels.
        learning: error by number of labels.
        subgroups, by_rater: error of kinds of organizations, and against blind raters.
        ceiling: what the raters allow.
        against_consensus: model and raters beside what the other raters say; None where no
            label has two raters.
        drift: real rows against simulated ones.
    """

    warnings: tuple[str, ...] = ()
    label_count: int = 0
    organization_count: int = 0
    stage_counts: tuple[int, ...] = ()
    settings: Settings = field(default_factory=Settings)
    sources: str = ""
    scores: Mapping[str, Score] = field(default_factory=dict)
    sets: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)
    calibration: list[list[dict[str, float]]] = field(default_factory=list)
    abstention: list[dict[str, Any]] = field(default_factory=list)
    baselines: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)
    differences: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)
    temporal: Mapping[str, Any] = field(default_factory=dict)
    permutation: PermutationTest | None = None
    audits: tuple[Audit, ...] = ()
    stress: tuple[StressTest, ...] = ()
    learning: list[dict[str, Any]] = field(default_factory=list)
    subgroups: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    by_rater: list[dict[str, Any]] = field(default_factory=list)
    ceiling: Ceiling = field(default_factory=Ceiling)
    against_consensus: AgainstConsensus | None = None
    drift: DriftCheck | None = None

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values that JSON knows; what is not defined is None."""
        plain: dict[str, Any] = _plain(self)
        return plain


def evaluate(
    table: LabelledTable,
    pipeline: ColdStartPipeline,
    settings: Settings = Settings(),
    *,
    raters: Raters = Raters(),
    drift: DriftCheck | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Evaluation:
    """Evaluate a pipeline on labels that it is trained on, fold by fold.

    Args:
        table: the labels and their features.
        pipeline: the whole way from labels to stages and sets.
        settings: what is repeated how often.
        raters: what is known of them.
        drift: the check that needs no labels.
        advance: told after each permutation.
    """
    why_not = _too_little(table)
    if why_not:
        return Evaluation(
            warnings=(why_not, *drift_cautions(drift)),
            label_count=len(table),
            organization_count=table.organization_count,
            stage_counts=table.stage_counts,
            settings=settings,
            ceiling=raters.ceiling,
            drift=drift,
        )
    judged = _Judged(table, pipeline, settings)
    found = _found(judged, raters, advance)
    return Evaluation(**found, drift=drift, warnings=tuple(cautions(found, drift)))


class _Judged:
    """One table with its folds, and what the model said of its held-out rows."""

    def __init__(
        self, table: LabelledTable, pipeline: ColdStartPipeline, settings: Settings
    ) -> None:
        self.table, self.pipeline, self.settings = table, pipeline, settings
        self.repeats = repeated_folds(table, FOLD_COUNT, settings.repeat_count, settings.seed)
        self.resampler = Resampler(table.groups, settings.resample_count, settings.seed)
        self.stresses = stresses(table.X, table.signal_codes)
        views = [table.X, *(each.X for each in self.stresses)]
        first, *others = self.repeats
        self.views = out_of_fold_views(pipeline, table, first, views)
        self.drawn = [self.views[0], *(out_of_fold(pipeline, table, each) for each in others)]
        self.parts = row_parts(self.drawn, table.stage_codes)
        self.rival_parts = {
            name: row_parts(
                [out_of_fold(rival, table, folds) for folds in self.repeats], table.stage_codes
            )
            for name, rival in baselines(pipeline.simulator).items()
        }

    @property
    def fixed(self) -> ColdStartPipeline:
        """The pipeline of everything that is repeated often."""
        return self.pipeline.fixed(self.settings.permuted_source)


def _found(judged: _Judged, raters: Raters, advance: Callable[[int], None]) -> dict[str, Any]:
    table, parts, settings = judged.table, judged.parts, judged.settings
    ceiling = raters.ceiling
    floor = ceiling.low if ceiling.is_firm else None
    return {
        "label_count": len(table),
        "organization_count": table.organization_count,
        "stage_counts": table.stage_counts,
        "settings": settings,
        "sources": ", ".join(sorted({one.source for one in judged.drawn})),
        "scores": {
            **point_scores(parts, judged.resampler),
            "calibration_error_by_chance": calibration_error_by_chance(judged.drawn[0]),
        },
        "sets": set_scores(parts, judged.resampler),
        "calibration": calibration_curves(judged.drawn[0], table.stage_codes),
        "abstention": abstention_curve(parts, judged.resampler),
        "baselines": {
            name: _told(name, point_scores(rival, judged.resampler))
            for name, rival in judged.rival_parts.items()
        },
        "differences": _differences(judged),
        "temporal": _temporal(judged),
        "permutation": permutation_test(table, judged.fixed, settings.permutation_count, advance),
        "audits": tuple(audit_all(table, judged.fixed, floor)) if settings.with_audits else (),
        "stress": tuple(stress_labelled(table, judged.views, judged.stresses, judged.resampler)),
        "learning": learning_curve(table, judged.pipeline, judged.repeats[0], judged.resampler),
        "subgroups": subgroup_errors(table, parts, judged.resampler),
        "by_rater": errors_by_rater(table, parts, judged.resampler),
        "ceiling": ceiling,
        "against_consensus": _against_consensus(judged, raters),
    }


def _told(name: str, scores: dict[str, Score]) -> dict[str, Score]:
    """A baseline that states no probabilities is not judged by any."""
    left_out = ("log_loss", "threshold_calibration_error") if name in POINT_ONLY else ()
    return {key: score for key, score in scores.items() if key not in left_out}


def _differences(judged: _Judged) -> dict[str, dict[str, Score]]:
    losses = {
        "mean_absolute_error": "distance",
        "ranked_probability_score": "ranked_probability_score",
    }
    return {
        name: {
            figure: judged.resampler.mean(judged.parts.losses[part] - rival.losses[part])
            for figure, part in losses.items()
        }
        for name, rival in judged.rival_parts.items()
    }


def _temporal(judged: _Judged) -> dict[str, Any]:
    split = temporal_split(judged.table, judged.settings.cut)
    told: dict[str, Any] = {"cut": split.cut, "training_count": len(split.training)}
    for name, held_out in (("newcomers", split.newcomers), ("returning", split.returning)):
        why_not = split.why_not or why_not_tested(len(held_out))
        told[name] = {"why_not": why_not} if why_not else _later(judged, split, held_out)
    return told


def _later(judged: _Judged, split: TemporalSplit, held_out: IntArray) -> dict[str, Any]:
    table = judged.table.rows(held_out)
    drawn: Drawn = judged.pipeline(judged.table.rows(split.training), table.X)
    parts: RowParts = row_parts([drawn], table.stage_codes)
    resampler = Resampler(table.groups, judged.settings.resample_count, judged.settings.seed)
    return {"scores": point_scores(parts, resampler), "sets": set_scores(parts, resampler)}


def _against_consensus(judged: _Judged, raters: Raters) -> AgainstConsensus | None:
    ids, settings = judged.table.organization_ids, judged.settings
    shares = judged.parts.shares
    return against_consensus(raters.codes, ids, shares, settings.resample_count, settings.seed)


def _too_little(table: LabelledTable) -> str:
    group_count = len(set(table.groups.tolist()))
    stage_count = sum(count > 0 for count in table.stage_counts)
    if len(table) >= FEWEST_LABELS and group_count >= FEWEST_GROUPS and stage_count > 1:
        return ""
    return (
        f"{len(table)} labels of {group_count} groups and {stage_count} stages: no error can be "
        f"told; {FEWEST_LABELS} labels of {FEWEST_GROUPS} groups and 2 stages are the least, "
        "200 tell something"
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of an evaluation
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
