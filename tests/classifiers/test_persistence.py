"""Models as files."""

import io
import json
import os
from datetime import date
from zipfile import ZipFile

import numpy as np
import pytest
import skops.io
from sklearn.preprocessing import FunctionTransformer

from classifiers.persistence import ModelFileError, load_model, read_header, save_model

TRAINED_ON = date(2026, 11, 21)


@pytest.fixture
def model_path(cold_start, tmp_path):
    path = tmp_path / "cold-start.skops"
    save_model(cold_start, path, TRAINED_ON)
    return path


def test_a_loaded_model_gives_the_very_same_probabilities(cold_start, model_path):
    rows = np.random.default_rng(0).random((50, 14))
    rows[::3, 2] = np.nan
    loaded = load_model(model_path)
    np.testing.assert_array_equal(
        loaded.classifier.predict_proba(rows), cold_start.classifier.predict_proba(rows)
    )
    assert loaded.calibration == cold_start.calibration
    assert loaded.model_version == cold_start.model_version


def test_the_header_tells_what_made_the_model(cold_start, model_path):
    header = read_header(model_path)
    assert header.model_version == cold_start.model_version
    assert header.signal_codes == cold_start.signal_codes
    assert header.trained_on == TRAINED_ON
    assert header.seed == 0
    assert set(header.libraries) == {"python", "numpy", "scikit-learn", "scipy", "skops"}


def test_saving_replaces_the_file_and_leaves_no_draft(cold_start, model_path):
    save_model(cold_start, model_path, date(2027, 1, 1))
    assert read_header(model_path).trained_on == date(2027, 1, 1)
    assert [path.name for path in model_path.parent.iterdir()] == ["cold-start.skops"]


def test_a_file_with_an_unknown_type_is_refused_before_it_is_built(model_path):
    content = {"classifier": FunctionTransformer(os.getcwd), "thresholds": {}}
    rewrite(model_path, lambda header: header, skops.io.dumps(content))
    with pytest.raises(ModelFileError, match=r"holds types .*getcwd.*do not use it"):
        load_model(model_path)


def test_a_file_whose_numbers_were_changed_is_refused(cold_start, model_path):
    thresholds = {"0.8": 0.5, "0.9": 0.5}
    changed = skops.io.dumps({"classifier": cold_start.classifier, "thresholds": thresholds})
    rewrite(model_path, lambda header: header, changed)
    with pytest.raises(ModelFileError, match="content is not that of cold-start-1"):
        load_model(model_path)


def test_a_file_without_a_classifier_is_refused(model_path):
    rewrite(model_path, lambda header: header, skops.io.dumps({"thresholds": {}}))
    with pytest.raises(ModelFileError, match="holds no classifier"):
        load_model(model_path)


def test_a_model_of_other_signals_is_refused_with_both_lists(model_path):
    with pytest.raises(
        ModelFileError, match=r"posts_per_week.*measures reply_rate.*train it again"
    ):
        load_model(model_path, signal_codes=("reply_rate",))


def test_a_model_of_another_minor_version_of_scikit_learn_is_refused(model_path):
    rewrite(model_path, lambda header: header | {"libraries": {"scikit-learn": "1.2.3"}})
    with pytest.raises(ModelFileError, match=r"scikit-learn 1\.2\.3"):
        load_model(model_path)


def test_a_file_of_another_format_is_refused(model_path):
    rewrite(model_path, lambda header: header | {"format": 99})
    with pytest.raises(ModelFileError, match="of format 99, this version reads 1"):
        load_model(model_path)


def test_a_header_with_an_entry_too_many_is_refused(model_path):
    rewrite(model_path, lambda header: header | {"extra": 1})
    with pytest.raises(ModelFileError, match="not a model file"):
        load_model(model_path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_model_is_refused_by_name(tmp_path, content):
    path = tmp_path / "notes.skops"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"notes\.skops: not a model file"):
        load_model(path)


def test_a_file_that_is_not_there_is_named_with_the_remedy(tmp_path):
    with pytest.raises(ModelFileError, match="there is no such file; train it again"):
        load_model(tmp_path / "missing.skops")


def rewrite(path, change, body=None):
    with ZipFile(path) as archive:
        header = json.loads(archive.read("barograph.json"))
        members = {name: archive.read(name) for name in archive.namelist()}
    if body is not None:
        with ZipFile(io.BytesIO(body)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    members["barograph.json"] = json.dumps(change(header)).encode()
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
