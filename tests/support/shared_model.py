"""The cold-start model, trained once for all processes of one run of the tests."""

import fcntl

from classifiers.persistence import load_model
from classifiers.training import train_cold_start
from flows.train import write_model


def shared_models(tmp_path_factory, worker_id):
    """A folder that holds the trained model; whoever asks first trains it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent  # that of all workers of one run
    folder = base / "shared-models"
    with (base / "shared-models.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = base / "shared-models.part"
            write_model(draft, train_cold_start())
            draft.rename(folder)
    return folder


def shared_model(tmp_path_factory, worker_id):
    """The model itself, loaded from its file."""
    [path] = shared_models(tmp_path_factory, worker_id).glob("*.skops")
    return load_model(path)
