"""The report of a comparison: claims beside observed stages, as one page and as Markdown.

What a report says, and in which order, stands once in `templates/agreement_report_sections.html`;
how it is written stands in `agreement_report_as_page.html` and `agreement_report_as_markdown.html`.
Every number keeps its n and its definition; one that is not known keeps the reason.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from classifiers.stages import Stage
from dashboards.charts.comparison import ComparisonCharts, comparison_charts, pairs_of
from dashboards.rendering import style_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Statistic = Mapping[str, Any]

_NOT_KNOWN = "not known"
_SPACE = "\N{NO-BREAK SPACE}"
_HONEST = "If all were honest"
_FOLDER = Path(__file__).parent
_MANY = 100  # from this n on, a per cent is told with a decimal
_SMALL_P = 0.001
_SAMPLES = {"repeated": "asked twice", "labels": "coded twice"}
_SAMPLES |= {name: name for name in ("claims", "judged", "points")}
_ABSTENTIONS = {
    "no estimate": "No estimate that the claim itself did not teach",
    "not_observable": "No channel that can be read",
    "low_coverage": "Too little of the channel days was seen",
    "few_active_weeks": "Too few weeks were observed",
    "few_signals": "Too many signals were not seen",
    "outside_training": "Unlike all that the model was trained on",
    "low_inbound": "Too few messages to tell Presence from Engagement",
    "wide_set": "The evidence fits too many stages",
}
#: Numbers whose value under honesty is another number's value, or its expectation.
_HONEST_PARTS = {
    "exact_share": ("ceiling_exact_share", "value"),
    "kappa_quadratic": ("ceiling_kappa", "value"),
    "above_share": ("excess_above", "expected"),
    "below_share": ("excess_below", "expected"),
}
_HONEST_AT_0 = ("excess_gap", "sensitivity_excess_gap", "group_gap", "group_excess_gap")
_WITH_INTERVALS = ("share", "stages", "coefficient")
_UNWRITABLE = dict.fromkeys([*range(32), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF], " ")
#: Signs of HTML, and what GitHub would turn into links.
_HTML_SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "://": ":\\//", "www.": "www\\."}
_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]|~#])")


class Cell(NamedTuple):
    """What stands in one cell: a text, the number whose definition it links to, a remark."""

    text: str
    code: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a name for those who do not see it; the first cell of a row is its head."""

    label: str
    heads: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    is_text: bool = False  #: whether the columns hold words instead of numbers


class Report:
    """A comparison as the templates ask for it: counts, sentences, tables, drawings."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.about: Mapping[str, Any] = record["about"]
        self.rows: Sequence[Mapping[str, Any]] = record["organizations"]
        self.statistics: Sequence[Statistic] = record["statistics"]
        self.definitions = {each["code"]: each for each in self.statistics}
        self.pairs = pairs_of(record)
        self.charts: ComparisonCharts = comparison_charts(record)

    def one(self, code: str, group: str = "") -> Statistic:
        """The statistic with this code and group.

        Raises:
            KeyError: the record has none.
        """
        for each in self.statistics:
            if (each["code"], each["group"]) == (code, group):
                return each
        raise KeyError(code, group)

    def count(self, code: str) -> int:
        """A count of organizations."""
        return int(self.one(code)["value"] or 0)

    def told(self, code: str) -> str:
        """A number with its interval and n for a sentence, or why it is not known."""
        statistic = self.one(code)
        value, interval, n = _value(statistic), _interval(statistic), _n(statistic)
        if interval:
            return f"{value} (95 % interval {interval}; {n})"
        return f"{value} ({'; '.join(filter(None, (_remark(statistic), n)))})"

    def _honest(self, statistic: Statistic) -> str:
        """What honest claims would show of it, "" where that is not computed."""
        if statistic["code"] in _HONEST_AT_0:
            return "0"
        code, part = _HONEST_PARTS.get(statistic["code"], ("", "expected"))
        source = self.one(code) if code else statistic
        expected = source[part]
        return "" if expected is None else _written(source, expected, is_raw=True)

    def is_beyond_chance(self, code: str) -> bool:
        """Whether the interval leaves out 0."""
        low, high = (self.one(code)[end] for end in ("low", "high"))
        return low is not None and high is not None and (low > 0 or high < 0)

    def numbers(self, label: str, *codes: str, kind: str = "", honest: str = _HONEST) -> Table:
        """Statistics one a row; columns in which nothing stands are left out.

        Args:
            label: of the table.
            codes: which, in this order.
            kind: only of groups of this kind, such as industry.
            honest: title of the column of expectations.
        """
        of_code = (each for code in codes for each in self.statistics if each["code"] == code)
        found = [each for each in of_code if each["group"].startswith(kind)]
        columns: dict[str, list[Cell]] = {
            "Value": [Cell(_value(each)) for each in found],
            "95 % interval": [Cell(_interval(each)) for each in found],
            honest: [self._honest_cell(each) for each in found],
            "p": [Cell(_p_value(each["p_value"])) for each in found],
            "n": [Cell(str(each["n"]), remark=_SAMPLES.get(each["sample"], "")) for each in found],
        }
        kept = {title: cells for title, cells in columns.items() if any(c.text for c in cells)}
        names = [_name(each) for each in found]
        heads = [Cell("Number"), *map(Cell, kept)]
        return Table(label=label, heads=heads, rows=list(zip(names, *kept.values(), strict=True)))

    def abstentions(self) -> Table:
        """Why no single stage is named, and of how many."""
        n, found = self.count("claim_count"), self.statistics
        counts = {one["group"]: one["value"] for one in found if one["code"] == "abstained_count"}
        if nothing := sum(row["abstention_reason"] == "no estimate" for row in self.rows):
            counts["no estimate"] = nothing
        by_count = sorted(counts.items(), key=lambda item: -item[1])
        rows = [(Cell(_abstention(why)), Cell(f"{count:.0f} of {n}")) for why, count in by_count]
        code = "abstained_count" if "abstained_count" in self.definitions else ""
        heads = (Cell("Why no single stage is named"), Cell("Organizations", code))
        return Table(label="Abstentions by reason", heads=heads, rows=rows)

    def margins(self) -> Table:
        """Claims, points and expectations by stage, each column with its n."""
        codes = ("claimed_count", "observed_count", "expected_observed_count")
        firsts = [self.one(code, "1") for code in codes]
        heads = [Cell(f"{one['label']} ({_n(one)})", one["code"]) for one in firsts]
        rows = [
            [Cell(_stage(stage)), *(Cell(_value(self.one(code, f"{stage:d}"))) for code in codes)]
            for stage in Stage
        ]
        return Table(
            label="Claims, points and expectations", heads=[Cell("Stage"), *heads], rows=rows
        )

    def matrix(self) -> Table:
        """Organizations by claim (rows, Converged on top) and observed stage."""
        rows = [
            [Cell(_stage(claimed)), *(Cell(str(self.pairs[claimed, seen])) for seen in Stage)]
            for claimed in reversed(Stage)
        ]
        heads = [Cell("Claimed (rows), observed"), *(Cell(_stage(stage)) for stage in Stage)]
        return Table(label="Claimed by observed stage", heads=heads, rows=rows)

    def gaps(self) -> Table:
        """Organizations by claim minus observed stage."""
        counts = dict.fromkeys(range(5, -6, -1), 0)
        for (claimed, seen), count in self.pairs.items():
            counts[claimed - seen] += count
        rows = [(Cell(_signed(gap, 0)), Cell(str(count))) for gap, count in counts.items() if count]
        heads = (Cell("Claim minus observed stage"), Cell("Organizations"))
        return Table(label="Organizations by gap", heads=heads, rows=rows)

    def outside(self) -> Table:
        """Claims outside their sets or contradicted, the least likely first."""
        found = [row for row in self.rows if _is_outside(row)]
        found.sort(key=lambda row: (row["p_value"], row["organization_id"]))
        titles = ("Organization", "Claimed", "Public signals are consistent with", "Claim and set")
        codes = {"p": "", "Adjusted p": "contradicted_count", "Contradicted": "contradicted_count"}
        heads = [*map(Cell, titles), *(Cell(title, code) for title, code in codes.items())]
        rows = [_outside_row(row) for row in found]
        return Table(label="Claims outside their sets", heads=heads, rows=rows, is_text=True)

    def _honest_cell(self, statistic: Statistic) -> Cell:
        if statistic["code"] == "contradicted_count":  # expects false ones among them
            return Cell("")
        code, _ = _HONEST_PARTS.get(statistic["code"], ("", ""))
        words = self._honest(statistic) or (_NOT_KNOWN if code and statistic["n"] else "")
        return Cell(words, code if words else "")


def html_report(record: Mapping[str, Any]) -> str:
    """The report as one page that needs no other file and asks nobody for anything.

    Args:
        record: as `flows.agreement.report_record` gives it, or as read back from its JSON.
    """
    return _render("agreement_report.html", "page", _clean, record, style_sheet=style_sheet())


def markdown_report(record: Mapping[str, Any]) -> str:
    """The same as Markdown, with tables in place of drawings; `record` as for `html_report`."""
    text = _render("agreement_report_sections.html", "markdown", _marked_down, record)
    lines = "\n".join(line.strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _render(
    name: str,
    form: str,
    finalize: Callable[[object], object],
    record: Mapping[str, Any],
    **more: str,
) -> str:
    writer = f"agreement_report_as_{form}.html"
    template = _environment(finalize).get_template(name)
    return template.render(report=Report(_without_nan(record)), writer=writer, **more)


def _without_nan(value: Any) -> Any:  # noqa: ANN401 - as from JSON
    """The same with None for what is no number."""
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@cache
def _environment(finalize: Callable[[object], object]) -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )


def _clean(value: object) -> object:
    """Text without characters that no page may hold."""
    is_text = isinstance(value, str) and not isinstance(value, Markup)
    return str(value).translate(_UNWRITABLE) if is_text else value


def _marked_down(value: object) -> object:
    """Text in which nothing is a sign of Markdown or HTML."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    one_line = " ".join(value.translate(_UNWRITABLE).splitlines())  # a row ends with its line
    text = _MARKDOWN_SIGNS.sub(r"\\\1", one_line)
    for sign, written in _HTML_SIGNS.items():
        text = text.replace(sign, written)
    return Markup(text)  # noqa: S704 - nothing in it is a sign any more


def _n(statistic: Statistic) -> str:
    return f"n{_SPACE}={_SPACE}{statistic['n']}"


def _value(statistic: Statistic) -> str:
    value, low, high = (statistic[part] for part in ("value", "low", "high"))
    if value is not None:
        return _written(statistic, value)
    if low is not None and high is not None:
        return _range(statistic)
    return _NOT_KNOWN


def _range(statistic: Statistic) -> str:
    """Both bounds, their unit once."""
    low, high = (_written(statistic, statistic[bound]) for bound in ("low", "high"))
    return f"{low.partition(_SPACE)[0]} to {high}"


def _interval(statistic: Statistic) -> str:
    """The interval of a value; a range without a value, and limits of agreement, are none."""
    parts = [statistic[part] for part in ("value", "low", "high")]
    if None in parts or statistic["code"] == "gap_deviation":
        return ""
    return _range(statistic)


def _remark(statistic: Statistic) -> str:
    """Why there is no value or interval, and what to be careful about."""
    code, reason = statistic["code"], str(statistic["reason"])
    low, high = (statistic[part] for part in ("low", "high"))
    if _value(statistic) == _NOT_KNOWN:
        is_told = reason and code != "contradicted_count"  # whose reason explains what is expected
        return reason if is_told else _no_reason(statistic["n"])
    if code == "gap_deviation" and low is not None and high is not None:
        return f"limits of agreement {_signed(low)} to {_signed(high)}"
    if code == "contradicted_count":
        return f"of these at most {statistic['expected']:.1f} false, on average"
    is_without = low is None and statistic["unit"] in _WITH_INTERVALS
    return f"no interval: {reason}" if reason and is_without else reason


def _no_reason(n: int) -> str:
    return "the organizations do not tell" if n else "no organization to compute it from"


def _written(statistic: Statistic, value: float, *, is_raw: bool = False) -> str:
    """A number in its unit; a raw one, such as an expected share, is no difference."""
    unit, code = statistic["unit"], statistic["code"]
    if unit == "share":
        is_difference = "excess" in code and not is_raw
        return _share(value, statistic["n"], is_difference=is_difference)
    if unit == "stages" and code != "gap_deviation":
        return _signed(value)
    if unit == "organizations":
        is_expectation = is_raw or code.startswith("expected")
        return f"{value:,.1f}" if is_expectation else f"{value:,.0f}"
    return _signed(value).removeprefix("+")


def _share(share: float, n: int, *, is_difference: bool) -> str:
    """Per cent, or points of per cent with a sign; with a decimal where n bears one."""
    digits = 1 if n >= _MANY else 0
    if is_difference:
        return f"{_signed(100 * share, digits)}{_SPACE}pp"
    return f"{_signed(100 * share, digits).removeprefix('+')}{_SPACE}%"


def _signed(value: float, digits: int = 2) -> str:
    """A number with a true sign, none at 0."""
    text = f"{value:+,.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return text if any(digit in text for digit in "123456789") else text[1:]


def _p_value(p_value: float | None) -> str:
    if p_value is None:
        return ""
    return "< 0.001" if p_value < _SMALL_P else f"{p_value:.3f}"


def _name(statistic: Statistic) -> Cell:
    """The head of a row: the label, or the group where the table is about groups."""
    group, code = str(statistic["group"]), statistic["code"]
    text = str(statistic["label"])
    if code == "at_least_excess":
        text = f"{_stage(int(group))} or higher"
    elif code.startswith(("group_", "sensitivity_")):
        text = group.partition(": ")[2] or group
    elif group:
        text = f"{text}: {group}"
    return Cell(text, code, _remark(statistic))


def _abstention(reason: str) -> str:
    return _ABSTENTIONS.get(reason) or reason.replace("_", " ").capitalize() or "Not stated"


def _stage(code: int) -> str:
    return f"{code:d} {Stage(code).label}"


def _stage_set(low: int, high: int) -> str:
    stages = ", ".join(str(stage) for stage in range(low, high + 1))
    return f"stage{'' if low == high else 's'} {{{stages}}}"


def _is_outside(row: Mapping[str, Any]) -> bool:
    return row["claim_position"] in {"above", "below"} or bool(row["is_contradicted"])


def _outside_row(row: Mapping[str, Any]) -> Sequence[Cell]:
    texts = (
        row["organization_id"],
        _stage(row["claimed_stage_code"]),
        _stage_set(row["set90_low"], row["set90_high"]),
        f"{row['claim_position']} the set",
        _p_value(row["p_value"]),
        _p_value(row["adjusted_p_value"]),
        "yes" if row["is_contradicted"] else "no",
    )
    return [Cell(text) for text in texts]
