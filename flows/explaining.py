"""Explaining: why an organization has the estimate it has, from what was stored with it.

Nothing is estimated anew: numbers come from the tables of estimates, contributions and
measurements, so that what is explained is what was published.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.signals import FAMILIES, SIGNALS, Signal
from classifiers.stages import Stage, point_label
from flows.errors import InputError, NothingDoneError
from flows.evidence import EVIDENCE, evidence_of
from flows.influence import Influence, influence_of, model_file, probabilities_above
from flows.missing import missing_evidence
from warehouse.build import last_clock
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from flows.project import Project
    from warehouse.db import Connection

#: Signals of each family that are shown.
_MOST = 3
#: Names of the five thresholds, from below.
THRESHOLDS = tuple(
    f"{below.label} | {above.label}" for below, above in zip(Stage, list(Stage)[1:], strict=False)
)
_MEASURED = (
    *("value", "numerator", "denominator", "n", "lower", "upper", "coverage_share", "is_pooled"),
    *("missing_reason", "unseen_reason", "window_weeks", "method_version", "known_at"),
    *("peer_group", "peer_count", "peer_median", "peer_low", "peer_high"),
)


class Explained(NamedTuple):
    """An estimate with its reasons: `record` for machines, and the rows that it comes from."""

    record: dict[str, Any]
    estimate: dict[str, Any]
    contributions: list[dict[str, Any]]
    measurements: list[dict[str, Any]]


def explain(
    project: Project,
    connection: Connection,
    name: str,
    week: date | None = None,
    most: int = 5,
) -> Explained:
    """Why the observed stage of an organization was estimated as it was, down to archived pages.

    Args:
        project: whose archive and models are read.
        connection: its warehouse; reading is enough.
        name: the organization's identifier.
        week: Monday of the estimate's week; None takes the latest of the organization.
        most: how many activities of each kind are shown at most.

    Raises:
        InputError: no such organization, or the week was not measured.
        NothingDoneError: nothing has been estimated yet.
        NotBuiltError: nothing has been built yet.
    """
    estimate = _estimate(connection, name, week)
    asked = {"organization_id": name, "as_of_week": estimate["as_of_week"]}
    contributions = rows(connection, "explained_contributions", asked)
    measurements = _in_order(rows(connection, "explained_measurements", asked))
    model, influence = _model(project.models, connection, estimate, contributions, measurements)
    signals = _signals(measurements, influence)
    record = {
        "organization": _organization(estimate),
        "as_of_week": estimate["as_of_week"],
        "estimate": _estimated(estimate),
        "model": model,
        "thresholds": _thresholds(estimate, contributions, model),
        "families": _families(contributions, signals),
        "weights_known": influence is not None,
        "missing": missing_evidence(measurements, influence),
        "claims": rows(connection, "explained_claims", asked),
        **evidence_of(project, connection, estimate, _influential(signals), most),
    }
    return Explained(record, estimate, contributions, measurements)


def _estimate(connection: Connection, name: str, week: date | None) -> dict[str, Any]:
    _check_known(connection, name)
    asked = {"organization_id": name, "week": week}
    found = rows(connection, "explained_estimate", asked)
    if found:
        return found[0]
    last_clock(connection)  # tells when nothing was built
    [progress] = rows(connection, "explained_progress", asked)
    if week and not progress["measurement_count"]:
        raise InputError(_not_measured(week))
    if not progress["own_measurement_count"]:
        problem = f"{name} was not measured{_of(week)}; put it on the list and run `barograph run`"
        raise NothingDoneError(problem)
    problem = f"{name} has no estimate{_of(week)}; {_remedy(week)}"
    raise NothingDoneError(problem)


def _check_known(connection: Connection, name: str) -> None:
    names = {
        row["organization_id"]: row["name"] for row in rows(connection, "labels_organizations")
    }
    if name in names:
        return
    by_words = {word.casefold(): key for key, full in names.items() for word in (key, full)}
    near = get_close_matches(name.casefold(), by_words, n=3, cutoff=0.5)
    alike = list(dict.fromkeys(by_words[word] for word in near))
    meant = f"did you mean {' or '.join(alike)}? " if alike else ""
    problem = f"no organization {name!r}; {meant}organizations.toml lists their ids"
    raise InputError(problem)


def _not_measured(week: date) -> str:
    return f"--week: nothing was measured for the week of Monday {week}; {_remedy(week)}"


def _of(week: date | None) -> str:
    return f" for the week of Monday {week}" if week else ""


def _remedy(week: date | None) -> str:
    if week is None:
        return "run `barograph estimate`"
    return (
        f"`barograph build --as-of {week + timedelta(days=7)}` and then `barograph estimate` "
        "make it"
    )


def _in_order(measurements: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """By the catalogue; what an older version measured comes last."""
    places = {signal.code: place for place, signal in enumerate(SIGNALS)}
    return sorted(measurements, key=lambda row: places.get(row["signal_code"], len(places)))


def _model(
    folder: Path,
    connection: Connection,
    estimate: Mapping[str, Any],
    contributions: Sequence[Mapping[str, Any]],
    measurements: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, Any], Influence | None]:
    """What is known of the model that made the estimate, and what its weights tell."""
    version = estimate["model_version"]
    found = model_file(folder, version)
    if found is None:
        known = rows(connection, "explained_model", {"model_version": version})
        return {"model_version": version, **(known[0] if known else {})}, None
    path, header = found
    parts = {row["part"]: _log_odds(row) for row in contributions}
    influence = influence_of(path, header, estimate, parts, measurements) if parts else None
    return {**asdict(header), "file": path.name}, influence


def _organization(estimate: Mapping[str, Any]) -> dict[str, Any]:
    names = ("organization_id", "name", "industry", "size_class", "country")
    return {name: estimate[name] for name in names}


def _estimated(estimate: Mapping[str, Any]) -> dict[str, Any]:
    left = {*_organization(estimate), "as_of_week"} - {"organization_id"}
    return {name: value for name, value in estimate.items() if name not in left}


def _thresholds(
    estimate: Mapping[str, Any],
    contributions: Sequence[Mapping[str, Any]],
    model: Mapping[str, Any],
) -> list[dict[str, Any]]:
    if estimate["probability_1"] is None:
        return []
    above = probabilities_above(estimate)
    are_told_apart = _are_told_apart(estimate, model)
    return [
        {
            "threshold": name,
            "probability_above": above[at],
            "log_odds": sum(_log_odds(row)[at] for row in contributions) if contributions else None,
            "is_told_apart": at + 1 < len(THRESHOLDS) or are_told_apart,
            "parts": [
                {
                    "part": row["part"],
                    "seen_share": row["seen_share"],
                    "log_odds": _log_odds(row)[at],
                }
                for row in contributions
            ],
        }
        for at, name in enumerate(THRESHOLDS)
    ]


def _are_told_apart(estimate: Mapping[str, Any], model: Mapping[str, Any]) -> bool:
    """Whether the model has seen enough labels to tell the two highest stages apart."""
    if estimate["stage_code"] in {Stage.STRATEGIC, Stage.CONVERGED}:
        return bool(estimate["stage_label"] == Stage(estimate["stage_code"]).label)
    counts = model.get("label_counts") or (0,) * len(Stage)
    return point_label(Stage.CONVERGED, counts) == Stage.CONVERGED.label


def _log_odds(row: Mapping[str, Any]) -> tuple[float, ...]:
    return tuple(row[f"above_{code}_log_odds"] for code in range(1, len(THRESHOLDS) + 1))


def _signals(
    measurements: Sequence[Mapping[str, Any]], influence: Influence | None
) -> list[dict[str, Any]]:
    """What models read, with its push; the strongest of each family first."""
    catalogue = {signal.code: signal for signal in SIGNALS if signal.is_feature}
    found = [
        _signal(catalogue[row["signal_code"]], row, influence)
        for row in measurements
        if row["signal_code"] in catalogue
    ]
    return sorted(found, key=_weight, reverse=True)  # stable: else in the order of the catalogue


def _signal(signal: Signal, row: Mapping[str, Any], influence: Influence | None) -> dict[str, Any]:
    pushes = influence.log_odds.get(signal.code) if influence else None
    return {
        "signal_code": signal.code,
        "label": signal.label,
        "family": signal.family,
        "unit": signal.unit,
        "direction": signal.direction.value,
        "expectation": signal.expectation,
        "log_odds": pushes,
        "evidence": EVIDENCE[signal.code].value,
        **{name: row[name] for name in _MEASURED},
    }


def _weight(signal: Mapping[str, Any]) -> tuple[bool, float]:
    is_seen = signal["value"] is not None and not signal["is_pooled"]
    return is_seen, max(map(abs, signal["log_odds"] or ()), default=0.0)


def _families(
    contributions: Sequence[Mapping[str, Any]], signals: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    shares = {row["part"]: row["seen_share"] for row in contributions}
    families = dict.fromkeys(s["family"] for s in signals)
    return [
        {
            "family": name,
            "question": FAMILIES[name],
            "seen_share": shares.get(name),
            "signals": [s for s in signals if s["family"] == name][:_MOST],
        }
        for name in sorted(families, key=list(FAMILIES).index)
    ]


def _influential(signals: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The signals that are shown, as far as they were seen: their evidence is looked for."""
    shown = [s for family in _families((), signals) for s in family["signals"]]
    return [signal for signal in shown if _weight(signal)[0]]
