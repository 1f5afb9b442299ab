"""Parts of a model's card that tell what it was made of and by which rules it speaks."""

from __future__ import annotations

import hashlib
import platform
import tomllib
from collections import Counter, defaultdict
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from classifiers.abstention import (
    MINIMUM_COVERAGE_SHARE,
    MINIMUM_INBOUND_COUNT,
    MINIMUM_OBSERVED_WEEK_COUNT,
    MINIMUM_SEEN_SIGNAL_SHARE,
    WIDE_SET_STAGE_COUNT,
    AbstentionReason,
)
from classifiers.estimates import SignalRow
from classifiers.stages import Stage
from flows.shiftcard import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from classifiers.evaluating.labelled_table import LabelledTable
    from classifiers.model import StageModel

_ENOUGH = 20  #: labels of a stage, for what is said of it to rest on them
_LIBRARIES = ("barograph", "numpy", "scikit-learn", "scipy", "skops")
_NO_LABEL = "None. Everything that this model says rests on assumptions (see Simulators)."
_NO_RATER = "None: there is no label."


def labels(label_counts: Sequence[int]) -> str:
    """How many labels the model learned from, by stage."""
    if not sum(label_counts):
        return _NO_LABEL
    found = zip(Stage, label_counts, strict=True)
    counts = "\n".join(f"- {stage.value} {stage.label}: {count}" for stage, count in found)
    return f"{sum(label_counts)} expert codes, by stage:\n\n{counts}"


def raters(labelled: LabelledTable | None, rater_codes: Sequence[Mapping[str, int]] = ()) -> str:
    """Who gave the labels, having seen what, how many, and about which days.

    Args:
        labelled: the labels; None without any.
        rater_codes: of each label the stage by rater; empty where that is not known.
    """
    if labelled is None:
        return _NO_RATER
    days = defaultdict(list)
    for at, kind in enumerate(labelled.saw.tolist()):
        for rater in rater_codes[at] if rater_codes else ("all",):
            days[rater, kind].append(labelled.about_days[at])
    lines = [
        (rater, kind, str(len(found)), str(min(found)), str(max(found)))
        for (rater, kind), found in sorted(days.items())
    ]
    head = ("rater", "what raters of the label saw", "labels", "first day", "last day")
    return (
        f"{table(head, lines, text_columns=2)}\n\nDays are those that labels are about. "
        "`documents`: nothing of what the model sees. Agreement with raters of `public` activity "
        "may only show a common rule."
    )


def trials(tried: Sequence[Mapping[str, Any]]) -> str:
    """What was tried by cross-validation, and what was chosen."""
    if not tried:
        return "Nothing was tried: there were too few labels, or the kind of model was given."
    head = (
        "model",
        "ranked probability score, out of fold",
        "better by",
        "standard error",
        "chosen",
    )
    lines = [
        (
            t["source"],
            f"{t['ranked_probability_score']:.4f}",
            f"{t['better_than_former']:+.4f}",
            f"{t['standard_error']:.4f}",
            "yes" if t["is_chosen"] else "no",
        )
        for t in tried
    ]
    return table(head, lines)


def abstention() -> str:
    """Every reason to name no stage, with its limit."""
    told = _limits()
    return table(
        ("reason", "when"),
        [(f"`{reason}`", told[reason]) for reason in AbstentionReason if reason],
        text_columns=2,
    )


def _limits() -> dict[AbstentionReason, str]:
    from classifiers.training import UNUSUAL_SHARE  # takes long: not for every command

    weeks = SignalRow.__dataclass_fields__["window_week_count"].default
    presence, engagement = Stage.PRESENCE.label, Stage.ENGAGEMENT.label
    return {
        AbstentionReason.NOT_OBSERVABLE: "no channel could be read",
        AbstentionReason.LOW_COVERAGE: (
            f"fewer than {_percent(MINIMUM_COVERAGE_SHARE)} of the channel days of {weeks} weeks "
            "were seen"
        ),
        AbstentionReason.FEW_ACTIVE_WEEKS: (
            f"channels were seen in fewer than {MINIMUM_OBSERVED_WEEK_COUNT} of {weeks} weeks"
        ),
        AbstentionReason.FEW_SIGNALS: (
            f"fewer than {_percent(MINIMUM_SEEN_SIGNAL_SHARE)} of the signals were looked at"
        ),
        AbstentionReason.OUTSIDE_TRAINING: (
            f"the signals together are less usual than those of all but {_percent(UNUSUAL_SHARE)} "
            "of the organizations in training; a hint, no guarantee"
        ),
        AbstentionReason.LOW_INBOUND: (
            f"the 90 % set holds {presence} and {engagement}, and fewer than "
            f"{MINIMUM_INBOUND_COUNT} messages to the organization were seen"
        ),
        AbstentionReason.WIDE_SET: (
            f"the 90 % set holds {WIDE_SET_STAGE_COUNT} stages or more; Strategic and Converged "
            "count as one until labels tell them apart"
        ),
    }


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def stages(label_counts: Sequence[int]) -> str:
    """What evidence there is of each stage."""
    lines = [
        (f"{stage.value} {stage.label}", str(count), _rests_on(count))
        for stage, count in zip(Stage, label_counts, strict=True)
    ]
    head = ("stage", "labels", "what is said of it rests on")
    return table(head, lines, text_columns=3)


def _rests_on(count: int) -> str:
    if not count:
        return "simulated worlds alone"
    return "labels and simulated worlds" if count >= _ENOUGH else "simulated worlds, and few labels"


def simulators() -> str:
    """Where the assumptions stand, how many they are, and how many are guesses."""
    folder = resources.files("classifiers.simulators")
    sheets = sorted((p for p in folder.iterdir() if p.name.endswith(".toml")), key=lambda p: p.name)
    lines = [_sheet(f"classifiers/simulators/{path.name}", path.read_bytes()) for path in sheets]
    return table(("assumptions", "rows", "guesses", "SHA-256"), lines)


def _sheet(name: str, raw: bytes) -> tuple[str, ...]:
    rows = [row for kind in tomllib.loads(raw.decode()).values() for row in kind]
    is_guess = Counter("guess" in row["source"].casefold() for row in rows)
    digest = hashlib.sha256(raw).hexdigest()
    return f"`{name}`", str(len(rows)), str(is_guess[True]), f"`{digest}`"


def made_from(
    model: StageModel, row: Mapping[str, Any], libraries: Mapping[str, str] | None
) -> str:
    """Seed, digests of files and labels, signals and packages."""
    return "\n".join(_made_from(model, row, libraries))


def _made_from(
    model: StageModel, row: Mapping[str, Any], libraries: Mapping[str, str] | None
) -> Iterator[str]:
    found = _installed() if libraries is None else libraries
    yield f"- Trained on: {row['trained_at'].date()}"
    yield f"- Seed of the simulated worlds: {model.seed}"
    yield f"- File, SHA-256: {_digest(row['file_sha256'], 'another on each machine')}"
    yield f"- Labels, SHA-256: {_digest(row['labels_sha256'], 'none')}"
    yield f"- Signals read: {', '.join(model.signal_codes)}"
    yield f"- Packages: {', '.join(f'{name} {number}' for name, number in found.items())}"


def _digest(text: str, otherwise: str) -> str:
    return f"`{text}`" if text else otherwise


def _installed() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}
