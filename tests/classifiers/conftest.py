"""One trained model for all tests of this folder: training takes seconds."""

import pytest

from classifiers.coldstart import train_cold_start


@pytest.fixture(scope="session")
def cold_start():
    return train_cold_start(seed=0)
