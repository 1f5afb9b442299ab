"""A roadmap in words and tables, for the terminal; it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifiers.assessing.esm3_scores import CODE as ESM3
from classifiers.assessing.instrument import read_instrument
from classifiers.improving.roadmap import Basis, Standing, consistent_stages
from classifiers.stages import Stage
from flows.explanationreport import Section, Table, figure
from flows.terminal import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ANSWERS = {0: "not in place", 1: "partly in place", None: "not answered"}
_STANDINGS = {
    Standing.REACHED: "reached",
    Standing.BEHIND: "behind",
    Standing.UNSURE: "behind, perhaps by chance",
    Standing.UNKNOWN: "-",
}
_TARGET = (
    "A target is the median of peers: half of them reach it. Reaching it shows that a step was "
    "taken; nothing is known of whether it causes another stage."
)


def sections(record: Mapping[str, Any]) -> list[Section]:
    """The whole roadmap; `record` as `flows.roadmap.roadmap` makes it."""
    found = [
        Section(_title(record), tuple(_standing_sentences(record))),
        Section("Next steps", tuple(_steps_intro(record)), _step_tables(record["roadmap"])),
        Section("Without a budget", tuple(_fixes_intro(record)), _fix_tables(record["fixes"])),
    ]
    inside = record["inside"]
    return [*found, _inside_section(inside)] if inside else found


def _title(record: Mapping[str, Any]) -> str:
    name = record["organization"]["name"] or record["organization"]["organization_id"]
    return f"Roadmap of {name}, week of Monday {record['as_of_week']}"


def _standing_sentences(record: Mapping[str, Any]) -> Iterator[str]:
    observed, claimed = record["observed"], record["claimed"]
    if observed is None or observed["stage_code"] is None:
        yield "Too little of it can be seen to say which stages its public activity fits."
    else:
        words = consistent_stages(observed["set90_low"], observed["set90_high"])
        yield f"{words[0].upper()}{words[1:]}, the 90 % prediction set."
    if claimed is None:
        yield "It has not assessed itself (Altimeter): `barograph assess` asks the statements."
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
        yield "None can be told: there is neither a self-assessment nor enough to see."
        return
    if found["basis"] is Basis.SIGNALS:
        yield from _signals_intro(record)
    elif found["next_stage_code"] is None:
        yield "There is no stage after this one; what stayed behind comes first."
    else:
        yield (
            f"Towards {_stage(found['next_stage_code'])}: statements not in place, from its "
            "self-assessment. Missing foundations come first, then what is nearest."
        )
    if not found["steps"]:
        yield "No step is open."
        return
    yield _TARGET


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


def _step_tables(found: Mapping[str, Any] | None) -> tuple[Table, ...]:
    if not found or not found["steps"]:
        return ()
    columns = ("", "Step", "Stage", "Shown by", "Now (n)", "Peers' median", "Standing")
    rows = tuple(_step_cells(at, step) for at, step in enumerate(found["steps"], start=1))
    return (Table("Steps, first things first", columns, rows),)


def _step_cells(place: int, step: Mapping[str, Any]) -> tuple[str, ...]:
    foundation = ", a foundation" if step["is_foundation"] else ""
    return (
        str(place),
        _step(step),
        f"{_stage(step['stage_code'])}{foundation}",
        *_metric_cells(step["metric"]),
    )


def _step(step: Mapping[str, Any]) -> str:
    if not step["item_code"]:
        return str(step["text"])
    waits = f", after {step['waits_for']}" if step["waits_for"] else ""
    return f"{step['item_code']} {step['text']} ({_ANSWERS[step['answer']]}{waits})"


def _metric_cells(metric: Mapping[str, Any] | None) -> tuple[str, ...]:
    if metric is None:
        return ("nothing public", "-", "-", "-")
    return (
        f"{metric['label']} ({metric['unit']})",
        _now(metric),
        _target(metric),
        _STANDINGS[metric["standing"]],
    )


def _now(metric: Mapping[str, Any]) -> str:
    if metric["is_never_reached"]:
        return f"over half wait ({metric['n']})"
    if metric["value"] is None:
        return "not seen"
    return f"{figure(metric['value'])} ({metric['n']})"


def _target(metric: Mapping[str, Any]) -> str:
    if metric["target"] is None:
        return "fewer than ten peers"
    return f"{figure(metric['target'])} ({metric['peer_count']}, {metric['peer_group']})"


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
    if inside["unanswered"]:
        yield f"Without an answer: {', '.join(inside['unanswered'])}."


def _profile_table(inside: Mapping[str, Any]) -> Table:
    labels = {one.code: one.label for one in read_instrument(ESM3).dimensions}
    rows = [
        (
            labels[one["code"]],
            number(one["score"]["value"]),
            f"{one['answered_count']} of {one['criterion_count']}",
            _percentile(inside["percentiles"][one["code"]]),
        )
        for one in inside["scores"]["perspectives"]
    ]
    mean = inside["scores"]["overall"]["mean"]["value"]
    rows.append(("Mean of all", number(mean), "", _percentile(inside["percentiles"]["mean"])))
    columns = ("Perspective", "Score", "Criteria answered", "Percentile (95 % interval), peers")
    return Table("Profile", columns, tuple(rows))


def _percentile(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "-"
    if found["share"] is None:
        return f"fewer than ten others ({found['peer_count']})"
    passed = "".join(f"; {name}: only {count}" for name, count in found["passed_over"])
    return (
        f"{found['share']:.0%} ({found['low']:.0%} to {found['high']:.0%}), "
        f"n = {found['peer_count']}, {found['group']}{passed}"
    )


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
