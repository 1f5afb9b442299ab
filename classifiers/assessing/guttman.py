"""Whether the stages are a ladder in a sample of answers: Guttman's scalogram.

If they are, who passes a gate has passed all gates below it, and the number of passed gates tells
which. Errors are counted as Goodenough (1944) and Edwards (1957) do: for each respondent, cells
that differ from those of a perfect climber who passed as many. The order is that of the stages,
not that of how often each is passed, for it is the stages that are judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.assessing.altimeter_scores import CODE, PASSED_FROM
from classifiers.assessing.instrument import read_instrument

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.assessing.answers import Answers
    from classifiers.assessing.instrument import Dimension

    BoolArray = npt.NDArray[np.bool_]

LEAST_REPRODUCIBILITY = 0.90  #: Guttman 1950
LEAST_SCALABILITY = 0.60  #: Menzel 1953
#: The check of all dimensions together.
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderCheck:
    """How well gates follow their order among some respondents.

    Attributes:
        scale: a dimension, or `all`.
        respondent_count: with an answer to every gate, so that they could be judged.
        left_out_count: with a gate that has no answer.
        response_count: gates times respondents.
        error_count: cells that differ from those of a perfect climber.
        largest_error_count: most errors that could be made by knowing only how often each gate
            is passed, or only how many gates each respondent passed, whichever is less.
    """

    scale: str
    respondent_count: int
    left_out_count: int
    response_count: int
    error_count: int
    largest_error_count: int

    @property
    def reproducibility(self) -> float | None:
        """1 - errors / responses (Guttman 1950); None without respondents."""
        return 1 - self.error_count / self.response_count if self.response_count else None

    @property
    def scalability(self) -> float | None:
        """1 - errors / largest errors (Menzel 1953); None where nobody differs."""
        largest = self.largest_error_count
        return 1 - self.error_count / largest if largest else None

    @property
    def is_ladder(self) -> bool | None:
        """Whether both coefficients are high enough; None where they cannot tell."""
        if self.reproducibility is None or self.scalability is None:
            return None
        is_reproducible = self.reproducibility >= LEAST_REPRODUCIBILITY
        return is_reproducible and self.scalability >= LEAST_SCALABILITY

    def __str__(self) -> str:
        if self.reproducibility is None:
            return f"{self.scale}: nobody answered every gate, so it cannot be told."
        if self.scalability is None:
            return f"{self.scale}: answers do not differ, so it cannot be told."
        verdict = "are" if self.is_ladder else "are not"
        return (
            f"{self.scale}: stages {verdict} a ladder in this sample (reproducibility "
            f"{self.reproducibility:.2f}, scalability {self.scalability:.2f}, "
            f"n = {self.respondent_count})."
        )


def ladder_check(passed: npt.ArrayLike, scale: str = "", left_out_count: int = 0) -> LadderCheck:
    """Check gates of one scale.

    Three respondents and three gates: the first two are perfect climbers of two gates and of
    one; the third passed only the last gate, where a climber would have passed only the first,
    which makes two errors in nine. Gates are passed by 2, 1 and 1 of three, so that knowing
    their modes errs by 1 + 1 + 1; each respondent's mode errs by 1 + 1 + 1 as well.

    >>> found = ladder_check([[1, 1, 0], [1, 0, 0], [0, 0, 1]], "example")
    >>> (found.error_count, found.largest_error_count)
    (2, 3)
    >>> print(found)
    example: stages are not a ladder in this sample (reproducibility 0.78, scalability 0.33, n = 3).

    Args:
        passed: shape (n_respondents, n_gates), lowest gate first; at least one gate.
        scale: what to call it.
        left_out_count: respondents that are not among the rows.
    """
    rows = np.asarray(passed, dtype=np.bool_)
    return LadderCheck(
        scale=scale,
        respondent_count=len(rows),
        left_out_count=left_out_count,
        response_count=rows.size,
        error_count=_errors(rows),
        largest_error_count=min(_off_mode(rows), _off_mode(rows.T)),
    )


def ladder_checks(sample: Sequence[Answers]) -> list[LadderCheck]:
    """Check each dimension of the Altimeter statements, and last all of them together.

    Taken together, errors and responses of the dimensions are added up over the respondents who
    answered every gate: each dimension is a ladder of its own, and nothing is asked of how one
    stands to another.
    """
    dimensions = read_instrument(CODE).dimensions
    whole = [answers for answers in sample if not answers.unanswered and not answers.cannot_say]
    return [
        *(_dimension_check(dimension, sample) for dimension in dimensions),
        _together([_dimension_check(dimension, whole) for dimension in dimensions], len(sample)),
    ]


def _together(checks: Sequence[LadderCheck], sample_count: int) -> LadderCheck:
    respondent_count = checks[0].respondent_count
    return LadderCheck(
        scale=ALL,
        respondent_count=respondent_count,
        left_out_count=sample_count - respondent_count,
        response_count=sum(check.response_count for check in checks),
        error_count=sum(check.error_count for check in checks),
        largest_error_count=sum(check.largest_error_count for check in checks),
    )


def _dimension_check(dimension: Dimension, sample: Sequence[Answers]) -> LadderCheck:
    codes = [item.code for item in dimension.items]
    whole = [answers.given for answers in sample if answers.given.keys() >= set(codes)]
    passed = [[given[code] >= PASSED_FROM for code in codes] for given in whole]
    rows = np.reshape(np.asarray(passed, dtype=np.bool_), (-1, len(codes)))
    return ladder_check(rows, dimension.code, len(sample) - len(whole))


def _errors(rows: BoolArray) -> int:
    perfect = np.arange(rows.shape[1]) < rows.sum(axis=1, keepdims=True)
    return int((rows != perfect).sum())


def _off_mode(rows: BoolArray) -> int:
    """Cells that differ from the commoner value of their column."""
    passed = rows.sum(axis=0)
    return int(np.minimum(passed, len(rows) - passed).sum())
