"""How frequent each stage is in simulated worlds: what an estimate without labels starts from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from classifiers.simulators.priors import read_priors

_PATH = Path(__file__).with_name("graded_response.toml")
#: Which prevalence holds for each size class, from the smallest on.
_PREVALENCE = ("small", "small", "small", "medium", "large")


@cache
def stage_prior() -> tuple[float, ...]:
    """Mean share of stages 1 to 6 over the worlds of graded response; they sum to 1.

    Prevalence by size, weighted by the mix of sizes; a part of each world is drawn evenly over
    the stages. Worlds of capability are close to it, and have no such table.

    >>> [round(share, 2) for share in stage_prior()]
    [0.13, 0.32, 0.24, 0.15, 0.1, 0.07]
    """
    priors = read_priors(_PATH)
    sizes = np.array(priors["size_mix"].parameters)
    prevalences = np.array([priors[f"prevalence_{name}"].parameters for name in _PREVALENCE])
    shares = sizes / sizes.sum() @ (prevalences / prevalences.sum(axis=1, keepdims=True))
    even = float(np.mean(priors["prevalence_mixing"].parameters))
    mixed = (1 - even) * shares + even / len(shares)
    return tuple(mixed.tolist())
