"""What a reader asks of the benchmark page: the parameters of its address."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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


class UnknownValueError(ValueError):
    """A parameter in the address whose value this page does not know.

    Attributes:
        name: the parameter, for example `industry`.
        value: what it was given.
        known: the values that it takes, in display order; empty when too many to name.
    """

    def __init__(self, name: str, value: str, known: Sequence[str] = ()) -> None:
        super().__init__(f"{name} = {value!r}")
        self.name = name
        self.value = value
        self.known = tuple(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """One view of the benchmark page; empty text means all.

    `sort` is a name of `SORT_KEYS`, with a leading `-` for descending order. `page` counts
    from 1. The order of the fields is the order of the parameters in every address we write.
    """

    industry: str = ""
    size: str = ""
    country: str = ""
    sort: str = "name"
    page: int = 1

    @property
    def sort_key(self) -> str:
        """The column sorted by, without its direction."""
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        """Whether the highest value stands first; unknown values stand last either way."""
        return self.sort.startswith("-")

    @property
    def is_narrowed(self) -> bool:
        """Whether the filters may leave out organizations."""
        return bool(self.industry or self.size or self.country)

    def address(self, **changes: str | int) -> str:
        """The query of this view with some parameters changed; defaults are left out.

        Returns:
            Text such as `industry=finance&sort=-posts`, "" for the default view.
        """
        wanted = asdict(replace(self, **changes))  # type: ignore[arg-type]
        return urlencode(
            {name: value for name, value in wanted.items() if value != _DEFAULTS[name]}
        )

    def sorted_by(self, key: str) -> str:
        """The query that sorts by `key`, or turns the order round when it is in force."""
        return self.address(sort=f"-{key}" if self.sort == key else key, page=1)


_DEFAULTS = asdict(Filters())
_NAMES = tuple(field.name for field in fields(Filters))


def read_filters(
    parameters: Iterable[tuple[str, str]], known: Mapping[str, Sequence[str]]
) -> Filters:
    """Read the parameters of an address.

    An empty value means all, as a form without a choice sends it. Parameters of other names
    are none of ours (mail programs append their own) and change nothing.

    Args:
        parameters: names and values in the order of the address.
        known: the values that `industry`, `size` and `country` take in this snapshot.

    Raises:
        UnknownValueError: a value that the page does not know, or a parameter given twice.
    """
    given: dict[str, str] = {}
    for name, value in parameters:
        if name in _NAMES and value:
            if name in given:
                raise UnknownValueError(name, f"{given[name]}, {value}", ["one value at a time"])
            given[name] = value
    for name in ("industry", "size", "country"):
        _check(name, given.get(name, ""), ("", *known.get(name, ())))
    _check("sort", given.get("sort", "name").removeprefix("-"), SORT_KEYS)
    page = _page_number("page", given.pop("page", "1"))
    return Filters(**given, page=page)


def _check(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UnknownValueError(name, value, [entry for entry in known if entry])


def _page_number(name: str, text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise UnknownValueError(name, text, ["1", "2", "3 …"])
    return int(text)
