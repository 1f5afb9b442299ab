"""Rows that an import leaves out: why, and where they stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

#: Places that are remembered; of further rows only the number.
MOST_EXAMPLES = 20


@dataclass(slots=True)
class LeftOut:
    """What was left out of one import, so far."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, place: str, reason: str) -> None:
        """Count a row that is left out; `place` is file and line."""
        self.counts[reason] += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(f"{place}: {reason}")

    @property
    def total(self) -> int:
        """How many rows were left out."""
        return self.counts.total()
