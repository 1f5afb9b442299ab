"""Whether a model that was read from a file can be used at all.

Trees of scikit-learn follow the positions in their nodes without a look. A damaged or forged one
could lead outside of its memory, or in a circle, so positions are looked at before anything is
estimated. Then the model estimates invented organizations, one by each of its parts.
"""

from __future__ import annotations

from math import isclose, isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.tree._tree import Tree

from classifiers.estimates import SignalRow
from classifiers.estimating import estimate_stages
from classifiers.features import feature_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from classifiers.model import StageModel

    BoolArray = npt.NDArray[np.bool_]
    IntArray = npt.NDArray[np.intp]

_LEAF = -1  # in place of the position of a child
_HOLDERS = {"estimators_", "tree_", "_predictors"}  # attributes under which trees are kept
_NOBODY = ""  # an organization that no fold knows


class _Splits(NamedTuple):
    """The nodes of one tree that have children, and how many nodes there are."""

    own: IntArray
    children: tuple[IntArray, IntArray]
    features: IntArray
    node_count: int


def check_sound(model: StageModel) -> None:
    """Refuse a model whose parts are not what they have to be.

    Raises:
        ValueError: a tree leads nowhere, a fold is missing, or an estimate is none.
        Exception: of any kind, from a part that is not what it is taken for.
    """
    feature_count = len(feature_names(model.signal_codes))
    for part in _parts((model.classifier, model.evidence, model.fold_classifiers)):
        _check_part(part, feature_count)
    _check_names(model)
    _check_estimates(model)


def _parts(whole: Iterable[Any]) -> Iterator[Any]:
    waiting, known = list(whole), set()
    while waiting:
        part = waiting.pop()
        if id(part) not in known:
            known.add(id(part))
            yield part
            waiting.extend(_held_by(part))


def _held_by(part: Any) -> Iterable[Any]:  # noqa: ANN401 - whatever a file holds
    if isinstance(part, dict):
        return part.values()
    if isinstance(part, np.ndarray):
        return part.ravel().tolist() if part.dtype.hasobject else ()
    if isinstance(part, (list, tuple, set, frozenset)):
        return part
    return () if isinstance(part, type) else getattr(part, "__dict__", {}).values()


def _check_part(part: Any, feature_count: int) -> None:  # noqa: ANN401 - whatever a file holds
    if isinstance(part, Tree):
        _check_splits(_splits_of_tree(part), feature_count)
    elif isinstance(part, TreePredictor):
        _check_splits(_splits_of_predictor(part), feature_count)
    elif _HOLDERS & set(getattr(part, "__dict__", ())) and part.n_features_in_ != feature_count:
        message = f"trees of {part.n_features_in_} features, where there are {feature_count}"
        raise ValueError(message)


def _splits_of_tree(tree: Any) -> _Splits:  # noqa: ANN401 - scikit-learn publishes no types
    if tree.capacity != tree.node_count:
        message = f"a tree of {tree.node_count} nodes, {tree.capacity} of which are there"
        raise ValueError(message)
    nodes = tree.__getstate__()["nodes"]
    return _splits(nodes, ("left_child", "right_child", "feature"), nodes["left_child"] != _LEAF)


def _splits_of_predictor(predictor: TreePredictor) -> _Splits:
    nodes = predictor.nodes
    if nodes.dtype != PREDICTOR_RECORD_DTYPE or nodes["is_categorical"].any():
        message = "a tree with nodes of another kind"
        raise ValueError(message)
    return _splits(nodes, ("left", "right", "feature_idx"), nodes["is_leaf"] == 0)


def _splits(nodes: npt.NDArray[Any], names: tuple[str, str, str], is_split: BoolArray) -> _Splits:
    left, right, features = (nodes[name][is_split].astype(np.intp) for name in names)
    return _Splits(np.flatnonzero(is_split), (left, right), features, len(nodes))


def _check_splits(found: _Splits, feature_count: int) -> None:
    """Children stand behind their parent, as scikit-learn writes them: so every way ends."""
    is_sound = [(found.own < child) & (child < found.node_count) for child in found.children]
    is_sound.append((found.features >= 0) & (found.features < feature_count))
    if not found.node_count or not np.all(is_sound):
        message = "a tree that leads nowhere"
        raise ValueError(message)


def _check_names(model: StageModel) -> None:
    folds = set(model.fold_of.values())
    if not folds <= set(range(len(model.fold_classifiers))):
        message = f"organizations of folds {folds}, but {len(model.fold_classifiers)} folds"
        raise ValueError(message)
    if not all(isinstance(name, str) for name in (*model.fold_of, *model.claiming)):
        message = "names of organizations that are none"
        raise ValueError(message)


def _check_estimates(model: StageModel) -> None:
    name_of_fold = {fold: name for name, fold in model.fold_of.items()}
    rows = [_invented(name, model) for name in (_NOBODY, *name_of_fold.values())]
    sums = [sum(estimate.probabilities) for estimate in estimate_stages(model, rows)]
    if not all(isclose(each, 1.0, abs_tol=1e-6) for each in sums):
        message = f"probabilities of sums {sums}"
        raise ValueError(message)
    if not isfinite(model.unusual_limit):
        message = f"{model.unusual_limit} as the limit of what is unusual"
        raise ValueError(message)


def _invented(organization_id: str, model: StageModel) -> SignalRow:
    return SignalRow(
        organization_id=organization_id,
        values=dict.fromkeys(model.signal_codes, 0.5),
        missing_reasons={},
        readable_channel_count=1,
        observed_week_count=13,
        coverage_share=1.0,
    )
