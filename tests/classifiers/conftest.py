"""Trained models for all tests of this folder: training takes seconds."""

from dataclasses import replace

import numpy as np
import pytest
from model_files import TRAINED_ON
from shared_model import shared_model

from classifiers.coldstart import ColdStartOrdinalClassifier
from classifiers.model import version_of
from classifiers.persistence import save_model
from classifiers.simulators import simulate_organizations
from classifiers.training import matrix_of

STAGE_CODES = (1, 2, 3, 4, 5, 6)


@pytest.fixture(scope="session")
def cold_start(tmp_path_factory, worker_id):
    return shared_model(tmp_path_factory, worker_id)


@pytest.fixture
def model_path(cold_start, tmp_path):
    """The file of the cold start, which a test may change."""
    path = tmp_path / "cold-start.skops"
    save_model(cold_start, path, TRAINED_ON)
    return path


@pytest.fixture(scope="session")
def labelled():
    """Organizations of known stage, of which models with labels learn."""
    return simulate_organizations("graded_response", 4, 100, 3)


@pytest.fixture(scope="session")
def corrected(cold_start, labelled):
    """The cold start corrected by labels of `coded-0`, `coded-1`, … in two folds by turns."""
    matrix, stages = matrix_of(labelled), labelled.stage_codes
    folds = np.arange(len(stages)) % 2
    classifier, *others = [
        ColdStartOrdinalClassifier(
            cold_start.evidence, source="offset", classes=STAGE_CODES, alpha_features=1.0
        ).fit(matrix[folds != left_out], stages[folds != left_out])
        for left_out in (-1, 0, 1)
    ]
    codes = cold_start.signal_codes
    return replace(
        cold_start,
        classifier=classifier,
        source="offset",
        label_counts=tuple(np.bincount(stages, minlength=7)[1:].tolist()),
        model_version=version_of("offset-400", classifier, cold_start.calibration, codes),
        fold_classifiers=tuple(others),
        fold_of={f"coded-{at}": int(fold) for at, fold in enumerate(folds)},
        claiming=frozenset({"coded-0", "coded-1"}),
    )
