"""Sets of labelled organizations from simulated worlds, and faults planted in them.

Whatever plants a fault gives a new table; the one that it gets stays as it is.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from coded_worlds import ADJACENT_ERROR_SHARE, coded_by_stratum  # beside this script

from classifiers.abstention import MINIMUM_COVERAGE_SHARE
from classifiers.signals import FEATURE_CODES, MissingReason, signal_named
from classifiers.simulators import simulate_organizations
from classifiers.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.evaluating.labelled_table import LabelledTable

    IntArray = npt.NDArray[np.intp]

FEWEST_STAGES = 3  #: among the labels of a set
LAST_LOW_STAGE = 3
COPIED_INTO = "posts_per_week"
REPLIES = (
    "reply_rate_72h",
    "question_reply_rate_72h",
    "reply_rate_1h",
    "response_hours_median",
)
CONVERSATIONS = tuple(
    code
    for code in FEATURE_CODES
    if signal_named(code).family in ("dialogue", "community", "people")
)


class Way(StrEnum):
    """How a crawler misses signals of one organization."""

    TOGETHER = "together"
    BY_ITSELF = "each by itself"
    WHERE_MEASURED = "together, where there was enough to measure"


class Shares(NamedTuple):
    """Of the organizations that a crawler misses something of, by their label."""

    low: float  #: of stages 1 to `LAST_LOW_STAGE`
    high: float  #: of the others


def labelled_set(simulator: str, number: int, count: int) -> LabelledTable:
    """`count` organizations of the first world of this number that shows enough of as many.

    Worlds whose labels have fewer than `FEWEST_STAGES` stages are passed over.

    Raises:
        RuntimeError: there is none among a hundred worlds.
    """
    for seed in np.random.SeedSequence([number, count]).generate_state(100):
        world = simulate_organizations(simulator, 1, 2 * count + 20, int(seed))
        world = world.where(world.coverage_share >= MINIMUM_COVERAGE_SHARE)
        if len(world.stage_codes) < count:
            continue
        world = world.where(np.arange(len(world.stage_codes)) < count)
        generator = np.random.default_rng([int(seed), 1])
        said = one_stage_off(world.stage_codes, ADJACENT_ERROR_SHARE, generator)
        table = coded_by_stratum(world, said)
        if len(set(table.stage_codes.tolist())) >= FEWEST_STAGES:
            return table
    message = f"no world {number} of {simulator} in which enough is seen"
    raise RuntimeError(message)


def one_stage_off(stage_codes: IntArray, share: float, generator: np.random.Generator) -> IntArray:
    """The codes, this share of them moved to a neighbouring stage; at an end, inwards."""
    steps = generator.choice([-1, 1], len(stage_codes))
    steps = np.where(stage_codes == 1, 1, np.where(stage_codes == len(Stage), -1, steps))
    is_off = generator.random(len(stage_codes)) < share
    return np.asarray(stage_codes + is_off * steps)


def copy_label(
    table: LabelledTable, off_share: float, generator: np.random.Generator
) -> LabelledTable:
    """The label stands in the feature `COPIED_INTO`; a share of the copies is one stage off."""
    features, reasons = table.X.copy(), table.reasons.copy()
    at = table.signal_codes.index(COPIED_INTO)
    features[:, at] = one_stage_off(table.stage_codes, off_share, generator)
    reasons[:, at] = MissingReason.NONE.value
    return table.changed(X=features, reasons=reasons)


def shuffle_labels(table: LabelledTable, generator: np.random.Generator) -> LabelledTable:
    """Labels are dealt to other organizations."""
    return table.changed(stage_codes=generator.permutation(table.stage_codes))


def miss_signals(
    table: LabelledTable,
    codes: Sequence[str],
    shares: Shares,
    way: Way,
    generator: np.random.Generator,
) -> LabelledTable:
    """A crawler misses these signals, more often at low stages; absent ones stay absent."""
    features, reasons = table.X.copy(), table.reasons.copy()
    columns = [table.signal_codes.index(code) for code in codes]
    chances = np.where(table.stage_codes <= LAST_LOW_STAGE, shares.low, shares.high)
    draws = generator.random((len(table), len(columns) if way is Way.BY_ITSELF else 1))
    is_missed = (draws < chances[:, np.newaxis]) & _can_be_missed(reasons[:, columns], way)
    features[:, columns] = np.where(is_missed, np.nan, features[:, columns])
    reasons[:, columns] = np.where(is_missed, MissingReason.UNOBSERVED.value, reasons[:, columns])
    return table.changed(X=features, reasons=reasons)


def _can_be_missed(reasons: npt.NDArray[np.str_], way: Way) -> npt.NDArray[np.bool_]:
    if way is Way.WHERE_MEASURED:
        return np.asarray(reasons == MissingReason.NONE.value)
    return np.asarray(reasons != MissingReason.ABSENT.value)
