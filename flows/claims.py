"""Claims: from the project's file and from filled-in questionnaires, and the one that counts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from classifiers.assessing.answered_claims import HEADLINE, claims_from
from classifiers.assessing.respondents import assessment_rounds, combined
from classifiers.claims import DEFAULT_INSTRUMENT, Claim, ClaimsError, read_claims
from flows.assessments import kept_assessments
from flows.clock import naive, now
from flows.errors import InputError
from warehouse.reading import rows
from warehouse.register import replace_claims

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from flows.settings import Settings
    from warehouse.db import Connection

_DEFAULT_NAME = "claims.csv"
#: Rules whose stage may be the one that counts, the better one last.
_COUNTING = (DEFAULT_INSTRUMENT, HEADLINE)


def find_claims(settings: Settings) -> Path | None:
    """The file of claims: the named one, or `claims.csv` when there is one.

    Raises:
        InputError: a file was named and is not there.
    """
    path = settings.folder / (settings.claims or _DEFAULT_NAME)
    if path.is_file():
        return path
    if settings.claims:
        problem = f"{path}: no such file; correct the name of the claims, or leave it out"
        raise InputError(problem)
    return None


def claims_of_file(settings: Settings, listed: set[str]) -> list[Claim] | None:
    """The claims of the project's file, all of listed organizations; None without such a file.

    Raises:
        InputError: every problem of the file, each with its line and a remedy.
    """
    path = find_claims(settings)
    if path is None:
        return None
    try:
        claims = read_claims(path)
    except ClaimsError as error:
        raise InputError(*str(error).splitlines()) from error
    strangers = sorted({claim.organization_id for claim in claims} - listed)
    if strangers:
        problem = (
            f"{path}: not on the list of organizations: {', '.join(strangers)}; "
            "correct the ids, or add these organizations"
        )
        raise InputError(problem)
    return claims


def renew_claims(settings: Settings, connection: Connection) -> None:
    """Make the warehouse's claims equal to those of the file and of all questionnaires.

    Without a file, the claims that a file brought before stay.
    """
    listed = {row["organization_id"] for row in rows(connection, "listed_organizations")}
    written = claims_of_file(settings, listed)
    if written is None:
        known = rows(connection, "claims")
        written = [_claim(row) for row in known if not row["is_answered"]]
    answered = [claim for claim in answered_claims(connection) if claim.organization_id in listed]
    headlines = {id(claim) for claim in headline_claims([*written, *answered])}
    kept = [
        asdict(claim) | {"is_answered": is_answered, "is_headline": id(claim) in headlines}
        for is_answered, claims in ((False, written), (True, answered))
        for claim in claims
    ]
    replace_claims(connection, kept, naive(now()))


def answered_claims(connection: Connection) -> list[Claim]:
    """What follows from the questionnaires that hold, by each scoring rule.

    Respondents of one organization who answered within eight weeks speak together.
    """
    rounds = assessment_rounds(kept_assessments(connection))
    return [claim for each in rounds for claim in claims_from(combined(each))]


def headline_claims(claims: Iterable[Claim]) -> list[Claim]:
    """The claim of each organization that counts: the latest.

    Of claims of one day, one by the gates of a questionnaire counts before a direct placement,
    and of equals the last in order. One without a day comes before all others.
    """
    latest: dict[str, Claim] = {}
    for claim in claims:
        if claim.instrument in _COUNTING:
            known = latest.setdefault(claim.organization_id, claim)
            if _rank(claim) >= _rank(known):
                latest[claim.organization_id] = claim
    return list(latest.values())


def _rank(claim: Claim) -> tuple[date, int]:
    return claim.claimed_on or date.min, _COUNTING.index(claim.instrument)


def counting_claims(connection: Connection) -> list[Claim]:
    """The claims that count, one an organization."""
    return [_claim(row) for row in rows(connection, "claims") if row["is_headline"]]


def all_claims(connection: Connection) -> list[Claim]:
    """Every claim by every rule, oldest first."""
    return [_claim(row) for row in rows(connection, "claims")]


def _claim(row: dict[str, Any]) -> Claim:
    return Claim(**{name: row[name] for name in Claim.__dataclass_fields__})
