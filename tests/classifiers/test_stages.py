"""The six stages and how they are read."""

import subprocess
import sys

import pytest

from classifiers.stages import FEWEST_LABELS_TO_TELL_APART, Stage, point_label, stage_from


@pytest.mark.parametrize("value", ["Presence", "presence", " PRESENCE ", "2", 2, Stage.PRESENCE])
def test_a_stage_is_read_from_its_name_or_its_number(value):
    assert stage_from(value) is Stage.PRESENCE


@pytest.mark.parametrize("value", ["", "Advanced", "0", 7, "2.5", "-1", True])
def test_anything_else_is_refused_with_the_six_names(value):
    with pytest.raises(
        ValueError, match="1 Planning, 2 Presence, 3 Engagement, 4 Formalized, 5 St"
    ):
        stage_from(value)


def test_the_stages_are_ordered_and_each_has_one_sentence():
    assert [int(stage) for stage in sorted(Stage)] == [1, 2, 3, 4, 5, 6]
    definitions = {stage.definition for stage in Stage}
    assert len(definitions) == 6
    assert all(text.endswith(".") and text.count(". ") == 0 for text in definitions)


@pytest.mark.parametrize(
    "stage", [Stage.PLANNING, Stage.PRESENCE, Stage.ENGAGEMENT, Stage.FORMALIZED]
)
def test_the_four_lower_stages_have_their_names_without_any_label(stage):
    assert point_label(stage.value, (0,) * 6) == stage.label


@pytest.mark.parametrize("code", [5, 6])
@pytest.mark.parametrize("counts", [(0, 0), (10, 9), (9, 10), (1000, 0)])
def test_the_two_highest_are_one_word_until_labels_of_both_tell_them_apart(code, counts):
    assert point_label(code, (99, 99, 99, 99, *counts)) == "Strategic or Converged"


def test_ten_labels_of_each_give_the_two_highest_their_names():
    assert FEWEST_LABELS_TO_TELL_APART == 10
    assert [point_label(code, (0, 0, 0, 0, 10, 10)) for code in (5, 6)] == [
        "Strategic",
        "Converged",
    ]


def test_the_vocabulary_loads_no_scientific_library():
    modules = "stages, signals, claims, agreement, estimates, abstention"
    script = f"import sys; from classifiers import {modules}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "scipy", "sklearn", "skops"} & set(done.stdout.split())
