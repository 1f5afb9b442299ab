"""Self-assessment, first step: about which organization, and by which questionnaire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.assessing.instrument import INSTRUMENT_CODES, read_instrument
from dashboards.pages.page import Content, Page
from dashboards.reading.organizations import OrganizationName, organization_names

if TYPE_CHECKING:
    from classifiers.assessing.instrument import Instrument
    from dashboards.pages.page import Visit

TITLE = "Self-assessment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What may be chosen, what was, and what was missing."""

    organizations: list[OrganizationName]
    instruments: tuple[Instrument, ...]
    organization_id: str = ""
    instrument: str = INSTRUMENT_CODES[0]
    error: str = ""


def gather(visit: Visit) -> Content:
    """The first step, with nothing chosen."""
    return Content(title=TITLE, shown=start(visit))


def start(visit: Visit, instrument: str = INSTRUMENT_CODES[0], error: str = "") -> Start:
    """The first step.

    Args:
        visit: of its page.
        instrument: that is chosen.
        error: why it was not enough.
    """
    return Start(
        organizations=organization_names(visit.snapshot),
        instruments=tuple(map(read_instrument, INSTRUMENT_CODES)),
        instrument=instrument,
        error=error,
    )


ASSESS = Page(name="assess", path="assess", label="Self-assessment", gather=gather, is_static=False)
