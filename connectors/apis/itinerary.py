"""The cursor of a connector that asks more than one page: what is still to be asked.

A page that mentions others (a thread, the next older page) puts them on the list, a page that
was read takes itself off. The list is stored with the rows of the page that changed it, so
that a run that was killed goes on where it was, and a walk back through history is never
begun anew. New errands go to the front: a thread is read before the next older page, which
keeps the list short.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from connectors.contract import Cursor, Purpose, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectors.contract import Allowance


class Errand(NamedTuple):
    """One page to ask for: its address, the connector's note, statuses that are answers.

    `alternatives` are addresses to try when `url` gives nothing that is understood.
    """

    url: str
    context: str = ""
    answers: tuple[int, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Itinerary:
    """What is still to be asked of a channel, and what the connector remembers of it.

    `memory` holds JSON values and nothing that identifies a private person: it is stored.
    """

    errands: tuple[Errand, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_cursor(cls, cursor: Cursor | None) -> Self:
        """The itinerary that a cursor keeps; empty for a channel never read."""
        if cursor is None or not cursor.state:
            return cls()
        kept = json.loads(cursor.state)
        errands = (
            Errand(url, context, tuple(answers), tuple(alternatives))
            for url, context, answers, alternatives in kept["errands"]
        )
        return cls(tuple(errands), kept["memory"])

    def cursor(self) -> Cursor:
        """The cursor that keeps this itinerary."""
        kept = {"errands": self.errands, "memory": dict(self.memory)}
        return Cursor(state=json.dumps(kept, ensure_ascii=False, separators=(",", ":")))

    def requests(self, accept: str, allowances: tuple[Allowance, ...] = ()) -> tuple[Request, ...]:
        """All errands as requests, in order; how many go out at once is not ours to say."""
        return tuple(
            Request(
                url=errand.url,
                accept=accept,
                purpose=Purpose.DETAIL,
                context=errand.context,
                answers=errand.answers,
                alternatives=errand.alternatives,
                allowances=allowances,
            )
            for errand in self.errands
        )

    def first(self, errands: Iterable[Errand]) -> Self:
        """With further errands before all others; one that is on the list already moves up."""
        fresh = {errand.url: errand for errand in errands}
        rest = tuple(errand for errand in self.errands if errand.url not in fresh)
        return replace(self, errands=(*fresh.values(), *rest))

    def without(self, url: str) -> Self:
        """Without the errand to an address."""
        return replace(self, errands=tuple(e for e in self.errands if e.url != url))

    def forgetting(self, *names: str) -> Self:
        """Without these values in the memory."""
        kept = {name: value for name, value in self.memory.items() if name not in names}
        return replace(self, memory=kept)

    def remembering(self, **values: object) -> Self:
        """With further values in the memory."""
        return replace(self, memory={**self.memory, **values})
