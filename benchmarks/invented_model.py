"""The models of an invented snapshot, with evaluations on invented labels.

Raters are drawn from the very probabilities that the organizations have, a little less sure than
these are. Figures are then computed as for real labels, and brought into their tables by the
queries that publish real ones.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from classifiers.comparing.square_table import tabulate
from classifiers.evaluating.pipeline import Drawn
from classifiers.evaluating.scores import (
    Resampler,
    calibration_curves,
    calibration_error_by_chance,
    point_scores,
    row_parts,
    set_scores,
)
from classifiers.evaluating.subgroups import subgroup_errors
from classifiers.evaluation import Evaluation
from classifiers.stages import Stage
from warehouse.build import MARTS, model_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.comparing.square_table import SquareTable

MOST_LABELS = 600
_RESAMPLE_COUNT = 500
_SURENESS = 0.92  # exponent of the probabilities from which raters are drawn
_TABLES = ("models", "model_measures", "reliability", "set_quality")
_CODES = np.array([stage.value for stage in Stage])


class Labelled(NamedTuple):
    """Organizations with an estimate and what a rater said of them, a row each."""

    probabilities: Any
    sets: dict[float, Any]  #: by level, whether a stage is in it
    points: Any
    stage_codes: Any
    groups: Any
    industries: Any
    size_classes: Any
    countries: Any
    source_mixes: Any


def write_models(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the marts about models from the organizations, which are there already.

    Every model that made an estimate was evaluated, each with more labels than the one before; the
    cold start before them was not. The header of the snapshot is told what taught the last one.
    """
    given = pa.Table.from_pylist([*_register(connection)])
    files = {file.name: file.read_text("utf-8") for file in model_files(MARTS)}
    with duckdb.connect() as register:
        register.execute("create schema estimates")
        register.execute("create table estimates.models as from given")
        for table in _TABLES:
            found = register.execute(files[f"{table}.sql"]).to_arrow_table()
            connection.register("found", found)
            connection.execute(f"insert into marts.{table} by name from found")
            connection.unregister("found")
    del given
    connection.execute(
        "update marts.snapshot set model_kind = (select source from marts.models where is_current)"
    )


def coded(connection: duckdb.DuckDBPyConnection) -> SquareTable:
    """What raters said by what the last model says, of the organizations with labels."""
    *_, (_, first_week, last_week) = _used(connection)
    labelled = _labelled(connection, (first_week, last_week), 1.0)
    return tabulate(labelled.stage_codes, labelled.points)


def _used(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Each model that made an estimate, with its first and its last week."""
    return connection.execute(
        "select model_version, min(as_of_week), max(as_of_week) from marts.organizations "
        "where model_version is not null group by all order by all"
    ).fetchall()


def _register(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """Rows of the register, the oldest model first."""
    used = _used(connection)
    yield _row("invented-0", used[0][1] - timedelta(weeks=10), "simulator")
    for number, (version, first_week, last_week) in enumerate(used, 1):
        share = 0.4 + 0.6 * number / len(used)
        labelled = _labelled(connection, (first_week, last_week), share)
        row = _row(version, first_week, "offset" if number < 3 else "stack")  # noqa: PLR2004
        row["label_count"] = len(labelled.stage_codes)
        row["evaluation"] = json.dumps(_evaluation(labelled))
        yield row | {"is_current": number == len(used)}


def _row(version: str, first_week: Any, source: str) -> dict[str, Any]:  # noqa: ANN401 - a date
    return {
        "model_version": version,
        "source": source,
        "trained_at": np.datetime64(first_week, "us").item() + timedelta(days=7, hours=5),
        "label_count": 0,
        "claim_count": 0,
        "evaluation": "",
        "is_current": False,
    }


def _labelled(
    connection: duckdb.DuckDBPyConnection, weeks: tuple[object, ...], share: float
) -> Labelled:
    """Labels of a model: of up to `MOST_LABELS` a share, of its first and its last week."""
    rows = connection.execute(
        """
        select
            organization_id, industry, size_class, country, array_to_string(sources, ' ') as mix,
            [probability_1, probability_2, probability_3, probability_4, probability_5,
                probability_6] as probabilities,
            set80_low, set80_high, set90_low, set90_high, stage_code,
        from marts.organizations
        where as_of_week in (select unnest($weeks)) and stage_code is not null
        order by hash(organization_id, as_of_week)
        """,
        {"weeks": [*weeks]},
    ).fetchall()
    del rows[int(share * min(MOST_LABELS, len(rows))) :]
    columns = map(np.array, zip(*rows, strict=True))
    names, industries, sizes, countries, mixes, probabilities, *ends, points = columns
    return Labelled(
        probabilities=probabilities,
        sets={0.8: _held(*ends[:2]), 0.9: _held(*ends[2:])},
        points=points,
        stage_codes=_drawn(probabilities),
        groups=names,
        industries=industries,
        size_classes=sizes,
        countries=countries,
        source_mixes=mixes,
    )


def _held(lows: Any, highs: Any) -> Any:  # noqa: ANN401 - arrays
    return (lows[:, np.newaxis] <= _CODES) & (highs[:, np.newaxis] >= _CODES)


def _drawn(probabilities: Any) -> Any:  # noqa: ANN401 - arrays
    """What a rater says of each row."""
    masses = np.cumsum(probabilities**_SURENESS, axis=1)
    chances = np.random.default_rng(len(masses)).random((len(masses), 1)) * masses[:, -1:]
    return (chances > masses).sum(axis=1) + 1


def _evaluation(labelled: Labelled) -> dict[str, Any]:
    drawn = Drawn(labelled.probabilities, labelled.sets, "offset")
    parts = row_parts([drawn], labelled.stage_codes)
    resampler = Resampler(labelled.groups, _RESAMPLE_COUNT)
    found = Evaluation(
        label_count=len(labelled.stage_codes),
        organization_count=len(set(labelled.groups.tolist())),
        scores={
            **point_scores(parts, resampler),
            "calibration_error_by_chance": calibration_error_by_chance(drawn),
        },
        sets=set_scores(parts, resampler),
        calibration=calibration_curves(drawn, labelled.stage_codes),
        subgroups=subgroup_errors(labelled, parts, resampler),
    )
    return found.as_json()
