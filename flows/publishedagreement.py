"""The comparison as it is published: of public claims, and of all where private ones are many.

A snapshot may be handed to anyone who may see the pages, so nothing in it may tell what a few
organizations claimed in confidence: neither a number nor the difference between two numbers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from classifiers.claims import INSTRUMENTS
from flows.claims import all_claims, counting_claims
from flows.compare import estimates_of
from flows.labels import learn_labels
from warehouse.build import last_clock
from warehouse.reading import rows
from warehouse.register import replace_week

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from classifiers.claims import Claim
    from classifiers.comparing.compared import Compared
    from classifiers.comparing.statistic import Statistic
    from classifiers.estimates import StageEstimate
    from flows.project import Project
    from warehouse.db import Connection

#: Private claims below which no number rests on any, and by how many organizations a number must
#: rest on more than the same number of public claims.
FEWEST_PRIVATE = 10


def keep_published_agreement(project: Project, connection: Connection) -> None:
    """Compute the numbers to be published for the week last built, and keep them.

    Without a claim or an estimate there are none.

    Args:
        project: whose archive may hold expert codes that the warehouse lacks.
        connection: the warehouse, with claims brought up to date.

    Raises:
        NotBuiltError: nothing has been measured.
    """
    week = last_clock(connection).as_of_week
    listed = {row["organization_id"] for row in rows(connection, "listed_organizations")}
    claims = [claim for claim in counting_claims(connection) if claim.organization_id in listed]
    found: list[Mapping[str, Any]] = []
    if claims and (estimates := estimates_of(connection, week)):
        learn_labels(project, connection)
        made = _published(_Week(connection, week, frozenset(listed), estimates), claims)
        found = [_row(scope, at, each) for scope, at, each in made]
    replace_week(connection, "agreement_statistics", week, found)


def tells_of_many(everything: Iterable[Statistic], public: Iterable[Statistic]) -> list[Statistic]:
    """Of numbers that rest on private claims too those from which nobody learns of a few.

    They are about the whole sample, and rest on at least `FEWEST_PRIVATE` organizations more than
    the same number of public claims alone.
    """
    public_counts = {each.code: each.n for each in public if not each.group}
    return [
        each
        for each in everything
        if not each.group and each.n - public_counts.get(each.code, 0) >= FEWEST_PRIVATE
    ]


def _published(week: _Week, claims: list[Claim]) -> Iterator[tuple[str, int, Statistic]]:
    public = [claim for claim in claims if claim.is_public]
    told = week.statistics(public, is_public=True)
    yield from (("public", at, each) for at, each in enumerate(told, start=1))
    if len(claims) - len(public) >= FEWEST_PRIVATE:
        everything = tells_of_many(week.statistics(claims, is_public=False), told)
        yield from (("all", at, each) for at, each in enumerate(everything, start=1))


class _Week(NamedTuple):
    """What the claims are compared with, in one week and in those before it."""

    connection: Connection
    monday: date
    listed: frozenset[str]
    estimates: list[StageEstimate]

    def statistics(self, claims: list[Claim], *, is_public: bool) -> tuple[Statistic, ...]:
        """All numbers of a report of these claims; variants and repetitions as public as they."""
        from classifiers.comparing.repeated_claims import repeated_statistics
        from classifiers.comparing.report import agreement_report
        from classifiers.comparing.sensitivity import sensitivity_statistics
        from classifiers.simulators.graded_prior import stage_prior
        from flows.agreement import _coders, _known

        if not claims:
            return ()
        compared = self._beside(claims, self.estimates)
        variants = dict(self._variants(claims, is_public=is_public))
        others = [
            *sensitivity_statistics(compared, stage_prior(), variants),
            *repeated_statistics(self._shown(all_claims(self.connection), is_public=is_public)),
            *_coders(self.connection),
        ]
        known = _known(self.connection, self.estimates, self.monday)
        return agreement_report(compared, known, others).statistics

    def _variants(
        self, claims: list[Claim], *, is_public: bool
    ) -> Iterator[tuple[str, list[Compared]]]:
        from flows.agreement import WINDOWS, claims_by_rule

        for rule in INSTRUMENTS:
            found = self._shown(claims_by_rule(self.connection, rule), is_public=is_public)
            if found:
                yield f"claims by {rule}", self._beside(found, self.estimates)
        for weeks in WINDOWS:
            earlier = estimates_of(self.connection, self.monday - timedelta(weeks=weeks))
            if earlier:
                yield f"estimates of {weeks} weeks before", self._beside(claims, earlier)

    def _beside(self, claims: list[Claim], estimates: list[StageEstimate]) -> list[Compared]:
        from classifiers.comparing.compared import Organization, compared_organizations

        listed = [Organization(**row) for row in rows(self.connection, "organization_groups")]
        return compared_organizations(claims, estimates, listed)

    def _shown(self, claims: Iterable[Claim], *, is_public: bool) -> list[Claim]:
        listed = [claim for claim in claims if claim.organization_id in self.listed]
        return [claim for claim in listed if claim.is_public or not is_public]


def _row(scope: str, position: int, found: Statistic) -> Mapping[str, Any]:
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
