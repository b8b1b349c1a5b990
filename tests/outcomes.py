"""Outcomes for tests of figures and tables: one small study, and the same in awkward shapes."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from pathlib import Path

import pandas as pd

import sim
from tests.studies import tiny_county


@lru_cache(maxsize=1)
def _small(folder: str) -> sim.Outcome:
    county = sim.county(tiny_county(Path(folder)))
    trained = county.with_(sim.levers.fund_training_bursary(), name="trained", title="Train the staff of schools")
    return sim.compare(county, trained, replications=3, seed=5, workers=1, keep_facts=2)


def small(folder: Path) -> sim.Outcome:
    """Return a study of two scenarios in a tiny county; facts are kept of two of three replications."""
    return _small(str(folder))


def only_baseline(found: sim.Outcome) -> sim.Outcome:
    """Return the same with nothing but the baseline."""
    provenance = {**found.provenance, "scenarios": found.provenance["scenarios"][:1]}
    measures = found.measures[found.measures["scenario"] == found.baseline]
    return found.with_(measures=measures, provenance=provenance)


def without_difference(found: sim.Outcome) -> sim.Outcome:
    """Return the same with a second scenario that is the baseline again."""
    before = found.measures[found.measures["scenario"] == found.baseline].astype({"scenario": "str"})
    other, tables = found.scenarios[1], {name: found.pupil_tables[found.baseline] for name in found.scenarios}
    facts = {name: found.fact_tables[found.baseline] for name in found.scenarios}
    measures = pd.concat([before, before.assign(scenario=other)], ignore_index=True)
    return found.with_(measures=measures, pupil_tables=tables, fact_tables=facts)


def of_many(found: sim.Outcome, number: int = 20) -> sim.Outcome:
    """Return `number` scenarios, between the baseline and the other one and beyond it, with long titles."""
    before, after = (found.measures[found.measures["scenario"] == name] for name in found.scenarios)
    change = after["value"].to_numpy() - before["value"].to_numpy()
    provenance, made = deepcopy(dict(found.provenance)), [before.astype({"scenario": "str"})]
    first, second = provenance["scenarios"]
    names = [f"policy_{place}" for place in range(1, number)]
    for place, name in enumerate(names, start=1):
        values = before["value"].to_numpy() + change * (2 * place / number - 0.5)
        made.append(before.assign(scenario=name, value=values))
    titles = [f"Policy number {place} with a title that is rather long" for place in range(1, number)]
    years = [place if place < 4 else 0 for place in range(number - 1)]
    provenance["scenarios"] = [first] + [
        {**second, "name": name, "title": title, "delay_years": year}
        for name, title, year in zip(names, titles, years, strict=True)
    ]
    other = found.scenarios[1]
    tables = {found.baseline: found.pupil_tables[found.baseline], **dict.fromkeys(names, found.pupil_tables[other])}
    facts = {found.baseline: found.fact_tables[found.baseline], **dict.fromkeys(names, found.fact_tables[other])}
    measures = pd.concat(made, ignore_index=True)
    return found.with_(measures=measures, provenance=provenance, pupil_tables=tables, fact_tables=facts)


LONG = " and all that belongs to it, in every district of the county and in all phases, until it is looked at once more"


def with_long_names(found: sim.Outcome) -> sim.Outcome:
    """Return the same with very long words for county, scenarios, budget lines and provisions."""
    said = deepcopy(dict(found.provenance))
    said["scenarios"] = [{**one, "title": (one["title"] or one["name"]) + LONG} for one in said["scenarios"]]
    said["lines"] = {name: label + LONG for name, label in said["lines"].items()}
    said["provisions"] = {name: {**one, "label": one["label"] + LONG} for name, one in said["provisions"].items()}
    said["county"] = {**said["county"], "label": f"{said['county']['label']}, which has a rather long name of its own"}
    return found.with_(provenance=said)


def that_nobody_enters(found: sim.Outcome, kind: str) -> sim.Outcome:
    """Return the same with nobody in any provision of a kind, which keeps its places."""
    mine = found.measures["provision"].astype("str").str.contains(kind)
    places = found.measures["measure"] == "usable_places"
    return found.with_(measures=found.measures.assign(value=found.measures["value"].where(~mine | places, 0.0)))


def of_one_replication(found: sim.Outcome) -> sim.Outcome:
    """Return the first replication by itself."""
    measures = found.measures[found.measures["replication"] == 0]
    return found.with_(measures=measures, provenance={**found.provenance, "replications": 1, "facts_kept_of": [0]})
