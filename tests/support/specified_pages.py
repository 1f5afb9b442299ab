"""The catalogue of signals and their specifications, written into docs/signals.md.

Run as a script, it brings the document up to date; a test fails while it is not.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from specified_cases import cases, cells

from classifiers.signals import FAMILIES, SIGNALS, UNOBTAINABLE

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "signals.md"
_NAMES = {
    "channels": "Channels",
    "seen": "Seen whole",
    "failures": "Attempts that failed",
    "acts": "Acts",
    "threads": "Threads that were read otherwise than whole on the as-of day",
    "presences": "Profiles",
    "periods": "Imported spans",
}
_HEAD = ["signal", "value", "numerator / denominator", "n", "95 % interval", "missing", "seen"]


def rendered(text):
    """A document with its marked parts written anew."""
    parts = {"catalogue": catalogue, "unobtainable": unobtainable, "specifications": specifications}
    for name, write in parts.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        pattern = re.compile(f"{begin}.*?{end}", re.DOTALL)
        before, after = pattern.split(text)
        text = f"{before}{begin}\n\n{write()}\n\n{end}{after}"
    return text


def catalogue():
    """Every signal by family."""
    families = groupby(SIGNALS, key=lambda signal: signal.family)
    return "\n\n".join(_family(name, list(signals)) for name, signals in families)


def _family(name, signals):
    entries = "\n".join(_entry(signal) for signal in signals)
    return f"### {name.capitalize()}\n\n{FAMILIES[name]}\n\n{entries}"


def _entry(signal):
    metric = f" ({signal.metric})" if signal.metric else ""
    head = f"`{signal.code}`{metric}: **{signal.label}** ({_size(signal)}). {signal.definition}"
    lines = [
        f"- {head}",
        f"  - Formula: {_plain(signal.formula)}.",
        f"  - With the stage: {signal.expectation}{_separates(signal)}.",
        *_ranges(signal),
        f"  - Cannot tell: {_plain(signal.caution)}",
        f"  - Source: {_linked(signal.source)}",
    ]
    return "\n".join(lines)


def _size(signal):
    """Unit and window, and how much must have been seen."""
    least = f", n at least {signal.minimum_count}" if signal.minimum_count > 1 else ""
    pooled = " or drawn towards its peers" if signal.is_pooled_when_small else ""
    read = "; read by models" if signal.is_feature else ""
    return f"{signal.unit}, {signal.window_weeks} weeks{least}{pooled}{read}"


def _separates(signal):
    pairs = signal.separates.replace("/", " and ")
    return f". Helps to tell stages {pairs} apart" if pairs else ""


def _ranges(signal):
    if not signal.ranges:
        return []
    stages = [f"{number}: {found}" for number, found in enumerate(signal.ranges, 1) if found]
    return [f"  - Usual, as experts judge, by stage: {'; '.join(stages)}."]


def _plain(text):
    return text.replace("*", "\\*")


def _linked(text):
    return re.sub(r"(https?://[^\s);]+)", r"<\1>", text)


def unobtainable():
    """Every metric that is not measured, and why."""
    rows = [
        [f"`{one.code}` ({one.metric})", one.definition, one.why, one.needed]
        for one in UNOBTAINABLE
    ]
    return _table([["metric", "what it would be", "why not yet", "what it takes"], *rows])


def specifications():
    """Every case: the tables that go in, the numbers that come out, and the arithmetic."""
    families = groupby(cases(), key=lambda case: case.family)
    return "\n\n".join(_family_cases(name, list(found)) for name, found in families)


def _family_cases(name, found):
    words = name.replace("_", ", ").capitalize()
    title = f"### {words}, worked out\n\nAs of {found[0].as_of:%Y-%m-%d %H:%M} UTC."
    return "\n\n".join([title, *(_case(case) for case in found)])


def _case(case):
    parts = [f"#### {case.title}", *_world(case.world)]
    for peer, alike in groupby(case.peers):
        parts += [f"*Peers, {len(list(alike))} of this kind:*", *_world(peer)]
    rows = [_expected(code, row) for code, row in case.expected.items()]
    return "\n\n".join([*parts, _table([_HEAD, *rows]), _plain(case.working)])


def _world(world):
    attributes = ", ".join(f"{name} {value}" for name, value in world.attributes.items())
    if attributes:
        yield f"Organization: {attributes}."
    for name, text in world.text.items():
        yield f"{_NAMES[name]}:{_brief(cells(text))}"
    if not world.text:
        yield "No channel."


def _brief(rows):
    """A table, or what stands in its only column."""
    if len(rows[0]) == 1:
        return f" {', '.join(cell for (cell,) in rows[1:])}."
    return f"\n\n{_table(rows)}"


def _expected(code, row):
    share = _shown(row["numerator"]) + " / " + _shown(row["denominator"])
    interval = f"{_shown(row['lower'])} to {_shown(row['upper'])}"
    pooled = " (pooled)" if row["is_pooled"] else ""
    return [
        f"`{code}`",
        f"{_shown(row['value'])}{pooled}",
        "" if row["denominator"] is None and row["numerator"] is None else share,
        str(row["n"]),
        "" if row["lower"] is None and row["upper"] is None else interval,
        row["missing_reason"],
        str(row.get("coverage_share", "")),
    ]


def _shown(number):
    return "none" if number is None else str(number)


def _table(rows):
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(_plain(cell) for cell in line)} |" for line in lines)


if __name__ == "__main__":
    DOCUMENT.write_text(rendered(DOCUMENT.read_text("utf-8")), "utf-8")
