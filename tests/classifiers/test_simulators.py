"""What all simulators have in common, and that they have nothing else in common."""

import ast
from pathlib import Path

import numpy as np
import pytest

from classifiers import simulators
from classifiers.signals import FEATURE_CODES
from classifiers.simulators import SIMULATORS, simulate_organizations
from classifiers.simulators.priors import read_priors
from classifiers.simulators.worlds import SimulatedWorlds, join_simulated

FOLDER = Path(simulators.__file__).parent
#: What the modules of a simulator are called.
BEGINNINGS = {"graded_response": "graded", "capability": "capability"}
SHARED = {"signals", "estimates", "stages", "simulators.priors", "simulators.worlds"}
PRIOR = '[[prior]]\nname = "slope"\ndistribution = "uniform"\nparameters = [0, 1]\n'


@pytest.mark.parametrize("name", SIMULATORS)
def test_a_simulator_is_found_by_its_name_and_gives_the_same_for_the_same_seed(name):
    one, again, other = (simulate_organizations(name, 2, 30, seed) for seed in (7, 7, 8))
    assert one.values.shape == (60, len(FEATURE_CODES))
    for column in SimulatedWorlds.__slots__:
        np.testing.assert_array_equal(getattr(one, column), getattr(again, column))
    assert not np.array_equal(one.values, other.values, equal_nan=True)


@pytest.mark.parametrize("name", SIMULATORS)
def test_a_generator_is_as_good_as_a_seed(name):
    seeded = simulate_organizations(name, 1, 30, 7)
    drawn = simulate_organizations(name, 1, 30, np.random.default_rng(7))
    np.testing.assert_array_equal(seeded.values, drawn.values)


@pytest.mark.parametrize("name", SIMULATORS)
def test_values_are_missing_exactly_where_a_reason_stands(name):
    worlds = simulate_organizations(name, 10, 100, 1)
    np.testing.assert_array_equal(np.isnan(worlds.values), worlds.reasons != "")
    assert set(worlds.reasons.ravel()) == {"", "absent", "unobserved", "undefined"}


def test_an_unknown_simulator_is_refused():
    with pytest.raises(KeyError, match="magic"):
        simulate_organizations("magic", 1, 10, 0)


def test_worlds_of_several_simulations_stay_apart():
    parts = [simulate_organizations(name, 3, 10, 0) for name in SIMULATORS]
    joined = join_simulated(parts)
    assert joined.world_codes.tolist() == np.repeat(np.arange(6), 10).tolist()
    np.testing.assert_array_equal(
        joined.stage_codes, np.concatenate([part.stage_codes for part in parts])
    )
    # Worlds of which nothing is left keep their codes.
    kept = parts[0].where(parts[0].world_codes == 2)
    assert set(join_simulated([kept, parts[1]]).world_codes) == {2, 3, 4, 5}


def test_every_module_belongs_to_one_simulator_or_to_all():
    owners = {path.stem: owner_of(path.stem) for path in FOLDER.glob("*.py")}
    shared = {name for name, owner in owners.items() if owner is None}
    assert shared == {"__init__", "priors", "worlds"}
    assert set(owners.values()) == {None, *SIMULATORS}


@pytest.mark.parametrize("name", SIMULATORS)
def test_a_simulator_imports_its_own_modules_and_what_all_share(name):
    imported = set()
    for path in FOLDER.glob("*.py"):
        if owner_of(path.stem) == name:
            imported |= imports_of(path)
    strangers = {
        module for module in imported if not module.startswith(f"simulators.{BEGINNINGS[name]}")
    }
    assert strangers
    assert strangers <= SHARED


@pytest.mark.parametrize("name", ["priors", "worlds"])
def test_what_all_share_imports_no_simulator(name):
    assert imports_of(FOLDER / f"{name}.py") <= SHARED


@pytest.mark.parametrize("name", SIMULATORS)
def test_every_assumption_has_a_source(name):
    table = read_priors(FOLDER / f"{name}.toml")
    assert len(table) > 20
    assert all(prior.source for prior in table.values())


@pytest.mark.parametrize(
    "table",
    [
        PRIOR + 'source = ""\n',
        PRIOR.replace("uniform", "magic") + 'source = "guess"\n',
        2 * (PRIOR + 'source = "guess"\n'),
    ],
)
def test_a_faulty_prior_is_refused(tmp_path, table):
    path = tmp_path / "priors.toml"
    path.write_text(table)
    with pytest.raises(ValueError, match=r"priors\.toml: unknown distribution, missing source or"):
        read_priors(path)


def owner_of(module):
    found = [name for name, beginning in BEGINNINGS.items() if module.startswith(beginning)]
    return found[0] if found else None


def imports_of(path):
    """Modules of `classifiers` that a file imports, without that name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.removeprefix("classifiers.") for name in found if name.startswith("classifiers")}
