"""Templates to HTML: how a page looks is in `templates/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from classifiers.signals import SIGNALS
from classifiers.stages import Stage
from dashboards import sentences
from dashboards.charts import strip
from dashboards.charts.colours import STAGE_COLOURS
from dashboards.links import Links

FOLDER = Path(__file__).parent
STYLE_SHEETS = (FOLDER / "static" / "app.css", FOLDER / "static" / "chart.css")
SCRIPT = "vendor/htmx-4.0.1.min.js"


def render(template: str, **context: object) -> str:
    """One template with what it shows."""
    from dashboards.pages.registry import PAGES

    given = {"links": Links(), "navigation": [page for page in PAGES if page.label], **context}
    return _environment().get_template(template).render(**given)


@cache
def style_sheet() -> Markup:
    """All styles, for a page that stands alone."""
    texts = (path.read_text(encoding="utf-8") for path in STYLE_SHEETS)
    return Markup("\n".join(texts))  # noqa: S704 - our own files


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=sentences.percent,
        rate=sentences.rate,
        number=sentences.number,
        stage=sentences.stage_label,
    )
    environment.globals.update(
        sentences=sentences,
        stages=list(Stage),
        stage_colours=STAGE_COLOURS,
        signals=SIGNALS,
        fewest_for_dots=strip.FEWEST_FOR_DOTS,
        fewest_for_bands=strip.FEWEST_FOR_BANDS,
        style_sheet=style_sheet,
        script=SCRIPT,
    )
    return environment
