"""Where a link leads: on the live pages, or between the files of a static site.

All links are relative, so that pages work behind any prefix, and from a folder on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The links of one page.

    Attributes:
        place: path of the page without its leading slash: "", "agreement", "organizations/x".
        query: its own query, which its downloads keep.
        is_live: False for a file of a static site.
    """

    place: str = ""
    query: str = ""
    is_live: bool = True

    @property
    def root(self) -> str:
        """Leads from the page to the first one: "" or "../"."""
        return "../" * self.place.count("/")

    def page(self, place: str = "", query: str = "") -> str:
        """To a page by its path without the leading slash; "" is the benchmark."""
        if not self.is_live:
            return f"{self.root}{quote(place or 'index')}.html"
        return _with_query(f"{self.root}{quote(place)}" or "./", query)

    def organization(self, organization_id: str) -> str:
        """To the page of one organization."""
        return self.page(f"organizations/{organization_id}")

    def here(self, query: str) -> str:
        """To another view of the same page."""
        return _with_query(quote(self.place.rpartition("/")[2]) or "./", query)

    def twin(self, figure: str, form: str) -> str:
        """To the data or the drawing of one figure of this page.

        Args:
            figure: its name.
            form: `csv`, `json` or `svg`.
        """
        place = quote(self.place or "benchmark")
        if not self.is_live:
            return f"{self.root}data/{place.replace('/', '-')}-{figure}.{form}"
        return _with_query(f"{self.root}{place}/{figure}.{form}", self.query)

    def data(self, form: str) -> str:
        """To all data of this page."""
        place = quote(self.place or "benchmark")
        if not self.is_live:
            return f"{self.root}data/{place.replace('/', '-')}.{form}"
        return _with_query(f"{self.root}{place}.{form}", self.query)

    def static(self, name: str) -> str:
        """To a file of styles, script or pictures; live pages only."""
        return f"{self.root}static/{name}"


def _with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address
