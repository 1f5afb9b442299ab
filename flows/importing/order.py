"""What an import is asked to do, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - dataclass fields are read at run time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.importing.gathering import SeenChannel
    from flows.importing.landing import Landed
    from flows.importing.leftout import LeftOut
    from flows.project import Project
    from flows.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """Which files, what they mean, and where the rows go.

    Attributes:
        settings: of the project.
        files: the user's tables.
        mapping: a shipped mapping's name, or a file; "" for our own columns.
        constants: fields that have one value in all rows.
        is_dry: read and count, but change nothing.
    """

    settings: Settings
    files: tuple[Path, ...]
    mapping: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)
    is_dry: bool = False

    @property
    def project(self) -> Project:
        """The data folder that the rows go into."""
        return self.settings.project


@dataclass(slots=True, kw_only=True)
class Imported:
    """What came of an import, or would."""

    run_id: str
    row_count: int
    skipped_count: int
    left_out: LeftOut
    landed: Landed
    seen: Sequence[SeenChannel]
    notes: list[str]
    organizations: tuple[str, ...] = ()  #: new ones
    channels: tuple[str, ...] = ()  #: new ones

    def summary(self) -> dict[str, Any]:
        """The import in numbers, for `--json`."""
        landed = self.landed
        return {
            "run_id": self.run_id,
            "rows_read": self.row_count,
            "rows_not_meant": self.skipped_count,
            "rows_added": landed.added_count,
            "rows_known": landed.known_count + landed.repeated_count,
            "rows_deleted_at_source": landed.gone_count,
            "rows_left_out": self.left_out.total,
            "left_out": dict(self.left_out.counts),
            "left_out_examples": self.left_out.examples,
            "organizations_new": list(self.organizations),
            "channels_new": list(self.channels),
            "notes": self.notes,
            "channels": list(map(_channel, self.seen)),
        }


def _channel(one: SeenChannel) -> dict[str, Any]:
    channel, period = one.tally.channel, one.period
    return {
        "file": one.file,
        "channel_id": channel.channel_id,
        "source": channel.source,
        "address": channel.address,
        "rows": one.tally.count,
        "date_flags": dict(one.tally.flags),
        "covered_from": period and period.from_at,
        "covered_until": period and period.until_at,
        "is_span_assumed": period and period.is_assumed,
        "is_dialogue_whole": period and period.is_dialogue_whole,
    }
