"""Claims beside the stage probabilities of the same organizations, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from classifiers.comparing.square_table import SquareTable, checked_codes, tabulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

_TOLERANCE = 1e-3  # probabilities come from files, rounded


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedClaims:
    """Organizations with a claim, stage probabilities and a point, in one order.

    Make one with `judged_claims`, which checks it. An organization is honest here when its claim
    is its true stage; given what was observed, the claim of an honest one is a draw from its
    probabilities, as far as these are calibrated.
    """

    claims: IntArray  #: 1 to k, shape (n,)
    probabilities: FloatArray  #: of stages 1 to k, shape (n, k)
    points: IntArray  #: the one stage that is shown as observed, shape (n,)

    @property
    def organization_count(self) -> int:
        """How many organizations are compared."""
        return len(self.claims)

    @property
    def stage_count(self) -> int:
        """Length of the ladder."""
        return int(self.probabilities.shape[1])

    @property
    def codes(self) -> IntArray:
        """1 to k."""
        return np.arange(1, self.stage_count + 1)

    @property
    def expected_stages(self) -> FloatArray:
        """Mean of each organization's probabilities, in stages."""
        means: FloatArray = self.probabilities @ self.codes
        return means

    @property
    def variances(self) -> FloatArray:
        """Variance of each organization's probabilities, in squared stages."""
        second: FloatArray = self.probabilities @ self.codes**2
        return np.maximum(second - self.expected_stages**2, 0.0)

    @property
    def point_gaps(self) -> IntArray:
        """Claim minus point."""
        return self.claims - self.points

    @property
    def weighted_gaps(self) -> FloatArray:
        """Claim minus expected stage."""
        return self.claims - self.expected_stages

    def mass(self, lowest: npt.ArrayLike, highest: npt.ArrayLike) -> FloatArray:
        """Each organization's probability of the stages from `lowest` to `highest`, inclusive."""
        from_lowest = self.codes >= np.reshape(lowest, (-1, 1))
        is_meant = from_lowest & (self.codes <= np.reshape(highest, (-1, 1)))
        masses: FloatArray = np.where(is_meant, self.probabilities, 0.0).sum(axis=1)
        return masses

    def table(self) -> SquareTable:
        """Claims by points."""
        return tabulate(self.claims, self.points, self.stage_count)

    def part(self, is_in: BoolArray) -> JudgedClaims:
        """Some of the organizations."""
        return JudgedClaims(
            claims=self.claims[is_in],
            probabilities=self.probabilities[is_in],
            points=self.points[is_in],
        )

    def by_group(self, groups: Sequence[str]) -> dict[str, JudgedClaims]:
        """The organizations of each group, by its name, in the order of names.

        Raises:
            ValueError: there are not as many groups as organizations.
        """
        names = np.asarray(groups, dtype=object)
        if len(names) != self.organization_count:
            message = f"{len(names)} groups for {self.organization_count} organizations; give each"
            raise ValueError(message)
        return {str(name): self.part(names == name) for name in sorted(set(groups))}

    def tempered(self, temperature: float) -> JudgedClaims:
        """As if the estimates were less sure (temperature above 1) or surer (below); same points.

        Probabilities are taken to the power 1 / temperature and scaled to 1.

        Raises:
            ValueError: the temperature is not above 0.
        """
        if not temperature > 0:
            message = f"temperature {temperature} must be above 0; 1 changes nothing"
            raise ValueError(message)
        return replace(self, probabilities=_scaled(self.probabilities ** (1 / temperature)))

    def with_prior(self, used: npt.ArrayLike, other: npt.ArrayLike) -> JudgedClaims:
        """As if another share of each stage had been held before anything was observed.

        pi' is proportional to pi * other / used. Points become the medians of pi', as the other
        prior would have shown another stage.

        Args:
            used: shares of the stages that the probabilities rest on, all above 0.
            other: shares of the stages to take in their place.

        Raises:
            ValueError: there are not as many shares as stages, or one used is 0.
        """
        old, new = (np.asarray(shares, dtype=np.float64) for shares in (used, other))
        if old.shape != (self.stage_count,) or new.shape != old.shape or not (old > 0).all():
            message = (
                f"priors need {self.stage_count} shares each, those in use above 0: "
                f"{old.tolist()}, {new.tolist()}"
            )
            raise ValueError(message)
        shifted = _scaled(self.probabilities * new / old)
        return replace(self, probabilities=shifted, points=_medians(shifted))


def judged_claims(
    claims: npt.ArrayLike, probabilities: npt.ArrayLike, points: npt.ArrayLike | None = None
) -> JudgedClaims:
    """Claims with the estimates that they are compared with.

    Args:
        claims: claimed stages, 1 to k.
        probabilities: of stages 1 to k, a row an organization, each summing to 1.
        points: observed stages; by default the medians of the probabilities. Organizations whose
            estimate abstained are to be left out before.

    Raises:
        ValueError: lengths differ, a code is no stage, or a row is no distribution; the message
            names the row.

    Examples:
        >>> judged = judged_claims([5], [[0.05, 0.15, 0.35, 0.30, 0.10, 0.05]])
        >>> round(float(judged.weighted_gaps[0]), 2), int(judged.points[0])
        (1.6, 3)
    """
    given = _checked(probabilities)
    stage_count = given.shape[1]
    codes = checked_codes(claims, stage_count, "claimed")
    found = _medians(given) if points is None else checked_codes(points, stage_count, "observed")
    if not len(codes) == len(given) == len(found):
        message = (
            f"{len(codes)} claims, {len(given)} rows of probabilities and {len(found)} points; "
            "give one of each for an organization"
        )
        raise ValueError(message)
    return JudgedClaims(claims=codes, probabilities=_scaled(given), points=found)


def _checked(probabilities: npt.ArrayLike) -> FloatArray:
    given = np.asarray(probabilities, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] < 2:  # noqa: PLR2004 - rows of at least two stages
        message = f"probabilities have shape {given.shape}; give a row for each organization"
        raise ValueError(message)
    is_wrong = ~(np.isfinite(given).all(axis=1) & (given >= 0).all(axis=1))
    is_wrong |= ~(np.abs(given.sum(axis=1) - 1) < _TOLERANCE)
    if is_wrong.any():
        row = int(np.flatnonzero(is_wrong)[0])
        message = f"row {row + 1} is no distribution: {given[row].tolist()}; estimate it again"
        raise ValueError(message)
    return given


def _scaled(masses: FloatArray) -> FloatArray:
    scaled: FloatArray = masses / masses.sum(axis=1, keepdims=True)
    return scaled


def _medians(probabilities: FloatArray) -> IntArray:
    reaches = np.cumsum(probabilities, axis=1) >= 0.5 - 1e-12
    medians: IntArray = reaches.argmax(axis=1) + 1
    return medians
