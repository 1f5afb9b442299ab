"""The six stages and how they are read."""

import subprocess
import sys

import pytest

from classifiers.stages import Stage, stage_from


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


def test_the_vocabulary_loads_no_scientific_library():
    modules = "stages, signals, claims, agreement, estimates, abstention"
    script = f"import sys; from classifiers import {modules}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "scipy", "sklearn", "skops"} & set(done.stdout.split())
