"""An emulator of the targets: for each, a sparse regression on factors and judged figures, and how far it is out.

Targets move almost as products of powers of what is varied, so that on their own scale (logarithm or root) the
regression is linear with some squares and products of factors. What matters is chosen by the lasso with
cross-validation; its coefficients are then fitted again without the penalty. The error of a prediction, chance and
figures left out included, is that of points the fit has not seen.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.calibration.points import Floats

FOLDS = 5
MOST_SHARE = 4
"""At most one term in so many points is kept in a regression."""


@dataclass(frozen=True)
class Emulator:
    """Regressions of some targets on the same inputs.

    Attributes
    ----------
    factors : how many of the inputs, the first ones, have squares and products.
    intercepts : one a target.
    coefficients : terms x targets; most are 0.
    errors : standard deviation of what a target of a point not seen differs from its prediction.
    explained : share of the variance of each target that predictions of points not seen explain.
    """

    factors: int
    intercepts: Floats
    coefficients: Floats
    errors: Floats
    explained: Floats

    def predict(self, inputs: Floats) -> Floats:
        """Return points x targets, on the scale of the targets."""
        made: Floats = self.intercepts + terms(inputs, self.factors) @ self.coefficients
        return made

    def weight_of_inputs(self, tolerance: Floats) -> Floats:
        """Return for each input by how many tolerances it moves the targets: root of the sum of squared effects."""
        number = len(self.coefficients) - _products(self.factors)
        found: Floats = np.sqrt(((self.coefficients[:number] / tolerance) ** 2).sum(axis=1))
        return found

    def restricted(self, inputs: NDArray[np.bool_]) -> Emulator:
        """Return the emulator on some of the inputs, others at their middle; what they moved becomes error."""
        number = len(inputs)
        keep = np.concatenate([inputs, np.ones(_products(self.factors), bool)])
        left_out = self.coefficients[:number][~inputs]
        errors = np.sqrt(self.errors**2 + (left_out**2).sum(axis=0))
        return Emulator(self.factors, self.intercepts, self.coefficients[keep], errors, self.explained)


def terms(inputs: Floats, factors: int) -> Floats:
    """Return points x terms: the inputs, then squares and products of the first of them, centred."""
    first = inputs[:, :factors]
    rows, columns = np.triu_indices(factors)
    products = first[:, rows] * first[:, columns] - (rows == columns)
    return np.hstack([inputs, products])


def _products(factors: int) -> int:
    return factors * (factors + 1) // 2


def emulator_of(inputs: Floats, targets: Floats, factors: int) -> Emulator:
    """Return the emulator of targets.

    Parameters
    ----------
    inputs : points x inputs, each of about unit variance; the factors come first.
    targets : points x targets, each on a scale on which it is about normal.
    """
    features = terms(inputs, factors)
    fits = [_fitted(features, column) for column in targets.T]
    intercepts, coefficients, errors, explained = (np.array(part) for part in zip(*fits, strict=True))
    return Emulator(factors, intercepts, coefficients.T, errors, explained)


def _fitted(features: Floats, target: Floats) -> tuple[float, Floats, float, float]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LassoCV
    from sklearn.model_selection import KFold

    spread = float(target.std())
    if spread == 0.0:
        return float(target[0]), np.zeros(features.shape[1]), 0.0, 1.0
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        penalty = float(LassoCV(alphas=40, cv=folds, max_iter=4000).fit(features, target).alpha_)
        whole = _chosen_then_fitted(features, target, penalty)
        out = np.concatenate(
            [
                target[test] - _predicted(_chosen_then_fitted(features[train], target[train], penalty), features[test])
                for train, test in folds.split(features)
            ]
        )
    error = float(np.sqrt((out**2).mean()))
    return whole[0], whole[1], error, 1 - (error / spread) ** 2


def _chosen_then_fitted(features: Floats, target: Floats, penalty: float) -> tuple[float, Floats]:
    """Return intercept and coefficients: terms chosen with the penalty, fitted without."""
    from sklearn.linear_model import Lasso

    chosen = np.abs(Lasso(alpha=penalty, max_iter=4000).fit(features, target).coef_)
    most = max(1, len(target) // MOST_SHARE)
    kept = np.argsort(-chosen, kind="stable")[:most]
    kept = np.sort(kept[chosen[kept] > 0])
    design = np.hstack([np.ones((len(target), 1)), features[:, kept]])
    found, *_ = np.linalg.lstsq(design, target, rcond=None)
    coefficients = np.zeros(features.shape[1])
    coefficients[kept] = found[1:]
    return float(found[0]), coefficients


def _predicted(fit: tuple[float, Floats], features: Floats) -> Floats:
    made: Floats = fit[0] + features @ fit[1]
    return made


def names_of_terms(inputs: Sequence[str], factors: int) -> list[str]:
    """Return the name of each term."""
    rows, columns = (index.tolist() for index in np.triu_indices(factors))
    return [*inputs, *(f"{inputs[i]} x {inputs[j]}" for i, j in zip(rows, columns, strict=True))]
