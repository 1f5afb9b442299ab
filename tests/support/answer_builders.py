"""Answers of invented organizations, for tests of what follows from them."""

from datetime import date

from classifiers.assessing.answers import Answers
from classifiers.assessing.instrument import read_instrument

ALTIMETER = read_instrument("altimeter")
ESM3 = read_instrument("esm3")


def climbed(*levels):
    """Values by item: each dimension has passed its gates up to its level, and no other."""
    return {
        item.code: 2 if item.stage_code <= level else 0
        for dimension, level in zip(ALTIMETER.dimensions, levels, strict=True)
        for item in dimension.items
    }


def answered(given=None, **changes):
    """Answers of one respondent to the Altimeter statements, unless `changes` say otherwise."""
    values = {
        "organization_id": "council",
        "instrument": "altimeter",
        "instrument_version": "1",
        "respondent": "1",
        "answered_on": date(2026, 11, 2),
        "given": given or {},
    }
    return Answers(**{**values, **changes})
