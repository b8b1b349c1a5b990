"""Allocation files for tests, and trials of splits with known means in place of runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from sim.scenarios import BASELINE
from sim.search import Allocation, Split
from sim.search.searching import Trials

SEED = 20190517

GRANT = """\
grant:
  amounts: {2018-19: 200000, 2019-20: 200000}
  covers_to: 2020-21
  afterwards: block_pays
  one_off: {lines: [start_up], most: 150000}
  recurring: {lines: [resource_base_running, training_bursary, send_district_team]}
"""
OPTIONS = """\
options:
  bases:
    label: Bases
    lever: open_primary_bases
    settings: {design: outreach_only}
    vary: {number: [1, 2]}
  bursary:
    label: Bursary
    lever: fund_training_bursary
    vary: {budget: {from: 50000, to: 150000, step: 50000}}
  teams:
    label: Teams
    lever: fund_district_team
    vary: {size: [1.5, 2]}
"""
OBJECTIVE = """\
objective:
  measure: spend_total
  provision: in_block
  over: sum
  label: Spend of the block
  unit: GBP
  aim: least
"""
CONDITION = """\
conditions:
  - {measure: suspensions, label: Suspensions, unit: a year, not_above: baseline}
"""
SELECTION = "selection: {confidence: 0.9, indifference: 10000, first: 3, step: 2, most: 5}\n"
FILE = "".join(
    ["title: A grant for tests\n", "county: {county}\n", GRANT, OPTIONS, OBJECTIVE, CONDITION, SELECTION, "seed: 7\n"]
)


def allocation_file(folder: Path, county: object = "exampleshire", *changes: tuple[str, str]) -> Path:
    """Return an allocation file with parts of its text replaced; each part must be there."""
    text = FILE.replace("{county}", str(county))
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "grant.yaml"
    file.write_text(text, encoding="utf-8")
    return file


Mean = Callable[[Split], float]


class MadeUp(Trials):
    """Trials whose objective has a known mean for each split, and noise of which most is common to all splits."""

    def __init__(self, allocation: Allocation, mean: Mean, suspensions: Mean = lambda _: 0.0, noise: float = 1.0):
        super().__init__(allocation, None, None, 1, None)  # type: ignore[arg-type]
        self._mean, self._suspensions, self._noise = mean, suspensions, noise
        self._made = {allocation.name_of(split): split for split in allocation.affordable}

    def finish(self, splits: Sequence[Split], replications: int) -> None:
        for split in splits:
            self.splits[split] = max(replications, self.replications_of(split))
        for name in [BASELINE, *map(self.allocation.name_of, splits)]:
            self._make(name, replications)

    def _make(self, name: str, replications: int) -> None:
        split = self._made[name]
        for number in range(replications):
            if (name, number) in self._values:
                continue
            common = np.random.default_rng([SEED, number]).normal(0, 1000)
            own = np.random.default_rng([SEED, number, *split]).normal(0, self._noise)
            value = self._mean(split) + common + own
            self._values[name, number] = np.array([value, self._suspensions(split) + 0.01 * own / self._noise])
