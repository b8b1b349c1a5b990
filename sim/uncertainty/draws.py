"""Drawing a county: each figure with a range at the quantile of its own name, factors on top, and all checked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.chance.figures import keyed_uniform, quantiles
from sim.levers.spec import Drawing, Ranged
from sim.parameters.figures import bounds_of, figures, is_uncertain, steps_of
from sim.parameters.load import validated
from sim.parameters.problems import ConfigurationError, Path, Problem, did_you_mean, suggestions
from sim.parameters.schema import Parameters
from sim.parameters.tables import Origins
from sim.parameters.uncertainty import Uncertainty
from sim.uncertainty.routes import Rows, balance, decisions, remainder_of, total_of

BOUNDS = ("value", "low", "high")


@dataclass(frozen=True)
class Draw:
    """One state of what nobody knows: calibrated factors, shares of published figures, and a quantile for the rest.

    Attributes
    ----------
    number, seed : with its name, the key of a figure's uniform, so that one figure more moves no other.
    factors : ratio by name of the factor; 1 for those left out.
    shares : share of a published figure by name.
    """

    number: int
    seed: int
    factors: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)

    def uniform(self, name: str) -> float:
        """Return the uniform in [0, 1) that belongs to a name in this draw."""
        return keyed_uniform(self.seed, self.number, name)

    def moves(self, name: str) -> bool:
        """Whether figures of a name leave their central value in this draw."""
        return True

    def value(self, name: str, figure: Ranged) -> float:
        """Return a figure drawn from its range; its value when it has none."""
        if figure.low == figure.high or not self.moves(name):
            return figure.value
        ends = (figure.value, figure.low, figure.high)
        return float(quantiles(figure.distribution, self.uniform(name), *ends))


def drawing(draw: Draw, spec: Uncertainty) -> Drawing:
    """Return what draws settings of levers and lengths of designs; see `sim.levers.catalogue.produced`."""
    return lambda name, figure: draw.value(spec.quantile_name(steps_of(name)), figure)


def draw_from_ranges(spec: Uncertainty, seed: int, number: int) -> Draw:
    """Return a draw whose factors and shares come from their ranges, as figures do."""
    draw = Draw(number, seed)
    return Draw(
        number,
        seed,
        {name: draw.value(f"factors/{name}", factor) for name, factor in spec.factors.items()},
        {name: draw.value(f"shares/{name}", share) for name, share in spec.shares.items()},
    )


def drawn(county: Parameters, draw: Draw, spec: Uncertainty) -> Parameters:
    """Return the county with every uncertain figure drawn, checked as a whole.

    A figure is drawn at the quantile of its name: its path, its series (yearly, dated) or the judgement that it shares
    with others. Figures that a factor reaches are multiplied instead. Ranges stay, so that levers find them. Of each
    decision the largest destination that no factor scales takes what the others leave. What holds later is drawn at
    the same quantiles.

    Raises
    ------
    ConfigurationError : for a factor that the county does not have.
    """
    return _with(county, draw.factors, spec, draw)


def scaled(county: Parameters, factors: Mapping[str, float], spec: Uncertainty) -> Parameters:
    """Return the county with factors on its figures and nothing drawn, checked as a whole; errors as `drawn`."""
    return _with(county, factors, spec, None)


def _with(county: Parameters, factors: Mapping[str, float], spec: Uncertainty, draw: Draw | None) -> Parameters:
    _refuse_unknown(factors, spec)
    tree = county.model_dump(mode="json")
    for part in (tree, *tree["later"].values()):
        _change(part, factors, spec, draw)
    return validated(tree, Origins({}, {}))


def _refuse_unknown(factors: Mapping[str, float], spec: Uncertainty) -> None:
    for name in factors:
        if name not in spec.factors:
            fix = did_you_mean(name, spec.factors, "use a factor of the county's uncertainty.yaml")
            raise ConfigurationError(
                Problem("factors", f"key {name}", f"no factor {name}", suggestions(name, spec.factors), fix)
            )


def _change(part: dict[str, Any], factors: Mapping[str, float], spec: Uncertainty, draw: Draw | None) -> None:
    """Scale and draw the figures of the parameters, or of what holds later, in place."""
    ratios = {path: ratio for path, _ in figures(part) if (ratio := spec.ratio(path, factors)) is not None}
    groups = list(_decisions(part.get("routes", {}), {path[1] for path in ratios if path[0] == "routes"}))
    remainders = {("routes", group.remainder) for group in groups}
    for path, row in figures(part):
        if path in ratios:
            _scale(path, row, ratios[path])
    if draw is not None:
        _draw({p: r for p, r in figures(part) if is_uncertain(r) and p not in remainders | ratios.keys()}, spec, draw)
    for group in groups:
        group.balance()


@dataclass(frozen=True)
class _Decision:
    """The rows of a decision, what they were, and the row that takes the difference."""

    rows: Rows
    before: tuple[float, ...]
    remainder: str
    total: float

    def balance(self) -> None:
        """Restore the sum, if any row has changed."""
        if tuple(row["value"] for row in self.rows.values()) != self.before:
            balance(self.rows, self.remainder, self.total)


def _decisions(routes: Rows, scaled: set[str]) -> Iterator[_Decision]:
    for rows in decisions(routes):
        before = tuple(row["value"] for row in rows.values())
        yield _Decision(rows, before, remainder_of(rows, scaled), total_of(rows))


def _scale(path: Path, row: dict[str, Any], ratio: float) -> None:
    if ratio != 1.0:
        least, most = bounds_of(path)
        row.update({name: min(max(row[name] * ratio, least), most) for name in BOUNDS})


def _draw(rows: Mapping[Path, dict[str, Any]], spec: Uncertainty, draw: Draw) -> None:
    """Set the value of each row to the quantile that its name has in the draw."""
    by_law: dict[str, list[Path]] = {}
    for path, row in rows.items():
        if draw.moves(spec.quantile_name(path)):
            by_law.setdefault(row["distribution"], []).append(path)
    for law, paths in by_law.items():
        uniforms = [draw.uniform(spec.quantile_name(path)) for path in paths]
        ends = ([rows[path][name] for path in paths] for name in BOUNDS)
        for path, value in zip(paths, quantiles(law, uniforms, *ends).tolist(), strict=True):
            rows[path]["value"] = value
