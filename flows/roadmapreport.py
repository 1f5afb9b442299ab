"""A roadmap in words and tables, for the terminal; it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.assessing.esm3_scores import CODE as ESM3
from classifiers.assessing.instrument import read_instrument
from classifiers.improving.roadmap import Basis, Standing, consistent_stages
from classifiers.signals import Direction, signal_named
from classifiers.stages import Stage
from flows.coursereport import course_section, is_on, warnings_section
from flows.explanationreport import Section, Table, figure
from flows.terminal import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ANSWERS = {0: "not in place", 1: "partly in place", None: "not answered"}
_STANDINGS = {
    Standing.REACHED: "signal reached",
    Standing.BEHIND: "behind",
    Standing.UNSURE: "behind, perhaps by chance",
    Standing.UNKNOWN: "-",
}
_TARGET = (
    "A target is the median of peers: half of them reach it. Reaching it shows that a step was "
    "taken; nothing is known of whether it causes another stage."
)
_OWN_EVIDENCE = (
    "Your own evidence must show what no public signal can. So it must where a signal is reached "
    "although the statement is not in place: the signal shows a part of it."
)
_PEERS = {
    "same industry and size": "Peers are others of the same industry and size.",
    "same industry": (
        "Peers are others of the same industry: fewer than ten of its size show these signals."
    ),
    "all organizations": (
        "Peers are all others: fewer than ten of its industry show these signals."
    ),
}


def sections(record: Mapping[str, Any]) -> list[Section]:
    """The whole roadmap; `record` as `flows.roadmap.roadmap` makes it."""
    found = [
        Section(_title(record), tuple(_standing_sentences(record))),
        Section("Next steps", tuple(_steps_intro(record)), _step_tables(record["roadmap"])),
        Section("Without a budget", tuple(_fixes_intro(record)), _fix_tables(record["fixes"])),
        course_section(record["course"]),
        warnings_section(record["early_warnings"]),
    ]
    inside = record["inside"]
    return [*found, _inside_section(inside)] if inside else found


def _title(record: Mapping[str, Any]) -> str:
    name = record["organization"]["name"] or record["organization"]["organization_id"]
    return f"Roadmap of {name}, week of Monday {record['as_of_week']}"


def _standing_sentences(record: Mapping[str, Any]) -> Iterator[str]:
    yield _observed_sentence(record["observed"])
    yield from _claimed_sentences(record)
    for warning in record["early_warnings"]["warnings"]:
        if is_on(warning, record["early_warnings"]):
            labels = ", ".join(one["label"] for one in warning["signals"])
            yield f"Early warning since the week of Monday {warning['since']}: {labels} (below)."


def _observed_sentence(observed: Mapping[str, Any] | None) -> str:
    if observed is None or observed["stage_code"] is None:
        return "Too little of it can be seen to say which stages its public activity fits."
    low, high = observed["set90_low"], observed["set90_high"]
    if (low, high) == (min(Stage), max(Stage)):
        return "What can be seen of it rules out no stage: the 90 % prediction set holds all six."
    words = consistent_stages(low, high)
    return f"{words[0].upper()}{words[1:]}, the 90 % prediction set."


def _claimed_sentences(record: Mapping[str, Any]) -> Iterator[str]:
    claimed = record["claimed"]
    if claimed is None:
        name = record["organization"]["organization_id"]
        yield f"It has not assessed itself (Altimeter): `barograph assess {name}` asks."
        return
    yield _claimed_sentence(claimed)
    if claimed["shows_profile_only"]:
        yield "Its dimensions lie three stages or more apart: read the steps, not the stage."
    if claimed["ambition_stage_code"]:
        yield f"It aims at {Stage(claimed['ambition_stage_code']).label}."


def _claimed_sentence(claimed: Mapping[str, Any]) -> str:
    day = f" of {claimed['answered_on']}" if claimed["answered_on"] else ""
    missing = claimed["unanswered_count"]
    left = f"; {missing} statements without an answer leave the rest open" if missing else ""
    return (
        f"Its self-assessment{day} claims {_stages(claimed['cumulative'])} by its gates (all "
        f"dimensions but one), {_stages(claimed['weakest'])} by its weakest dimension{left}."
    )


def _stages(bounds: Mapping[str, int]) -> str:
    low, high = bounds["low"], bounds["high"]
    return _stage(low) if low == high else f"{_stage(low)} to {_stage(high)}"


def _stage(code: int) -> str:
    return Stage(code).label if code else "no stage yet"


def _steps_intro(record: Mapping[str, Any]) -> Iterator[str]:
    found = record["roadmap"]
    if found is None:
        name = record["organization"]["organization_id"]
        yield "None can be told: there is neither a self-assessment nor enough to see."
        yield f"`barograph assess {name}` asks; `barograph explain {name}` tells what was not seen."
        return
    if found["basis"] is Basis.SIGNALS:
        yield from _signals_intro(record)
    elif found["next_stage_code"] is None:
        yield "There is no stage after this one; what stayed behind comes first."
    else:
        yield (
            f"Towards {_stage(found['next_stage_code'])}: statements that are not in place, by its "
            "self-assessment. Missing foundations, of a stage below, come first; then what is "
            "partly in place."
        )
    if not found["steps"]:
        yield "No step is open."
        return
    yield _TARGET
    yield from _steps_notes(found["steps"])


def _signals_intro(record: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Without a self-assessment these are only what can be seen: signals behind the peers' "
        "median. Goals, policies, training and budget may need more, and cannot be seen."
    )
    yield (
        "The median of the observed stage, which must not be taken as a result, is "
        f"{record['observed']['stage_label']}; steps from the lowest stage of the set to the one "
        "after the median are listed, those that are behind for certain first."
    )


def _steps_notes(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How to read the table below, and where to begin."""
    group = _only_group(steps)
    if group:
        yield _PEERS[group]
    if any(step["item_code"] for step in steps):
        yield _OWN_EVIDENCE
        yield _first_step(steps[0])
    seen = next((step for step in steps if _is_behind(step)), None)
    if seen:
        yield f"The first that is seen to be behind: {_step_name(seen)}."
    else:
        yield "None is seen to be behind for certain."


def _only_group(steps: Sequence[Mapping[str, Any]]) -> str:
    """The group that all targets come from; "" where there are several, or none."""
    groups = {step["metric"]["peer_group"] for step in steps if _has_target(step["metric"])}
    return groups.pop() if len(groups) == 1 else ""


def _has_target(metric: Mapping[str, Any] | None) -> bool:
    return metric is not None and metric["target"] is not None


def _is_behind(step: Mapping[str, Any]) -> bool:
    return bool(step["metric"] and step["metric"]["standing"] is Standing.BEHIND)


def _first_step(step: Mapping[str, Any]) -> str:
    why = "a missing foundation" if step["is_foundation"] else _ANSWERS[step["answer"]]
    return f"Begin with {step['item_code']}, {why}."


def _step_name(step: Mapping[str, Any]) -> str:
    label = str(step["metric"]["label"])
    return f"{step['item_code']}, by {label.lower()}" if step["item_code"] else label


def _step_tables(found: Mapping[str, Any] | None) -> tuple[Table, ...]:
    if not found or not found["steps"]:
        return ()
    columns = ("", "Step", "Stage", "Shown by", "Now (n)", "Peers' median (n)", "Standing")
    only_group = _only_group(found["steps"])
    rows = tuple(
        (str(at), _step(step), _stage(step["stage_code"]), *_metric_cells(step, only_group))
        for at, step in enumerate(found["steps"], start=1)
    )
    return (Table("Steps, first things first", columns, rows),)


def _step(step: Mapping[str, Any]) -> str:
    if not step["item_code"]:
        return str(step["text"])
    waits = f", after {step['waits_for']}" if step["waits_for"] else ""
    return f"{step['item_code']} {step['text']} ({_ANSWERS[step['answer']]}{waits})"


def _metric_cells(step: Mapping[str, Any], only_group: str) -> tuple[str, ...]:
    metric = step["metric"]
    if metric is None:
        return (_own_evidence(step), "-", "-", "-")
    rest = f"; {_own_evidence(step)}" if metric["standing"] is Standing.REACHED else ""
    return (
        f"{metric['label']} ({metric['unit']}){rest}",
        _now(metric),
        _target(metric, only_group),
        _standing(metric),
    )


def _own_evidence(step: Mapping[str, Any]) -> str:
    sentence = step["own_evidence"]
    return f"your own evidence: {sentence[:1].lower()}{sentence[1:].rstrip('.')}"


def _now(metric: Mapping[str, Any]) -> str:
    if metric["is_never_reached"]:
        return f"over half wait ({metric['n']})"
    if metric["value"] is None:
        return "not seen"
    return f"{figure(metric['value'])} ({metric['n']})"


def _target(metric: Mapping[str, Any], only_group: str) -> str:
    if metric["target"] is None:
        return "fewer than ten"
    group = "" if only_group else f", {metric['peer_group']}"
    return f"{figure(metric['target'])} ({metric['peer_count']}{group})"


def _standing(metric: Mapping[str, Any]) -> str:
    """In words; a median of none is no aim where more is better."""
    is_none = metric["target"] == 0
    if is_none and signal_named(metric["signal_code"]).direction is Direction.RISES:
        return "most of them show none"
    return _STANDINGS[metric["standing"]]


def _fixes_intro(record: Mapping[str, Any]) -> Iterator[str]:
    if not record["fixes"]:
        yield "Nothing was seen that wants mending; what platforms do not show is not known."


def _fix_tables(fixes: Sequence[Mapping[str, Any]]) -> tuple[Table, ...]:
    rows = tuple(
        (
            fix["text"],
            f"{len(fix['addresses'])} of {fix['known_count']}",
            ", ".join(fix["addresses"]),
        )
        for fix in fixes
    )
    return (Table("To put in order", ("What", "Channels", "Which"), rows),)


def _inside_section(inside: Mapping[str, Any]) -> Section:
    return Section(
        "Inside the organization (ESM3)",
        tuple(_inside_intro(inside)),
        (
            _profile_table(inside),
            _level_table("Quick wins", inside["quick_wins"]),
            _level_table("Improvement areas", inside["improvement_areas"]),
            _history_table(inside["history"]),
        ),
    )


def _inside_intro(inside: Mapping[str, Any]) -> Iterator[str]:
    day = f" of {inside['answered_on']}" if inside["answered_on"] else ""
    overall = inside["scores"]["overall"]
    yield (
        f"From its self-assessment{day}, never from public data. Levels run from 1 (pioneering) "
        f"to 3 (strategic); weakest perspective {number(overall['weakest']['value'])}, "
        f"mean {number(overall['mean']['value'])}."
    )
    yield (
        "Quick wins are criteria at its lowest level in a weakest perspective; improvement areas "
        "are the others below the highest level."
    )
    if len({one["perspective_code"] for one in inside["quick_wins"]}) > 1:
        yield "Quick wins lie in several perspectives: begin with what costs least."
    percentiles = [one for one in inside["percentiles"].values() if one]
    if len(_pools(percentiles)) == 1:
        yield _pool_sentence(percentiles[0])
    if inside["unanswered"]:
        yield f"Without an answer: {', '.join(inside['unanswered'])}."


def _pools(percentiles: Sequence[Mapping[str, Any]]) -> set[tuple[str, int]]:
    return {(one["group"], one["peer_count"]) for one in percentiles}


def _pool_sentence(percentile: Mapping[str, Any]) -> str:
    count, group = percentile["peer_count"], percentile["group"]
    if percentile["share"] is None:
        return f"No percentile: fewer than ten others have assessed themselves ({count})."
    few = ", ".join(f"{name} {fewer}" for name, fewer in percentile["passed_over"])
    passed = f"; nearer groups are too few ({few})" if few else ""
    return f"Percentiles are among {count} others that assessed themselves, {group}{passed}."


def _profile_table(inside: Mapping[str, Any]) -> Table:
    labels = {one.code: one.label for one in read_instrument(ESM3).dimensions}
    percentiles = inside["percentiles"]
    is_one_pool = len(_pools([one for one in percentiles.values() if one])) == 1
    rows = [
        (
            labels[one["code"]],
            number(one["score"]["value"]),
            f"{one['answered_count']} of {one['criterion_count']}",
            _percentile(percentiles[one["code"]], is_one_pool=is_one_pool),
        )
        for one in inside["scores"]["perspectives"]
    ]
    mean = number(inside["scores"]["overall"]["mean"]["value"])
    rows.append(
        ("Mean of all", mean, "", _percentile(percentiles["mean"], is_one_pool=is_one_pool))
    )
    columns = ("Perspective", "Score", "Criteria answered", "Percentile (95 % interval)")
    return Table("Profile", columns, tuple(rows))


def _percentile(found: Mapping[str, Any] | None, *, is_one_pool: bool) -> str:
    if found is None or (found["share"] is None and is_one_pool):
        return "-"
    if found["share"] is None:
        return f"fewer than ten others ({found['peer_count']})"
    told = f"{found['share']:.0%} ({found['low']:.0%} to {found['high']:.0%})"
    return told if is_one_pool else f"{told}, n = {found['peer_count']}, {found['group']}"


def _level_table(title: str, levels: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (f"{one['item_code']} {one['label']}", one["level_text"], one["next_text"])
        for one in levels
    )
    return Table(title, ("Criterion", "Today", "Next level"), rows)


def _history_table(history: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (str(one["answered_on"] or "no date"), number(one["weakest"]), number(one["mean"]))
        for one in history
    )
    columns = ("Day", "Weakest perspective", "Mean")
    return Table("Over time", columns, rows if len(rows) > 1 else ())
