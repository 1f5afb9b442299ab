"""What goes into an estimate of an observed stage, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


SIZE_CLASSES = ("1-9", "10-49", "50-249", "250-999", "1000+")  #: employees, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """All that was measured of one organization up to one week.

    `values` holds each signal by its code, None (or no entry) when it is missing;
    `missing_reasons` says why, by the same codes (see `MissingReason`); a missing signal
    without a reason counts as unobserved. A week is observed when at least one channel was
    seen in it, whether or not it held a post: thirteen observed weeks without a post are
    evidence, thirteen weeks that nobody watched are not.
    """

    organization_id: str
    values: Mapping[str, float | None]
    missing_reasons: Mapping[str, str] = field(default_factory=dict)
    readable_channel_count: int
    observed_week_count: int  #: of the last `window_week_count` full weeks
    coverage_share: float | None  #: channel-days seen of those in the window; None: none recorded
    window_week_count: int = 13
    size_class: str = ""  #: one of `SIZE_CLASSES`; "" when the list does not tell
    inbound_count: int | None = None  #: said to it and watched for 72 hours; None: not seen


@dataclass(frozen=True, slots=True)
class Contribution:
    """One part of the log-odds of being above each of the five thresholds between stages.

    `part` is a family of signals, or one of the names in `contributions`; `seen_share` is how
    many of the family's signals were seen, None where the part is no family.
    """

    part: str
    log_odds: tuple[float, ...]
    seen_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEstimate:
    """The observed stage of one organization, with its uncertainty.

    `probabilities` are those of stages 1 to 6 and sum to 1. The sets are runs of neighbouring
    stages, both bounds included; the 80 % set lies within the 90 % set. `stage_code` is the
    median of the probabilities, and `stage_label` says it in words: "Strategic or Converged"
    where the model has not seen enough labels to tell them apart. An abstention keeps them for
    whoever looks closer, but the point must not be shown as a result. An organization without a
    readable channel is not observable: its `stage_code` is None and its sets rule nothing out.
    """

    organization_id: str
    probabilities: tuple[float, ...]
    stage_code: int | None
    stage_label: str
    set80_low: int
    set80_high: int
    set90_low: int
    set90_high: int
    is_abstained: bool
    abstention_reason: str  #: "" or one of `AbstentionReason`
    abstention_text: str  #: one sentence with the numbers; "" without abstention
    contributions: tuple[Contribution, ...] = ()  #: empty when nothing can be observed
    model_version: str
    #: By a part of the model that saw neither a label nor a self-assessment of this organization.
    is_out_of_fold: bool = False
    saw_claim: bool = False  #: the model was trained on its self-assessment as well
