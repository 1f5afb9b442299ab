"""Every published or recomputed number of agreement statistics that we know, and the examples."""

import doctest
import json
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import SimpleNamespace

import numpy as np
import pytest

import classifiers.comparing
from classifiers.comparing.gwet import gwet_agreement, gwet_agreement_of_raters
from classifiers.comparing.honesty import expected_under_honesty
from classifiers.comparing.judged_claims import judged_claims
from classifiers.comparing.kappa import weighted_kappa
from classifiers.comparing.marginals import bhapkar, bowker, direction, stuart_maxwell
from classifiers.comparing.misclassification import condition_number, merged_confusion
from classifiers.comparing.posterior_gaps import posterior_gaps
from classifiers.comparing.prevalence import Counted, lang_reiczigel, rogan_gladen
from classifiers.comparing.proportions import rate
from classifiers.comparing.regression_to_mean import regression_to_mean
from classifiers.comparing.signed_gaps import limits_of_agreement, mean_gap
from classifiers.comparing.square_table import SquareTable
from classifiers.reliability import krippendorff_alpha

FILE = Path(__file__).parents[1] / "vectors" / "agreement.json"
VECTORS = json.loads(FILE.read_text("utf-8"))["vectors"]
MODULES = [module.name for module in iter_modules(classifiers.comparing.__path__)]


def table_of(counts):
    labels = tuple(str(place + 1) for place in range(len(counts)))
    return SquareTable(counts=tuple(map(tuple, counts)), labels=labels)


def shares_of_table(table):
    found = table_of(table)
    return SimpleNamespace(
        exact_share=found.within_count() / found.organization_count,
        within_one_share=found.within_count(1) / found.organization_count,
        above_count=found.above_count(),
        below_count=found.below_count(),
    )


def gap_of_table(table):
    gaps = table_of(table).gaps()
    return mean_gap(gaps, np.zeros(len(gaps)))


def alpha(ratings, level):
    return SimpleNamespace(value=krippendorff_alpha(np.array(ratings, dtype=float), level))


def agreement_of_raters(ratings, category_count, weights):
    return gwet_agreement_of_raters(np.array(ratings, dtype=float), category_count, weights)


def one_posterior(claims, probabilities):
    judged = judged_claims(claims, probabilities)
    found = posterior_gaps(judged)
    return SimpleNamespace(
        expected_stage=judged.expected_stages[0],
        gap=found.gaps[0],
        above=found.above_probabilities[0],
        match=found.match_probabilities[0],
        below=found.below_probabilities[0],
    )


def known_errors(count, total, sensitivity, specificity):
    return rogan_gladen(Counted(count=count, total=total), sensitivity, specificity)


def estimated_errors(**pairs):
    return lang_reiczigel(
        **{name: Counted(count=count, total=total) for name, (count, total) in pairs.items()}
    )


def condition(confusion, prior, parts):
    return SimpleNamespace(value=condition_number(merged_confusion(confusion, prior, parts)))


STATISTICS = {
    "weighted_kappa": weighted_kappa,
    "krippendorff_alpha": alpha,
    "gwet_agreement": gwet_agreement,
    "gwet_agreement_of_raters": agreement_of_raters,
    "limits_of_agreement": limits_of_agreement,
    "stuart_maxwell": stuart_maxwell,
    "bowker": bowker,
    "bhapkar": bhapkar,
    "rate": rate,
    "square_table": shares_of_table,
    "mean_gap_of_table": gap_of_table,
    "direction": direction,
    "posterior_gaps": one_posterior,
    "rogan_gladen": known_errors,
    "lang_reiczigel": estimated_errors,
    "condition_number": condition,
    "expected_under_honesty": expected_under_honesty,
    "regression_to_mean": lambda **given: SimpleNamespace(value=regression_to_mean(**given)),
}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"{one['statistic']}: {one['name']}")
def test_the_number_is_the_known_one(vector):
    found = STATISTICS[vector["statistic"]](**vector["input"])
    tolerance = vector["tolerance"]
    for name, expected in vector["expected"].items():
        allowed = tolerance[name] if isinstance(tolerance, dict) else tolerance
        assert getattr(found, name) == pytest.approx(expected, abs=allowed, rel=1e-9), name


def test_every_statistic_has_a_vector_and_every_vector_says_where_it_comes_from():
    assert {vector["statistic"] for vector in VECTORS} == set(STATISTICS)
    assert all(vector["source"] for vector in VECTORS)
    assert {vector["basis"] for vector in VECTORS} == {"published", "recomputed"}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name):
    module = import_module(f"classifiers.comparing.{name}")
    assert doctest.testmod(module).failed == 0


def test_the_limits_of_a_true_share_enclose_those_that_blaker_s_method_gives():
    vectors = [one for one in VECTORS if one["statistic"] == "rogan_gladen" and "note" in one]
    printed = [one for one in vectors if "low" in one["expected"]]
    found = [known_errors(**one["input"]) for one in printed]
    half_a_percent = 0.005
    for one, vector in zip(found, printed, strict=True):
        assert one.low <= vector["expected"]["low"] + half_a_percent
        assert one.high >= vector["expected"]["high"] - half_a_percent
