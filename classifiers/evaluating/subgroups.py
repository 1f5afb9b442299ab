"""Errors of kinds of organizations, drawn towards the mean of all kinds as far as n is small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from classifiers.evaluating.labelled_table import FloatArray, LabelledTable, TextArray
    from classifiers.evaluating.pipeline import BoolArray
    from classifiers.evaluating.scores import Resampler, RowParts

FEWEST_OF_A_KIND = 20  #: labels; a smaller kind is not shown

_DIMENSIONS = {
    "industry": "industries",
    "size": "size_classes",
    "country": "countries",
    "sources": "source_mixes",
}


def subgroup_errors(
    table: LabelledTable, parts: RowParts, resampler: Resampler
) -> dict[str, list[dict[str, Any]]]:
    """For each dimension its kinds with enough labels: error, shrunken error, bias, coverage.

    Error, bias and coverage are scores with their intervals.
    The shrunken error is the mean of a normal hierarchy: kinds vary around their common mean
    with a variance by the method of moments (DerSimonian and Laird 1986, Meta-analysis in
    clinical trials). A dimension with fewer than two such kinds is left out.
    """
    found = {name: _kinds(getattr(table, column)) for name, column in _DIMENSIONS.items()}
    return {
        name: _errors_of(kinds, getattr(table, _DIMENSIONS[name]), parts, resampler)
        for name, kinds in found.items()
        if len(kinds) > 1
    }


def errors_by_rater(
    table: LabelledTable, parts: RowParts, resampler: Resampler
) -> list[dict[str, Any]]:
    """Errors against blind raters and against others, apart; none of them shrunken."""
    kinds = np.where(table.saw == "documents", "blind", "not blind")
    return [_plain(kind, kinds == kind, parts, resampler) for kind in np.unique(kinds).tolist()]


def shrunken(means: FloatArray, variances: FloatArray) -> FloatArray:
    """Means drawn towards their common mean by how much of their scatter is chance.

    Args:
        means: of each kind.
        variances: of each of these means.

    >>> shrunken(np.array([0.5, 0.7]), np.array([0.04, 0.04])).round(2).tolist()
    [0.6, 0.6]
    """
    precisions = 1 / np.maximum(variances, 1e-12)
    common = np.average(means, weights=precisions)
    scatter = float(np.sum(precisions * (means - common) ** 2))
    freedom = precisions.sum() - (precisions**2).sum() / precisions.sum()
    between = max(0.0, (scatter - (len(means) - 1)) / max(freedom, 1e-12))
    belief = between / (between + variances) if between > 0 else np.zeros(len(means))
    drawn: FloatArray = common + belief * (means - common)
    return drawn


def _kinds(names: TextArray) -> list[str]:
    found, counts = np.unique(names, return_counts=True)
    enough = found[counts >= FEWEST_OF_A_KIND].tolist()
    return [name for name in enough if name]


def _errors_of(
    kinds: list[str], names: TextArray, parts: RowParts, resampler: Resampler
) -> list[dict[str, Any]]:
    rows = [_plain(kind, names == kind, parts, resampler) for kind in kinds]
    distances = [parts.losses["distance"][names == kind] for kind in kinds]
    means = np.array([each.mean() for each in distances])
    variances = np.array([each.var(ddof=1) / len(each) for each in distances])
    drawn = shrunken(means, np.maximum(variances, 1e-6))
    return [{**row, "shrunken_error": float(one)} for row, one in zip(rows, drawn, strict=True)]


def _plain(
    kind: str, is_of_kind: BoolArray, parts: RowParts, resampler: Resampler
) -> dict[str, Any]:
    figures = {
        "mean_absolute_error": parts.losses["distance"],
        "bias": parts.losses["gap"],
        **{f"coverage_{level:g}": held for level, held in parts.held.items()},
    }
    scores = {name: resampler.mean(values, is_of_kind) for name, values in figures.items()}
    return {"kind": kind, "n": int(is_of_kind.sum()), **scores}
