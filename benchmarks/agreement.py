"""What a comparison of claims and estimates finds where it is known what there is to find.

    python benchmarks/agreement.py [--runs 1000] [--write]

True stages come from the prior of large organizations, an observer errs by a table of
misclassification that is known, and probabilities are those that follow from both. Claims are
honest (the true stage), or organizations of one industry of five add half a stage on average.
--write puts the tables into docs/agreement.md, between its marks, and draws
docs/agreement/coverage.svg and power.svg.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from classifiers.comparing.discoveries import discoveries
from classifiers.comparing.excess import excess_over_honesty
from classifiers.comparing.groups import group_gaps
from classifiers.comparing.judged_claims import judged_claims

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.comparing.judged_claims import JudgedClaims

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

#: Of organizations with 1,000 employees or more: an own proposal, see the model card.
PRIOR = np.array([0.05, 0.25, 0.30, 0.23, 0.13, 0.04])
#: Observed stage (columns) by true stage (rows): assumed, to have an observer who errs plausibly.
ERRORS = np.array(
    [
        [0.80, 0.15, 0.04, 0.01, 0.00, 0.00],
        [0.10, 0.70, 0.15, 0.04, 0.01, 0.00],
        [0.02, 0.15, 0.60, 0.17, 0.05, 0.01],
        [0.01, 0.05, 0.20, 0.50, 0.19, 0.05],
        [0.00, 0.02, 0.10, 0.28, 0.40, 0.20],
        [0.00, 0.01, 0.05, 0.20, 0.39, 0.35],
    ]
)
SIZES = (10, 20, 50, 100, 200, 500, 1000)
GROUP_SIZES = (10, 20, 30, 60, 120)
INDUSTRIES = ("culture", "energy", "finance", "health", "retail")
BOASTING = "energy"
_HONEST_HEAD = (
    "| organizations | claims above | claims below | gap | raw share above | runs with a "
    "contradicted claim |"
)
_PLANTED_HEAD = (
    "| in each industry | found, drawn together | found, alone | honest industries flagged | "
    "gap shown | gap planted |"
)
_STAGE_COUNT = len(PRIOR)
_DOC = Path(__file__).parents[1] / "docs" / "agreement.md"


class Honest(NamedTuple):
    """Honest claims of `n` organizations: how often an interval holds 0, and what is flagged."""

    n: int
    above: float
    below: float
    gap: float
    raw_above: float  #: mean share of claims above the point, though nobody over-claims
    any_contradicted: float  #: runs with a claim called contradicted


class Planted(NamedTuple):
    """Half a stage more in one industry of five, `n` organizations in each."""

    n: int
    found: float  #: runs in which the interval of its mean gap lies above 0
    found_alone: float  #: the same by the industry's own excess, not drawn towards others
    false: float  #: honest industries whose interval excludes 0
    shown: float  #: mean of the gap that is shown for it, in stages
    planted: float  #: mean of what was really added


def honest_runs(n: int, runs: int, seed: int = 0) -> Honest:
    """Compare honest claims `runs` times."""
    generator = np.random.default_rng([seed, n])
    held = np.zeros(3)
    raw, contradicted = 0.0, 0
    for _ in range(runs):
        judged = judge(*drawn(n, generator))
        found = excess_over_honesty(judged)
        parts = (found.above, found.below, found.gap)
        held += [part.low <= 0 <= part.high for part in parts]
        raw += found.above.raw
        contradicted += discoveries(judged).contradicted_count > 0
    return Honest(n, *(held / runs).tolist(), raw / runs, contradicted / runs)


def planted_runs(n: int, runs: int, seed: int = 0) -> Planted:
    """Compare claims of five industries `runs` times, one of which claims too much."""
    generator = np.random.default_rng([seed, n, 1])
    groups = [name for name in INDUSTRIES for _ in range(n)]
    is_boasting = np.array([name == BOASTING for name in groups])
    found = alone = false = shown = added = 0.0
    for _ in range(runs):
        true, seen = drawn(len(groups), generator)
        coin = generator.integers(0, 2, len(groups))  # half of them claim one stage more
        claims = np.minimum(true + coin * is_boasting, _STAGE_COUNT)
        judged = judged_claims(claims, posteriors()[seen - 1])
        gaps = {each.group: each for each in group_gaps(judged, groups).groups}
        found += gaps[BOASTING].low > 0
        alone += excess_over_honesty(judged.part(is_boasting)).gap.low > 0
        others = [each for name, each in gaps.items() if name != BOASTING]
        false += np.mean([each.low > 0 or each.high < 0 for each in others])
        shown += gaps[BOASTING].shrunken_mean
        added += (claims - true)[is_boasting].mean()
    return Planted(n, *(part / runs for part in (found, alone, false, shown, added)))


def drawn(n: int, generator: np.random.Generator) -> tuple[IntArray, IntArray]:
    """True stages, and what the observer sees of them."""
    true = generator.choice(_STAGE_COUNT, n, p=PRIOR)
    seen = (generator.random((n, 1)) > ERRORS.cumsum(axis=1)[true]).sum(axis=1)
    return true + 1, np.minimum(seen, _STAGE_COUNT - 1) + 1


def posteriors() -> FloatArray:
    """Probabilities of the true stages (columns) for each observed stage (rows)."""
    joint = (PRIOR[:, np.newaxis] * ERRORS).T
    given: FloatArray = joint / joint.sum(axis=1, keepdims=True)
    return given


def judge(true: IntArray, seen: IntArray) -> JudgedClaims:
    """Honest claims beside what follows from the observation."""
    return judged_claims(true, posteriors()[seen - 1])


def honest_table(found: list[Honest]) -> str:
    """The table of coverage."""
    lines = [
        _HONEST_HEAD,
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {f.n} | {f.above:.3f} | {f.below:.3f} | {f.gap:.3f} | {f.raw_above:.3f} | "
        f"{f.any_contradicted:.3f} |"
        for f in found
    ]
    return "\n".join(lines)


def planted_table(found: list[Planted]) -> str:
    """The table of power."""
    lines = [
        _PLANTED_HEAD,
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {f.n} | {f.found:.3f} | {f.found_alone:.3f} | {f.false:.3f} | {f.shown:+.2f} | "
        f"{f.planted:+.2f} |"
        for f in found
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    honest = [honest_runs(n, asked.runs) for n in SIZES]
    planted = [planted_runs(n, asked.runs) for n in GROUP_SIZES]
    sections = {"honest": honest_table(honest), "planted": planted_table(planted)}
    for table in sections.values():
        print(table, end="\n\n")
    if asked.write:
        write(sections, honest, planted)


def write(sections: dict[str, str], honest: list[Honest], planted: list[Planted]) -> None:
    """Put tables and plots into docs/agreement.md and its folder."""
    from agreement_plot import coverage_plot, power_plot

    text = _DOC.read_text("utf-8")
    for name, table in sections.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        head, _, rest = text.partition(start)
        text = f"{head}{start}{table}\n{end}{rest.partition(end)[2]}"
    _DOC.write_text(text, "utf-8")
    folder = _DOC.with_suffix("")
    folder.mkdir(exist_ok=True)
    (folder / "coverage.svg").write_text(coverage_plot(honest), "utf-8")
    (folder / "power.svg").write_text(power_plot(planted), "utf-8")


if __name__ == "__main__":
    main()
