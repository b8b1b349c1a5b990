"""The scale of each target on which errors are about normal and of one size: root of counts, logarithm of the rest."""

from __future__ import annotations

import numpy as np

from sim.analysis.calibration.errors import discrepancy_variance, exposure, observation_variance
from sim.analysis.calibration.likelihood import Observed
from sim.analysis.calibration.points import Floats
from sim.parameters.schema import Parameters
from sim.parameters.targets import Target, Targets

LEAST_SHARE = 0.02
"""A value below this share of what was observed counts as this much, so that its logarithm is finite."""


def observed_of(targets: Targets, county: Parameters) -> Observed:
    """Return published figures and their errors (observation and discrepancy) on the scales of the targets."""
    values = [float(on_scale(target, np.array(target.value), county)) for target in targets.values()]
    errors = [_error(target, county) for target in targets.values()]
    return Observed(tuple(targets), np.array(values), np.array(errors))


def on_own_scales(targets: Targets, values: Floats, county: Parameters) -> Floats:
    """Return rows x targets of simulated values on the scales of the targets."""
    columns = [on_scale(target, values[:, number], county) for number, target in enumerate(targets.values())]
    return np.column_stack(columns)


def on_scale(target: Target, values: Floats, county: Parameters) -> Floats:
    """Return values of one target on its scale: the root of the count behind a Poisson figure, else the logarithm."""
    if target.error == "poisson":
        counts: Floats = np.sqrt(np.maximum(values, 0.0) * exposure(target, county))
        return counts
    logs: Floats = np.log(np.maximum(values, LEAST_SHARE * target.value))
    return logs


def _error(target: Target, county: Parameters) -> float:
    """Return the standard deviation of a published figure and of the discrepancy on the scale of the target."""
    variance = float(observation_variance(target, target.value, county)) + discrepancy_variance(target)
    if target.error == "poisson":
        count = target.value * exposure(target, county)
        per_unit = exposure(target, county) / (2 * np.sqrt(max(count, 1.0)))
        return float(np.sqrt(variance) * per_unit) or 0.5
    return float(np.sqrt(variance) / target.value)
