"""The exact rolls, flows and spend of a county without limits, year by year, from its parameters alone.

Pupils whose need becomes visible are a Poisson stream, and each then lives on as an independent Markov chain (see
`life`), so every roll at an instant is exactly Poisson. Its mean follows from the forward equations of the chain, year
group by year group, with what happens on fixed dates in between. Nothing is shared with the simulation but the
parameters and the calendar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import sparse

from sim.analysis.theory.chain import Chain, outputs_of
from sim.analysis.theory.groups import Group, Stratum, strata
from sim.analysis.theory.life import Branches, State, sure
from sim.analysis.theory.money import Year, charged
from sim.analysis.theory.uniformisation import Array, Passage, passage
from sim.parameters.schema import Parameters, Quantity
from sim.school_year import APRIL, SchoolCalendar, academic_year_label, year_start
from sim.vocabulary import FIRST_SECONDARY, YEAR_GROUPS

Ahead = tuple[int, ...]
"""The chains of a year group and those after it: pupils with the same ones ahead are added up."""

Pupils = dict[tuple[int, Ahead], Array]
"""Expected numbers in each state, by year group and what is ahead."""

_YEARS = range(len(YEAR_GROUPS))


@dataclass(frozen=True)
class MarkovCounty:
    """Exact answers for a county as `free_county` makes it; a year goes by the calendar year in which it begins."""

    parameters: Parameters

    def __post_init__(self) -> None:
        refused = {share.value for share in self.parameters.yearly.refused_share.values()}
        if self.parameters.later or len(refused) > 1:
            raise ValueError("rules change during the run; make the county with free_county first")

    # -- answers -----------------------------------------------------------------------------------------------

    @cached_property
    def rolls(self) -> list[tuple[str, int]]:
        """Provision and record of each roll."""
        return outputs_of(self.parameters)[0]

    def census(self) -> Array:
        """Return expected rolls on census day: (academic years, rolls, year groups)."""
        month, day = (int(part) for part in self.parameters.horizon.census.split("-"))
        at = [self.calendar.census(year, month, day) - self.calendar.september(year) for year in self.years]
        found = zip(self.years.values(), at, strict=True)
        return np.array([year.rolls[np.searchsorted(year.instants, one)] for year, one in found])

    def mean_rolls(self) -> Array:
        """Return expected rolls on average over each academic year: (academic years, rolls, year groups)."""
        days = self.calendar.days_per_year
        return np.array([year.days[-1] / days for year in self.years.values()])

    def counted(self, name: str) -> Array:
        """Return how often a happening, or an `entry`, is expected: (academic years, year groups)."""
        row = outputs_of(self.parameters)[1].index(name)
        return np.array([year.counts[-1, row] for year in self.years.values()])

    def spend(self, line: str, financial_year: int) -> float:
        """Return what pupils' stays and cases are expected to cost under a line, in pounds of the financial year."""
        return sum(
            charged(tariff, self.parameters, year, financial_year, self.years[year])
            for tariff in self.parameters.tariffs.values()
            if tariff.line == line
            for year in (financial_year - 1, financial_year)
        )

    # -- groups and chains -------------------------------------------------------------------------------------

    @cached_property
    def calendar(self) -> SchoolCalendar:
        """The calendar of the run."""
        return self.parameters.calendar()

    @cached_property
    def ahead(self) -> dict[Stratum, Ahead]:
        """Number of the chain of each year group, by stratum; groups alike in everything share one."""
        numbers: dict[object, int] = {}
        found = {}
        for stratum in strata(self.parameters):
            signatures = [Group(self.parameters, year_group, stratum).signature for year_group in _YEARS]
            first = [signatures.index(signature) for signature in signatures]
            found[stratum] = tuple(
                numbers.setdefault((first[year_group], signatures[year_group]), len(numbers)) for year_group in _YEARS
            )
        return found

    @cached_property
    def chains(self) -> dict[int, Chain]:
        """The chains by number, each explored from where the year group before may have left its pupils."""
        found: dict[int, Chain] = {}
        for year_group in _YEARS:
            for stratum, numbers in self.ahead.items():
                number = numbers[year_group]
                if number not in found:
                    group = Group(self.parameters, year_group, stratum)
                    before = {mine[year_group - 1] for mine in self.ahead.values() if mine[year_group] == number}
                    found[number] = Chain(group, [found[one] for one in before] if year_group else [])
        return found

    # -- the years ---------------------------------------------------------------------------------------------

    @cached_property
    def years(self) -> dict[int, Year]:
        """What happens in each academic year."""
        pupils: Pupils = {}
        arrived: Array = np.zeros((len(outputs_of(self.parameters)[1]), len(_YEARS)))
        found = {}
        for year in range(self.calendar.first_year, self.calendar.last_year + 1):
            found[year], pupils = self._lived(year, pupils, arrived)
            pupils, arrived = self._september(pupils)
        return found

    def _columns(self) -> dict[int, list[tuple[int, Ahead, float]]]:
        """Return by chain: year groups, what is ahead, and the share of pupils of whom it is true."""
        found: dict[int, list[tuple[int, Ahead, float]]] = defaultdict(list)
        for year_group in _YEARS:
            shares: dict[Ahead, float] = defaultdict(float)
            for stratum, share in strata(self.parameters).items():
                shares[self.ahead[stratum][year_group:]] += share
            for ahead, share in shares.items():
                found[ahead[0]].append((year_group, ahead, share))
        return found

    def _lived(self, year: int, pupils: Pupils, arrived: Array) -> tuple[Year, Pupils]:
        """Return an academic year, and where pupils are at its end, from where they are on 1 September."""
        instants, april = instants_of(self.calendar, year)
        shape = len(instants), len(self.rolls), len(_YEARS)
        rolls, days, counts, ends = np.zeros(shape), np.zeros(shape), np.stack([arrived, arrived]), {}
        for number, columns in self._columns().items():
            chain = self.chains[number]
            nobody = np.zeros(len(chain.states))
            start = np.stack([pupils.get((group, ahead), nobody) for group, ahead, _ in columns], axis=1)
            onsets = np.array([share * self.onsets(year, group) for group, _, share in columns])
            source = chain.onset()[:, None] * onsets / self.calendar.days_per_year
            read = self._through(chain, year, start, source, instants, april)
            rates = chain.counts + self._request_factor(year) * chain.request_counts
            counted = np.stack([rates @ stays for stays in read.stays])
            for column, (group, ahead, _) in enumerate(columns):
                rolls[:, :, group] += read.at[:, :, column]
                days[:, :, group] += read.until[:, :, column]
                counts[:, :, group] += counted[:, :, column]
                ends[group, ahead] = read.end[:, column]
        return Year(instants, rolls, days, counts), ends

    def _through(self, chain: Chain, year: int, start: Array, source: Array, instants: Array, april: float) -> Passage:
        """Follow a chain through a year, in two parts when places are named at a deadline."""
        generator = sparse.csr_array(chain.steady + self._request_factor(year) * chain.requests)
        if chain.group.year_group != FIRST_SECONDARY - 1:
            return passage(generator, start, source, chain.rolls, instants, (april, instants[-1]))
        deadline = self._deadline(year)
        is_before = instants <= deadline
        one = passage(generator, start, source, chain.rolls, instants[is_before], (min(april, deadline), deadline))
        names, _ = chain.jump(chain, chain.life.name_place)
        marks = max(april - deadline, 0.0), instants[-1] - deadline
        other = passage(generator, names @ one.end, source, chain.rolls, instants[~is_before] - deadline, marks)
        at, until = np.concatenate([one.at, other.at]), np.concatenate([one.until, other.until + one.until[-1]])
        return Passage(other.end, at, until, one.stays + other.stays)

    def _request_factor(self, year: int) -> float:
        return in_year(self.parameters.yearly.ehc_request_factor, year)

    def _deadline(self, year: int) -> float:
        """Return the naming deadline, in school days since 1 September."""
        month, day = (int(part) for part in self.parameters.horizon.naming_deadline.split("-"))
        return self.calendar.clock(date(year + 1, month, day)) - self.calendar.september(year)

    def _september(self, pupils: Pupils) -> tuple[Pupils, Array]:
        """Return where pupils are after 1 September, a year group up, and what was counted that day."""
        moved: Pupils = {}
        counts = np.zeros((len(outputs_of(self.parameters)[1]), len(_YEARS)))
        for (group, ahead), numbers in pupils.items():
            if group + 1 < len(_YEARS):
                onto = self.chains[ahead[1]]
                step, read = self._steps[ahead[0], ahead[1]]
                key = group + 1, ahead[1:]
                moved[key] = moved.get(key, np.zeros(len(onto.states))) + step @ numbers
                counts[:, group + 1] += read @ numbers
        return moved, counts

    @cached_property
    def _steps(self) -> dict[tuple[int, int], tuple[sparse.csr_array, sparse.csr_array]]:
        """Matrices of the step from one chain to the next on 1 September; within one chain nothing changes."""
        pairs = {pair for ahead in self.ahead.values() for pair in pairwise(ahead)}
        return {
            (one, other): self.chains[one].jump(self.chains[other], sure if one == other else self._arrive(other))
            for one, other in pairs
        }

    def _arrive(self, number: int) -> Callable[[State], Branches]:
        return self.chains[number].life.arrive

    def onsets(self, year: int, year_group: int) -> float:
        """Return the expected number of pupils whose need becomes visible."""
        return onsets(self.parameters, year, year_group)


def onsets(parameters: Parameters, year: int, year_group: int) -> float:
    """Return the expected number of pupils of a year group whose need becomes visible in an academic year."""
    cohorts = parameters.cohorts
    label = min(max(academic_year_label(year), min(cohorts)), max(cohorts))
    per_1000 = sum(row.value for row in parameters.onset.values() if year_group in row.year_groups)
    pupils = cohorts[label][YEAR_GROUPS[year_group]].value
    return in_year(parameters.yearly.onset_factor, year) * per_1000 / 1000.0 * pupils


def instants_of(calendar: SchoolCalendar, year: int) -> tuple[Array, float]:
    """Return what instants of an academic year to read, in school days since 1 September, and when 1 April is."""
    days = np.arange(calendar.days_per_year + 1.0)
    ordinals = calendar.instant(calendar.september(year) + days)
    april = float(np.interp(date(year + 1, APRIL, 1).toordinal(), ordinals, days))
    return np.union1d(days, [april]), april


def in_year(series: Mapping[str, Quantity], year: int) -> float:
    """Return what a yearly series says: the last figure begun, or the first of all."""
    begun = [label for label in series if year_start(label) <= year]
    return series[max(begun, key=year_start) if begun else min(series, key=year_start)].value
