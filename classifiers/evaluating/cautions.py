"""What to be careful of, in sentences: everything in an evaluation that should worry a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.audits import Verdict
from classifiers.evaluating.stress_tests import MOST_SHIFT, StressVerdict
from classifiers.reliability import ENOUGH_DOUBLE_CODED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from classifiers.audits import Audit
    from classifiers.evaluating.against_consensus import AgainstConsensus
    from classifiers.evaluating.drift import DriftCheck
    from classifiers.evaluating.permutation import PermutationTest
    from classifiers.evaluating.scores import Score
    from classifiers.evaluating.stress_tests import StressTest

LEAST_STAGE_COVERAGE = 0.65  #: of the 90 % sets; a stage below it is warned of
FEWEST_OF_A_STAGE = 10  #: labels, for its coverage to be judged

_FEWEST_PERMUTATIONS = 19  # with fewer, p cannot reach the usual level
_USUAL_LEVEL = 0.05


def cautions(found: Mapping[str, Any], drift: DriftCheck | None) -> list[str]:
    """Every caution of an evaluation, gravest first.

    Args:
        found: its parts, by the names of `evaluation.Evaluation`.
        drift: real beside simulated organizations.
    """
    return [
        *(f"{each.name}: {each.text}" for each in found["audits"] if _is_warning(each)),
        *_of_permutations(found["permutation"]),
        *_of_baselines(found["differences"]),
        *_of_coverage(found["sets"]),
        *stress_cautions(found["stress"]),
        *_of_ceiling(found),
        *_of_consensus(found["against_consensus"]),
        *drift_cautions(drift),
    ]


def stress_cautions(stress: Iterable[StressTest]) -> list[str]:
    """Stresses under which estimates jump."""
    return [
        f"stress {each.name!r}: estimates jump; spread less error growth "
        f"{_told(each.excess_spread)}, shift {_told(each.shift)} stages (at most {MOST_SHIFT})"
        for each in stress
        if each.verdict == StressVerdict.JUMPS
    ]


def drift_cautions(drift: DriftCheck | None) -> list[str]:
    """Features that lie outside of what was simulated."""
    if drift is None or not drift.outside:
        return []
    return [
        (
            f"{len(drift.outside)} features lie outside of what was simulated "
            f"(n = {drift.n}): {', '.join(drift.outside)}"
        )
    ]


def _is_warning(audit: Audit) -> bool:
    return audit.verdict == Verdict.WARNING


def _of_permutations(test: PermutationTest | None) -> list[str]:
    is_too_short = test is None or test.permutation_count < _FEWEST_PERMUTATIONS
    if test is None or is_too_short or test.p <= _USUAL_LEVEL:
        return []
    return [f"labels follow the signals no better than chance would (p = {test.p:.3f})"]


def _of_baselines(differences: Mapping[str, Mapping[str, Score]]) -> list[str]:
    scores = {name: found["ranked_probability_score"] for name, found in differences.items()}
    return [
        f"not shown to be better than {name.replace('_', ' ')}: ranked probability score "
        f"{_told(score)}"
        for name, score in scores.items()
        if score.high is None or score.high >= 0
    ]


def _of_coverage(sets: Mapping[str, Mapping[str, Score]]) -> list[str]:
    by_stage = {k: s for k, s in sets.get("0.9", {}).items() if k.startswith("coverage_")}
    judged = {k: s for k, s in by_stage.items() if s.n >= FEWEST_OF_A_STAGE}
    return [
        f"90 % sets hold {name.removeprefix('coverage_').capitalize()} in {score.value:.0%} of "
        f"{score.n} labels; read them as ruling nothing out there"
        for name, score in judged.items()
        if score.value is not None and score.value < LEAST_STAGE_COVERAGE
    ]


def _of_ceiling(found: Mapping[str, Any]) -> list[str]:
    ceiling, error = found["ceiling"], found["scores"]["mean_absolute_error"]
    if not ceiling.is_firm:
        return [
            (
                f"{ceiling.double_coded_count} organizations were coded by two raters; what raters "
                f"allow at best is known from {ENOUGH_DOUBLE_CODED} on"
            )
        ]
    if ceiling.low is not None and error.value < ceiling.low:
        return [f"error {error.value:.2f} is below {ceiling.low:.2f}, the best that raters allow"]
    return []


def _of_consensus(compared: AgainstConsensus | None) -> list[str]:
    if compared is None or not compared.is_firm:
        return []
    difference = compared.rows[0].difference
    if difference.low is None or difference.low <= 0:
        return []
    return [
        (
            f"farther from the consensus than one rater is: by {_told(difference)} stages "
            f"(n = {difference.n} codes)"
        )
    ]


def _told(score: Score) -> str:
    if score.value is None:
        return "not defined"
    return f"{score.value:+.3f} ({score.low or 0:+.3f} to {score.high or 0:+.3f})"
