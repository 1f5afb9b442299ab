"""Ways in which evidence gets worse, though the organizations stay what they are.

Only what can be told from a table of features is done to it. A channel cannot be taken away:
the table does not tell which channel a signal came from, so whole views are hidden instead. Nor
can a window of 13 weeks be halved: it would need the counts of its weeks.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifiers.features import families_of
from classifiers.signals import FAMILIES, signal_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from classifiers.evaluating.labelled_table import FloatArray

    BoolArray = npt.NDArray[np.bool_]

GAP_SHARE = 0.3  #: of the cells, lost to the gaps of a crawler

_SHORT_WINDOW_WEEKS = 13
_CONVERSATION_FAMILIES = ("dialogue", "community", "people")


class Stress(NamedTuple):
    """One way in which evidence gets worse."""

    name: str
    change: str  #: what is done, in words
    X: FloatArray  #: the features after it


def stresses(X: FloatArray, codes: Sequence[str]) -> list[Stress]:
    """Every stress of some rows: hidden views, a short history, crawl gaps, doubled posts.

    What is hidden is not observed; that a channel is absent is still known.

    Args:
        X: matrix of `features.feature_matrix`, NaN where missing.
        codes: the signals, in the order of its first columns.
    """
    return [*_hidden_views(X, codes), _short_history(X, codes), _gaps(X, codes), _doubled(X, codes)]


def _hidden_views(X: FloatArray, codes: Sequence[str]) -> list[Stress]:
    families = np.array([signal_named(code).family for code in codes])
    views = {"no conversations": np.isin(families, _CONVERSATION_FAMILIES)}
    views |= {f"no {name}": families == name for name in families_of(codes)}
    told = {f"no {name}": f"no signal of {name}: {FAMILIES[name]}" for name in families_of(codes)}
    told["no conversations"] = f"no signal of {', '.join(_CONVERSATION_FAMILIES)}"
    return [Stress(name, told[name], _without(X, columns)) for name, columns in views.items()]


def _short_history(X: FloatArray, codes: Sequence[str]) -> Stress:
    windows = np.array([signal_named(code).window_weeks for code in codes])
    change = f"signals of more than {_SHORT_WINDOW_WEEKS} weeks cannot be measured"
    return Stress("half the history", change, _without(X, windows > _SHORT_WINDOW_WEEKS))


def _gaps(X: FloatArray, codes: Sequence[str]) -> Stress:
    changed = X.copy()
    is_lost = np.random.default_rng(0).random((len(X), len(codes))) < GAP_SHARE
    changed[:, : len(codes)][is_lost] = np.nan
    return Stress("crawl gaps", f"{GAP_SHARE:.0%} of the signals lost by chance", changed)


def _doubled(X: FloatArray, codes: Sequence[str]) -> Stress:
    """Every post appears a second time, word for word, at another channel."""
    changed = X.copy()
    at = {code: place for place, code in enumerate(codes)}
    if "posts_per_week" in at:
        changed[:, at["posts_per_week"]] *= 2
    if "conversation_share" in at:
        share = X[:, at["conversation_share"]]
        changed[:, at["conversation_share"]] = share / (2 - share)
    for code in ("verbatim_duplicate_share", "campaign_sync_share"):
        if code in at:
            changed[~np.isnan(X[:, at[code]]), at[code]] = 1.0
    return Stress("doubled posts", "an agency posts everything twice, word for word", changed)


def _without(X: FloatArray, is_hidden: BoolArray) -> FloatArray:
    changed = X.copy()
    changed[:, np.flatnonzero(is_hidden)] = np.nan
    return changed
