"""docs/agreement.md tells what the code computes, and what was measured of it."""

from __future__ import annotations

import re

import agreement_page
import pytest
from benchmark_scripts import script_named

from classifiers.comparing.statistic import definitions


def test_the_page_defines_every_number_as_the_code_does():
    text = agreement_page.PAGE.read_text("utf-8")
    assert agreement_page.rendered(text) == text, "run python tests/support/agreement_page.py"
    assert all(f"| `{code}` |" in text for code in definitions())


def test_a_changed_definition_is_noticed():
    text = agreement_page.PAGE.read_text("utf-8").replace("Wilson 1927", "Wilson 1928", 1)
    assert agreement_page.rendered(text) != text


@pytest.fixture(scope="module")
def script():
    return script_named("agreement")


def test_intervals_hold_nothing_among_honest_organizations(script):
    found = script.honest_runs(50, 200)
    assert min(found.above, found.below, found.gap) >= 0.93
    assert found.raw_above == pytest.approx(0.227, abs=0.02)  # which is why a ceiling is needed


def test_a_planted_half_stage_is_found_and_the_honest_are_left_alone(script):
    found = script.planted_runs(60, 60)
    assert found.found >= 0.85
    assert found.false <= 0.08
    assert 0.3 <= found.shown <= found.planted


def test_the_page_holds_the_measured_tables(script):
    text = agreement_page.PAGE.read_text("utf-8")
    for size in script.SIZES:
        [row] = re.findall(
            rf"^\| {size} \| (.+) \|$", text.partition("<!-- planted -->")[0], re.MULTILINE
        )
        assert all(float(share) >= 0.94 for share in row.split(" | ")[:3])
