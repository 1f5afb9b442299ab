"""Models as files."""

import os
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import skops.io
from model_files import TRAINED_ON, content_of, rewrite
from sklearn.preprocessing import FunctionTransformer

from classifiers.coldstart import ColdStartOrdinalClassifier
from classifiers.model import version_of
from classifiers.persistence import (
    TRUSTED_TYPES,
    ModelFileError,
    load_model,
    read_header,
    save_model,
)
from classifiers.signals import FEATURE_CODES
from classifiers.training import matrix_of


@pytest.fixture(scope="session")
def stacked(corrected, labelled):
    """A model whose classifier is the ensemble of all kinds; fitting it takes seconds."""
    classifier = ColdStartOrdinalClassifier(
        corrected.evidence, source="stack", classes=(1, 2, 3, 4, 5, 6)
    ).fit(matrix_of(labelled)[:60], labelled.stage_codes[:60])
    name = version_of("stack-60", classifier, corrected.calibration, FEATURE_CODES)
    return replace(corrected, classifier=classifier, source="stack", model_version=name)


@pytest.mark.parametrize("name", ["cold_start", "corrected", "stacked"])
def test_a_loaded_model_is_the_one_that_was_saved(request, labelled, tmp_path, name):
    saved, rows = request.getfixturevalue(name), matrix_of(labelled)
    save_model(saved, tmp_path / "model.skops", TRAINED_ON)
    loaded = load_model(tmp_path / "model.skops")
    for ours, theirs in zip(classifiers_of(saved), classifiers_of(loaded), strict=True):
        np.testing.assert_array_equal(theirs.predict_proba(rows), ours.predict_proba(rows))
    np.testing.assert_array_equal(
        loaded.evidence.unusualness(rows), saved.evidence.unusualness(rows)
    )
    assert plain(loaded) == plain(saved)


def test_what_was_tried_comes_back_with_a_model(cold_start, labelled, tmp_path):
    matrix, stages = matrix_of(labelled)[:40], labelled.stage_codes[:40]
    tried = ColdStartOrdinalClassifier(cold_start.evidence, cv=2).fit(matrix, stages)
    version = version_of("tried", tried, cold_start.calibration, FEATURE_CODES)
    saved = replace(cold_start, classifier=tried, model_version=version)
    save_model(saved, tmp_path / "model.skops", TRAINED_ON)
    loaded = load_model(tmp_path / "model.skops").classifier
    assert loaded.trials_ == tried.trials_
    assert [trial.source for trial in loaded.trials_] == ["simulator", "recalibrated"]
    assert loaded.correction_.slope == tried.correction_.slope


@pytest.mark.parametrize("name", ["cold_start", "corrected"])
def test_the_header_tells_what_made_the_model(request, tmp_path, name):
    model, path = request.getfixturevalue(name), tmp_path / "model.skops"
    header = save_model(model, path, TRAINED_ON)
    assert read_header(path) == header
    assert header.model_version == model.model_version
    assert header.signal_codes == model.signal_codes
    assert header.source == model.source
    assert header.label_counts == model.label_counts
    assert header.trained_on == TRAINED_ON
    assert header.seed == 0
    assert set(header.libraries) == {"python", "numpy", "scikit-learn", "scipy", "skops"}


def test_saving_replaces_the_file_and_leaves_no_draft(cold_start, model_path):
    save_model(cold_start, model_path, date(2027, 1, 1))
    assert read_header(model_path).trained_on == date(2027, 1, 1)
    assert [path.name for path in model_path.parent.iterdir()] == ["cold-start.skops"]


def test_a_file_with_an_unknown_type_is_refused_before_it_is_built(model_path):
    content = {"classifier": FunctionTransformer(os.getcwd), "thresholds": {}}
    rewrite(model_path, content=content)
    with pytest.raises(ModelFileError, match=r"holds types .*getcwd.*do not use it"):
        load_model(model_path)


def test_no_type_is_trusted_that_our_models_do_not_have(stacked, corrected):
    content = skops.io.dumps([stacked.classifier, corrected.classifier])
    found = set(skops.io.get_untrusted_types(data=content))
    assert found | {"classifiers.coldstart.Trial"} == set(TRUSTED_TYPES)


@pytest.mark.parametrize(
    "changes", [{"thresholds": {"0.8": 0.5, "0.9": 0.5}}, {"score": "rps"}, {"shift": 0.001}]
)
def test_a_file_whose_numbers_were_changed_is_refused(model_path, changes):
    content = content_of(model_path)
    content["classifier"].thresholds_ += changes.get("shift", 0.0)
    rewrite(model_path, content=content | changes)
    with pytest.raises(ModelFileError, match=r"content is not that of cold-start-3\+"):
        load_model(model_path)


def test_a_file_without_a_classifier_is_refused(model_path):
    rewrite(model_path, content={"thresholds": {}})
    with pytest.raises(ModelFileError, match="holds no classifier"):
        load_model(model_path)


def test_a_model_of_other_signals_is_refused_with_both_lists(model_path):
    with pytest.raises(
        ModelFileError, match=r"posts_per_week.*measures reply_rate;.*train it again"
    ):
        load_model(model_path, signal_codes=("reply_rate",))


def test_a_model_of_another_minor_version_of_scikit_learn_is_refused(model_path):
    rewrite(model_path, lambda header: header | {"libraries": {"scikit-learn": "1.2.3"}})
    with pytest.raises(ModelFileError, match=r"scikit-learn 1\.2\.3"):
        load_model(model_path)


def test_a_file_of_another_format_is_refused(model_path):
    rewrite(model_path, lambda header: header | {"format": 99})
    with pytest.raises(ModelFileError, match="of format 99, this version reads 2"):
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


def classifiers_of(model):
    return [model.classifier, model.evidence, *model.fold_classifiers]


def plain(model):
    """All of a model but its classifiers."""
    return replace(model, classifier=None, evidence=None, fold_classifiers=())
