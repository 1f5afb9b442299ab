"""Trained models as files: skops only, which holds no code, never pickle or joblib.

A model file is one skops archive with a header of ours inside. Loading checks the header first
and builds only the types named here; a file with any other type is refused, and so is one that
makes no model that can estimate (`soundness`).
"""

from __future__ import annotations

import io
import json
import platform
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import skops.io

from classifiers.coldstart import SOURCES, ColdStartOrdinalClassifier
from classifiers.model import StageModel, version_of
from classifiers.partial_evidence import PartialEvidenceClassifier
from classifiers.signals import FEATURE_CODES
from classifiers.soundness import check_sound
from classifiers.stages import Stage
from classifiers.world_sets import SetCalibration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FORMAT = 2
# None of these runs code when it is built. Where trees lead is checked (`soundness`), but
# scikit-learn builds them, and much else that skops allows, from numbers that it does not check:
# a forged file could still end the process, so take model files from people you trust.
TRUSTED_TYPES = (
    "classifiers.coldstart.ColdStartOrdinalClassifier",
    "classifiers.coldstart.Trial",
    "classifiers.features.SignalScaler",
    "classifiers.frank_hall.FrankHallClassifier",
    "classifiers.kernel.KernelOrdinalClassifier",
    "classifiers.offset.Correction",
    "classifiers.ordinal.CumulativeLinkClassifier",
    "classifiers.partial_evidence.PartialEvidenceClassifier",
    "classifiers.stacking.OrdinalStackingClassifier",
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)

_CLASSIFIERS = (PartialEvidenceClassifier, ColdStartOrdinalClassifier)
_HEADER_NAME = "barograph.json"
_LIBRARIES = ("numpy", "scikit-learn", "scipy", "skops")
_RETRAIN = "train it again with `barograph train`"


class ModelFileError(Exception):
    """A model file that is not used; the message names the file, the reason and the remedy."""

    def __init__(self, path: Path, reason: str, remedy: str = _RETRAIN) -> None:
        super().__init__(f"{path}: {reason}; {remedy}")
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelHeader:
    """What a model file says of itself, readable without loading the model."""

    format: int
    model_version: str
    signal_codes: tuple[str, ...]
    source: str  #: one of `coldstart.SOURCES`
    label_counts: tuple[int, ...]  #: labels trained on, by stage 1 to 6
    seed: int
    trained_on: date
    libraries: dict[str, str]  #: versions by distribution, and that of `python`


def save_model(model: StageModel, path: Path, trained_on: date) -> ModelHeader:
    """Write `model` to `path`, replacing it in one step, and return its header."""
    header = ModelHeader(
        format=FORMAT,
        model_version=model.model_version,
        signal_codes=model.signal_codes,
        source=model.source,
        label_counts=model.label_counts,
        seed=model.seed,
        trained_on=trained_on,
        libraries=_installed_libraries(),
    )
    buffer = io.BytesIO(skops.io.dumps(_content_of(model)))
    with ZipFile(buffer, "a") as archive:
        archive.writestr(_HEADER_NAME, json.dumps(asdict(header), default=str, indent=1))
    draft = path.with_name(path.name + ".part")
    draft.write_bytes(buffer.getvalue())
    draft.replace(path)
    return header


def read_header(path: Path) -> ModelHeader:
    """The header of a model file; nothing else of it is read.

    Raises:
        ModelFileError: there is no such file, it is no model file, or of another format.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise ModelFileError(path, "there is no such file") from None
    with file, _refusing(path, "not a model file of Barograph"):
        with ZipFile(file) as archive:
            raw = json.loads(archive.read(_HEADER_NAME))
        header = _header_from(raw, path)
        _check_kinds(header)
    return header


def load_model(path: Path, signal_codes: Sequence[str] = FEATURE_CODES) -> StageModel:
    """Load a model that reads exactly `signal_codes`, in this order.

    Raises:
        ModelFileError: the header does not fit (format, signals, scikit-learn's minor
            version), the file holds a type that is not allowed, its content makes no model
            that can estimate, or it is not what the header's version was made from.
    """
    header = read_header(path)
    _check_signals(header, signal_codes, path)
    _check_library(header, path)
    with _refusing(path, "cannot be used"):
        model = _model_from(header, _load_trusted(path))
        check_sound(model)
        made_from = _version_of(model)
    if made_from != header.model_version:
        raise ModelFileError(path, f"its content is not that of {header.model_version}")
    return model


@contextmanager
def _refusing(path: Path, reason: str) -> Iterator[None]:
    try:
        yield
    except ModelFileError:
        raise
    # What a damaged or forged file holds may fail anywhere: in the archive, in skops, in
    # scikit-learn or in our own arithmetic, each with errors of its own. None of them is ours.
    except Exception as error:
        said = str(error).partition("\n")[0]
        raise ModelFileError(path, f"{reason} ({type(error).__name__}: {said})") from error


def _content_of(model: StageModel) -> dict[str, Any]:
    thresholds = {str(level): mass for level, mass in model.calibration.thresholds.items()}
    return {
        "classifier": model.classifier,
        "thresholds": thresholds,
        "score": model.calibration.score,
        "unusual_limit": model.unusual_limit,
        "fold_classifiers": list(model.fold_classifiers),
        "fold_of": dict(model.fold_of),
        "claiming": sorted(model.claiming),
    }


def _model_from(header: ModelHeader, content: dict[str, Any]) -> StageModel:
    classifier = content["classifier"]
    thresholds = {float(level): mass for level, mass in content["thresholds"].items()}
    simulated = getattr(classifier, "simulator_estimator", classifier)
    return StageModel(
        classifier=classifier,
        evidence=simulated,
        calibration=SetCalibration(thresholds=thresholds, score=content["score"]),
        unusual_limit=content["unusual_limit"],
        signal_codes=header.signal_codes,
        source=header.source,
        label_counts=header.label_counts,
        seed=header.seed,
        model_version=header.model_version,
        fold_classifiers=tuple(content["fold_classifiers"]),
        fold_of=content["fold_of"],
        claiming=frozenset(content["claiming"]),
    )


def _version_of(model: StageModel) -> str:
    kind = model.model_version.partition("+")[0]
    return version_of(kind, model.classifier, model.calibration, model.signal_codes)


def _installed_libraries() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def _header_from(raw: dict[str, Any], path: Path) -> ModelHeader:
    if raw["format"] != FORMAT:
        raise ModelFileError(path, f"is of format {raw['format']}, this version reads {FORMAT}")
    codes = tuple(raw["signal_codes"])
    trained_on = date.fromisoformat(raw["trained_on"])
    counts = tuple(raw["label_counts"])
    typed = {"signal_codes": codes, "label_counts": counts, "trained_on": trained_on}
    return ModelHeader(**{**raw, **typed})


def _check_kinds(header: ModelHeader) -> None:
    texts = (header.model_version, *header.signal_codes, *header.libraries.values())
    numbers = (header.seed, *header.label_counts)
    is_whole = all(isinstance(each, str) for each in texts)
    is_whole = is_whole and all(isinstance(each, int) for each in numbers)
    if not is_whole or header.source not in SOURCES or len(header.label_counts) != len(Stage):
        message = "an entry of its header is none"
        raise ValueError(message)


def _check_signals(header: ModelHeader, signal_codes: Sequence[str], path: Path) -> None:
    if header.signal_codes != tuple(signal_codes):
        reason = (
            f"was trained on the signals {', '.join(header.signal_codes)}, "
            f"this version measures {', '.join(signal_codes)}"
        )
        raise ModelFileError(path, reason)


def _check_library(header: ModelHeader, path: Path) -> None:
    trained, installed = header.libraries["scikit-learn"], version("scikit-learn")
    if trained.split(".")[:2] != installed.split(".")[:2]:
        reason = f"was trained with scikit-learn {trained}, {installed} is installed"
        raise ModelFileError(path, reason)


def _load_trusted(path: Path) -> dict[str, Any]:
    unknown = set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES)
    if unknown:
        reason = f"holds types that no model of Barograph has: {', '.join(sorted(unknown))}"
        raise ModelFileError(path, reason, "do not use it; " + _RETRAIN)
    content = skops.io.load(path, trusted=list(TRUSTED_TYPES))
    if not isinstance(content, dict) or not isinstance(content.get("classifier"), _CLASSIFIERS):
        raise ModelFileError(path, "holds no classifier")
    return content
