"""Where claimed and observed stages differ, beside what honest claims would show."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from classifiers.assessing.instrument import read_instrument
from classifiers.stages import Stage
from dashboards import sentences
from dashboards.asked import one_of
from dashboards.charts.comparison import ComparisonCharts, comparison_charts
from dashboards.figures import Column, Figure
from dashboards.filters import Filters, Narrowing
from dashboards.pages.benchmark_figures import matrix_figure
from dashboards.pages.page import Content, Page, week_of
from dashboards.reading import agreement as reading
from dashboards.reading.benchmark import selection
from dashboards.twins import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.pages.page import Visit
    from dashboards.reading.benchmark import MatrixCell, Selection

#: The numbers that answer the question of the page, in this order.
HEADLINES = (
    "exact_share",
    "within_one_share",
    "kappa_quadratic",
    "mean_gap",
    "excess_gap",
    "outside_above_count",
    "outside_below_count",
    "contradicted_count",
)
#: Numbers for which another one tells what honest claims would show.
HONEST = {"exact_share": "ceiling_exact_share", "kappa_quadratic": "ceiling_kappa"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementView(Narrowing):
    """One view of the page: which organizations; the matrix as counts or shares of rows."""

    shares: str = one_of(("rows",))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementShown:
    """What the template needs beside the figures."""

    chosen: Selection
    headlines: list[reading.AgreementStatistic]
    above: list[reading.ClaimOutside]
    below: list[reading.ClaimOutside]
    private_headlines: list[reading.AgreementStatistic]  #: private claims among them
    has_answers: bool


def gather(visit: Visit) -> Content:
    """Matrix and lists of the organizations asked for; statistics of all public claims."""
    asked: AgreementView = visit.asked
    chosen = selection(visit.snapshot, asked)
    cells = chosen.cells
    outside = reading.claims_outside(visit.snapshot, asked)
    statistics = reading.agreement_statistics(visit.snapshot)
    public = _beside_honest([each for each in statistics if each.scope == reading.PUBLIC])
    levels = reading.perspective_levels(visit.snapshot, asked)
    charts = _charts(visit, public)
    shown = AgreementShown(
        chosen=chosen,
        headlines=_headlines(public),
        above=[each for each in outside if each.claim_position == "above"],
        below=[each for each in outside if each.claim_position == "below"],
        private_headlines=_headlines([one for one in statistics if one.scope == reading.ALL]),
        has_answers=bool(levels),
    )
    figures = (
        _outside_figure(visit, outside, chosen),
        _matrix_figure(visit, cells),
        _statistics_figure("headlines", "Agreement", visit, shown.headlines),
        _statistics_figure("gaps", "Gaps", visit, _about(public, "mean_gap"), charts.gaps),
        _statistics_figure(
            "honesty",
            "Claims above and below, beside honest ones",
            visit,
            _about(public, "above_share", "exact_share", "below_share", "excess_above"),
            charts.honesty,
        ),
        _statistics_figure(
            "groups", "Gap by industry and size", visit, _about(public, "group_gap"), charts.groups
        ),
        _statistics_figure(
            "variants",
            "Otherwise computed",
            visit,
            _about(public, "excess_gap", "sensitivity_excess_gap"),
            charts.variants,
        ),
        _perspectives_figure(visit, levels),
        _statistics_figure("statistics", "Every number of the comparison", visit, statistics),
    )
    return Content(
        title="Agreement", figures=figures, shown=shown, filters=sentences.filters_asked(asked)
    )


AGREEMENT = Page(
    name="agreement", path="agreement", label="Agreement", gather=gather, asked=AgreementView
)


def _headlines(
    statistics: Sequence[reading.AgreementStatistic],
) -> list[reading.AgreementStatistic]:
    whole = {each.code: each for each in statistics if not each.group_name}
    return [whole[code] for code in HEADLINES if code in whole]


def _about(
    statistics: Sequence[reading.AgreementStatistic], *codes: str
) -> list[reading.AgreementStatistic]:
    return [each for each in statistics if each.code in codes]


def _charts(visit: Visit, public: Sequence[reading.AgreementStatistic]) -> ComparisonCharts:
    """The drawings of the comparison as a whole, whatever the filters leave."""
    if not public:
        return ComparisonCharts(matrix="", gaps="", honesty="", groups="", variants="")
    everyone = selection(visit.snapshot, Narrowing()).cells
    counts = [[0] * len(Stage) for _ in Stage]
    for cell in everyone:
        counts[cell.claimed_stage_code - 1][cell.stage_code - 1] = cell.organization_count
    return comparison_charts(
        {
            "statistics": [_as_record(each) for each in public],
            "matrix": {"claimed_by_observed": counts},
        }
    )


def _as_record(each: reading.AgreementStatistic) -> dict[str, Any]:
    names = {"group_name": "group", "lower": "low", "upper": "high"}
    return {names.get(name, name): value for name, value in asdict(each).items()}


def _outside_figure(visit: Visit, outside: list[reading.ClaimOutside], chosen: Selection) -> Figure:
    names = [each.name for each in fields(reading.ClaimOutside)]
    return Figure(
        name="outside",
        title="Claims outside their sets",
        definition=(
            "Organizations whose claimed stage lies above or below the 90 % prediction set of "
            "their estimate. With honest claims, about one in ten would."
        ),
        anchor="claims",
        n=chosen.compared_count,
        window=f"week of {week_of(visit)}",
        columns=[Column(name=name, label=name) for name in names],
        rows=rows_of(outside, names),
    )


def _matrix_figure(visit: Visit, cells: Sequence[MatrixCell]) -> Figure:
    """The matrix of the benchmark; a cell leads to its organizations there."""
    asked: AgreementView = visit.asked

    def address(claimed: int, seen: int) -> str:
        narrowed = {each.name: getattr(asked, each.name) for each in fields(Narrowing)}
        wanted = Filters(**narrowed, claimed=str(claimed), observed=str(seen))
        return f"{visit.links.page('', wanted.address())}#organizations"

    figure = matrix_figure(visit, cells, address)
    return replace(figure, name="matrix", title="Claimed by observed stage")


def told(value: float | None) -> str:
    """A statistic with two decimals and a true minus sign; whole numbers are counts."""
    if value is None:
        return "not known"
    text = str(value) if isinstance(value, int) else f"{value:.2f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _bound(value: float | None) -> str:
    return "none" if value is None else told(value)


def _counted(each: reading.AgreementStatistic, column: str) -> object:
    """A cell; counts of organizations are whole numbers."""
    value = getattr(each, column)
    is_count = column == "value" and each.unit == "organizations"
    return int(value) if is_count and value is not None else value


def _beside_honest(
    statistics: Sequence[reading.AgreementStatistic],
) -> list[reading.AgreementStatistic]:
    """The same numbers with what honest claims would show, where another number tells it."""
    values = {each.code: each.value for each in statistics if not each.group_name}
    return [
        replace(each, expected=values.get(HONEST[each.code])) if each.code in HONEST else each
        for each in statistics
    ]


def _statistics_figure(
    name: str,
    title: str,
    visit: Visit,
    statistics: Sequence[reading.AgreementStatistic],
    drawing: Any = "",  # noqa: ANN401 - markup or nothing
) -> Figure:
    number = {"write": told, "is_number": True}
    return Figure(
        name=name,
        title=title,
        definition="Claimed against observed stages; each row has its own definition.",
        anchor="agreement",
        n=max((each.n for each in statistics), default=0),
        window=f"week of {visit.header.as_of_week}",
        columns=(
            Column(name="label", label="Number"),
            Column(name="group_name", label="About", write=lambda about: about or "all"),
            Column(name="value", label="Value", **number),  # type: ignore[arg-type]
            Column(name="lower", label="95 % from", write=_bound, is_number=True),
            Column(name="upper", label="to", write=_bound, is_number=True),
            Column(name="expected", label="Honest claims", write=_bound, is_number=True),
            Column(name="n", label="n", is_number=True),
            Column(name="unit", label="Unit"),
            Column(name="reason", label="Remark"),
            *(
                Column(name=more, label=more.replace("_", " "))
                for more in ("scope", "code", "sample", "p_value", "definition")
                if name == "statistics"
            ),
        ),
        rows=[tuple(_counted(each, column) for column in _columns(name)) for each in statistics],
        drawing=drawing,
    )


def _columns(name: str) -> tuple[str, ...]:
    shown = ("label", "group_name", "value", "lower", "upper", "expected", "n", "unit", "reason")
    more = ("scope", "code", "sample", "p_value", "definition")
    return (*shown, *more) if name == "statistics" else shown


def _perspectives_figure(visit: Visit, levels: list[reading.PerspectiveLevel]) -> Figure:
    """Levels go along with stages or do not; there is no agreement to compute between the two."""
    labels = {
        dimension.items[0].code[:3]: dimension.label
        for dimension in read_instrument("esm3").dimensions
    }
    counts: dict[str, int] = {}
    for each in levels:
        counts[each.perspective_code] = (
            counts.get(each.perspective_code, 0) + each.organization_count
        )
    number = {"write": sentences.number, "is_number": True}
    return Figure(
        name="perspectives",
        title="ESM3 perspectives by observed stage",
        definition=(
            "Mean level, 1 (pioneering) to 3 (strategic), of each ESM3 perspective among "
            "organizations with public answers, by observed stage. ESM3 is about social media "
            "inside the organization and is not estimated from public data: a high level beside "
            "a low stage is no contradiction."
        ),
        anchor="esm3",
        n=max(counts.values(), default=0),
        window=f"week of {week_of(visit)}; answers that hold",
        columns=(
            Column(name="perspective", label="Perspective"),
            Column(name="observed_stage", label="Observed stage"),
            Column(name="organization_count", label="n", is_number=True),
            Column(name="mean_level", label="Mean level", **number),  # type: ignore[arg-type]
            Column(name="lowest_level", label="Lowest", **number),  # type: ignore[arg-type]
            Column(name="highest_level", label="Highest", **number),  # type: ignore[arg-type]
        ),
        rows=[
            (
                labels.get(each.perspective_code, each.perspective_code),
                "Abstained" if each.stage_code is None else Stage(each.stage_code).label,
                each.organization_count,
                each.mean_level,
                each.lowest_level,
                each.highest_level,
            )
            for each in levels
        ],
    )
