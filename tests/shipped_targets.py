"""The targets that come with a county, read with the share names that they use themselves."""

from __future__ import annotations

from functools import cache

from sim.measures import MEASURES
from sim.measures.facts import measured_years
from sim.parameters.load import find_county, load_county, read_table
from sim.parameters.load_targets import find_targets, load_targets
from sim.parameters.schema import Parameters
from sim.parameters.targets import COLUMNS, QUANTITIES, REQUIRED, TIMES, Known, Targets


@cache
def county_and_targets(name: str) -> tuple[Parameters, Targets, dict[str, float]]:
    """Return a county, its targets, and 0.5 for each share that they name (other than figures of the county)."""
    county = load_county(find_county(name))
    rows = read_table(find_targets(name), REQUIRED, tuple(set(COLUMNS) - set(REQUIRED)))
    named = {part for row in rows for part in row.cells.get("share", "").split(TIMES) if part}
    shares = {part: 0.5 for part in sorted(named) if not part.startswith(QUANTITIES)}
    known = Known(county, tuple(MEASURES), tuple(shares), measured_years(county))
    return county, load_targets(name, known), shares
