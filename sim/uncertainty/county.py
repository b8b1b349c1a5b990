"""A county drawn: each figure with a range at the quantile of its name, factors on top, and all checked again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

from sim.chance.figures import quantiles
from sim.parameters.figures import bounds_of, figures, is_uncertain
from sim.parameters.load import validated
from sim.parameters.problems import ConfigurationError, Path, Problem, did_you_mean, suggestions
from sim.parameters.schema import Parameters
from sim.parameters.tables import Origins
from sim.parameters.uncertainty import Uncertainty
from sim.uncertainty.draws import Draw, Named
from sim.uncertainty.routes import Rows, balance, decisions, remainder_of, total_of

BOUNDS = ("value", "low", "high")


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


def named(county: Parameters, draw: Draw, spec: Uncertainty) -> Iterator[Named]:
    """Yield what each name came to in a draw: factors, shares, then figures by the name of their quantile.

    A factor or share has no quantile (NaN), as an ensemble may have given it; a name of several figures has no value.
    Probabilities are those before they are scaled down where they exceed one.
    """
    for kind, values in (("factors", draw.factors), ("shares", draw.shares)):
        yield from (Named(f"{kind}/{name}", nan, value) for name, value in values.items())
    tree = county.model_dump(mode="json")
    by_name: dict[str, list[dict[str, Any]]] = {}
    for path, row in _free(tree, _ratios(tree, {}, spec)).items():
        by_name.setdefault(spec.quantile_name(path), []).append(row)
    for name, rows in by_name.items():
        ends = (rows[0]["value"], rows[0]["low"], rows[0]["high"])
        uniform = draw.uniform(name)
        value = float(quantiles(rows[0]["distribution"], uniform, *ends)) if len(rows) == 1 else nan
        yield Named(name, uniform, value)


def uncertain_names(county: Parameters, spec: Uncertainty) -> tuple[str, ...]:
    """Return the names at whose quantiles figures of a county are drawn, without those that factors reach."""
    tree = county.model_dump(mode="json")
    return tuple(dict.fromkeys(spec.quantile_name(path) for path in _free(tree, _ratios(tree, {}, spec))))


def _refuse_unknown(factors: Mapping[str, float], spec: Uncertainty) -> None:
    for name in factors:
        if name not in spec.factors:
            fix = did_you_mean(name, spec.factors, "use a factor of the county's uncertainty.yaml")
            raise ConfigurationError(
                Problem("factors", f"key {name}", f"no factor {name}", suggestions(name, spec.factors), fix)
            )


def _change(part: dict[str, Any], factors: Mapping[str, float], spec: Uncertainty, draw: Draw | None) -> None:
    """Scale and draw the figures of the parameters, or of what holds later, in place."""
    ratios = _ratios(part, factors, spec)
    free, decided = _free(part, ratios), list(_decisions(part.get("routes", {}), ratios))
    for path, row in figures(part):
        if path in ratios:
            _scale(path, row, ratios[path])
    if draw is not None:
        _draw(free, spec, draw)
    for decision in decided:
        decision.balance()


def _ratios(part: Mapping[str, Any], factors: Mapping[str, float], spec: Uncertainty) -> dict[Path, float]:
    """Return the ratio of each figure that a factor reaches."""
    return {path: ratio for path, _ in figures(part) if (ratio := spec.ratio(path, factors)) is not None}


def _free(part: Mapping[str, Any], ratios: Collection[Path]) -> dict[Path, dict[str, Any]]:
    """Return the rows to be drawn: those with a range that no factor reaches and that take no difference."""
    remainders = {("routes", decision.remainder) for decision in _decisions(part.get("routes", {}), ratios)}
    rows = ((path, row) for path, row in figures(part) if is_uncertain(row))
    return {path: row for path, row in rows if path not in ratios and path not in remainders}


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


def _decisions(routes: Rows, ratios: Collection[Path]) -> Iterator[_Decision]:
    scaled = {path[1] for path in ratios if path[0] == "routes"}
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
