"""The figures of a comparison: what is drawn and shown there, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.signals import SIGNALS, Signal
from classifiers.stages import Stage
from dashboards import sentences
from dashboards.charts import stageladder, strip
from dashboards.figures import Column, Figure
from dashboards.svg import chart, element, nested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from dashboards.pages.comparison import Compared, ComparedStrip
    from dashboards.reading import organization as reading


def own_value(
    each: Compared, signal: Signal, own: Mapping[tuple[str, str], reading.OwnSignal]
) -> float | None:
    """The value of one signal, where it rests on the organization's own observations."""
    found = own.get((each.row.organization_id, signal.code))
    return found.own_value if found else None


def stages_figure(compared: Sequence[Compared], week: str) -> Figure:
    """Probabilities, stage and set of each organization."""
    drawn = [(f"{each.letter}  {each.row.name}", each.row) for each in compared if each.ladder]
    return Figure(
        name="stages",
        title="Stage ladders",
        definition=(
            "Probabilities of the six stages, the observed stage (median) and the 90 % "
            "prediction set of each organization. No observed stage where the estimate abstained."
        ),
        anchor="stages",
        n=len(compared),
        window=f"13 weeks to that of {week}",
        columns=(
            Column(name="organization_id", label="Organization"),
            Column(name="name", label="Name"),
            Column(name="observed_stage", label="Observed stage", write=_or_none),
            Column(name="set90", label="90 % set"),
            Column(name="is_abstained", label="Abstained", write=_yes),
            *(
                Column(
                    name=f"probability_{stage.value}",
                    label=stage.label,
                    write=_share,
                    is_number=True,
                )
                for stage in Stage
            ),
        ),
        rows=[
            (
                each.row.organization_id,
                each.row.name,
                each.standing.stage or None,
                each.standing.stage_set,
                each.row.is_abstained,
                *each.row.probabilities,
            )
            for each in compared
        ],
        drawing=stageladder.named_ladders(drawn),
    )


def strips_figure(
    compared: Sequence[Compared],
    strips: Sequence[ComparedStrip],
    own: Mapping[tuple[str, str], reading.OwnSignal],
    week: str,
) -> Figure:
    """The drawn signals with their letters."""
    return Figure(
        name="strips",
        title="Signals among all organizations",
        definition=(
            "The values of the compared organizations among those of all organizations of the "
            f"week; bands from {strip.FEWEST_FOR_BANDS} organizations with a value on."
        ),
        anchor="signals",
        n=max((each.n for each in strips), default=0),
        window=f"13 or 26 weeks to that of {week}, see each signal",
        columns=(
            Column(name="signal", label="Signal"),
            Column(name="n", label="n", is_number=True),
            *_value_columns(compared),
        ),
        rows=[
            (
                each.signal.label,
                each.n,
                *(own_value(one, each.signal, own) for one in compared),
            )
            for each in strips
        ],
        drawing=_stacked([each for each in strips if each.drawing]),
    )


def _stacked(strips: Sequence[ComparedStrip]) -> Markup | str:
    """Several strips in one drawing, each under its name; "" without any."""
    if not strips:
        return ""
    parts, top = [], 0
    for each in strips:
        parts.append(element("text", each.signal.label, x="3%", y=top + 14, class_="name"))
        parts.append(nested(each.drawing, top + 18))
        top += each.height + 26
    words = ", ".join(each.signal.label for each in strips)
    return chart("chart strips", top, words, *parts)


def signals_figure(
    compared: Sequence[Compared], own: Mapping[tuple[str, str], reading.OwnSignal], week: str
) -> Figure:
    """Every signal, a column an organization."""
    return Figure(
        name="signals",
        title="All signals",
        definition="The value of each signal; empty where the organization has none of its own.",
        anchor="signals",
        n=len(compared),
        window=f"13 or 26 weeks to that of {week}, see each signal",
        columns=(
            Column(name="signal", label="Signal"),
            Column(name="signal_code", label="Code"),
            *_value_columns(compared),
        ),
        rows=[
            (signal.label, signal.code, *(own_value(each, signal, own) for each in compared))
            for signal in SIGNALS
        ],
    )


def _value_columns(compared: Sequence[Compared]) -> list[Column]:
    return [
        Column(
            name=each.row.organization_id,
            label=each.letter,
            meaning=f"Value of {each.row.name}, in the signal's unit.",
            write=sentences.number,
            is_number=True,
        )
        for each in compared
    ]


def claims_figure(compared: Sequence[Compared], week: str) -> Figure:
    """The claim of each organization and where it lies."""
    return Figure(
        name="claims",
        title="Claims",
        definition="The public claim that is laid beside each estimate, and where it lies.",
        anchor="claims",
        n=sum(bool(each.standing.claim) for each in compared),
        unit=f"of {len(compared)} with a public claim",
        window=f"week of {week}",
        columns=(
            Column(name="organization_id", label="Organization"),
            Column(name="claimed_stage", label="Claimed stage", write=_no_label),
            Column(name="claimed_on", label="Claimed on", write=_or_none),
            Column(name="claim_position", label="Beside the 90 % set", write=_not_compared),
        ),
        rows=[
            (
                each.row.organization_id,
                each.standing.claim or None,
                each.row.claimed_on,
                each.row.claim_position,
            )
            for each in compared
        ],
    )


def _share(share: float | None) -> str:
    return "not known" if share is None else f"{share:.2f}"


def _yes(value: object) -> str:
    return "not known" if value is None else "yes" if value else "no"


def _or_none(value: object) -> str:
    return "none" if value is None else str(value)


def _no_label(value: object) -> str:
    return "no label" if value is None else str(value)


def _not_compared(value: object) -> str:
    return sentences.NOT_COMPARED if value is None else str(value)
