"""Why a request came to nothing: the outcome it ends in, and a sentence for the analyst."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.contract import Outcome


class FetchError(Exception):
    """A request that failed in a way that has an outcome.

    Attributes:
        outcome: how the attempt ended.
        message: one sentence for the analyst.
    """

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
