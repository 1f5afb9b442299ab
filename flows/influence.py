"""What each signal adds to an estimate, by the weights of the model that made it.

The estimate and its parts are what was stored. The model file is only asked how a family's part
divides among its signals, and what a signal that was not seen could change; and only when it says
of the organization what the stored estimate says.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from classifiers.estimates import SignalRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from classifiers.model import StageModel
    from classifiers.persistence import ModelHeader

_TOLERANCE = 1e-6  # of log-odds and probabilities that are to be the same
_BOUNDARY_COUNT = 5


@dataclass(frozen=True, slots=True)
class Influence:
    """What signals add to the log-odds of being above each of the five thresholds.

    Attributes:
        log_odds: five numbers for each signal that was seen, by its code.
        absent_log_odds: five numbers for each family: that channels for some of it are absent.
        moves: for each signal that was not seen and has a range among its peers, by how much
            the log-odds would move were it seen at the low and at the high end.
    """

    log_odds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    absent_log_odds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    moves: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)


def model_file(folder: Path, model_version: str) -> tuple[Path, ModelHeader] | None:
    """The file of a model and its header; None where no file in `folder` is of this version."""
    from classifiers.persistence import ModelFileError, read_header

    for path in sorted(folder.glob("*.skops")):
        try:
            header = read_header(path)
        except ModelFileError:
            continue  # another version's file, which made another estimate
        if header.model_version == model_version:
            return path, header
    return None


def influence_of(
    path: Path,
    header: ModelHeader,
    estimate: Mapping[str, Any],
    parts: Mapping[str, Sequence[float]],
    measurements: Iterable[Mapping[str, Any]],
) -> Influence | None:
    """How the stored parts divide among signals, and what could move them.

    Args:
        path: the model's file.
        header: its header.
        estimate: the stored estimate.
        parts: stored log-odds by part.
        measurements: what was measured, each with the range of its peers.

    Returns:
        None when the model cannot be read, or says something else than what was stored.
    """
    from classifiers.persistence import ModelFileError, load_model

    try:
        model = load_model(path, header.signal_codes)
    except ModelFileError:
        return None
    measured = {row["signal_code"]: row for row in measurements}
    own = _signal_row(estimate, measured)
    shared = _divided(model, own)
    ranges = {code: row for code, row in measured.items() if _may_move(row, model)}
    before, *after = _log_odds_above(model, [own, *_moved(own, ranges)])
    if not (_adds_up(shared, parts, model) and _is_alike(before, estimate)):
        return None
    moves = {
        code: (_differences(before, after[2 * at]), _differences(before, after[2 * at + 1]))
        for at, code in enumerate(ranges)
    }
    return Influence(shared.log_odds, shared.absent_log_odds, moves)


def _signal_row(
    estimate: Mapping[str, Any], measured: Mapping[str, Mapping[str, Any]]
) -> SignalRow:
    """What the estimator read; a value that is drawn towards its peers is no own evidence."""
    pooled = {code for code, row in measured.items() if row["is_pooled"]}
    return SignalRow(
        organization_id=estimate["organization_id"],
        values={code: None if code in pooled else row["value"] for code, row in measured.items()},
        missing_reasons={
            code: "undefined" if code in pooled else row["missing_reason"]
            for code, row in measured.items()
        },
        size_class=estimate["size_class"],
        # how long who was seen decides about abstaining alone, and that is not asked here
        readable_channel_count=1,
        observed_week_count=13,
        coverage_share=1.0,
    )


def _divided(model: StageModel, row: SignalRow) -> Influence:
    """Each feature's weight times how far it lies from what is expected of anybody."""
    import numpy as np

    from classifiers.features import families_of, feature_matrix_of

    codes = model.signal_codes
    matrix = feature_matrix_of([row], codes)
    position = model.evidence.predict_position(matrix)
    added = np.where(np.isnan(matrix[0]), 0.0, position.completed[0] - model.evidence.mean_)
    by_feature = (model.evidence.coef_ * added).T
    names = [*codes, *families_of(codes)]
    given = {name: tuple(map(float, by_feature[at])) for at, name in enumerate(names)}
    seen = [code for at, code in enumerate(codes) if not np.isnan(matrix[0, at])]
    return Influence(
        {code: given[code] for code in seen}, {name: given[name] for name in families_of(codes)}
    )


def _adds_up(shared: Influence, parts: Mapping[str, Sequence[float]], model: StageModel) -> bool:
    from classifiers.signals import signal_named

    sums = {family: list(own) for family, own in shared.absent_log_odds.items()}
    for code, own in shared.log_odds.items():
        family = signal_named(code).family
        sums[family] = [a + b for a, b in zip(sums[family], own, strict=True)]
    return bool(model.signal_codes) and all(
        family in parts and _are_close(parts[family], own) for family, own in sums.items()
    )


def _may_move(row: Mapping[str, Any], model: StageModel) -> bool:
    is_unseen = row["value"] is None or row["is_pooled"]
    return (
        is_unseen
        and row["missing_reason"] != "absent"
        and row["peer_low"] is not None
        and row["signal_code"] in model.signal_codes
    )


def _moved(own: SignalRow, ranges: Mapping[str, Mapping[str, Any]]) -> list[SignalRow]:
    return [
        replace(
            own,
            values={**own.values, code: row[end]},
            missing_reasons={**own.missing_reasons, code: ""},
        )
        for code, row in ranges.items()
        for end in ("peer_low", "peer_high")
    ]


def _log_odds_above(model: StageModel, rows: Sequence[SignalRow]) -> list[tuple[float, ...]]:
    from classifiers.estimating import estimate_stages

    found = []
    for made in estimate_stages(model, rows):
        sums = [sum(odds) for odds in zip(*(p.log_odds for p in made.contributions), strict=True)]
        found.append(tuple(sums))
    return found


def _is_alike(log_odds: Sequence[float], estimate: Mapping[str, Any]) -> bool:
    from math import exp

    above = [1 / (1 + exp(-odds)) for odds in log_odds]
    return _are_close(above, probabilities_above(estimate))


def probabilities_above(estimate: Mapping[str, Any]) -> list[float]:
    """The stored probability of being above each of the five thresholds."""
    shares = [estimate[f"probability_{code}"] for code in range(1, _BOUNDARY_COUNT + 2)]
    return [sum(shares[code:]) for code in range(1, _BOUNDARY_COUNT + 1)]


def _are_close(first: Sequence[float], second: Sequence[float]) -> bool:
    return all(abs(a - b) < _TOLERANCE for a, b in zip(first, second, strict=True))


def _differences(before: Sequence[float], after: Sequence[float]) -> tuple[float, ...]:
    return tuple(b - a for a, b in zip(before, after, strict=True))
