"""Where one organization stands: its estimate and claim in words, as a ladder, and over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from classifiers.stages import Stage
from dashboards import sentences
from dashboards.charts import stagehistory, stageladder
from dashboards.figures import Column, Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.pages.page import Visit
    from dashboards.reading.organization import HistoryWeek, MeasuredOrganization

HISTORY_WEEKS = 52
_COUNTS = ("no", "one", "two", "three", "four", "five")
_POSITIONS = {
    "within": "within the 90\N{NO-BREAK SPACE}% set",
    "above": "above the 90\N{NO-BREAK SPACE}% set",
    "below": "below the 90\N{NO-BREAK SPACE}% set",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An estimate in the parts of a sentence.

    Attributes:
        kind: `no_model`, `no_estimate`, `abstained`, `wide` or `stage`: what to say first.
        stage: the observed stage's name; "" where none is told.
        probability: of that stage, as text.
        stage_set: the 90 % set in words.
        reason: why it abstained, with its numbers.
        claim: the claimed stage's name; "" without a claim.
        claimed_on: its date as text; "" when not known.
        beside: where the claim lies beside stage and set, in words.
    """

    kind: str
    stage: str = ""
    probability: str = ""
    stage_set: str = ""
    reason: str = ""
    claim: str = ""
    claimed_on: str = ""
    beside: str = ""


def standing(row: MeasuredOrganization, model_version: str) -> Standing:
    """The estimate and the claim of one week."""
    kind = _kind(row, model_version)
    claim = sentences.stage_label(row.claimed_stage_code) if row.claimed_stage_code else ""
    return Standing(
        kind=kind,
        stage=_point(row) if row.stage_code and kind in ("wide", "stage") else "",
        probability=f"{_point_probability(row):.2f}",
        stage_set=sentences.stage_set(row.set90_low, row.set90_high),
        reason=_reason(row) if kind == "abstained" else "",
        claim=claim,
        claimed_on=f"{row.claimed_on}" if row.claimed_on else "",
        beside=_beside(row, kind) if claim else "",
    )


def stages_figure(row: MeasuredOrganization, week: str) -> Figure:
    """The ladder: six probabilities with the set and the claim."""
    is_known = row.probability_1 is not None
    rows = [
        (stage.value, stage.label, share, *_roles(row, stage))
        for stage, share in zip(Stage, row.probabilities, strict=True)
    ]
    return Figure(
        name="stages",
        title="Stage ladder",
        definition=(
            "The probability of each stage by the model; the 90 % prediction set is the range of "
            "neighbouring stages meant to hold the true one in nine of ten cases."
        ),
        anchor="stages",
        n=row.readable_channel_count,
        unit="channels read" if row.readable_channel_count != 1 else "channel read",
        window=f"13 weeks to that of {week}",
        columns=(
            Column(name="stage_code", label="Code", is_number=True),
            Column(name="stage", label="Stage"),
            Column(name="probability", label="Probability", write=_share, is_number=True),
            Column(name="is_in_90_set", label="In the 90 % set", write=_yes),
            Column(name="is_observed", label="Observed (median)", write=_yes),
            Column(name="is_claimed", label="Claimed", write=_yes),
        ),
        rows=rows if is_known else [],
        drawing=stageladder.probability_ladder(row) if is_known else "",
    )


def history_figure(
    visit: Visit, weeks: Sequence[HistoryWeek], row: MeasuredOrganization | None, week: str
) -> Figure:
    """Observed stage, set and claim of up to a year of weeks."""
    last = date.fromisoformat(week)
    shown = [
        each for each in weeks if last - timedelta(weeks=HISTORY_WEEKS) < each.as_of_week <= last
    ]
    estimated = [each for each in shown if each.set90_low is not None]
    axis = _mondays(estimated[0].as_of_week, last) if estimated else []
    claim = _claim(row)
    drawing = stagehistory.stage_history(shown, axis, claim) if len(estimated) > 1 else ""
    return Figure(
        name="history",
        title="Stage history",
        definition=(
            "Observed stage (median) and 90 % prediction set of each week. No observed stage "
            "where the estimate abstained; no row where the week was not measured."
        ),
        anchor="history",
        n=len(estimated),
        unit="weeks with an estimate" if len(estimated) != 1 else "week with an estimate",
        window=_span(axis),
        columns=(
            Column(name="as_of_week", label="Week of"),
            Column(name="observed_stage", label="Observed stage", write=_or_dash),
            Column(name="set90", label="90 % set", write=_or_dash),
            Column(name="is_abstained", label="Abstained", write=_yes),
            Column(name="model_version", label="Model", write=_or_dash),
        ),
        rows=[_history_row(each) for each in reversed(shown)] if visit.header.model_version else [],
        drawing=drawing,
        note=" ".join(
            f"{change.number}: model {change.model_version} from {change.as_of_week} on."
            for change in stagehistory.model_changes(shown)
        ),
    )


def _kind(row: MeasuredOrganization, model_version: str) -> str:
    if row.is_abstained:
        return "abstained"
    if row.stage_code is None:
        return "no_estimate" if model_version else "no_model"
    return "wide" if _width(row) >= sentences.WIDE_SET_STAGES else "stage"


def _width(row: MeasuredOrganization) -> int:
    if row.set90_low is None or row.set90_high is None:
        return 0
    return row.set90_high - row.set90_low + 1


def _point(row: MeasuredOrganization) -> str:
    return row.stage_label or sentences.stage_label(row.stage_code or 1)


def is_of_two(row: MeasuredOrganization) -> bool:
    """Whether the two highest stages are told as one, because labels do not tell them apart."""
    return row.stage_code is not None and _point(row) != sentences.stage_label(row.stage_code)


def _point_probability(row: MeasuredOrganization) -> float:
    if row.stage_code is None:
        return 0.0
    wanted = (
        row.probabilities[4:] if is_of_two(row) else row.probabilities[row.stage_code - 1 :][:1]
    )
    return sum(share or 0.0 for share in wanted)


def _reason(row: MeasuredOrganization) -> str:
    """The reason without the word that stands before it on the page."""
    text = row.abstention_text or (row.abstention_reason or "").replace("_", " ")
    text = text.removeprefix("Abstained:").removeprefix("Abstained.").strip()
    return text[:1].upper() + text[1:]


def _beside(row: MeasuredOrganization, kind: str) -> str:
    position = _POSITIONS.get(row.claim_position or "")
    if position is None:
        return _not_compared(row, kind)
    if kind == "stage":
        return f"{_distance(row)} and {position}"
    return position


def _not_compared(row: MeasuredOrganization, kind: str) -> str:
    if kind in ("no_model", "no_estimate"):
        return "with no estimate to lay it beside"
    if row.saw_claim:
        return "which is not compared: the model has learnt from this very claim"
    return "which is not compared with the set"


def _distance(row: MeasuredOrganization) -> str:
    claimed, observed = row.claimed_stage_code or 0, row.stage_code or 0
    if is_of_two(row) and claimed >= Stage.STRATEGIC:
        return "the same as the observed stage"
    gap = claimed - (Stage.STRATEGIC if is_of_two(row) else observed)
    if gap == 0:
        return "the same as the observed stage"
    stages = f"{_COUNTS[abs(gap)]} stage{'s' if abs(gap) > 1 else ''}"
    return f"{stages} {'above' if gap > 0 else 'below'} the observed stage"


def _roles(row: MeasuredOrganization, stage: Stage) -> tuple[bool, bool, bool]:
    is_inside = (row.set90_low or 9) <= stage <= (row.set90_high or 0)
    is_observed = row.stage_code == stage and not row.is_abstained
    return is_inside, is_observed, row.claimed_stage_code == stage


def _claim(row: MeasuredOrganization | None) -> stagehistory.ClaimedFrom | None:
    if row is None or row.claimed_stage_code is None:
        return None
    return stagehistory.ClaimedFrom(row.claimed_stage_code, row.claimed_on)


def _mondays(first: date, last: date) -> list[date]:
    return [first + timedelta(weeks=place) for place in range((last - first).days // 7 + 1)]


def _span(axis: Sequence[date]) -> str:
    return f"{axis[0]} to {axis[-1]}" if axis else "no week"


def _history_row(week: HistoryWeek) -> tuple[object, ...]:
    is_told = week.stage_code is not None and not week.is_abstained
    known = week.set90_low is not None
    return (
        week.as_of_week,
        sentences.stage_label(week.stage_code or 1) if is_told else None,
        sentences.stage_set(week.set90_low, week.set90_high) if known else None,
        bool(week.is_abstained) if known else None,
        week.model_version or None,
    )


def _share(share: float | None) -> str:
    return "not known" if share is None else f"{share:.2f}"


def _yes(value: object) -> str:
    return "not known" if value is None else "yes" if value else "no"


def _or_dash(value: object) -> str:
    return "none" if value is None else str(value)
