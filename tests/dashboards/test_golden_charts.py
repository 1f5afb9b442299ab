"""How each chart is drawn, byte by byte; `golden_charts` tells how to renew the files."""

from xml.etree import ElementTree as ET

import pytest
from golden_charts import FOLDER, GOLDEN, written

import dashboards.charts

#: Parts of other charts, and what puts them together.
NO_CHARTS = {"__init__", "colours", "comparison", "hatching", "intervals"}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_chart_is_drawn_as_its_file_says(golden):
    assert written(golden.make()).encode() == golden.path.read_bytes()


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_chart_is_well_formed_and_says_in_words_what_it_shows(golden):
    drawing = ET.fromstring(golden.make())
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert drawing.get("role") in {"img", "group"}
    assert len(drawing.get("aria-label")) >= 7
    assert not [each for each in drawing.iter() if each.get("style")]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_chart_has_as_many_marks_as_its_input_has_rows(golden):
    kinds = [each.get("class") for each in ET.fromstring(golden.make()).iter()]
    assert {kind: kinds.count(kind) for kind in golden.marks} == golden.marks


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_what_a_chart_points_at_by_name_is_in_it(golden):
    drawing = ET.fromstring(golden.make())
    ids = [each.get("id") for each in drawing.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    fills = {each.get("fill", "") for each in drawing.iter()}
    assert {fill[5:-1] for fill in fills if fill.startswith("url(#")} == set(ids)


def test_every_chart_has_a_file_and_every_file_a_chart():
    (folder,) = dashboards.charts.__path__
    modules = {path.stem for path in FOLDER.parents[2].joinpath(folder).glob("*.py")}
    drawn = {golden.module.__name__.rpartition(".")[2] for golden in GOLDEN}
    assert drawn == modules - NO_CHARTS
    assert {path.name for path in FOLDER.iterdir()} == {golden.path.name for golden in GOLDEN}
