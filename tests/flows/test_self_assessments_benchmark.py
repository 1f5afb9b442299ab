"""The benchmark of self-assessments measures what its page says."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from classifiers.simulators import simulate_organizations

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FIGURES = {"mae": 0.5, "bias": -0.02, "coverage": 0.9, "set_size": 3.0}


@pytest.fixture(autouse=True)
def _scripts_find_each_other(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.fixture(scope="module")
def world():
    return simulate_organizations("capability", 1, 1300, 3)


@pytest.mark.parametrize("shift", ["constant", "falling", "size"])
def test_claims_lie_above_the_truth_as_their_shift_says(world, shift):
    script = import_module("self_assessments")
    said = script.claims_of_world(world, shift, 0)
    truth, sizes = world.stage_codes[:500], world.size_codes[:500]
    off = said.stage_codes - truth
    inner = truth < 6
    if shift == "constant":
        assert np.mean(off[inner]) == pytest.approx(0.55, abs=0.15)
    elif shift == "falling":
        assert np.mean(off[truth <= 2]) > np.mean(off[inner & (truth >= 4)]) + 0.1
    else:
        is_large = sizes >= script.LARGE
        assert abs(np.mean(off[inner & ~is_large])) < 0.15
        assert np.mean(off[inner & is_large]) > 0.8


def test_worlds_differ_in_who_overstates(world):
    script = import_module("self_assessments")
    first, other = (script.claims_of_world(world, "constant", number) for number in (0, 1))
    assert (first.stage_codes != other.stage_codes).any()


def test_the_page_has_every_model_case_and_world_count(tmp_path, monkeypatch):
    report = import_module("self_assessments_report")
    monkeypatch.setattr(report, "PAGE", tmp_path / "page.md")
    report.write_report(
        [
            row(world, anchor_count, shift)
            for world in range(4)
            for anchor_count, shift in ((10, "constant"), (50, "constant"), (50, "size"))
        ]
    )
    page = (tmp_path / "page.md").read_text()
    assert "judged in 4 worlds of capability" in page
    assert page.count("| 0.500 ± 0.000 |") >= 5
    for words in ("500 claims taken for expert codes", "\n| 10 | 4 |", "1.35 stages above | 4 |"):
        assert words in page
    assert "in 4 of 4 worlds" in page


def row(world, anchor_count, shift):
    return {
        "learned": "graded_response",
        "world": world,
        "anchor_count": anchor_count,
        "shift": shift,
        "with": FIGURES | {"mae": 0.4},
        "anchors alone": FIGURES,
        "no label": FIGURES,
        "claims as codes": FIGURES,
        "500 codes": FIGURES,
        "mean_shift": 0.5,
        "true_mean_shift": 0.5,
        "suspects": [],
        "gap_bias": 0.0,
    }
