"""The pages there are, in the order of the navigation. A new page is entered here."""

from __future__ import annotations

from dashboards.pages.agreement import AGREEMENT
from dashboards.pages.assess import ASSESS
from dashboards.pages.benchmark import BENCHMARK
from dashboards.pages.comparison import COMPARISON
from dashboards.pages.method import METHOD
from dashboards.pages.organization import ORGANIZATION
from dashboards.pages.quality import QUALITY
from dashboards.pages.runs import RUNS

PAGES = (
    BENCHMARK,
    ORGANIZATION,
    COMPARISON,
    AGREEMENT,
    ASSESS,
    QUALITY,
    RUNS,
    METHOD,
)
