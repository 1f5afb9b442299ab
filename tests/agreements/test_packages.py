"""The five packages: named alike in every list, built whole, and theirs alone."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from shutil import copy2, copytree, ignore_patterns

import pytest

import connectors

ROOT_FILES = ("pyproject.toml", "README.md", "LICENSE")
NO_PACKAGES = {"benchmarks", "build", "data", "demo", "dist", "docs", "notebooks", "tests"}
HEAVY = ("prefect", "sklearn", "pandas", "duckdb", "pyarrow", "numpy", "scipy", "aiohttp")


@pytest.fixture(scope="module")
def root(pytestconfig):
    return pytestconfig.rootpath


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def packages(project):
    return set(project["tool"]["importlinter"]["root_packages"])


def test_every_list_of_packages_is_the_same(project, packages, root):
    tool = project["tool"]
    made = re.search(r"^PACKAGES := (.*)$", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(tool["hatch"]["build"]["targets"]["wheel"]["packages"]) == packages
    assert set(tool["mypy"]["packages"]) == packages
    assert set(made.group(1).split()) == packages


def test_every_folder_with_python_in_it_is_a_package_on_the_list(packages, root):
    folders = {path.parent.name for path in root.glob("*/*.py")}
    assert folders - NO_PACKAGES == packages


def test_every_connector_is_kept_apart_from_the_others(project):
    """The independence contract lists its modules; a new connector must be on it."""
    contracts = project["tool"]["importlinter"]["contracts"]
    (independence,) = (each for each in contracts if each["type"] == "independence")
    assert independence["modules"] == [f"connectors.{name}" for name in connectors.names()]


def test_every_module_of_a_simulator_is_kept_apart_from_the_other_s(project, root):
    """Two contracts list their modules; a new module must be on both lists."""
    kept = [
        [sorted(each["source_modules"]), sorted(each["forbidden_modules"])]
        for each in project["tool"]["importlinter"]["contracts"]
        if each["name"].startswith("no simulator knows another")
    ]
    folder = root / "classifiers" / "simulators"
    graded, capability = (
        sorted(f"classifiers.simulators.{path.stem}" for path in folder.glob(f"{beginning}*.py"))
        for beginning in ("graded", "capability")
    )
    assert kept == [[graded, capability], [capability, graded]]


def test_every_requirement_is_followed_by_its_reason(root):
    text = (root / "pyproject.toml").read_text("utf-8")
    block = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL).group(1)
    lines = block.splitlines()
    assert len(lines) > 10
    assert [line for line in lines if not re.fullmatch(r'    "[^"]+", +# \S.*', line)] == []


def test_every_lint_rule_that_is_off_is_followed_by_its_reason(root):
    text = (root / "pyproject.toml").read_text("utf-8")
    lint = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.flake8")]
    rules = re.findall(r'^    "[A-Z]+\d*",.*$', lint, re.MULTILINE)
    assert len(rules) > 10
    assert [line for line in rules if not re.search(r'", +# \S', line)] == []


def test_no_other_distribution_owns_a_name_of_ours(packages):
    owners = packages_distributions()
    others = {name: set(owners.get(name, ())) - {"barograph"} for name in packages}
    assert others == {name: set() for name in packages}


def test_the_wheel_holds_the_packages_whole_and_nothing_else(wheel_names, packages, root):
    tops = {name.split("/")[0] for name in wheel_names}
    (information,) = tops - packages
    assert re.fullmatch(r"barograph-[\d.]+\.dist-info", information)
    inside = {name for name in wheel_names if not name.startswith(information)}
    assert inside == files_of(root, packages)


@pytest.mark.parametrize("suffix", [".sql", ".toml", ".html", ".css"])
def test_the_wheel_holds_data_files(wheel_names, suffix):
    assert sum(name.endswith(suffix) for name in wheel_names) > 0


def test_the_wheel_brings_the_licence_and_the_command(wheel_names):
    assert any(name.endswith("/licenses/LICENSE") for name in wheel_names)
    assert any(name.endswith("/entry_points.txt") for name in wheel_names)


def test_the_command_line_starts_without_anything_heavy():
    """`barograph --help` must be quick: prefect alone takes seconds to import."""
    code = f"import flows.cli, sys; print(*(set(sys.modules) & {set(HEAVY)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []


@pytest.fixture(scope="module")
def wheel_names(root, packages, tmp_path_factory):
    """Files in a wheel that was built from a copy of the tree."""
    tree = tmp_path_factory.mktemp("tree")
    for package in packages:
        copytree(root / package, tree / package, ignore=ignore_patterns("__pycache__"))
    for name in ROOT_FILES:
        copy2(root / name, tree)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(command, cwd=tree, capture_output=True, check=True, timeout=120)
    (wheel,) = (tree / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def files_of(root, packages):
    """Files of the packages as they lie in the tree."""
    paths = (path for package in packages for path in (root / package).rglob("*"))
    return {
        path.relative_to(root).as_posix()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }
