"""Pages that only say something: nothing published yet, unknown address, an error of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.rendering import render

if TYPE_CHECKING:
    from dashboards.asked import UnknownValueError
    from dashboards.links import Links


def no_snapshot(links: Links) -> str:
    """The page shown before anything was published."""
    return _message(
        "No snapshot published yet",
        "Run this command in the project's folder, then load this page again:",
        links,
        command="barograph publish",
    )


def older_snapshot(links: Links) -> str:
    """The page shown when the snapshot is of a version that lacks what the page needs."""
    return _message(
        "This snapshot is of another version",
        "It lacks tables that this page reads. Publish again with this version, then load the "
        "page again:",
        links,
        command="barograph publish",
    )


def newer_snapshot(text: str, links: Links) -> str:
    """The page shown when a later version published the snapshot; `text` names both versions."""
    return _message("This snapshot is of a later version", text, links)


def unknown_value(error: UnknownValueError, links: Links) -> str:
    """The page for an address with a value that the page does not know."""
    known = f"Known values: {', '.join(error.known)}." if error.known else ""
    text = f"“{error.value}” is no known value of “{error.name}”. {known}"
    return _message("This address cannot be answered", text, links, title="Unknown value")


def no_such_organization(organization_id: str, links: Links) -> str:
    """The page for an organization that the snapshot does not have."""
    text = (
        f"No organization “{organization_id}” is in this snapshot. It may have been taken off the "
        "list, or was not measured yet."
    )
    return _message("No such organization", text, links)


def not_found(links: Links) -> str:
    """The page for an address that does not exist."""
    text = "The benchmark has the numbers of every organization."
    return _message("There is no such page", text, links)


def refused(text: str, links: Links) -> str:
    """The page for who may not read, or may not send."""
    return _message("Not allowed", text, links)


def failure(failure_id: str, links: Links) -> str:
    """The page for an error of our own; the log has the details under the same id."""
    text = f"This page could not be built (id {failure_id}). The data are unchanged."
    return _message("Something went wrong", text, links)


def _message(heading: str, text: str, links: Links, command: str = "", title: str = "") -> str:
    return render(
        "message.html",
        title=title or heading,
        heading=heading,
        text=text,
        command=command,
        links=links,
    )
