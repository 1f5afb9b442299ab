"""docs/shift.md, its plots and its verdicts: all from the kept figures, none typed by hand."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from benchmark_scripts import script_named
from lxml import etree

from classifiers.metrics import threshold_calibration_error

ROOT = Path(__file__).parents[2]
FIGURES = json.loads((ROOT / "flows" / "shiftfigures.json").read_text("utf-8"))
SVG = {"s": "http://www.w3.org/2000/svg"}
FIRST, OTHER = "graded_response", "capability"

report, numbers, aims = (script_named(f"shift_{name}") for name in ("report", "figures", "aims"))


def test_the_page_and_its_plots_show_the_kept_figures():
    command = "run: .venv/bin/python benchmarks/shift_report.py"
    assert report.page(FIGURES) == (ROOT / "docs" / "shift.md").read_text("utf-8"), command
    for name, text in report.plots(FIGURES).items():
        assert (ROOT / "docs" / "shift" / name).read_text("utf-8") == text, command


def test_all_rows_become_figures_page_and_plots(tmp_path, monkeypatch):
    for name in ("PAGE", "PLOTS", "FIGURES"):
        monkeypatch.setattr(report, name, tmp_path / name.lower())
    report.write_report(rows())
    kept = json.loads((tmp_path / "figures").read_text())
    assert kept["measured_on"] <= date.today().isoformat()  # noqa: DTZ011 - any zone's
    assert {case["world_count"] for case in kept["directions"]} == {4}
    assert (tmp_path / "page").read_text() == report.page(kept)
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {"error.svg", "coverage.svg"}
    assert "judged in 4 worlds of capability" in report.page(kept)
    assert (
        "| worlds | capability to graded response | all | at least 20 | 4 | **not reached** |"
        in (report.page(kept))
    )


def test_means_have_intervals_over_worlds():
    [first, *_] = figures()["directions"]
    assert first["means"]["mae"] == [0.765, pytest.approx(1.96 * 0.0129099 / 2, abs=1e-4)]
    assert numbers.mean_of([0.5]) == [0.5, None]


def test_differences_are_taken_within_worlds():
    labelled = figures()["directions"][1]
    assert labelled["means"]["mae_less_labels_alone"] == [-0.1, 0.0]
    assert labelled["means"]["rps_less_fewer_labels"] == [pytest.approx(-0.02), 0.0]


def test_the_worst_stage_is_pooled_over_worlds_and_one_that_nobody_has_is_none():
    found = rows()
    for row in found:
        row["held_by_stage"], row["count_by_stage"] = [9, 8, 7, 6, 5, 0], [10, 10, 10, 10, 10, 0]
    [first, *_] = numbers.figures_of(found, "2026-11-22")["directions"]
    assert first["worst_stage"] == {"stage_code": 5, "coverage": 0.5, "n": 40}


def test_pooled_calibration_is_that_of_the_definition():
    generator = np.random.default_rng(0)
    stated = generator.dirichlet(np.ones(6), 4000)
    truth = np.array([generator.choice(6, p=row) for row in np.flip(stated, axis=1)]) + 1
    expected = threshold_calibration_error(truth, stated, classes=[1, 2, 3, 4, 5, 6])
    found = numbers.pooled_calibration_error(counts_of(stated, truth))
    assert found == pytest.approx(expected, abs=0.01)
    assert found > 0.1


def test_what_is_stated_exactly_as_it_comes_true_has_no_calibration_error():
    rows_by_percent = np.full(100, 200.0)
    below = rows_by_percent * (np.arange(100) + 0.5) / 100
    calibration = np.tile([rows_by_percent, below], (5, 1, 1))
    assert numbers.pooled_calibration_error(calibration) == pytest.approx(0, abs=1e-12)
    above = np.tile([rows_by_percent, below - 20], (5, 1, 1))
    assert numbers.pooled_calibration_error(above) == pytest.approx(0.1)


def test_rows_of_two_versions_of_a_model_are_refused():
    found = rows()
    found[0]["model_version"] = "older"
    with pytest.raises(ValueError, match="several versions"):
        numbers.figures_of(found, "2026-11-22")
    with pytest.raises(ValueError, match="nothing was measured"):
        numbers.figures_of([], "2026-11-22")


def test_verdicts_follow_the_figures():
    assert verdict_of("MAE", "0", mae=0.765) == "reached"
    assert verdict_of("MAE", "0", mae=0.9) == "**not reached**"
    assert verdict_of("coverage in every world", "0", coverage=0.84) == "**not reached**"
    assert verdict_of("coverage of 90 % sets", "0", coverage=0.89) == "reached"
    assert verdict_of("coverage of 90 % sets", "50 or more", coverage=0.97) == "**not reached**"
    assert verdict_of("no posts: growth of the s.d. less that of the RMSE", "0") == "reached"
    assert verdict_of("MAE", "500") == "not measured"


def test_a_verdict_is_in_doubt_where_the_interval_holds_the_limit():
    aim = aims.Aim(figure="MAE", key="mae", most=0.8)
    assert aim.is_close((0.79, 0.77, 0.81))
    assert aim.is_close((0.81, 0.79, 0.83))
    assert not aim.is_close((0.79, 0.78, 0.8))
    assert aims.verdict_words(is_reached=True, is_close=True) == "reached (in doubt)"


def test_every_aim_is_judged_in_each_direction_it_is_asked_for():
    told = [tuple(cells[:3]) for cells in aims.judged(figures(), report.name_of)]
    assert len(set(told)) == len(told) == sum(2 - bool(aim.learned) for aim in aims.AIMS)


@pytest.mark.parametrize("name", ["error.svg", "coverage.svg"])
def test_a_plot_can_be_read_without_seeing_it(name):
    plot = etree.fromstring(report.plots(FIGURES)[name].encode())
    [title], [words] = plot.xpath("s:title", namespaces=SVG), plot.xpath("s:desc", namespaces=SVG)
    assert plot.get("aria-labelledby").split() == [title.get("id"), words.get("id")]
    assert words.text.count("From ") == 2
    for case in FIGURES["directions"]:
        assert f"with {case['label_count']} labels" in words.text
    assert "prefers-color-scheme: dark" in plot.xpath("string(s:style)", namespaces=SVG)


@pytest.mark.parametrize("name", ["error.svg", "coverage.svg"])
def test_a_plot_has_one_mark_for_each_case_and_stays_within_its_frame(name):
    plot = etree.fromstring(report.plots(FIGURES)[name].encode())
    discs = plot.xpath("s:circle", namespaces=SVG)
    assert len(discs) == 1 + len(FIGURES["directions"])  # one in the legend
    for at, most in (("x1", 880), ("x2", 880), ("y1", 420), ("y2", 420)):
        places = [float(value) for value in plot.xpath(f"s:line/@{at}", namespaces=SVG)]
        assert min(places) >= 0
        assert max(places) <= most


def figures(**changes):
    return numbers.figures_of(rows(**changes), "2026-11-22")


def verdict_of(figure, labels, **changes):
    """The verdict on a figure from the first simulator to the other."""
    found = aims.judged(figures(**changes), report.name_of)
    [cells] = [c for c in found if (c[0], c[2]) == (figure, labels) and c[1].startswith("graded")]
    return cells[-1]


def rows(**changes):
    """Four worlds, both directions and the shipped model, with 0 and 50 labels."""
    cases = [(FIRST, OTHER, 0), (FIRST, OTHER, 50), (OTHER, FIRST, 0), (OTHER, FIRST, 50)]
    cases += [("both", FIRST, 0), ("both", OTHER, 0)]
    return [row(*case, world, changes) for case in cases for world in range(4)]


def row(learned, judged, count, world, changes):
    spread = {"spread": 1.0, "rmse": 1.0, "mae": 0.7}
    views = {"none": spread} | {
        name: spread | {"spread": 1.2, "rmse": 1.1}
        for name in ("conversations", "posts", "profiles")
    }
    mae = changes.get("mae", 0.75 + 0.01 * world)
    of_count = {"labels_alone_mae": mae + 0.1} if count else {"rule_mae": 1.0, "views": views}
    return {
        "learned": learned,
        "judged": judged,
        "label_count": count,
        "world": world,
        "model_version": f"version of {learned}",
        "macro_mae": 0.8,
        "off_by_two": 0.1,
        "rps": 0.1 - count / 2500,
        "tce": 0.05,
        "calibration": [[[8] * 100, [4] * 100]] * 5,
        "coverage": 0.93,
        "set_size": 3.0,
        "held_by_stage": [90] * 6,
        "count_by_stage": [100] * 6,
        "bias": 0.0,
        "majority_mae": 1.0,
        "source": "offset",
        **of_count,
        **changes,
        "mae": mae,
    }


def counts_of(stated, truth):
    """Rows by percent of the stated cumulative share, and those at or below each threshold."""
    percents = np.minimum((100 * np.cumsum(stated, axis=1)[:, :-1]).astype(int), 99)
    return np.array(
        [
            [np.bincount(own, minlength=100), np.bincount(own[truth <= at], minlength=100)]
            for at, own in enumerate(percents.T, start=1)
        ]
    )
