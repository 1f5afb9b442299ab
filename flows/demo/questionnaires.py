"""Filled-in questionnaires of the demo world, as they lie in a project's inbox.

Who claims a stage has answered the statements up to it, some a little behind in one dimension;
two respondents of an organization differ in a few answers. What is inside an organization (ESM3)
goes with its claim, and half a level lower where most organizations have more to do.
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from classifiers.assessing.instrument import read_instrument
from classifiers.stages import Stage
from warehouse.durable import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from flows.demo.organization import DemoClaim
    from flows.demo.world import World

_RESPONDENTS = (("1", "communications"), ("2", "customer service"))
_EVERY_ALTIMETER = 2  # every second organization with a claim has answered all statements
_LATER = timedelta(days=21)
_TOP = len(Stage)
#: How much of a gate is in place, by how many stages it lies above what is claimed.
_IN_PLACE = {0: 2, 1: 1}
_DIFFERENT_SHARE = 0.05  # of answers of a second respondent
_LEVEL_STAGES = 2  # stages that one level of ESM3 is worth


def write_questionnaires(world: World, folder: Path, today: date) -> None:
    """Write `altimeter.csv` and `esm3.csv` into a project's inbox.

    Args:
        world: whose claims the answers go with.
        folder: the project's folder.
        today: no answer is later.
    """
    inbox = folder / "inbox"
    chosen = world.claims[::_EVERY_ALTIMETER]
    write_text(inbox / "altimeter.csv", _csv(_altimeter_rows(chosen, today)))
    write_text(inbox / "esm3.csv", _csv(_esm3_rows(world.claims, today)))


def _altimeter_rows(claims: Iterable[DemoClaim], today: date) -> Iterator[dict[str, object]]:
    instrument = read_instrument("altimeter")
    for claim in claims:
        behind = instrument.dimensions[_dice(claim.organization_id, "behind", 6)].code
        for respondent, role in _RESPONDENTS:
            row = _about(claim, instrument.version, respondent, role, today)
            row |= {
                "instrument": instrument.code,
                "stage": claim.stage,
                "ambition": min(claim.stage + 1 + _dice(claim.organization_id, "aims", 2), _TOP),
            }
            for item in instrument.items:
                level = claim.stage - (item.dimension_code == behind)
                above = (item.stage_code or 1) - level
                row[item.code] = _value(claim, respondent, item.code, above)
            yield row


def _value(claim: DemoClaim, respondent: str, code: str, above: int) -> int:
    value = 3 if above < 0 else _IN_PLACE.get(above, 0)
    differs = respondent != _RESPONDENTS[0][0] and _is(claim, code, _DIFFERENT_SHARE)
    return max(value - 1, 0) if differs else value


def _esm3_rows(claims: Iterable[DemoClaim], today: date) -> Iterator[dict[str, object]]:
    instrument = read_instrument("esm3")
    respondent, role = _RESPONDENTS[0]
    for claim in claims:
        row = _about(claim, instrument.version, respondent, role, today)
        row["instrument"] = instrument.code
        for item in instrument.items:
            level = (claim.stage + 1) // _LEVEL_STAGES - _is(claim, item.code, 0.5)
            level = min(max(level, 1), 3)
            if item.steps is None:
                row[item.code] = level
            else:  # two questions with yes or no
                row |= {f"{item.code}a": "no" if level == 1 else "yes"}
                row |= {f"{item.code}b": "" if level == 1 else ("yes" if level == 2 else "no")}  # noqa: PLR2004 - levels
        yield row


def _about(
    claim: DemoClaim, version: str, respondent: str, role: str, today: date
) -> dict[str, object]:
    return {
        "organization": claim.organization_id,
        "version": version,
        "answered_on": min(claim.claimed_on + _LATER, today).isoformat(),
        "respondent_role": role,
        "respondent": respondent,
        "public": "yes",
    }


def _csv(rows: Iterable[dict[str, object]]) -> str:
    listed = list(rows)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(listed[0]) if listed else ["organization"])
    writer.writeheader()
    writer.writerows(listed)
    return stream.getvalue()


def _is(claim: DemoClaim, word: str, share: float) -> bool:
    """A coin that always falls alike for the same claim and word."""
    return _dice(claim.organization_id, word, 1000) < share * 1000


def _dice(organization_id: str, word: str, sides: int) -> int:
    return int(sha256(f"{organization_id}/{word}".encode()).hexdigest()[:8], 16) % sides
