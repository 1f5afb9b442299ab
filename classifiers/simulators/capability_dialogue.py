"""What outsiders say to invented organizations, what these answer, and the signals of dialogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from classifiers.simulators.capability_channels import HAS_PROFILE, IS_DIALOGUE, IS_PUBLISHING
from classifiers.simulators.capability_noise import counted, shifted, tailed
from classifiers.simulators.capability_sheet import MINIMUM_COUNTS

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.simulators.capability_audience import Audience
    from classifiers.simulators.capability_posting import Posting
    from classifiers.simulators.capability_sheet import Sheet
    from classifiers.simulators.capability_world import World

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

_LOG_72_HOURS = float(np.log(72.0))
_WEEK_HOURS = 168.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """How organizations answer, one position each.

    Attributes:
        need_share: chance that what needs an answer gets one, however late.
        message_share: chance that a message is answered within 72 hours.
        question_share: chance that a question is answered, however late.
        log_hours: mean of the logarithm of the hours to an answer.
        reply_counts: replies of a quarter that were seen.
        joining_counts: those of them to what was not said to the organization.
    """

    need_share: FloatArray
    message_share: FloatArray
    question_share: FloatArray
    log_hours: FloatArray
    reply_counts: IntArray
    joining_counts: IntArray


def draw_dialogue(world: World, audience: Audience) -> Dialogue:
    """Answers of the organizations of one world."""
    need_share = _need_shares(world)
    log_hours = _log_hours(world)
    message_share = _message_shares(world, need_share) * _within(world, log_hours, _LOG_72_HOURS)
    replies, joining = _reply_counts(world, audience, message_share)
    return Dialogue(
        need_share=need_share,
        message_share=message_share,
        question_share=_question_shares(world, need_share),
        log_hours=log_hours,
        reply_counts=replies,
        joining_counts=joining,
    )


def measure_dialogue(
    world: World, audience: Audience, dialogue: Dialogue, posting: Posting, sheet: Sheet
) -> None:
    """Write how much, how fast and how deeply the organizations answer."""
    _measure_rates(world, audience, dialogue, sheet)
    _measure_median(world, audience, dialogue, sheet)
    _measure_turns(world, audience, dialogue, posting, sheet)
    sheet.put(
        "reply_clock_entropy",
        _entropies(world, dialogue.reply_counts),
        absent=is_without_dialogue(world),
        unobserved=is_dialogue_unread(world),
        undefined=dialogue.reply_counts < MINIMUM_COUNTS["reply_clock_entropy"],
    )


def is_without_dialogue(world: World) -> BoolArray:
    """Whether no channel could show what others say to the organization."""
    return np.asarray(world.channels.count(IS_DIALOGUE) == 0)


def is_dialogue_unread(world: World) -> BoolArray:
    """Whether nothing was seen of any such channel in the last quarter."""
    return np.asarray(world.channels.readable_count(IS_DIALOGUE) == 0)


def _need_shares(world: World) -> FloatArray:
    assumed = world.assumed
    noise = assumed["answers.noise"] * assumed["noise.scale"]
    logits = world.by_industry("answers") + tailed(
        world.generator, len(world), noise, assumed["noise.tail"]
    )
    left = {
        "outsourced": assumed["outsourced.answers"],
        "dormant": assumed["dormant.activity"],
        "self_helping": assumed["self_helping.answers"],
        "broadcaster": assumed["broadcaster.answers"],
    }
    factors = world.organizations.by_archetype(left, 1.0)
    return shifted(world.rising("reply_rate_72h"), logits) * factors


def _message_shares(world: World, need_share: FloatArray) -> FloatArray:
    needed, courtesy = world.assumed["messages.need_share"], world.assumed["messages.courtesy"]
    return need_share * (needed + (1.0 - needed) * courtesy)


def _question_shares(world: World, need_share: FloatArray) -> FloatArray:
    return shifted(need_share, world.growing("question_reply_rate_72h"))


def _log_hours(world: World) -> FloatArray:
    assumed = world.assumed
    usual = assumed["response_hours_median.start"] - assumed[
        "response_hours_median.change"
    ] * world.organizations.drive("response_hours_median")
    return usual + tailed(
        world.generator,
        len(world),
        assumed["response_hours_median.noise"] * assumed["noise.scale"],
        assumed["noise.tail"],
    )


def _within(world: World, log_hours: FloatArray, log_limit: FloatArray | float) -> FloatArray:
    share: FloatArray = ndtr(
        (log_limit - log_hours) / world.assumed["response_hours_median.spread"]
    )
    return share


def _reply_counts(
    world: World, audience: Audience, message_share: FloatArray
) -> tuple[IntArray, IntArray]:
    answered = world.generator.binomial(audience.message_counts, message_share)
    turns = answered + counted(world.generator, answered * world.growing("conversation_share"))
    share = np.minimum(world.scattered(world.rising("proactive_reply_share")), 0.95)
    is_absent = world.organizations.is_of("outsourced") | world.organizations.is_of("self_helping")
    wanted = turns * share / (1.0 - share) * ~is_absent
    joining = counted(world.generator, wanted)
    return turns + joining, joining


def _measure_rates(world: World, audience: Audience, dialogue: Dialogue, sheet: Sheet) -> None:
    gaps = {"absent": is_without_dialogue(world), "unobserved": is_dialogue_unread(world)}
    messages, questions = audience.message_counts, audience.question_counts
    in_days = world.generator.binomial(messages, dialogue.message_share)
    sheet.put_share("reply_rate_72h", in_days, messages, **gaps)
    quick = world.assumed["reply_rate_1h.change"] * world.organizations.drive("reply_rate_1h")
    in_time = _within(world, dialogue.log_hours, _LOG_72_HOURS)
    share = _within(world, dialogue.log_hours, quick) / np.maximum(in_time, 1e-9)
    in_hour = world.generator.binomial(in_days, np.clip(share, 0.0, 1.0))
    sheet.put_share("reply_rate_1h", in_hour, messages, **gaps)
    asked = world.generator.binomial(questions, dialogue.question_share * in_time)
    sheet.put_share("question_reply_rate_72h", asked, questions, **gaps)


def _measure_median(world: World, audience: Audience, dialogue: Dialogue, sheet: Sheet) -> None:
    # The middle one of n answer times is the quantile at a beta-distributed level. Above the
    # share that is ever answered there is none: then half of the questions still wait.
    counts = audience.question_counts
    half = (counts + 1) // 2
    levels = world.generator.beta(np.maximum(half, 1), np.maximum(counts - half + 1, 1))
    shares = np.maximum(dialogue.question_share, 1e-9)
    scores = ndtri(np.clip(levels / shares, 1e-9, 1.0 - 1e-9))
    spread = world.assumed["response_hours_median.spread"]
    sheet.put(
        "response_hours_median",
        np.exp(np.clip(dialogue.log_hours + spread * scores, -5.0, 7.0)),
        absent=is_without_dialogue(world),
        unobserved=is_dialogue_unread(world),
        undefined=(counts < MINIMUM_COUNTS["response_hours_median"]) | (levels >= shares),
    )


def _measure_turns(
    world: World, audience: Audience, dialogue: Dialogue, posting: Posting, sheet: Sheet
) -> None:
    gaps = {"absent": is_without_dialogue(world), "unobserved": is_dialogue_unread(world)}
    replies = dialogue.reply_counts
    voices = replies + _posts_in_dialogue(world, posting)
    sheet.put_share("conversation_share", replies, voices, **gaps)
    sheet.put_share("proactive_reply_share", dialogue.joining_counts, replies, **gaps)
    present = dialogue.need_share / (dialogue.need_share + world.assumed["deep_thread_share.half"])
    deep = world.drawn(audience.thread_counts, world.rising("deep_thread_share") * present)
    sheet.put_share("deep_thread_share", deep, audience.thread_counts, **gaps)


def _posts_in_dialogue(world: World, posting: Posting) -> IntArray:
    channels = world.channels
    readable = channels.readable_count(IS_PUBLISHING)
    share = channels.readable_count(HAS_PROFILE) / np.maximum(readable, 1)
    return world.generator.binomial(posting.quarter_count, share)


def _entropies(world: World, reply_counts: IntArray) -> FloatArray:
    start = world.assumed["reply_clock_entropy.start"]
    change = world.assumed["reply_clock_entropy.change"]
    reach = world.scattered(change * world.organizations.drive("reply_clock_entropy"))
    hours = start + (_WEEK_HOURS - start) * reach
    # Few replies cannot fill many hours: about n h / (n + h) hours look used.
    used = hours * reply_counts / np.maximum(hours + reply_counts, 1.0)
    noise = world.generator.normal(0.0, world.assumed["reply_clock_entropy.noise"], len(world))
    highest = np.log(np.clip(reply_counts, 1, _WEEK_HOURS)) / np.log(_WEEK_HOURS)
    entropies = np.log(np.maximum(used, 1.0)) / np.log(_WEEK_HOURS) + noise
    return np.asarray(np.clip(entropies, 0.0, highest))
