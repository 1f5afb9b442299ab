"""An explanation in words and tables, for the terminal and as Markdown; it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import fill
from typing import TYPE_CHECKING, Any

from classifiers.signals import UNOBTAINABLE
from classifiers.stages import Stage
from flows.terminal import number, stage_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import Console

_WIDTH = 100
#: What parts that are no families of signals are called.
PARTS = {
    "average": "where all begin",
    "size": "its size",
    "not_seen": "inferred for what was not seen",
    "doubt": "doubt about what was not seen",
    "labels": "what expert codes changed",
}
_SOURCES = {
    "simulator": "trained on simulated organizations only (a cold start)",
    "recalibrated": "trained on simulated organizations and recalibrated by expert codes",
    "offset": "trained on simulated organizations and corrected by expert codes",
    "stack": "an ensemble of models trained on expert codes",
}
_SIZES = ((0.1, "next to nothing"), (0.5, "a little"), (1.5, "clearly"))
_LIMITS = (
    "All of this is estimated from public activity.",
    "Goals, budget, training, policies, tools and private messages cannot be seen from outside.",
    "It is made to compare organizations, and must not be used for decisions about individuals.",
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts under a title."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an explanation: sentences, then tables."""

    title: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...] = field(default=())


def sections(record: Mapping[str, Any]) -> list[Section]:
    """The whole explanation, words first; `record` as `flows.explaining.explain` makes it."""
    return [
        Section(_title(record), tuple(_summary(record))),
        Section("What speaks for and against", tuple(_parts_intro(record)), _thresholds(record)),
        Section("Signals that matter most", tuple(_signals_intro(record)), _signals(record)),
        Section("What is missing", tuple(_missing_intro(record)), _missing(record)),
        Section("Where it was read", tuple(_evidence_intro(record)), _evidence(record)),
        Section("Limits", (*_LIMITS, _unobtainable())),
    ]


def _title(record: Mapping[str, Any]) -> str:
    name = record["organization"]["name"] or record["organization"]["organization_id"]
    return f"{name}, week of Monday {record['as_of_week']}"


def _summary(record: Mapping[str, Any]) -> Iterator[str]:
    estimate = record["estimate"]
    is_observable = estimate["stage_code"] is not None
    if not is_observable or estimate["is_abstained"]:
        yield f"No single stage is named. {estimate['abstention_text']}"
    else:
        yield f"Observed stage, estimated from public activity: {estimate['stage_label']}."
    if is_observable and estimate["is_abstained"]:
        yield f"The median, which must not be taken as a result, is {estimate['stage_label']}."
    yield (
        f"80 % prediction set: {stage_set(estimate, 80)}. "
        f"90 % prediction set: {stage_set(estimate, 90)}."
    )
    yield f"Probabilities: {_probabilities(estimate)}."
    if not is_observable:
        yield "They are equal because nothing is known."
    yield _model_sentence(record["model"], estimate)


def _probabilities(estimate: Mapping[str, Any]) -> str:
    found = [(stage.label, estimate[f"probability_{stage.value}"]) for stage in Stage]
    return ", ".join(f"{label} {number(share, '.1%')}" for label, share in found)


def _model_sentence(model: Mapping[str, Any], estimate: Mapping[str, Any]) -> str:
    kind = _SOURCES.get(model.get("source", ""), "of which no file is at hand")
    return f"Model: {model['model_version']}, {kind}.{_seen(estimate)}"


def _seen(estimate: Mapping[str, Any]) -> str:
    """What the model had seen of this organization."""
    if estimate["is_out_of_fold"] and estimate["saw_claim"]:
        return " It had seen neither its label nor its self-assessment."
    if estimate["is_out_of_fold"]:
        return " It had not seen the label of this organization."
    return " It was trained on its self-assessment as well." if estimate["saw_claim"] else ""


def _parts_intro(record: Mapping[str, Any]) -> Iterator[str]:
    if not any(threshold["parts"] for threshold in record["thresholds"]):
        yield "Nothing of it was stored: nothing could be observed, or the estimate is older."
        return
    yield (
        "Each number is a push in log-odds (natural logarithm): above zero for a higher stage, "
        "below zero against it; 0.7 doubles the odds. They add up to the last line."
    )
    if not record["thresholds"][-1]["is_told_apart"]:
        yield (
            "Strategic and Converged are one word, Strategic or Converged: too few labels tell "
            "them apart, so that the last threshold says little."
        )


def _thresholds(record: Mapping[str, Any]) -> tuple[Table, ...]:
    columns = ("Part", "Push", "Log-odds", "Signals seen")
    return tuple(
        Table(
            _threshold_title(threshold),
            columns,
            (*map(_part_cells, threshold["parts"]), _sum_cells(threshold)),
        )
        for threshold in record["thresholds"]
        if threshold["parts"]
    )


def _threshold_title(threshold: Mapping[str, Any]) -> str:
    above = threshold["probability_above"]
    return f"{threshold['threshold']}: above it with a probability of {above:.1%}"


def _part_cells(part: Mapping[str, Any]) -> tuple[str, ...]:
    name = PARTS.get(part["part"], part["part"])
    seen = "" if part["part"] in PARTS else number(part["seen_share"], ".0%")
    return name, push_words(part["log_odds"]), f"{part['log_odds']:+.2f}", seen


def _sum_cells(threshold: Mapping[str, Any]) -> tuple[str, ...]:
    return "together", "", f"{threshold['log_odds']:+.2f}", ""


def push_words(log_odds: float) -> str:
    """How much a push is and which way it goes; a size of 0.7 halves or doubles the odds."""
    size = next((words for limit, words in _SIZES if abs(log_odds) < limit), "strongly")
    return size if size == _SIZES[0][1] else f"{size} {'for' if log_odds > 0 else 'against'}"


def _signals_intro(record: Mapping[str, Any]) -> Iterator[str]:
    if record["weights_known"]:
        yield (
            "The three of each family that push most at any threshold; the push shown is where "
            "it is greatest. A family's part counts absent channels and all other signals as well."
        )
    else:
        yield (
            "The first three of each family that were seen: their own pushes are not known, for "
            "no parts were stored, or the model's file is not at hand or says something else."
        )
    yield (
        "Peers are others of the same industry and size, else of the same industry, else all; a "
        "median is told of ten or more."
    )


def _signals(record: Mapping[str, Any]) -> tuple[Table, ...]:
    columns = ("Signal", "Value", "n", "Peers' median", "With the stage", "Greatest push")
    return tuple(
        Table(
            f"{family['family'].capitalize()}: {family['question']}",
            columns,
            tuple(map(_signal_cells, family["signals"])),
        )
        for family in record["families"]
    )


def _signal_cells(signal: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{signal['label']} ({signal['unit']})",
        _value(signal),
        str(signal["n"]),
        _peers(signal),
        signal["direction"],
        _greatest(signal["log_odds"]),
    )


def _value(signal: Mapping[str, Any]) -> str:
    if signal["value"] is None:
        return signal["missing_reason"] or "-"
    return figure(signal["value"]) + (" (drawn towards peers)" if signal["is_pooled"] else "")


def figure(value: float | None) -> str:
    """A value with three significant digits; a dash for none."""
    return number(value, ".3g")


def _peers(signal: Mapping[str, Any]) -> str:
    if signal["peer_median"] is None:
        return "fewer than ten"
    return f"{figure(signal['peer_median'])} ({signal['peer_count']}, {signal['peer_group']})"


def _greatest(log_odds: Sequence[float] | None) -> str:
    if not log_odds:
        return "-"
    at = max(range(len(log_odds)), key=lambda place: abs(log_odds[place]))
    stage = Stage(at + 1).label
    return f"{push_words(log_odds[at])} ({log_odds[at]:+.2f}, above {stage})"


def _missing_intro(record: Mapping[str, Any]) -> Iterator[str]:
    if not record["missing"]:
        yield "Nothing: every signal that the model reads was seen."
        return
    yield (
        "What seeing a signal could change: the log-odds of being above each threshold, were it "
        "at the low or the high end of what eight in ten peers show. This is the model's "
        "arithmetic and no advice: nothing beyond what is observed is assumed."
    )


def _missing(record: Mapping[str, Any]) -> tuple[Table, ...]:
    columns = ("Signal", "Why it was not seen", "What to do", "What seeing it could change")
    cells = tuple(
        (missing["label"], missing["why"], missing["remedy"], _moves(missing))
        for missing in record["missing"]
    )
    return (Table("Not seen", columns, cells),) if cells else ()


def _moves(missing: Mapping[str, Any]) -> str:
    if missing["low_log_odds"] is None:
        return "not known" if missing["peer_count"] else "fewer than ten peers show it"
    low, high = missing["low_log_odds"], missing["high_log_odds"]
    at = max(range(len(low)), key=lambda place: abs(low[place]) + abs(high[place]))
    return (
        f"{low[at]:+.2f} at {figure(missing['peer_low'])}, {high[at]:+.2f} at "
        f"{figure(missing['peer_high'])} (above {Stage(at + 1).label})"
    )


def _evidence_intro(record: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Only what the organization itself did is shown one by one; what others said to it is "
        "counted in signals. Addresses of pages are told where nobody else speaks."
    )
    for group in record["acts"]:
        if group["staff_count"] != 0:
            count = group["staff_count"] or "Fewer than five"
            yield f"{count} of its {group['evidence']} are by staff, who are counted and not shown."
    for reason in dict.fromkeys(page["left_out"] for page in record["pages"]):
        if reason:
            yield f"Left out of a bundle are pages of which this holds: {reason}."
    damaged = [page["page_id"] for page in record["pages"] if page["is_intact"] is False]
    if damaged:
        yield f"Not as they were recorded: {', '.join(damaged)}. The archive is damaged."


def _evidence(record: Mapping[str, Any]) -> tuple[Table, ...]:
    addresses = {row["channel_id"]: row["address"] for row in record["channels"]}
    tables = [_channels(record["channels"])]
    tables += [_acts(group, addresses) for group in record["acts"]]
    return (*tables, *_pages(record["pages"]))


def _channels(channels: Iterable[Mapping[str, Any]]) -> Table:
    columns = ("Source", "Address", "Role", "Days seen", "From", "To", "Last outcome")
    return Table("Channels", columns, tuple(map(_channel_cells, channels)))


def _channel_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["source"],
        row["address"],
        " ".join(filter(None, (row["role"], row["function"]))),
        f"{row['seen_day_count']} of {row['day_count']}",
        str(row["first_seen_on"] or "never"),
        str(row["last_seen_on"] or "never"),
        row["last_outcome"] or "not asked",
    )


def _acts(group: Mapping[str, Any], addresses: Mapping[str, str]) -> Table:
    listed = group["listed"]
    title = (
        f"{group['evidence'].capitalize()}, {len(listed)} of {group['own_count']}, for "
        f"{', '.join(group['signal_codes'])}"
    )
    cells = tuple(
        (
            str(act["occurred_on"]),
            act["kind"],
            addresses.get(act["channel_id"], act["channel_id"]),
            act["link"] or "-",
            act["page_id"],
        )
        for act in listed
    )
    return Table(title, ("Day", "Kind", "Channel", "Public page", "Archived page"), cells)


def _pages(pages: Sequence[Mapping[str, Any]]) -> tuple[Table, ...]:
    batches = tuple(
        (page["page_id"], f"{page['fetched_at']:%Y-%m-%d %H:%M} UTC", page["archive_file"])
        for page in pages
    )
    sums = tuple(
        (page["page_id"], page["sha256"] or "not recorded", "no" if page["left_out"] else "yes")
        for page in pages
    )
    return (
        Table("Archived pages", ("Page", "Read", "Archive file"), batches),
        Table("Their contents", ("Page", "SHA-256", "In a bundle"), sums),
    )


def _unobtainable() -> str:
    labels = ", ".join(entry.label.lower() for entry in UNOBTAINABLE)
    return f"The stage model asks for more that nobody can measure yet: {labels}."


def show(found: Iterable[Section], console: Console) -> None:
    """Print an explanation to a terminal."""
    from rich.markup import escape

    for section in found:
        console.print(f"\n[bold]{escape(plain(section.title))}[/bold]")
        for sentence in section.sentences:
            console.print(fill(plain(sentence), _WIDTH), markup=False)
        for table in filter(_has_rows, section.tables):
            console.print(f"\n[italic]{escape(plain(table.title))}[/italic]")
            console.print(_terminal_table(table))


def _has_rows(table: Table) -> bool:
    return bool(table.rows)


def _terminal_table(table: Table) -> Any:  # noqa: ANN401 - a rich table
    from rich import table as rich_table
    from rich.text import Text

    made = rich_table.Table(header_style="bold", pad_edge=False, box=None)
    for column in table.columns:
        made.add_column(column, overflow="fold")
    for row in table.rows:
        made.add_row(*(Text(plain(cell)) for cell in row))
    return made


def markdown(found: Iterable[Section]) -> str:
    """An explanation as Markdown, with a final line end."""
    blocks: list[str] = []
    for level, section in enumerate(found):
        blocks.append(f"{'#' if level == 0 else '##'} {_escaped(section.title)}")
        blocks += map(_escaped, section.sentences)
        for table in filter(_has_rows, section.tables):
            blocks += [f"**{_escaped(table.title)}**", _markdown_table(table)]
    return "\n\n".join(blocks) + "\n"


def _markdown_table(table: Table) -> str:
    lines = [table.columns, ("---",) * len(table.columns), *table.rows]
    return "\n".join(f"| {' | '.join(map(_escaped, line))} |" for line in lines)


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in plain(text))


def plain(text: str) -> str:
    """A text on one line, without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)
