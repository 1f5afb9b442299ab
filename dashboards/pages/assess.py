"""Self-assessment, first step: about which organization, and by which questionnaire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.assessing.instrument import INSTRUMENT_CODES, read_instrument
from dashboards.asked import Asked, searched
from dashboards.pages.page import Content, Page
from dashboards.reading.header import known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifiers.assessing.instrument import Instrument
    from dashboards.pages.page import Visit

TITLE = "Self-assessment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Asked):
    """What the name of the organization contains, where there are many."""

    find: str = searched()


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What may be chosen, what was, and what was missing."""

    offered: Mapping[str, str]  #: names by identifier
    is_short_list: bool
    organization_count: int
    find: str
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
    everybody, find = known(visit.snapshot), getattr(visit.asked, "find", "")
    return Start(
        offered=everybody.offered(find),
        is_short_list=everybody.is_short,
        organization_count=len(everybody.names),
        find=find,
        instruments=tuple(map(read_instrument, INSTRUMENT_CODES)),
        instrument=instrument,
        error=error,
    )


ASSESS = Page(
    name="assess",
    path="assess",
    label="Self-assessment",
    gather=gather,
    asked=Finding,
    is_static=False,
)
