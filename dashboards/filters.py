"""Which organizations a reader of the benchmark wants to see, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from classifiers.stages import Stage
from dashboards.asked import Asked, counted, one_of, searched, several_of

SORT_KEYS = (
    "name",
    "industry",
    "size",
    "channels",
    "coverage",
    "posts",
    "stage",
    "claim",
    "position",
)
_STAGES = tuple(str(stage.value) for stage in Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing(Asked):
    """Which organizations, in which week; empty means all, and the week of the snapshot.

    An organization belongs to a set of sources when it has a channel at any of them.
    """

    industry: str = one_of("industry")
    size: str = one_of("size")
    country: str = one_of("country")
    group: str = one_of("group")
    source: tuple[str, ...] = several_of("source")
    week: str = one_of("week")  #: its Monday, ISO 8601

    @property
    def is_narrowed(self) -> bool:
        """Whether the filters may leave out organizations."""
        return bool(self.industry or self.size or self.country or self.group or self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters(Narrowing):
    """One view of the benchmark page.

    `search`, `claimed` and `observed` narrow the table of organizations alone. `shares` shows
    the matrix in per cent of each claimed stage. `signal` is the one that is shown by industry.
    `sort` is a name of `SORT_KEYS`, with a leading `-` for descending order. `page` counts
    from 1.
    """

    search: str = searched()
    claimed: str = one_of(_STAGES)
    observed: str = one_of(_STAGES)
    shares: str = one_of(("rows",))
    signal: str = one_of("signal", "posts_per_week")
    sort: str = one_of(SORT_KEYS, "name")
    page: int = counted()

    @property
    def sort_key(self) -> str:
        """The column sorted by, without its direction."""
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        """Whether the highest value stands first; unknown values stand last either way."""
        return self.sort.startswith("-")

    @property
    def is_list_narrowed(self) -> bool:
        """Whether the table shows fewer organizations than the charts."""
        return bool(self.search or self.claimed or self.observed)

    def sorted_by(self, key: str) -> str:
        """The query that sorts by `key`, or turns the order round when it is in force."""
        return self.address(sort=f"-{key}" if self.sort == key else key, page=1)
