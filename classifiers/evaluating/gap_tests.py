"""Whether gaps that our own collection left tell the stage, beyond what may explain both.

A gap may depend on where an organization is found, on its size and industry, and on what else
could not be read. How much it posts decides how far back a short list of entries reaches, so
gaps of signals with a long window, and gaps of everything together, may depend on that as well.
Beyond all this no gap should tell the stage: what is missed would then be learned as evidence.

Both stage and gap are regressed on these circumstances, and what is left of them is multiplied:
the generalised covariance measure (Shah and Peters 2020, The hardness of conditional independence
testing, Annals of Statistics 48). All gaps are tested at once by the largest statistic of a
multiplier bootstrap, as it is proposed there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.features import families_of, logged_columns
from classifiers.signals import MissingReason, signal_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.evaluating.labelled_table import FloatArray, LabelledTable, TextArray

    BoolArray = npt.NDArray[np.bool_]

FEWEST_OF_EACH = 8  #: rows with and without a gap, for a test of that gap

_RESAMPLE_COUNT = 1999
_PRECISION = 2.0  # of the slopes of circumstances, which are standardized
_LEAST_VARIANCE = 1e-3  # of what circumstances leave of a gap; with less it says nothing of its own
_QUARTER_WEEKS = 13
_CONVERSATION = "conversations"
_CONVERSATION_FAMILIES = ("dialogue", "community", "people")
_POSTING = (
    "active_platforms",
    "official_channels",
    "posts_per_week",
    "active_weeks_share",
    "days_since_last_post",
)


class GapTest(NamedTuple):
    """One signal, or a group of signals, and whether its gaps tell the stage."""

    gap: str
    stages_apart: float  #: with all of it missing minus with none, circumstances alike
    p: float  #: corrected over all tests
    n_with_gap: int
    n_without: int


def gap_tests(table: LabelledTable) -> list[GapTest]:
    """One test for each signal and group with enough rows of both kinds, by the size of its p.

    Organizations without a channel that could carry the signal are left out of its test.
    """
    gaps = [each for each in _Gaps(table).to_be_tested() if each.is_testable]
    if not gaps:
        return []
    parts = [each.parts(table.stage_codes.astype(np.float64)) for each in gaps]
    p_values = _corrected(np.array([part.products for part in parts]))
    tests = [
        GapTest(gap.name, part.stages_apart, p, gap.gap_count, gap.other_count)
        for gap, part, p in zip(gaps, parts, p_values, strict=True)
    ]
    return sorted(tests, key=lambda test: test.p)


class _Parts(NamedTuple):
    products: FloatArray  # what is left of stage and gap, multiplied; 0 where not counted
    stages_apart: float


class _Gap(NamedTuple):
    name: str
    share: FloatArray  # of its signals that were not observed
    is_counted: BoolArray
    circumstances: FloatArray

    @property
    def gap_count(self) -> int:
        return int((self.share[self.is_counted] > 0).sum())

    @property
    def other_count(self) -> int:
        return int(self.is_counted.sum()) - self.gap_count

    @property
    def is_testable(self) -> bool:
        return min(self.gap_count, self.other_count) >= FEWEST_OF_EACH

    def parts(self, stages: FloatArray) -> _Parts:
        counted = self.is_counted
        both = np.column_stack([stages, self.share])[counted]
        stage, gap = _left_over(both, self.circumstances[counted]).T
        variance = float((gap**2).mean())
        products = np.zeros(len(stages))
        if variance < _LEAST_VARIANCE:
            return _Parts(products, 0.0)
        products[counted] = stage * gap
        return _Parts(products, float((stage * gap).mean()) / variance)


class _Gaps:
    """What was not observed, by signal and by group, with what may explain it."""

    def __init__(self, table: LabelledTable) -> None:
        self._codes = table.signal_codes
        self._is_gap = table.reasons == MissingReason.UNOBSERVED.value
        self._is_counted = table.reasons != MissingReason.ABSENT.value
        self._families = np.array([signal_named(code).family for code in self._codes])
        self._spheres = np.array([_sphere_of(code) for code in self._codes])
        self._is_long = np.array([_is_long(code) for code in self._codes])
        self._setting, self._posting = _setting(table), _posting(table)

    def to_be_tested(self) -> list[_Gap]:
        everything = np.ones(len(self._codes), dtype=bool)
        return [
            *(self._of_signal(at) for at in range(len(self._codes))),
            *(self._of_group(name, columns) for name, columns in self._groups()),
            self._gap("all signals", everything, [self._setting, self._posting]),
        ]

    def _groups(self) -> list[tuple[str, BoolArray]]:
        groups = {name: self._families == name for name in families_of(self._codes)}
        groups[_CONVERSATION] = self._spheres == _CONVERSATION
        short = ((name, columns & ~self._is_long) for name, columns in groups.items())
        return [(name, columns) for name, columns in short if columns.sum() > 1]

    def _of_signal(self, at: int) -> _Gap:
        own = np.arange(len(self._codes)) == at
        explaining = [self._setting, *self._elsewhere(self._spheres[at])]
        if self._is_long[at]:
            explaining.append(self._posting)
        return self._gap(self._codes[at], own, explaining)

    def _of_group(self, name: str, columns: BoolArray) -> _Gap:
        sphere = self._spheres[columns.argmax()]
        return self._gap(f"group {name}", columns, [self._setting, *self._elsewhere(sphere)])

    def _gap(self, name: str, columns: BoolArray, circumstances: Sequence[FloatArray]) -> _Gap:
        counts = self._is_counted[:, columns].sum(axis=1)
        gap_counts = (self._is_gap & self._is_counted)[:, columns].sum(axis=1)
        share = gap_counts / np.maximum(counts, 1)
        return _Gap(name, share, counts > 0, np.column_stack(circumstances))

    def _elsewhere(self, sphere: str) -> list[FloatArray]:
        """Gaps of signals that are read elsewhere: how many, and whether any."""
        others = [name for name in np.unique(self._spheres) if name != sphere]
        kinds = [
            self._is_gap[:, (self._spheres == name) & (self._is_long == is_long)]
            for name in others
            for is_long in (False, True)
        ]
        return [np.column_stack([k.mean(axis=1), k.any(axis=1)]) for k in kinds if k.shape[1]]


def _sphere_of(code: str) -> str:
    """Signals of one sphere are read at the same places, so their gaps explain one another."""
    family = signal_named(code).family
    return _CONVERSATION if family in _CONVERSATION_FAMILIES or "reply" in code else family


def _is_long(code: str) -> bool:
    return signal_named(code).window_weeks > _QUARTER_WEEKS


def _setting(table: LabelledTable) -> FloatArray:
    is_absent = np.unique(table.reasons == MissingReason.ABSENT.value, axis=1)
    sources = [mix.split() for mix in table.source_mixes.tolist()]
    names = sorted({name for mix in sources for name in mix})
    is_on = np.array([[name in mix for name in names] for mix in sources]).reshape(len(table), -1)
    kinds = [table.industries, table.size_classes]
    return np.column_stack([is_absent, is_on, *(_indicators(kind) for kind in kinds)]).astype(float)


def _indicators(kinds: TextArray) -> BoolArray:
    return np.asarray(kinds[:, np.newaxis] == np.unique(kinds))


def _posting(table: LabelledTable) -> FloatArray:
    generator = np.random.default_rng(0)
    logged = logged_columns(table.signal_codes)
    chosen = [at for at, code in enumerate(table.signal_codes) if code in _POSTING]
    filled = [_filled_at_random(table.X[:, at], generator) for at in chosen]
    levelled = [np.log1p(v) if at in logged else v for at, v in zip(chosen, filled, strict=True)]
    rows = _standardized(np.column_stack([*levelled, np.zeros(len(table))]))
    return np.column_stack([rows, rows**2])


def _filled_at_random(column: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Gaps filled by values of other rows, so that nothing shows where they were."""
    seen = column[~np.isnan(column)]
    drawn = generator.choice(seen, len(column)) if len(seen) else np.zeros(len(column))
    return np.where(np.isnan(column), drawn, column)


def _standardized(rows: FloatArray) -> FloatArray:
    spread = rows.std(axis=0)
    standard: FloatArray = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return standard


def _left_over(values: FloatArray, circumstances: FloatArray) -> FloatArray:
    """What a ridge regression on the circumstances leaves of each column of values."""
    rows, centred = _standardized(circumstances), values - values.mean(axis=0)
    slopes = np.linalg.solve(rows.T @ rows + _PRECISION * np.eye(rows.shape[1]), rows.T @ centred)
    left: FloatArray = centred - rows @ slopes
    return left


def _corrected(products: FloatArray) -> list[float]:
    """The p of each row of products, shape (n_gaps, n_rows), over all of them together."""
    is_counted = products != 0
    counts = np.maximum(is_counted.sum(axis=1, keepdims=True), 1)
    means = products.sum(axis=1, keepdims=True) / counts
    centred = np.where(is_counted, products - means, 0.0)
    scales = np.maximum(np.sqrt((centred**2).sum(axis=1, keepdims=True)), 1e-12)
    own = np.abs(counts * means / scales)[:, 0]
    signs = np.random.default_rng(0).standard_normal((_RESAMPLE_COUNT, products.shape[1]))
    largest = np.abs(signs @ (centred / scales).T).max(axis=1)
    return [float((1 + (largest >= one).sum()) / (1 + _RESAMPLE_COUNT)) for one in own]
