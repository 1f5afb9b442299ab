"""Whether the estimates can be trusted: sets, probabilities, abstentions, and the models."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from dashboards import sentences
from dashboards.asked import UnknownValueError, searched
from dashboards.charts import reliability
from dashboards.charts.distribution import Mark
from dashboards.filters import Narrowing
from dashboards.pages import quality_figures, quality_words
from dashboards.pages.page import Content, Page
from dashboards.reading import quality as reading
from dashboards.reading.header import weeks as read_weeks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from markupsafe import Markup

    from dashboards.pages.page import Visit
    from dashboards.reading.header import Week

_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityView(Narrowing):
    """One view of the page: a model, and the organizations whose weeks are shown.

    An empty `model` is the current one.
    """

    model: str = searched()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What the evaluation of one model found; empty lists and texts without one."""

    sets: list[reading.SetQuality]
    bins: list[reading.ReliabilityBin]
    measures: list[reading.Measure]
    panels: list[Markup]  #: a diagram of each threshold

    @property
    def is_told(self) -> bool:
        """Whether anything at all was found."""
        return bool(self.sets or self.bins or self.measures)

    @property
    def headline(self) -> reading.SetQuality | None:
        """Coverage of the 90 % sets over all labels."""
        level = quality_words.HEADLINE_LEVEL
        found = (one for one in self.sets if one.group_kind == "all" and one.level == level)
        return next(found, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What the template needs beside the figures.

    `finding` is empty for a model of which no error can be told.
    """

    models: list[reading.Model]
    model: reading.Model | None
    tested: Tested
    finding: list[str]
    training: str  #: what the model learned from
    weak_stages: list[str]
    week: reading.EstimateWeek | None  #: the last with estimates
    median_size: int | None  #: stages in the middle one of its 90 % sets
    marks: list[Mark]


def gather(visit: Visit) -> Content:
    """What is known of one model, and how sure the estimates of the organizations asked for are.

    Raises:
        UnknownValueError: there is no model of that version.
    """
    models = reading.models(visit.snapshot)
    model = _model(models, visit.asked.model)
    tested = _tested(visit, model)
    weeks = [w for w in reading.estimate_weeks(visit.snapshot, visit.asked) if w.estimate_count]
    marks = _model_changes(read_weeks(visit.snapshot), [week.as_of_week for week in weeks])
    shown = Quality(
        models=models,
        model=model,
        tested=tested,
        finding=_finding(tested.headline),
        training=quality_words.training_sentence(model) if model else "",
        weak_stages=quality_words.weak_stages(tested.sets),
        week=weeks[-1] if weeks else None,
        median_size=_median_size(weeks[-1]) if weeks else None,
        marks=marks,
    )
    figures = (
        *quality_figures.of_evaluation(model, tested),
        *quality_figures.of_weeks(weeks, marks),
        quality_figures.of_models(models, visit.header),
    )
    filters = sentences.filters_asked(visit.asked) | {"model": visit.asked.model}
    return Content(title="Quality", figures=figures, shown=shown, filters=filters)


QUALITY = Page(name="quality", path="quality", label="Quality", gather=gather, asked=QualityView)


def _model(models: Sequence[reading.Model], version: str) -> reading.Model | None:
    """The model asked for, else the current one, else the newest."""
    wanted = [model for model in models if model.model_version == version]
    if version and not wanted:
        name = "model"
        raise UnknownValueError(name, version, [model.model_version for model in models])
    current = [model for model in models if model.is_current]
    return next(iter([*wanted, *current, *models]), None)


def _tested(visit: Visit, model: reading.Model | None) -> Tested:
    if model is None or not model.is_evaluated:
        return Tested(sets=[], bins=[], measures=[], panels=[])
    bins = reading.reliability(visit.snapshot, model.model_version)
    return Tested(
        sets=reading.set_quality(visit.snapshot, model.model_version),
        bins=bins,
        measures=reading.measures(visit.snapshot, model.model_version),
        panels=reliability.reliability_panels(bins),
    )


def _finding(headline: reading.SetQuality | None) -> list[str]:
    if headline is None or headline.coverage_share is None:
        return []
    told = [
        quality_words.tested_sentence(headline.n),
        quality_words.set_finding(headline),
        quality_words.size_finding(headline),
    ]
    return [sentence for sentence in told if sentence]


def _model_changes(weeks: Sequence[Week], shown: Sequence[date]) -> list[Mark]:
    """The weeks from which on another model estimates: numbers of two models are not one series."""
    estimated = [week for week in weeks if week.model_version and week.as_of_week in {*shown}]
    changed = [
        week for before, week in pairwise(estimated) if before.model_version != week.model_version
    ]
    return [_change(week, number) for number, week in enumerate(changed, 1)]


def _change(week: Week, number: int) -> Mark:
    words = f"Week of {week.as_of_week}: estimates by model {week.model_version} from here on."
    return Mark(as_of_week=week.as_of_week, number=number, words=words)


def _median_size(week: reading.EstimateWeek) -> int | None:
    """The size that half of the sets do not exceed; None without a set."""
    below, total = 0, sum(week.size_counts)
    for size, count in enumerate(week.size_counts, 1):
        below += count
        if total and below >= _HALF * total:
            return size
    return None
