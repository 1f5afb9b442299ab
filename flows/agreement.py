"""The whole comparison of a week: every number with its definition, and the files of a report."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from classifiers.claims import INSTRUMENTS
from classifiers.comparing.compared import Organization, compared_organizations
from classifiers.comparing.repeated_claims import repeated_statistics
from classifiers.comparing.report import agreement_report
from classifiers.comparing.sensitivity import sensitivity_statistics
from classifiers.comparing.square_table import tabulate
from classifiers.comparing.statistic import Statistic
from classifiers.simulators.graded_prior import stage_prior
from flows.claims import all_claims, counting_claims
from flows.compare import estimates_of
from flows.labels import agreement_of_raters, learn_labels, training_labels
from warehouse.build import last_clock
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from classifiers.claims import Claim
    from classifiers.comparing.report import AgreementReport
    from classifiers.comparing.square_table import SquareTable
    from classifiers.estimates import StageEstimate
    from flows.project import Project
    from warehouse.db import Connection

#: Earlier weeks whose estimates are compared as well, where they are kept.
WINDOWS = (4, 13, 26)
#: An expert code counts for the week's estimate if it speaks of a day at most so far away.
_NEAR = timedelta(days=182)


def full_comparison(project: Project, connection: Connection, rule: str = "") -> AgreementReport:
    """Claims of the week last built beside their estimates, with every number of the report.

    Args:
        project: whose archive may hold expert codes that the warehouse lacks.
        connection: the warehouse, with claims brought up to date.
        rule: the scoring rule whose claims are compared; "" for those that count.
    """
    learn_labels(project, connection)
    week = last_clock(connection).as_of_week
    estimates = estimates_of(connection, week)
    listed = _organizations(connection)
    claims = claims_by_rule(connection, rule)
    compared = compared_organizations(claims, estimates, listed)
    by_rule = {
        f"claims by {other}": compared_organizations(found, estimates, listed)
        for other in INSTRUMENTS
        if other != rule and (found := claims_by_rule(connection, other))
    }
    by_week = {
        f"estimates of {weeks} weeks before": compared_organizations(claims, earlier, listed)
        for weeks in WINDOWS
        if (earlier := estimates_of(connection, week - timedelta(weeks=weeks)))
    }
    others = [
        *sensitivity_statistics(compared, stage_prior(), by_rule | by_week),
        *repeated_statistics(all_claims(connection)),
        *_coders(connection),
    ]
    return agreement_report(compared, _known(connection, estimates, week), others)


def claims_by_rule(connection: Connection, rule: str = "") -> list[Claim]:
    """One claim an organization: that which counts, or the latest by one scoring rule."""
    if not rule:
        return counting_claims(connection)
    latest: dict[str, Claim] = {}
    for claim in all_claims(connection):  # oldest first
        if claim.instrument == rule:
            latest[claim.organization_id] = claim
    return list(latest.values())


def report_record(report: AgreementReport, about: dict[str, Any]) -> dict[str, Any]:
    """A report for machines: every number with its definition, the matrix, and the rows."""
    return {
        "about": about,
        "statistics": [asdict(each) | each.definition._asdict() for each in report.statistics],
        "matrix": {"labels": report.table.labels, "claimed_by_observed": report.table.counts},
        "organizations": report.rows,
    }


def about_comparison(connection: Connection, rule: str = "") -> dict[str, Any]:
    """What a comparison rests on: week, models, rule, and how many were never asked."""
    week = last_clock(connection).as_of_week
    used = {row["model_version"] for row in rows(connection, "estimates", {"as_of_week": week})}
    listed = rows(connection, "listed_organizations")
    runs = rows(connection, "last_runs")
    return {
        "is_invented": bool(runs) and runs[0]["is_invented"],
        "as_of_week": week,
        "model_versions": sorted(used),
        "rule": rule or "the claim that counts",
        "rules": INSTRUMENTS,
        "listed_count": len(listed),
    }


def _organizations(connection: Connection) -> list[Organization]:
    return [Organization(**row) for row in rows(connection, "organization_groups")]


def _known(
    connection: Connection, estimates: Sequence[StageEstimate], week: date
) -> SquareTable | None:
    """Expert codes by the points of estimates that did not learn from them."""
    taught = {row["model_version"] for row in rows(connection, "models") if row["label_count"]}
    independent = {
        each.organization_id: each.stage_code
        for each in estimates
        if not each.is_abstained
        and each.stage_code is not None
        and (each.is_out_of_fold or each.model_version not in taught)
    }
    coded = {
        label.organization_id: label.stage_code
        for label in training_labels(connection)
        if abs(label.about - week) <= _NEAR
    }
    both = [name for name in coded if name in independent]
    if not both:
        return None
    return tabulate([coded[name] for name in both], [independent[name] for name in both])


def _coders(connection: Connection) -> Iterator[Statistic]:
    found = agreement_of_raters(connection)["all"]
    if found.code_count:
        yield Statistic(
            code="coder_alpha",
            value=found.alpha,
            low=found.alpha_low,
            high=found.alpha_high,
            n=found.double_coded_count,
            reason="" if found.alpha is not None else "no organization was coded twice",
        )
