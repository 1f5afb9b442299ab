"""What was asked of the model in worlds of another kind, beside what was measured.

The aims were fixed beforehand. Verdicts are computed from the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Case = dict[str, Any]
    #: A value with the ends of its interval; these are the value itself where there is none.
    Measured = tuple[float, float, float]

_A, _B = "graded_response", "capability"
_EVERY = 10**9  #: no number of labels is above


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One figure that was asked for.

    Attributes:
        figure: what it is called.
        learned: simulator that the model learned from; "" for both directions.
        counts: fewest and most labels for which it is asked.
        key: of the figure, see `_measured`.
        least, most: limits; infinite where there is none.
        is_percent: written in per cent.
    """

    figure: str
    learned: str = ""
    counts: tuple[int, int] = (0, 0)
    key: str
    least: float = float("-inf")
    most: float = float("inf")
    is_percent: bool = False

    @property
    def wanted(self) -> str:
        """The limits in words."""
        if self.least > float("-inf") and self.most < float("inf"):
            return f"{self._told(self.least)} to {self._told(self.most)}"
        if self.least > float("-inf"):
            return f"at least {self._told(self.least)}"
        return f"at most {self._told(self.most)}"

    def is_reached(self, value: float) -> bool:
        """Whether a value keeps the limits."""
        return self.least <= value <= self.most

    def is_close(self, measured: Measured) -> bool:
        """Whether one end of the interval says the contrary."""
        return len({self.is_reached(end) for end in measured}) > 1

    def told(self, value: float) -> str:
        """A value, written as the limits are."""
        return f"{100 * value:+.1f} %" if self.is_percent else f"{value:.3f}"

    def _told(self, value: float) -> str:
        if self.is_percent or value >= 1:
            return f"{100 * value:g} %" if self.is_percent else f"{value:g}"
        return f"{value:.2f}"


_VIEWS = ("conversations", "posts", "profiles")
AIMS = (
    Aim(figure="worlds", counts=(0, _EVERY), key="world_count", least=20),
    Aim(figure="MAE", learned=_A, key="mae", most=0.80),
    Aim(figure="MAE", learned=_B, key="mae", most=0.70),
    Aim(figure="MAE over that of the published rule", key="rule_ratio", most=0.85),
    Aim(figure="coverage of 90 % sets", key="coverage", least=0.89),
    Aim(figure="coverage in every world", key="worst_world_coverage", least=0.85),
    Aim(figure="off by two", key="off_by_two", most=0.16),
    Aim(figure="MAE", learned=_A, counts=(50, 50), key="mae", most=0.75),
    Aim(figure="MAE", learned=_A, counts=(200, 200), key="mae", most=0.72),
    Aim(figure="MAE", learned=_A, counts=(500, 500), key="mae", most=0.70),
    Aim(figure="MAE", learned=_B, counts=(50, 50), key="mae", most=0.55),
    Aim(figure="MAE", learned=_B, counts=(500, 500), key="mae", most=0.46),
    Aim(
        figure="MAE less that of labels alone",
        counts=(1, _EVERY),
        key="mae_less_labels_alone",
        most=0.01,
    ),
    Aim(
        figure="RPS less that with fewer labels",
        counts=(1, _EVERY),
        key="rps_less_fewer_labels",
        most=0.0,
    ),
    Aim(figure="TCE, pooled", counts=(100, _EVERY), key="pooled_tce", most=0.05),
    Aim(figure="coverage of 90 % sets", counts=(50, _EVERY), key="coverage", least=0.88, most=0.96),
    Aim(
        figure="coverage of the worst stage (else cards warn of it)",
        counts=(200, _EVERY),
        key="worst_stage",
        least=0.65,
    ),
    *(
        Aim(
            figure=f"no {view}: growth of the s.d. less that of the RMSE",
            key=f"views/{view}",
            least=0.0,
            is_percent=True,
        )
        for view in _VIEWS
    ),
)


def judged(figures: dict[str, Any], name: Callable[[str], str]) -> Iterator[list[str]]:
    """Cells of the table: figure, direction, labels, limit, what was measured, verdict.

    Args:
        figures: of `shift_figures.figures_of`.
        name: what a simulator is called.
    """
    for aim in AIMS:
        for learned in dict.fromkeys(case["learned"] for case in figures["directions"]):
            cases = [case for case in figures["directions"] if _is_asked(aim, learned, case)]
            if aim.learned in ("", learned):
                direction = f"{name(learned)} to {name(_B if learned == _A else _A)}"
                yield [aim.figure, direction, _counts(aim), aim.wanted, *_verdict(aim, cases)]


def verdict_words(*, is_reached: bool, is_close: bool = False) -> str:
    """A verdict; `is_close`: the interval holds the limit."""
    return ("reached" if is_reached else "**not reached**") + " (in doubt)" * is_close


def _is_asked(aim: Aim, learned: str, case: Case) -> bool:
    least, most = aim.counts
    return case["learned"] == learned and least <= case["label_count"] <= most


def _counts(aim: Aim) -> str:
    least, most = aim.counts
    if most == _EVERY:
        return "all" if least == 0 else f"{least} or more"
    return str(least)


def _verdict(aim: Aim, cases: list[Case]) -> tuple[str, str]:
    measured = {case["label_count"]: _measured(case, aim.key) for case in cases}
    if not measured:
        return "-", "not measured"
    failed = [n for n, found in measured.items() if not aim.is_reached(found[0])]
    values = ", ".join(_told(aim, n, *found) for n, found in _worth_telling(aim, measured))
    is_close = any(map(aim.is_close, measured.values()))
    return values, verdict_words(is_reached=not failed, is_close=is_close)


def _worth_telling(aim: Aim, measured: dict[int, Measured]) -> list[tuple[int, Measured]]:
    """All; of counts of worlds the smallest."""
    found = list(measured.items())
    return [min(found, key=lambda one: one[1])] if aim.key == "world_count" else found


def _told(aim: Aim, count: int, value: float, low: float, high: float) -> str:
    if aim.key == "world_count":
        return f"{value:g}"
    interval = "" if low == high else f" ({aim.told(low)} to {aim.told(high)})"
    labels = f"{count}: " if aim.counts[1] == _EVERY else ""
    return f"{labels}{aim.told(value)}{interval}"


def _measured(case: Case, key: str) -> Measured:
    """A figure of a case: a mean by its name, or one of the others, or a view's."""
    if key in case["means"]:
        return _around(*case["means"][key])
    if key.startswith("views/"):
        return _around(*case["views"][key.removeprefix("views/")]["excess"])
    found = case["worst_stage"]["coverage"] if key == "worst_stage" else case[key]
    return tuple(found) if isinstance(found, list) else (found, found, found)


def _around(mean: float, half: float | None) -> Measured:
    half = half or 0.0
    return mean, mean - half, mean + half
