"""Reading the list of organizations, whatever format it comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.errors import InputError
from flows.organizations.csv_list import read_csv
from flows.organizations.opml_list import read_opml
from flows.organizations.toml_list import read_toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flows.organizations.model import Organization

_TEXTS: dict[str, Callable[[Path, str], list[Organization]]] = {
    ".toml": read_toml,
    ".csv": read_csv,
}
_DOCUMENTS: dict[str, Callable[[Path, bytes], list[Organization]]] = {
    ".opml": read_opml,
    ".xml": read_opml,
}
#: Names under which a list is found by itself, in the order in which they are tried.
DEFAULT_NAMES = ("organizations.toml", "organizations.csv", "organizations.opml")


def find_organizations(folder: Path, named: str) -> Path:
    """The file that lists the organizations: the named one, or the first default there is.

    Raises:
        InputError: there is none.
    """
    candidates = [folder / named] if named else [folder / name for name in DEFAULT_NAMES]
    for path in candidates:
        if path.is_file():
            return path
    if named:
        problem = f"{candidates[0]}: no such file"
    else:
        problem = (
            f"{folder}: no {', '.join(DEFAULT_NAMES)} here; "
            "`barograph init` writes one to start from, --organizations names another"
        )
    raise InputError(problem)


def read_organizations(path: Path) -> list[Organization]:
    """The organizations of a file, in its order.

    Raises:
        InputError: every problem of the file, each with its line and a remedy.
    """
    kind = path.suffix.lower()
    if kind in _TEXTS:
        organizations = _TEXTS[kind](path, _text(path))
    elif kind in _DOCUMENTS:
        organizations = _DOCUMENTS[kind](path, _bytes(path))
    else:
        problem = f"{path}: unknown kind of file; organizations come as .toml, .csv or .opml"
        raise InputError(problem)
    if not organizations:
        problem = f"{path}: lists no organization; add one (docs/organizations.md shows how)"
        raise InputError(problem)
    return organizations


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = f"{path}: cannot be read: {error.strerror}"
        raise InputError(problem) from error


def _text(path: Path) -> str:
    data = _bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = f"{path}:{line}: not UTF-8 text; save it as UTF-8 (Excel calls it CSV UTF-8)"
        raise InputError(problem) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
