"""Organizations that claim a stage, beside what was measured of them near that day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from flows.claims import counting_claims
from flows.evaluate import past_row
from flows.labels import training_labels
from warehouse.build import last_clock
from warehouse.reading import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from classifiers.claims import Claim
    from classifiers.estimates import SignalRow
    from classifiers.self_assessments import SelfAssessments
    from warehouse.db import Connection

_WEEK_END = timedelta(days=6)  # from the Monday of a week
_FEWEST_COPIES = 10  # that ten experts' codes all equal the claim by chance is unlikely


class Claimants(NamedTuple):
    """Who claims a stage; who of them was not measured near that day, or hardly seen."""

    said: SelfAssessments
    not_measured: tuple[str, ...]
    not_estimated: tuple[str, ...]


def gather_claimants(connection: Connection, codes: Sequence[str]) -> Claimants:
    """The claim of each organization that counts, with the signals of the week nearest to it.

    A claim without a date is taken to speak of the week last built.

    Args:
        connection: the warehouse.
        codes: the signals that the model reads.

    Raises:
        NotBuiltError: nothing has been measured.
    """
    found = _beside(connection)
    is_seen = [_is_seen(each, codes) for each in found]
    names = [(each.claim.organization_id, each.row is not None) for each in found]
    return Claimants(
        said=_self_assessments(found, is_seen, codes),
        not_measured=tuple(name for name, is_measured in names if not is_measured),
        not_estimated=tuple(
            name
            for (name, is_measured), enough in zip(names, is_seen, strict=True)
            if is_measured and not enough
        ),
    )


def copied_count(connection: Connection) -> int:
    """Organizations whose expert code equals their claim, if all codes do; else 0.

    Ten or more of them, and no code that differs, look as if claims had been imported as codes.
    """
    claims = counting_claims(connection)
    claimed = {claim.organization_id: claim.stage_code for claim in claims}
    labels = [each for each in training_labels(connection) if each.organization_id in claimed]
    both = {label.organization_id for label in labels}
    is_copied = all(label.stage_code == claimed[label.organization_id] for label in labels)
    return len(both) if is_copied and len(both) >= _FEWEST_COPIES else 0


class _Beside(NamedTuple):
    """A claim, and what was measured near its day."""

    claim: Claim
    day: date
    found: dict[str, Any]
    row: SignalRow | None


def _beside(connection: Connection) -> list[_Beside]:
    now = last_clock(connection).as_of_week + _WEEK_END
    claims = counting_claims(connection)
    days = [claim.claimed_on or now for claim in claims]
    asked = {"organization_ids": [c.organization_id for c in claims], "about_days": days}
    found = rows(connection, "labelled_rows", asked)
    return [
        _Beside(claim, day, row, _signal_row(row, day))
        for claim, day, row in zip(claims, days, found, strict=True)
    ]


def _signal_row(found: dict[str, Any], day: date) -> SignalRow | None:
    from classifiers.self_assessments import NEAR_DAYS

    week = found["as_of_week"]
    if found["values"] is None or abs((week + _WEEK_END - day).days) > NEAR_DAYS:
        return None
    return past_row(found)


def _is_seen(beside: _Beside, codes: Sequence[str]) -> bool:
    from classifiers.abstention import abstain_for_evidence

    return beside.row is not None and not abstain_for_evidence(beside.row, codes).reason


def _self_assessments(
    found: Sequence[_Beside], is_seen: Sequence[bool], codes: Sequence[str]
) -> SelfAssessments:
    import numpy as np

    from classifiers.features import feature_matrix_of, feature_names
    from classifiers.self_assessments import SelfAssessments

    matrix = np.full((len(found), len(feature_names(codes))), np.nan)
    is_measured = np.array(is_seen, dtype=np.bool_)
    seen = [each.row for each, enough in zip(found, is_seen, strict=True) if enough and each.row]
    matrix[is_measured] = feature_matrix_of(seen, codes)
    return SelfAssessments(
        X=matrix,
        is_measured=is_measured,
        stage_codes=np.array([each.claim.stage_code for each in found], dtype=np.intp),
        organization_ids=np.array([each.claim.organization_id for each in found], dtype=np.str_),
        days=np.array([each.day for each in found], dtype="datetime64[D]"),
        industries=np.array([each.found["industry"] for each in found], dtype=np.str_),
        size_classes=np.array([each.found["size_class"] for each in found], dtype=np.str_),
    )
