"""Published figures of a county beside what the baseline of some results comes to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sim.analysis.calibration.simulated import simulated_each
from sim.analysis.calibration.table import target_table
from sim.measures import MEASURES
from sim.parameters.load import find_county, load_county
from sim.parameters.load_targets import load_targets
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.targets import Known
from sim.report.style import Caption
from sim.report.target_figure import target_figure
from sim.results import Results
from sim.scenarios import Scenario


def results_target_table(results: Results, county: Scenario | str | Path | None = None) -> pd.DataFrame:
    """Return each target of a county with the range of the baseline's runs; columns as `target_table`.

    Parameters
    ----------
    county : the county, its name or its folder; that of the results if not given.

    Shares that targets name have their central value. Targets of years that the results do not hold are left out;
    ConfigurationError for a county that there is not.
    """
    named = county.parameters.county.name if isinstance(county, Scenario) else county
    folder = find_county(named or results.provenance["county"]["name"])
    parameters = load_county(folder)
    spec, horizon = load_uncertainty(folder, parameters), parameters.horizon
    known = Known(parameters, MEASURES, spec.shares, range(horizon.first_year, horizon.last_year + 1))
    targets = load_targets(folder, known)
    shares = {name: share.value for name, share in spec.shares.items()}
    measures = results.measures[results.measures["scenario"] == results.baseline]
    runs = simulated_each(targets, measures, lambda replication: (shares, parameters))
    there = [name for name in targets if runs[name].notna().any()]
    return target_table({name: targets[name] for name in there}, runs[there], parameters)


def results_target_figure(results: Results, county: Scenario | str | Path | None = None) -> Figure:
    """Draw published and simulated figures, one below the other for each target."""
    return target_figure(results_target_table(results, county), Caption.of(results.provenance))
