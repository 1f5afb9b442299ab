"""Renders the definitions in docs/agreement.md anew: python tests/support/agreement_page.py"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from classifiers.comparing.statistic import definitions

PAGE = Path(__file__).parents[2] / "docs" / "agreement.md"
START, END = "<!-- definitions -->\n", "<!-- /definitions -->"


def definitions_table():
    """All numbers of a comparison, as a Markdown table."""
    rows = [
        f"| `{code}` | {each.label} | {each.unit} | {each.sample} | {_cell(each.definition)} |"
        for code, each in definitions().items()
    ]
    head = ["| code | number | unit | of | definition |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def rendered(text):
    """The page with its table made anew."""
    head, _, rest = text.partition(START)
    return f"{head}{START}{definitions_table()}{END}{rest.partition(END)[2]}"


def _cell(text):
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text("utf-8")), "utf-8")
