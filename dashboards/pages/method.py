"""How each number is made: one anchor a number, with its definition, window and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.assessing.instrument import read_instrument
from classifiers.signals import FAMILIES, SIGNALS
from dashboards.figures import Column, Figure
from dashboards.pages.page import Content, Page
from dashboards.reading.agreement import agreement_statistics
from dashboards.twins import LICENSE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifiers.assessing.instrument import Instrument
    from classifiers.signals import Signal
    from dashboards.pages.page import Visit
    from dashboards.reading.agreement import AgreementStatistic


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodShown:
    """What the template needs beside the figures."""

    families: Mapping[str, Sequence[Signal]]
    questions: Mapping[str, str]  #: of the families
    statistics: list[AgreementStatistic]  #: each definition once
    instruments: tuple[Instrument, ...]
    license: str


def gather(visit: Visit) -> Content:
    """Definitions of everything that pages show."""
    once = {each.code: each for each in reversed(agreement_statistics(visit.snapshot))}
    families = {
        family: [signal for signal in SIGNALS if signal.family == family] for family in FAMILIES
    }
    shown = MethodShown(
        families={name: found for name, found in families.items() if found},
        questions=FAMILIES,
        statistics=list(reversed(once.values())),
        instruments=tuple(read_instrument(code) for code in ("altimeter", "esm3")),
        license=LICENSE,
    )
    return Content(title="Method", figures=(_signals_figure(),), shown=shown)


METHOD = Page(name="method", path="method", label="Method", gather=gather)


def _signals_figure() -> Figure:
    names = ("code", "label", "family", "unit", "window_weeks", "definition", "formula", "source")
    return Figure(
        name="signals",
        title="Signals",
        definition="Every signal of the catalogue with its definition.",
        anchor="signals",
        n=len(SIGNALS),
        unit="signals",
        window="each its own",
        columns=[Column(name=name, label=name) for name in names],
        rows=[tuple(getattr(signal, name) for name in names) for signal in SIGNALS],
    )
