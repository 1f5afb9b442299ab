"""The import contracts of pyproject.toml are broken on purpose, and each break is reported."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from shutil import copy2, copytree, ignore_patterns

import pytest

#: By contract: a file, and a line at its end that the contract forbids.
BREAKS = {
    "flows compose; dashboards show; the rest are strangers": (
        "classifiers/stages.py",
        "import connectors.contract",
    ),
    "dashboards know only the vocabulary of classifiers": ("dashboards/svg.py", "import numpy"),
    "no connector knows another": ("connectors/elsewhere.py", "import connectors.feeds"),
    "only flows knows Prefect": ("warehouse/durable.py", "import prefect"),
    "the vocabulary needs nothing": ("classifiers/signals.py", "import pandas"),
    "no simulator knows another: graded response": (
        "classifiers/simulators/graded_view.py",
        "import classifiers.simulators.capability_sheet",
    ),
    "no simulator knows another: capability": (
        "classifiers/simulators/capability_noise.py",
        "import classifiers.simulators.graded_traits",
    ),
    "only fetching touches the network": ("connectors/contract.py", "import aiohttp"),
    "only warehouse imports duckdb": ("dashboards/scales.py", "import duckdb"),
    "only connectors import feedparser": ("flows/clock.py", "import feedparser"),
}


@pytest.fixture(scope="module")
def project(pytestconfig):
    return tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def tree(pytestconfig, project, tmp_path_factory):
    """A copy of the packages that may be damaged, with a second connector beside the first."""
    root, copy = pytestconfig.rootpath, tmp_path_factory.mktemp("tree")
    for package in project["tool"]["importlinter"]["root_packages"]:
        copytree(root / package, copy / package, ignore=ignore_patterns("__pycache__"))
    copy2(root / "pyproject.toml", copy)
    (copy / "connectors" / "elsewhere.py").write_text('"""Another connector."""\n')
    settings = (copy / "pyproject.toml").read_text("utf-8")
    listed, count = re.subn(
        r'(modules = \[\s*)"connectors\.', r'\1"connectors.elsewhere", "connectors.', settings
    )
    assert count == 1
    (copy / "pyproject.toml").write_text(listed)
    return copy


def test_the_tree_as_it_is_keeps_every_contract(tree, project):
    report = lint(tree)
    assert set(re.findall(r"^(.*) KEPT$", report, re.MULTILINE)) == names(project)
    assert "0 broken." in report


def test_there_is_a_break_for_each_contract(project):
    assert set(BREAKS) == names(project)


@pytest.mark.parametrize("contract", BREAKS)
def test_a_broken_contract_is_reported(tree, contract):
    place, line = BREAKS[contract]
    file = tree / place
    before = file.read_text("utf-8")
    file.write_text(f"{before}\n{line}\n")
    try:
        report = lint(tree)
    finally:
        file.write_text(before)
    assert contract in re.findall(r"^(.*) BROKEN$", report, re.MULTILINE)
    module, imported = place.removesuffix(".py").replace("/", "."), line.split()[1]
    assert re.search(rf"{module} -> {imported}\b", report)


def lint(tree):
    """What import-linter says of a tree."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {"PYTHONPATH": str(tree), "COLUMNS": "200"}
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert str(tree) not in done.stderr, done.stderr
    return done.stdout


def names(project):
    return {contract["name"] for contract in project["tool"]["importlinter"]["contracts"]}
