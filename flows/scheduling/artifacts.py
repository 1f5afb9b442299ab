"""What the Prefect pages show of a run: how far it is, what it saw, what it missed, where it is.

Claims are left out: those that are private may be shown by name to nobody, and a Prefect server
may be read by others than the project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from prefect.artifacts import (
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows.terminal import first_answer, number, point, reply_rate, stage_set

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    from flows.collect import Collected
    from flows.job import Session

#: Rows of a table; Prefect keeps all of it in one cell of its database.
_MOST_ROWS = 500


class Progress:
    """How many batches are done, as a bar of the flow run."""

    def __init__(self, batch_count: int) -> None:
        self._total, self._done = batch_count, 0
        self._artifact = cast(  # where no loop runs it is no coroutine
            "UUID",
            create_progress_artifact(
                0.0, key="collecting", description="Batches of channels that were asked."
            ),
        )

    def advance(self) -> None:
        """One more batch is done."""
        self._done += 1
        update_progress_artifact(self._artifact, 100 * self._done / self._total)


def show_run(result: Mapping[str, Any]) -> None:
    """The run in numbers."""
    shown = {name: value for name, value in result.items() if isinstance(value, int | str)}
    rows = [{"what": name.replace("_", " "), "value": str(value)} for name, value in shown.items()]
    create_table_artifact(rows, key="run", description="The run in numbers; times are UTC.")


def show_organizations(overview: Sequence[Mapping[str, Any]]) -> None:
    """What was seen of each organization, and its observed stage with its prediction set."""
    rows = [_organization(row) for row in overview[:_MOST_ROWS]]
    create_table_artifact(
        rows,
        key="organizations",
        description=_counted(len(rows), len(overview), "organizations"),
    )


def _organization(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "organization": row["name"],
        "channels read": f"{row['readable_channel_count']} of {row['channel_count']}",
        "channel days seen": number(row["coverage_share"], ".0%"),
        "posts per week": number(row["posts_per_week"]),
        "replies in 72 h": reply_rate(row),
        "time to first answer": first_answer(row),
        "observed stage": point(row),
        "90 % prediction set": stage_set(row),
    }


def show_failures(under_way: Session, collected: Collected) -> None:
    """The channels that were not seen, and why."""
    channels = [c for c in under_way.order.channels if collected.errors.get(c.channel_id)]
    rows = [
        {
            "organization": channel.organization_id,
            "channel": channel.address,
            "why it was not seen": collected.errors[channel.channel_id],
        }
        for channel in channels[:_MOST_ROWS]
    ]
    create_table_artifact(
        rows, key="not-seen", description=_counted(len(rows), len(channels), "channels not seen")
    )


def link_snapshot(snapshot: Path) -> None:
    """Where the published snapshot lies, on the machine of the run."""
    create_link_artifact(
        snapshot.resolve().as_uri(),
        link_text=snapshot.resolve().name,
        key="snapshot",
        description="The published snapshot; `barograph dashboard` shows it.",
    )


def _counted(shown: int, total: int, what: str) -> str:
    return f"{total} {what}" if shown == total else f"The first {shown} of {total} {what}"
