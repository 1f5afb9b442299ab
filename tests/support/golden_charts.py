"""Every chart on a small fixed input, beside the file that holds how it is drawn.

After a chart was changed on purpose, look at what changed and write the files anew:

    python tests/support/golden_charts.py --write
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from chart_inputs import (
    MONDAY,
    WEEK,
    activity,
    bins,
    collection_days,
    estimate_weeks,
    group_spreads,
    held,
    history_weeks,
    intervals,
    letters,
    level_rows,
    measured,
    noted,
    organization,
    pairs,
    pushes,
    reached,
    signal_dots,
    spread,
    stage_counts,
)
from markupsafe import Markup

from dashboards.charts import (
    abstention,
    activityweeks,
    contributions,
    daystrip,
    distribution,
    esm3,
    gapforest,
    gapheat,
    groupstrips,
    honestybars,
    ladder,
    letterstrip,
    matrix,
    peerstages,
    profilelevels,
    reliability,
    sensitivitydots,
    setcoverage,
    sparkline,
    stagehistory,
    stageladder,
    strip,
    weekcolumns,
)
from dashboards.reading.benchmark import MatrixCell
from dashboards.scales import count_scale, share_scale
from dashboards.sentences import number

FOLDER = Path(__file__).parents[1] / "dashboards" / "golden"


class Golden(NamedTuple):
    """One drawing: of which module, how it is made, and how many marks of a class it has."""

    name: str
    module: object
    make: Callable[[], Markup | str]
    marks: dict[str, int]

    @property
    def path(self):
        """The file that holds how it is drawn."""
        return FOLDER / f"{self.name}.svg"


def written(drawing):
    """A drawing as it stands in its file: one element a line, so that changes can be read."""
    return f"{str(drawing).replace('><', f'>{chr(10)}<')}\n"


GOLDEN = [
    Golden(
        "abstention",
        abstention,
        lambda: abstention.abstention_columns(estimate_weeks(), noted()),
        {"segment": 3, "rule": 1},
    ),
    Golden(
        "set-sizes",
        abstention,
        lambda: abstention.set_size_columns(estimate_weeks()),
        {f"segment set-size-{size}": 3 for size in range(1, 7)},
    ),
    Golden(
        "activity-weeks",
        activityweeks,
        lambda: activityweeks.activity_weeks([*activity()]),
        {"posted": 6, "replied": 3, "unseen-week": 2},
    ),
    Golden("pushes", contributions, pushes, {"push for": 1, "push against": 2}),
    Golden(
        "day-strip",
        daystrip,
        lambda: daystrip.day_strip(collection_days(), ["feeds"], MONDAY),
        {"day-cell": 3, "day-idle": 25, "day-seen": 2},
    ),
    Golden(
        "stages-by-week",
        distribution,
        lambda: distribution.stage_distribution(stage_counts(8), noted()),
        {"segment": 24, "rule": 1},
    ),
    Golden(
        "stages-of-few-weeks",
        distribution,
        lambda: distribution.stage_distribution(stage_counts(2)),
        {"segment": 6, "count": 6},
    ),
    Golden(
        "expected-stages",
        distribution,
        lambda: distribution.expected_stages([1.2, 2.1, 3.0, 2.0, 1.1, 0.9]),
        {"segment": 6, "count": 6},
    ),
    Golden(
        "level-squares",
        esm3,
        lambda: esm3.level_squares(2, 3, "Level 2 of 3: advancing"),
        {"level reached": 2, "level": 1},
    ),
    Golden(
        "gap-forest",
        gapforest,
        lambda: gapforest.gap_forest({"By industry": intervals()}),
        {"mean": 1, "mean few": 1, "whisker": 3},
    ),
    Golden(
        "gap-heat",
        gapheat,
        lambda: gapheat.gap_heat(pairs(), -0.4, (-2.1, 1.3)),
        {"count": 6, "bias": 1, "limit": 2},
    ),
    Golden(
        "group-strips",
        groupstrips,
        lambda: groupstrips.group_strips([*group_spreads()], share_scale(1), "Weekend share"),
        {"band-90": 1, "band-50": 1, "median": 2, "name": 3},
    ),
    Golden(
        "honesty-bars",
        honestybars,
        lambda: honestybars.honesty_bars(
            [
                honestybars.HonestyBar("Above", 0.4, 0.3, 0.5, 0.2),
                honestybars.HonestyBar("Below", 0.1, None, None, None),
            ],
            60,
        ),
        {"found": 2, "expected": 1, "whisker": 3},
    ),
    Golden(
        "table-ladder",
        ladder,
        lambda: ladder.stage_ladder(
            organization(stage_code=3, set90_low=2, set90_high=4, claimed_stage_code=5)
        ),
        {"rung inside": 3, "rung": 3, "bracket": 1, "claim": 1},
    ),
    Golden("letter-strip", letterstrip, letters, {"letter": 2, "stem": 2, "median": 1}),
    Golden(
        "claim-matrix",
        matrix,
        lambda: matrix.claim_matrix(
            [
                MatrixCell(claimed_stage_code=3, stage_code=2, organization_count=12),
                MatrixCell(claimed_stage_code=3, stage_code=3, organization_count=4),
            ],
            is_share=True,
            address=lambda claimed, seen: f"./?claimed={claimed}&observed={seen}",
        ),
        {"count": 2, "cell": 30, "cell diagonal": 6},
    ),
    Golden(
        "peer-stages",
        peerstages,
        lambda: peerstages.peer_stages({None: 2, 1: 5, 4: 9}, peerstages.Own(4, 3, 5)),
        {"segment": 7, "own-set": 3},
    ),
    Golden("profile-levels", profilelevels, level_rows, {"own": 2, "band-50": 2}),
    Golden(
        "reliability",
        reliability,
        lambda: reliability.reliability_panel(bins(2)),
        {"mean": 3, "whisker": 3, "found": 3},
    ),
    Golden(
        "reliability-of-two-thresholds",
        reliability,
        lambda: reliability.small_multiples(reliability.reliability_panels([*bins(1), *bins(2)])),
        {"mean": 6, "chart reliability": 2},
    ),
    Golden(
        "sensitivity",
        sensitivitydots,
        lambda: sensitivitydots.sensitivity_dots(intervals()[0], intervals()),
        {"mean": 2, "mean few": 1},
    ),
    Golden(
        "set-coverage",
        setcoverage,
        lambda: setcoverage.set_coverage(
            [held("All labels", 84), setcoverage.CoverageRow("By stage"), held("Planning", 14)]
        ),
        {"mean": 2, "mean few": 2, "heading": 1},
    ),
    Golden(
        "sparkline",
        sparkline,
        lambda: sparkline.sparkline([1.0, None, 2.5, 3.0, None], "Posts per week", number),
        {"spark": 1, "spark-end": 1},
    ),
    Golden(
        "stage-history",
        stagehistory,
        lambda: stagehistory.stage_history(
            [*history_weeks()],
            [MONDAY - WEEK * back for back in range(5, -1, -1)],
            stagehistory.ClaimedFrom(4, MONDAY - WEEK * 3),
        ),
        {"band-90": 3, "set-abstained": 1, "observed-line": 4, "claimed-line": 1, "rule": 1},
    ),
    Golden(
        "stage-ladder",
        stageladder,
        lambda: stageladder.probability_ladder(measured(claimed_stage_code=5)),
        {"rung inside": 6, "bracket": 3, "claim": 1},
    ),
    Golden(
        "stage-ladders-of-two",
        stageladder,
        lambda: stageladder.named_ladders(
            [("A  Example", measured()), ("B  Other", measured(is_abstained=True))]
        ),
        {"rung inside": 12, "chart stage-ladder": 2},
    ),
    Golden(
        "signal-strip",
        strip,
        lambda: strip.signal_strip(
            spread(40, high=300.0), [], count_scale(300), "Posts per week", own=12.0
        ),
        {"band-90": 1, "band-50": 1, "median": 1, "own": 1},
    ),
    Golden(
        "signal-strip-of-few",
        strip,
        lambda: strip.signal_strip(spread(12), signal_dots(), share_scale(1), "Weekend share"),
        {"dot": 12},
    ),
    Golden(
        "weeks-reached",
        weekcolumns,
        reached,
        {"segment found": 2, "rule": 1},
    ),
]


def main():
    """Write the files of all charts, and remove those of none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True)
    parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    for path in {*FOLDER.glob("*.svg")} - {each.path for each in GOLDEN}:
        path.unlink()
    for each in GOLDEN:
        each.path.write_text(written(each.make()), encoding="utf-8")


if __name__ == "__main__":
    main()
