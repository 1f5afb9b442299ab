"""What the parts of an invented snapshot share: a moment, industries, and chance by hashing."""

from __future__ import annotations

from datetime import UTC, datetime

AS_OF = datetime(2026, 11, 23, tzinfo=UTC)
#: The week of the snapshot, and its moment, as SQL.
WEEK, MOMENT = "date '2026-11-16'", "timestamp '2026-11-23 00:00:00'"
INDUSTRIES = (
    "education", "finance", "health", "public-administration", "retail", "transport",
    "utilities", "information", "manufacturing", "professional-services",
)  # fmt: skip


def chance(*parts: str) -> str:
    """SQL of a number from 0 to 1 that only depends on its parts."""
    return f"(hash({', '.join(parts)}) % 1000003 / 1000003.0)"


def one_of(values: tuple[str, ...], *parts: str) -> str:
    """SQL of one of some texts that only depends on its parts."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"[{listed}][(1 + hash({', '.join(parts)}) % {len(values)})::bigint]"
