"""Claims of an invented snapshot beside its estimates, compared as real ones are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from invented_chance import WEEK
from invented_model import coded

from classifiers.claims import Claim
from classifiers.comparing.compared import Organization, compared_organizations
from classifiers.comparing.report import agreement_report
from classifiers.comparing.sensitivity import sensitivity_statistics
from classifiers.estimates import StageEstimate
from classifiers.simulators.graded_prior import stage_prior
from flows.agreement import WINDOWS
from flows.publishedagreement import tells_of_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from classifiers.comparing.statistic import Statistic

_ESTIMATE = (
    "organization_id", "stage_code", "stage_label", "set80_low", "set80_high", "set90_low",
    "set90_high", "is_abstained", "abstention_reason", "abstention_text", "model_version",
)  # fmt: skip


def write_agreement(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the marts that compare claims and estimates; organizations are there already.

    A tenth of the organizations without a public claim made one in confidence.
    """
    connection.execute("delete from marts.agreement")
    connection.execute(_totals())
    compared = _Compared(connection)
    public = compared.statistics("claimed_stage_code is not null")
    everything = compared.statistics(
        "claimed_stage_code is not null or hash(organization_id, 'private') % 10 = 0"
    )
    told = [("public", public), ("all", tells_of_many(everything, public))]
    rows = [
        _row(scope, position, each)
        for scope, statistics in told
        for position, each in enumerate(statistics, 1)
    ]
    connection.register("given", pa.Table.from_pylist(rows))
    connection.execute("insert into marts.agreement_statistics by name from given")
    connection.unregister("given")


class _Compared:
    """Estimates of the week of the snapshot, and of some weeks before it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._organizations = [
            Organization(organization_id=name, industry=industry, size_class=size)
            for name, industry, size in self._rows("organization_id, industry, size_class")
        ]
        self._estimates, self._coded = [*self._estimated(0)], coded(connection)
        self._earlier = {weeks: found for weeks in WINDOWS if (found := [*self._estimated(weeks)])}

    def statistics(self, condition: str) -> list[Statistic]:
        """All numbers of a report of the claims for which a condition in SQL holds."""
        claims = [
            Claim(organization_id=name, stage_code=code)
            for name, code in self._rows(f"organization_id, {_CLAIMED}", condition)
        ]
        compared = compared_organizations(claims, self._estimates, self._organizations)
        variants = {
            f"estimates of {weeks} weeks before": compared_organizations(
                claims, found, self._organizations
            )
            for weeks, found in self._earlier.items()
        }
        others = sensitivity_statistics(compared, stage_prior(), variants)
        return [*agreement_report(compared, self._coded, others).statistics]

    def _rows(self, columns: str, condition: str = "true", weeks: int = 0) -> list[tuple[Any, ...]]:
        return self._connection.execute(
            f"select {columns} from marts.organizations "
            f"where as_of_week = {WEEK} - {timedelta(weeks=weeks).days} and ({condition}) "
            "order by organization_id"
        ).fetchall()

    def _estimated(self, weeks: int) -> Iterator[StageEstimate]:
        probabilities = ", ".join(f"probability_{code}" for code in range(1, 7))
        columns = f"{', '.join(_ESTIMATE)}, [{probabilities}]"
        for row in self._rows(columns, "stage_code is not null", weeks):
            given = dict(zip(_ESTIMATE, row, strict=False))
            yield StageEstimate(probabilities=tuple(row[-1]), **given)


#: A claim in confidence is the observed stage or the one above it.
_CLAIMED = (
    "coalesce(claimed_stage_code, least(6, stage_code + hash(organization_id, 'higher') % 2))"
)


def _row(scope: str, position: int, found: Statistic) -> dict[str, Any]:
    return {
        "scope": scope,
        "position": position,
        "code": found.code,
        "group_name": found.group,
        "value": found.value,
        "lower": found.low,
        "upper": found.high,
        "n": found.n,
        "expected": found.expected,
        "p_value": found.p_value,
        "reason": found.reason,
        **found.definition._asdict(),
    }


def _totals() -> str:
    return f"""
    insert into marts.agreement by name
    with estimated as (
        select
            *,
            claimed_stage_code - stage_code as gap_stages,
            claim_position is not null and not is_abstained as has_point,
        from marts.organizations
        where as_of_week = {WEEK}
    )
    select
        count(claimed_stage_code) as claim_count,
        count(stage_code) as estimate_count,
        count(claim_position) as both_count,
        count(*) filter (claim_position = 'above') as above_count,
        count(*) filter (claim_position = 'below') as below_count,
        count(*) filter (claim_position = 'within') as within_count,
        count(*) filter (is_abstained) as abstained_count,
        count(*) filter (has_point and gap_stages = 0) as exact_count,
        count(*) filter (has_point and abs(gap_stages) <= 1) as within_one_count,
        avg(gap_stages) filter (has_point) as mean_gap_stages,
    from estimated
    """
