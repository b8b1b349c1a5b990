"""The counties that come along, with their targets, as the documents need them."""

from __future__ import annotations

from functools import cache

from sim.measures import MEASURES
from sim.measures.facts import measured_years
from sim.parameters.load import find_county, load_county, read_table
from sim.parameters.load_targets import find_targets, load_targets
from sim.parameters.schema import Parameters
from sim.parameters.targets import COLUMNS, REQUIRED, TIMES, Known, Targets


@cache
def county_and_targets(name: str) -> tuple[Parameters, Targets]:
    """Return a county by name and its targets, whose shares may have any name."""
    county = load_county(find_county(name))
    rows = read_table(find_targets(name), REQUIRED, tuple(column for column in COLUMNS if column not in REQUIRED))
    shares = {part for row in rows for part in row.cells.get("share", "").split(TIMES) if part}
    return county, load_targets(name, Known(county, tuple(MEASURES), shares, measured_years(county)))
