"""What a reader asks of a page: the parameters of its address, checked and in one order.

Each page declares its parameters as a frozen dataclass derived from `Asked`. The order of the
fields is the order of the parameters in every address that we write; defaults are left out.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_NAMED = 60  #: known values that a message lists
MOST_SEARCHED = 100  #: characters of a search


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
        self.known = tuple(known) if len(known) <= MOST_NAMED else ()


def one_of(known: str | Sequence[str], default: str = "") -> Any:  # noqa: ANN401 - a dataclass field
    """A parameter with one value of several.

    Args:
        known: the values, or the name under which a snapshot knows them.
        default: left out of addresses; empty text means all.
    """
    return field(default=default, metadata={"known": known})


def several_of(known: str) -> Any:  # noqa: ANN401 - a dataclass field
    """A parameter that may be repeated; none given means all."""
    return field(default=(), metadata={"known": known})


def searched() -> Any:  # noqa: ANN401 - a dataclass field
    """A parameter with free text."""
    return field(default="", metadata={"known": None})


def counted() -> Any:  # noqa: ANN401 - a dataclass field
    """A parameter that counts from 1."""
    return field(default=1, metadata={"known": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One view of a page. Pages without parameters use this class itself."""

    def address(self, **changes: object) -> str:
        """The query of this view with some parameters changed; defaults are left out.

        Returns:
            Text such as `industry=finance&sort=-posts`, "" for the default view.
        """
        wanted = asdict(replace(self, **changes))
        defaults = {each.name: each.default for each in fields(self)}
        kept = {name: value for name, value in wanted.items() if value != defaults[name]}
        return urlencode(kept, doseq=True)

    @classmethod
    def read(
        cls, parameters: Iterable[tuple[str, str]], known: Mapping[str, Sequence[str]]
    ) -> Self:
        """Read the parameters of an address.

        An empty value means all, as a form without a choice sends it. Parameters of other names
        are none of ours (mail programs append their own) and change nothing.

        Args:
            parameters: names and values in the order of the address.
            known: values by the names that `one_of` and `several_of` were given.

        Raises:
            UnknownValueError: a value that the page does not know, or a parameter given twice.
        """
        given: dict[str, list[str]] = {}
        for name, value in parameters:
            if value.strip():
                given.setdefault(name, []).append(value)
        values = {
            each.name: _read(each.name, each.default, each.metadata["known"], given, known)
            for each in fields(cls)
            if each.name in given
        }
        return cls(**values)


def _read(
    name: str,
    default: object,
    source: str | Sequence[str] | None,
    given: Mapping[str, list[str]],
    known: Mapping[str, Sequence[str]],
) -> object:
    values = given[name]
    if isinstance(default, tuple):
        return _several(name, values, known.get(str(source), ()))
    if len(values) > 1:
        raise UnknownValueError(name, ", ".join(values), ["one value at a time"])
    if isinstance(default, int):
        return _page_number(name, values[0])
    if source is None:
        return _searched(name, values[0])
    choices = known.get(source, ()) if isinstance(source, str) else source
    _check(name, values[0].removeprefix("-") if name == "sort" else values[0], choices)
    return values[0]


def _several(name: str, values: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """In the order of the known values, each once, so that one view has one address."""
    for value in values:
        _check(name, value, known)
    return tuple(value for value in known if value in values)


def _searched(name: str, value: str) -> str:
    text = " ".join(value.split())
    if len(text) > MOST_SEARCHED:
        raise UnknownValueError(name, text, [f"at most {MOST_SEARCHED} characters"])
    return text


def _check(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UnknownValueError(name, value, [entry for entry in known if entry])


def _page_number(name: str, text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise UnknownValueError(name, text, ["1", "2", "3 …"])
    return int(text)
