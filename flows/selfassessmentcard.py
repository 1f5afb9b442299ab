"""What self-assessments taught a model, in words: for its card, the terminal and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.shiftcard import table

if TYPE_CHECKING:
    from classifiers.correcting_with_claims import Taught
    from classifiers.self_assessments import ReportedTable
    from classifiers.shift_summary import Interval, Judged, ShiftSummary
    from flows.claimants import Claimants

_NAMED = 10  # organizations that a message names
_NONE_USED = "None was used. What organizations say of themselves is what estimates are set beside."
_HOW = (
    "A self-assessment taught the model only by way of how far self-assessments lie from experts' "
    "codes, which organizations with both (anchors) tell. Whoever has a code or a self-assessment "
    "is estimated by a part of the model that has seen neither. Sets are never calibrated on "
    "self-assessments. The general level of the estimates still rests on the anchors: they have to "
    "be like the others who claim."
)


def self_assessments(taught: Taught | None) -> str:
    """The section of a model card; `None` for a model that no self-assessment taught."""
    if taught is None:
        return _NONE_USED
    summary = taught.summary
    parts = [
        (
            f"- Expert codes: {summary.label_count}\n- Self-assessments: {summary.claim_count}\n"
            f"- Organizations with both: {summary.anchor_count}\n"
            f"- The same model without self-assessments: `{taught.without.model_version}`"
        ),
        _HOW,
        _steps_table(summary),
        f"Self-assessments {_mean_words(summary)}",
        _judged_table(summary),
        _checks_table(summary),
        "\n".join(f"- {warning}" for warning in shift_warnings(summary)),
    ]
    return "\n\n".join(part for part in parts if part)


def shift_sentences(summary: ShiftSummary) -> list[str]:
    """How far self-assessments were off, and what they changed."""
    counts = f"{summary.claim_count} self-assessments, {summary.anchor_count} beside an expert code"
    sentences = [f"{counts}; they {_mean_words(summary)}"]
    judged = f"on {summary.label_count} codes held out: {_judged_words(summary.judged)}"
    if summary.judged_without is None:
        return [*sentences, judged]
    without = _judged_words(summary.judged_without)
    return [*sentences, f"{judged}; without self-assessments {without}", *_gain_sentence(summary)]


def shift_warnings(summary: ShiftSummary) -> list[str]:
    """What speaks against trusting such a model, the gravest first."""
    from classifiers.shift_summary import FEW_ANCHORS  # takes long: not for every command

    found = []
    if summary.is_copied:
        found.append(
            f"each of the {summary.anchor_count} expert codes equals the self-assessment beside "
            "it; were self-assessments imported as expert codes?"
        )
    if summary.gain is not None and summary.gain.value <= 0:
        found.append(
            "self-assessments made the model no better on expert codes that it had not seen: "
            "use the one without them"
        )
    if summary.anchor_count < FEW_ANCHORS:
        found.append(
            f"only {summary.anchor_count} organizations have an expert code and a "
            f"self-assessment; below {FEW_ANCHORS}, estimates may all be too high or too low"
        )
    found += [
        f"how far self-assessments are off seems to go with {check.name} ({check.slope:+.2f} "
        f"stages, p = {check.adjusted_p_value:.3f}, {check.anchor_count} organizations); "
        f"{_consequence(check.name)}"
        for check in summary.suspects
    ]
    return found


def too_few_anchors(reported: ReportedTable, claimants: Claimants) -> str:
    """Why self-assessments teach nothing yet, and how to change that."""
    from classifiers.noisy_labels import FEWEST_ANCHORS
    from classifiers.self_assessments import NEAR_DAYS
    from classifiers.shift_summary import FEW_ANCHORS

    said = claimants.said
    if not len(said):
        return "no self-assessment to learn from: list them in claims.csv (docs/claims.md)"
    anchors = set(reported.organization_ids[reported.is_anchor].tolist())
    without = [name for name in said.organization_ids.tolist() if name not in anchors]
    named = ", ".join(without[:_NAMED]) + (", ..." if len(without) > _NAMED else "")
    return (
        f"{len(anchors)} of the {len(said)} organizations with a self-assessment have an expert "
        f"code of the same half year ({NEAR_DAYS} days) beside a measured week; at least "
        f"{FEWEST_ANCHORS} are needed to tell how far self-assessments are off, better "
        f"{FEW_ANCHORS}. Have experts code more of those who claim, without showing them the "
        f"claim ({named or 'all of them have a code'}): `barograph labels next` proposes whom, "
        "`barograph labels template` writes the sheet"
    )


def _consequence(name: str) -> str:
    if name.startswith("estimated stage"):
        return "the model allows for that in part; more anchors tell it better"
    return "the model takes it to be the same for all, and errs where it is not"


def _mean_words(summary: ShiftSummary) -> str:
    return (
        f"lie {_with_interval(summary.anchor_mean)} stages above the codes on average "
        f"(n = {summary.anchor_count}); of all {summary.claim_count}, by the model, "
        f"{summary.mean:+.2f}."
    )


def _steps_table(summary: ShiftSummary) -> str:
    head = ("stages above the code", "anchors", "share of them, 95 %", "of all, by the model")
    lines = [
        (
            f"{each.step:{'+d' if each.step else 'd'}}",
            str(each.anchor_count),
            _plain_interval(each.anchor_share),
            f"{each.share:.2f}",
        )
        for each in summary.steps
    ]
    return table(head, lines, text_columns=0)


def _judged_table(summary: ShiftSummary) -> str:
    judged = [("with self-assessments", summary.judged)]
    if summary.judged_without is not None:
        judged.append(("expert codes alone", summary.judged_without))
    head = (f"on {summary.label_count} codes held out, 95 %", "mean absolute error", "bias")
    lines = [
        (name, _plain_interval(each.mean_absolute_error), _with_interval(each.bias))
        for name, each in judged
    ]
    return "\n\n".join([table(head, lines), *_gain_sentence(summary)])


def _checks_table(summary: ShiftSummary) -> str:
    if not summary.checks:
        return "The anchors are too few or too alike to tell what the shift goes with."
    head = ("does the shift go with", "slope ± 1.96 standard errors", "p (Holm)", "anchors")
    lines = [
        (
            each.name,
            f"{each.slope:+.2f} ± {1.96 * each.standard_error:.2f}",
            f"{each.adjusted_p_value:.3f}",
            str(each.anchor_count),
        )
        for each in summary.checks
    ]
    return table(head, lines)


def _judged_words(judged: Judged) -> str:
    error, bias = _plain_interval(judged.mean_absolute_error), _with_interval(judged.bias)
    return f"mean absolute error {error}, bias {bias}"


def _gain_sentence(summary: ShiftSummary) -> list[str]:
    if summary.gain is None:
        return []
    gain = summary.gain
    return [
        (
            f"Self-assessments make the ranked probability score of codes held out better by "
            f"{gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f}, n = {summary.label_count})."
        )
    ]


def _with_interval(found: Interval) -> str:
    return f"{found.value:+.2f} ({found.low:+.2f} to {found.high:+.2f})"


def _plain_interval(found: Interval) -> str:
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
