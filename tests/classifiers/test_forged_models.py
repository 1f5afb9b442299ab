"""Model files that somebody changed, or that were damaged: refused by name, never a traceback."""

import io
import json
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_files import (
    HEADER,
    TRAINED_ON,
    TREE,
    content_of,
    members_of,
    rewrite,
    write_members,
)
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from classifiers.persistence import ModelFileError, load_model, save_model
from classifiers.soundness import check_sound
from classifiers.training import matrix_of

SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
#: What may stand where a number, a name or a list belongs.
NONSENSE = ('"x"', "-1", "1000000", "1e308", "NaN", "null", "[1]", "{}", "true", "0")


@pytest.fixture(scope="module")
def members(corrected, tmp_path_factory):
    """The members of the file of a model with labels, folds and claims."""
    path = tmp_path_factory.mktemp("models") / "corrected.skops"
    save_model(corrected, path, TRAINED_ON)
    return members_of(path)


@pytest.fixture(scope="module")
def trees(labelled):
    matrix, is_high = matrix_of(labelled), labelled.stage_codes > 3
    return {
        "forest": RandomForestClassifier(2, max_depth=3, random_state=0).fit(matrix, is_high),
        "boosting": HistGradientBoostingClassifier(max_iter=2).fit(matrix, is_high),
    }


@pytest.fixture
def with_trees(corrected, trees):
    """A model that holds a small forest and small boosted trees."""
    classifier = deepcopy(corrected.classifier)
    classifier.ensemble_ = deepcopy(trees)
    return replace(corrected, classifier=classifier)


@settings(max_examples=30, **SLOW)
@given(data=st.data())
def test_whatever_is_changed_in_the_tree_it_is_refused_or_says_the_same(
    data, members, corrected, tmp_path
):
    tree = json.loads(members[TREE])
    nodes = [each for each in nodes_of(tree) if each]
    node = data.draw(st.sampled_from(nodes))
    name = data.draw(st.sampled_from(sorted(node)))
    change = data.draw(st.sampled_from(["drop", "rename", "copy", "nonsense"]))
    former = node.pop(name)
    if change == "rename":
        node[f"{name}_"] = former
    elif change == "copy":
        others = [deepcopy(each[name]) for each in nodes if name in each]
        node[name] = data.draw(st.sampled_from(others)) if others else None
    elif change == "nonsense":
        node[name] = data.draw(st.sampled_from(NONSENSE))
    assert_refused_or_same(tmp_path, members | {TREE: json.dumps(tree).encode()}, corrected)


@settings(max_examples=20, **SLOW)
@given(data=st.data())
def test_whatever_is_changed_in_an_array_it_is_refused_or_says_the_same(
    data, members, corrected, tmp_path
):
    name = data.draw(st.sampled_from(sorted(one for one in members if one.endswith(".npy"))))
    array = np.load(io.BytesIO(members[name]))
    changed = {
        "shorter": array[:-1],
        "another shape": array[np.newaxis],
        "words": array.astype("U"),
        "nothing": array[:0],
        "not finite": np.full(array.shape, np.nan),
        "large": np.full(array.shape, 1e300),
    }
    buffer = io.BytesIO()
    np.save(buffer, changed[data.draw(st.sampled_from(sorted(changed)))])
    assert_refused_or_same(tmp_path, members | {name: buffer.getvalue()}, corrected)


@settings(max_examples=50, **SLOW)
@given(at=st.floats(0, 1, exclude_max=True), flipped=st.integers(1, 255))
def test_a_byte_that_flipped_is_told_or_changes_nothing(at, flipped, model_path, cold_start):
    content = bytearray(model_path.read_bytes())
    content[int(at * len(content))] ^= flipped
    damaged = model_path.with_name("damaged.skops")
    damaged.write_bytes(content)
    assert loaded_version(damaged) in {None, cold_start.model_version}


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("model_version", 5),
        ("signal_codes", 5),
        ("source", "stacked"),
        ("source", ["stack"]),
        ("label_counts", [1, 2]),
        ("label_counts", ["1"] * 6),
        ("seed", "0"),
        ("trained_on", "soon"),
        ("libraries", {"scikit-learn": 1}),
        ("libraries", None),
    ],
)
def test_a_header_with_an_entry_that_is_none_is_refused(model_path, entry, value):
    rewrite(model_path, lambda header: header | {entry: value})
    with pytest.raises(ModelFileError, match=r"cold-start\.skops: not a model file of Barograph"):
        load_model(model_path)


@pytest.mark.parametrize("header", [b"[]", b"5", b"{", b"\xff"])
def test_a_header_that_is_none_is_refused(model_path, header):
    write_members(model_path, members_of(model_path) | {HEADER: header})
    with pytest.raises(ModelFileError, match="not a model file of Barograph"):
        load_model(model_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"thresholds": {}},
        {"thresholds": [0.8, 0.9]},
        {"score": "none"},
        {"unusual_limit": "high"},
        {"unusual_limit": float("nan")},
        {"fold_of": {"coded-0": 2}},
        {"fold_of": {0: 0}},
        {"fold_classifiers": [None]},
        {"fold_classifiers": None},
        {"claiming": [0]},
    ],
)
def test_what_stands_beside_the_classifier_is_looked_at_too(corrected, tmp_path, changes):
    path = tmp_path / "model.skops"
    save_model(corrected, path, TRAINED_ON)
    rewrite(path, content=content_of(path) | changes)
    with pytest.raises(ModelFileError, match=r"model\.skops: cannot be used \(.*train it again"):
        load_model(path)


def test_a_fold_that_gives_no_probabilities_is_refused(corrected):
    one, other = deepcopy(corrected.fold_classifiers)
    other.correction_ = other.correction_._replace(shifts=np.full(5, np.nan))
    with pytest.raises(ValueError, match="probabilities of sums"):
        check_sound(replace(corrected, fold_classifiers=(one, other)))


def test_sound_trees_are_taken(with_trees):
    check_sound(with_trees)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("left", 0),
        ("right", 0),
        ("left", 10**6),
        ("right", 10**6),
        ("feature_idx", 10**6),
        ("feature_idx", -1),
        ("is_categorical", 1),
    ],
)
def test_boosted_trees_that_lead_nowhere_are_refused(with_trees, field, value):
    [[tree], *_] = with_trees.classifier.ensemble_["boosting"]._predictors
    tree.nodes[field][0] = value
    with pytest.raises(ValueError, match="a tree "):
        check_sound(with_trees)


@pytest.mark.parametrize("nodes", [slice(0, 0), np.newaxis])
def test_boosted_trees_of_another_shape_are_refused(with_trees, nodes):
    [[tree], *_] = with_trees.classifier.ensemble_["boosting"]._predictors
    tree.nodes = tree.nodes[nodes]
    with pytest.raises((ValueError, IndexError)):
        check_sound(with_trees)


@pytest.mark.parametrize(
    ("field", "value"),
    [("left_child", 0), ("right_child", 10**6), ("feature", 10**6), ("feature", -1)],
)
def test_a_forest_that_leads_nowhere_is_refused(with_trees, field, value):
    tree = with_trees.classifier.ensemble_["forest"].estimators_[1].tree_
    state = tree.__getstate__()
    nodes = state["nodes"].copy()
    nodes[field][0] = value
    tree.__setstate__(state | {"nodes": nodes})
    with pytest.raises(ValueError, match="a tree that leads nowhere"):
        check_sound(with_trees)


def test_a_forest_that_counts_more_nodes_than_it_has_is_refused(with_trees):
    tree = with_trees.classifier.ensemble_["forest"].estimators_[1].tree_
    tree.__setstate__(tree.__getstate__() | {"node_count": 10**6})
    with pytest.raises(ValueError, match="a tree of 1000000 nodes"):
        check_sound(with_trees)


@pytest.mark.parametrize("name", ["forest", "boosting"])
def test_trees_of_another_number_of_features_are_refused(with_trees, name):
    with_trees.classifier.ensemble_[name].n_features_in_ = 2
    with pytest.raises(ValueError, match="trees of 2 features, where there are 33"):
        check_sound(with_trees)


def nodes_of(tree):
    """Every object of the tree that a model file describes its content with."""
    if isinstance(tree, dict):
        yield tree
    held = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for each in held:
        yield from nodes_of(each)


def assert_refused_or_same(folder, members, model):
    path = folder / "forged.skops"
    write_members(path, members)
    assert loaded_version(path) in {None, model.model_version}


def loaded_version(path):
    """Version of the model in a file; None where it is refused by name."""
    try:
        return load_model(path).model_version
    except ModelFileError as error:
        told = str(error)
    assert told.startswith(str(path))
    assert "train it again" in told
    return None
