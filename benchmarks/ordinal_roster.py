"""Who takes part in the ordinal benchmark: our estimators and what others offer for the task.

Every one is fitted to standardized features and tells, for each row, a class and, where it
can, the probabilities of all classes. Peers with settings get a small grid, searched inside
the training rows by three folds and the mean absolute error; ours keep their defaults.
"""
# ruff: noqa: N803 - X is scikit-learn's own name for the features

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skordinal.classifiers import KDLOR, POM, REDSVM, SVOR, LogisticAT, ORBoost
from statsmodels.miscmodels.ordinal_model import OrderedModel

from classifiers.frank_hall import FrankHallClassifier
from classifiers.kernel import KernelOrdinalClassifier
from classifiers.ordinal import CumulativeLinkClassifier
from classifiers.stacking import OrdinalStackingClassifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    FloatArray = np.ndarray[Any, np.dtype[np.float64]]
    IntArray = np.ndarray[Any, np.dtype[np.intp]]

_GRID_FOLD_COUNT = 3
_WIDTHS = [0.1, 0.3, 1.0]
_COSTS = [0.1, 1.0, 10.0]


class StatsmodelsOrdered(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """statsmodels' OrderedModel (logit, maximum likelihood) behind scikit-learn's methods."""

    def fit(self, X: FloatArray, y: IntArray) -> Self:
        """Fit by BFGS, as its documentation does."""
        self.classes_ = np.unique(y)
        self.result_ = OrderedModel(y, X, distr="logit").fit(method="bfgs", disp=False)
        return self

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Probability of each class found in training."""
        return np.asarray(self.result_.model.predict(self.result_.params, exog=X))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One model of the benchmark.

    Attributes:
        name: as the table shows it.
        build: makes an unfitted estimator for the classes of a data set.
        grid: settings to search, by name; empty for none.
        set_partition_count: on how many partitions its prediction sets are measured; 0 for a
            peer.
        has_probabilities: False where a model's probabilities are not meant as such, so that
            only its classes count.
    """

    name: str
    build: Callable[[Sequence[int]], Any]
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    set_partition_count: int = 0
    has_probabilities: bool = True

    def chosen(self, X: FloatArray, y: IntArray) -> Any:  # noqa: ANN401 - untyped
        """An unfitted pipeline with the settings that the grid search prefers."""
        model = self.build(np.unique(y).tolist())
        if self.grid:
            search = GridSearchCV(
                make_pipeline(StandardScaler(), model),
                {f"{type(model).__name__.lower()}__{name}": v for name, v in self.grid.items()},
                scoring="neg_mean_absolute_error",
                cv=_GRID_FOLD_COUNT,
                refit=False,
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # classes with fewer rows than folds
                return search.estimator.set_params(**search.fit(X, y).best_params_)
        return make_pipeline(StandardScaler(), model)


OURS = (
    Candidate(
        name="CumulativeLink",
        build=lambda classes: CumulativeLinkClassifier(classes=classes),
        set_partition_count=30,
    ),
    Candidate(
        name="FrankHall (boosting)",
        build=lambda classes: FrankHallClassifier(classes=classes),
        set_partition_count=5,
    ),
    Candidate(
        name="KernelOrdinal",
        build=lambda classes: KernelOrdinalClassifier(classes=classes),
        set_partition_count=5,
    ),
    Candidate(
        name="OrdinalStacking",
        build=lambda classes: OrdinalStackingClassifier(classes=classes),
        set_partition_count=3,
    ),
)
PEERS = (
    Candidate(name="statsmodels OrderedModel", build=lambda _: StatsmodelsOrdered()),
    Candidate(
        name="scikit-learn multinomial logistic", build=lambda _: LogisticRegression(max_iter=2000)
    ),
    Candidate(
        name="scikit-learn random forest", build=lambda _: RandomForestClassifier(random_state=0)
    ),
    Candidate(
        name="skordinal POM",
        build=lambda _: POM(),
        grid={"link": ["logit", "probit", "cloglog"], "alpha": [0.0, 0.1, 1.0]},
    ),
    Candidate(
        name="skordinal LogisticAT",
        build=lambda _: LogisticAT(),
        grid={"alpha": [0.01, 0.1, 1.0, 10.0]},
    ),
    Candidate(name="skordinal SVOR", build=lambda _: SVOR(), grid={"C": _COSTS, "gamma": _WIDTHS}),
    Candidate(
        name="skordinal REDSVM", build=lambda _: REDSVM(), grid={"C": _COSTS, "gamma": _WIDTHS}
    ),
    Candidate(
        name="skordinal KDLOR",
        build=lambda _: KDLOR(),
        has_probabilities=False,  # nearly equal for all classes, whatever it predicts
        grid={"u": [0.0001, 0.001, 0.01], "gamma": _WIDTHS},
    ),
    Candidate(
        name="skordinal ORBoost",
        build=lambda _: ORBoost(),
        grid={"n_estimators": [50, 200, 800], "loss_form": ["lr", "full"]},
    ),
)
CANDIDATES = (*OURS, *PEERS)
