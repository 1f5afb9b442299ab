"""Self-assessment, last step: what was claimed, beside what is observed and beside peers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from classifiers.assessing.esm3_scores import perspective_score
from classifiers.assessing.instrument import read_instrument
from classifiers.improving.percentile import FEWEST_PEERS
from classifiers.stages import Stage
from dashboards import sentences
from dashboards.asked import Asked, one_of
from dashboards.assessing.claimed import Claimed, claimed
from dashboards.assessing.reading import PeerCount, PeerGroup, peer_counts, peer_levels
from dashboards.charts.peerstages import Own, peer_stages
from dashboards.charts.profilelevels import profile_levels
from dashboards.charts.stageladder import probability_ladder
from dashboards.figures import Column, Figure
from dashboards.pages.page import Content
from dashboards.reading.organization import MeasuredOrganization, measured_organizations
from dashboards.sentences import stage_label, stage_set

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifiers.assessing.answers import Answers
    from dashboards.assessing.form import Form
    from dashboards.assessing.intake import Kept
    from dashboards.pages.page import Visit

PEERS = ("industry", "size", "both", "all")
_WORDS = {
    "industry": "of the same industry",
    "size": "of the same size",
    "both": "of the same industry and size",
    "all": "all others in the snapshot",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PeersAsked(Asked):
    """Whom to compare with; a choice that is made after answering only."""

    peers: str = one_of(PEERS, "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent, and where it is now."""

    answers: Answers
    form: Form
    record: Kept
    token: str
    is_waiting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One answered question, in the instrument's own order."""

    group: str
    text: str
    answer: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the result page needs beside its figures."""

    sent: Sent
    name: str
    claimed: Claimed
    organization: MeasuredOrganization | None
    observed: sentences.Observed | None
    position: str
    peer_words: str
    missing_attribute: str
    member_count: int
    rows: list[AnswerRow]
    choices: Mapping[str, str]


def gather(visit: Visit, sent: Sent) -> Content:
    """Everything about one set of answers."""
    answers = sent.answers
    found = measured_organizations(
        visit.snapshot, [answers.organization_id], visit.header.as_of_week.isoformat()
    )
    own, what = (found[0] if found else None), claimed(answers)
    group, missing = _peer_group(visit.asked.peers, answers.organization_id, own)
    counts = [] if missing else peer_counts(visit.snapshot, group)
    figures = [*_claim_figures(sent, what), *_observed_figures(visit, own, what)]
    figures.append(_peers_figure(visit, counts, own, what))
    if not what.rules:
        figures.append(_perspectives_figure(visit, group, what, is_known=not missing))
    shown = Result(
        sent=sent,
        name=own.name if own else answers.organization_id,
        claimed=what,
        organization=own,
        observed=sentences.observed(own) if own else None,
        position=_position(own, what),
        peer_words=_WORDS[visit.asked.peers],
        missing_attribute=missing,
        member_count=_members(counts),
        rows=_answer_rows(sent),
        choices=_WORDS,
    )
    filters: dict[str, object] = {"peers": visit.asked.peers}
    return Content(
        title="Your self-assessment", figures=tuple(figures), shown=shown, filters=filters
    )


def _peer_group(
    asked: str, organization_id: str, own: MeasuredOrganization | None
) -> tuple[PeerGroup, str]:
    """The group, and the attribute that is not known and so makes none."""
    wanted = {"industry": asked in ("industry", "both"), "size": asked in ("size", "both")}
    known = {
        "industry": (own.industry or "") if own else "",
        "size": (own.size_class or "") if own else "",
    }
    missing = [name for name, is_wanted in wanted.items() if is_wanted and not known[name]]
    chosen = {name: known[name] for name, is_wanted in wanted.items() if is_wanted}
    return PeerGroup(organization_id=organization_id, **chosen), " and ".join(missing)


def _members(counts: list[PeerCount]) -> int:
    return sum(each.organization_count for each in counts if each.kind == "member")


def _of_kind(counts: list[PeerCount], kind: str) -> dict[int | None, int]:
    return {each.stage_code: each.organization_count for each in counts if each.kind == kind}


def _position(own: MeasuredOrganization | None, what: Claimed) -> str:
    """Where the claim lies beside the 90 % set, as a sentence; "" where one of them is missing."""
    if own is None or what.stage_code is None or own.set90_low is None or own.set90_high is None:
        return ""
    words = stage_set(own.set90_low, own.set90_high)
    if what.stage_code > own.set90_high:
        return f"The claim lies above the 90 % set ({words})."
    if what.stage_code < own.set90_low:
        return f"The claim lies below the 90 % set ({words})."
    return f"The claim lies within the 90 % set ({words})."


def _claim_figures(sent: Sent, what: Claimed) -> list[Figure]:
    day = f"answered on {sent.answers.answered_on}"
    by = "dimension" if what.rules else "perspective"
    levels = Figure(
        name="levels",
        title=f"Levels by {by}",
        definition=_LEVELS_OF_STAGES if what.rules else _LEVELS_OF_CRITERIA,
        anchor="questionnaires",
        n=len(sent.answers.given),
        unit="answers",
        window=day,
        columns=(
            Column(name=by, label=by.capitalize()),
            *(
                Column(name=name, label=label, write=_level, is_number=True)
                for name, label in (
                    ("level", "Level"),
                    ("lowest", "At least"),
                    ("highest", "At most"),
                )
            ),
        ),
        rows=[tuple(level) for level in what.levels],
        drawing=profile_levels(what.levels, *what.bounds),
    )
    return [levels, *([_rules_figure(what, day)] if what.rules else [])]


_LEVELS_OF_STAGES = (
    "The level of a dimension is the highest stage whose statement and all below are in place in "
    "most units. Where statements cannot be said, the level lies between two bounds."
)
_LEVELS_OF_CRITERIA = (
    "The level of a perspective is the mean of its answered criteria, 1 to 3; the bounds hold it "
    "whatever the open ones are."
)


def _level(value: float | None) -> str:
    return "open" if value is None else sentences.number(value)


def _stage(value: int | None) -> str:
    if value is None:
        return "none"
    return stage_label(value) if value else "below the first stage"


def _rules_figure(what: Claimed, day: str) -> Figure:
    return Figure(
        name="rules",
        title="The claimed stage by every rule",
        definition="Published instruments disagree on the rule, so each is given.",
        anchor="questionnaires",
        n=len(what.rules),
        unit="rules",
        window=day,
        columns=(
            Column(name="meaning", label="Rule"),
            Column(name="stage", label="Stage", write=_stage),
            Column(name="lowest_stage", label="At least", write=_stage),
            Column(name="highest_stage", label="At most", write=_stage),
        ),
        rows=[(each.meaning, each.stage_code, each.low, each.high) for each in what.rules],
    )


def _observed_figures(
    visit: Visit, own: MeasuredOrganization | None, what: Claimed
) -> list[Figure]:
    if own is None or own.set90_low is None:
        return []
    here = replace(own, claimed_stage_code=what.stage_code)
    return [
        Figure(
            name="observed",
            title="Observed stage",
            definition=(
                "The probability of each stage by what is public, and the 90 % set: the stages "
                "that it does not rule out. The claim is that of these answers."
            ),
            anchor="observed",
            n=1,
            unit="organization",
            window=f"week of {visit.header.as_of_week}",
            columns=(
                Column(name="stage", label="Stage"),
                Column(name="probability", label="Probability", write=_share, is_number=True),
                Column(name="is_in_90_percent_set", label="In the 90 % set", write=_yes),
                Column(name="is_claimed", label="Claimed", write=_yes),
            ),
            rows=[
                (
                    stage.label,
                    share,
                    own.set90_low <= stage <= (own.set90_high or 0),
                    stage == what.stage_code,
                )
                for stage, share in zip(Stage, own.probabilities, strict=True)
            ],
            drawing=probability_ladder(here),
        )
    ]


def _share(value: float | None) -> str:
    return sentences.NOT_SEEN if value is None else f"{value:.2f}"


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _peers_figure(
    visit: Visit, counts: list[PeerCount], own: MeasuredOrganization | None, what: Claimed
) -> Figure:
    observed, said = _of_kind(counts, "observed"), _of_kind(counts, "claimed")
    low, high = (own.set90_low, own.set90_high) if own else (None, None)
    return Figure(
        name="peers",
        title="Peers by stage",
        definition=(
            "Other organizations by the median of their estimate, and by the stage that they "
            "claim publicly. Each estimate has a 90 % set of stages around it."
        ),
        anchor="peers",
        n=sum(observed.values()),
        unit="peers with an estimate",
        window=f"week of {visit.header.as_of_week}",
        columns=(
            Column(name="stage", label="Stage"),
            Column(name="observed_count", label="Observed", is_number=True),
            Column(name="claimed_count", label="Claimed publicly", is_number=True),
        ),
        rows=[
            (stage.label if stage else "Abstained", observed.get(stage, 0), said.get(stage, 0))
            for stage in (*reversed(Stage), None)
        ]
        if counts
        else [],
        drawing=peer_stages(observed, Own(what.stage_code, low, high)) if observed else "",
    )


def _perspectives_figure(
    visit: Visit, group: PeerGroup, what: Claimed, *, is_known: bool
) -> Figure:
    levels = peer_levels(visit.snapshot, group) if is_known else {}
    rows = []
    for dimension, own in zip(read_instrument("esm3").dimensions, what.levels, strict=True):
        scores = [perspective_score(dimension, given).score.value for given in levels.values()]
        known = [score for score in scores if score is not None]
        middle = median(known) if len(known) >= FEWEST_PEERS else None
        rows.append((dimension.label, own.value, middle, len(known)))
    return Figure(
        name="perspectives",
        title="Perspectives among peers",
        definition=(
            "Medians of peers that have answered this questionnaire publicly, from "
            f"{FEWEST_PEERS} peers on."
        ),
        anchor="questionnaires",
        n=len(levels),
        unit="peers with public answers",
        window=f"latest answers, snapshot of {visit.header.published_at:%Y-%m-%d}",
        columns=(
            Column(name="perspective", label="Perspective"),
            Column(name="own_level", label="Yours", write=_level, is_number=True),
            Column(name="peer_median", label="Median of peers", write=_median, is_number=True),
            Column(name="n", label="n", is_number=True),
        ),
        rows=rows,
    )


def _median(value: float | None) -> str:
    return "too few peers" if value is None else sentences.number(value)


def _answer_rows(sent: Sent) -> list[AnswerRow]:
    answers, instrument = sent.answers, sent.form.instrument
    return [
        AnswerRow(
            group=dimension.label,
            text=item.text or item.label,
            answer=item.choice(answers.given[item.code]).text
            if item.code in answers.given
            else instrument.cannot_say,
            evidence=answers.evidence.get(item.code, ""),
        )
        for dimension in instrument.dimensions
        for item in dimension.items
    ]
