"""How well raters agree, as tables and sentences for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.reliability import ENOUGH_DOUBLE_CODED
from classifiers.stages import Stage
from flows.terminal import number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifiers.reliability import RaterAgreement


def agreement_table(parts: Iterable[tuple[str, RaterAgreement]]) -> Any:  # noqa: ANN401 - a rich table
    """One row for each part of the codes: how well its raters agree among themselves."""
    table = _table(
        "Raters of",
        "Organizations\ncoded twice",
        "Pairs\nof codes",
        "Alpha\n(ordinal)",
        "95 %\ninterval",
        "Same\nstage",
        "Within\none",
        "Mean\ndifference",
    )
    for title, part in parts:
        table.add_row(title, *_agreement_cells(part))
    return table


def _agreement_cells(part: RaterAgreement) -> list[str]:
    return [
        str(part.double_coded_count),
        str(part.pair_count),
        number(part.alpha, ".2f"),
        _interval(part.alpha_low, part.alpha_high),
        number(part.exact_share, ".0%"),
        number(part.within_one_share, ".0%"),
        number(part.mean_absolute_difference, ".2f"),
    ]


def rater_table(part: RaterAgreement) -> Any:  # noqa: ANN401 - a rich table
    """One row for each two raters who coded something in common."""
    table = _table("Two raters", "n", "Kappa\n(quadratic)", "Mean of first\nminus second")
    for pair in part.rater_pairs:
        table.add_row(
            f"{pair.first}, {pair.second}",
            str(pair.unit_count),
            number(pair.kappa, ".2f"),
            f"{pair.mean_difference:+.2f}",
        )
    return table


def pair_table(part: RaterAgreement) -> Any:  # noqa: ANN401 - a rich table
    """Pairs of codes by the lower one (rows) and the higher one (columns)."""
    table = _table("Lower code, higher code", *(stage.label for stage in Stage))
    for stage, counts in zip(Stage, part.pair_counts, strict=True):
        below = stage.value - 1
        table.add_row(stage.label, *("" for _ in range(below)), *map(str, counts[below:]))
    return table


def agreement_sentences(whole: RaterAgreement) -> list[str]:
    """What the figures mean, and what they rest on."""
    if not whole.pair_count:
        return ["No organization has a stage from two raters yet, so nothing can be compared."]
    sentences = [_ceiling_sentence(whole)]
    if whole.undecided_count:
        sentences.append(
            f"{whole.undecided_count} of {whole.code_count} codes say that the rater cannot say; "
            "they are counted here and compared nowhere."
        )
    if whole.double_coded_count < ENOUGH_DOUBLE_CODED:
        sentences.append(
            f"{whole.double_coded_count} organizations have stages from two raters; a statement "
            f"about raters should rest on {ENOUGH_DOUBLE_CODED} or more."
        )
    return sentences


def _ceiling_sentence(whole: RaterAgreement) -> str:
    low, high = number(whole.ceiling_low, ".2f"), number(whole.ceiling_high, ".2f")
    between = low if low == high else f"between {low} and {high}"
    return (
        f"A model that is always right would differ from one rater by {between} stages on "
        "average, if raters err independently of one another; no model can be shown to be better."
    )


def _interval(low: float | None, high: float | None) -> str:
    return "-" if low is None else f"{number(low, '.2f')} to {number(high, '.2f')}"


def _table(first: str, *others: str) -> Any:  # noqa: ANN401 - a rich table
    from rich.table import Table

    table = Table(header_style="bold", pad_edge=False, box=None)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
