"""The projection itself: expected pupils by year group, from one academic year to the next."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import sparse

from sim.analysis.projection.rules import COUNTED, Branches, Rules, State
from sim.analysis.theory.chain import outputs_of
from sim.analysis.theory.markov import in_year, instants_of, onsets
from sim.analysis.theory.money import Year, charged
from sim.analysis.theory.uniformisation import Array, passage
from sim.parameters.schema import Parameters, Tariff
from sim.school_year import SchoolCalendar
from sim.vocabulary import FIRST_SECONDARY, YEAR_GROUPS, EventKind, Happening

Entries = dict[tuple[int, int], float]
_GROUPS = range(len(YEAR_GROUPS))


class Matrices(NamedTuple):
    """Rates of one year group per school day.

    steady, asked : generators, (states, states); requests for a plan are apart, since they have factors by year.
    counts, asked_counts : rates of what is counted, (counts, states), in the same two parts.
    """

    steady: sparse.csr_array
    asked: sparse.csr_array
    counts: sparse.csr_array
    asked_counts: sparse.csr_array


class Lived(NamedTuple):
    """One academic year: rolls, pupil days and counts, and what was counted before 1 January (counts, year groups)."""

    year: Year
    before_january: Array


@dataclass(frozen=True, eq=False)
class Projection:
    """Expected values for a county; academic years go by the calendar year in which they begin.

    Yearly inputs (pupils on roll, onset, requests, the share refused, prices) are those of each year. Pupils start at
    onset in the first academic year, as nobody is there before. Raises ValueError for rules that change during the
    run.
    """

    parameters: Parameters

    def __post_init__(self) -> None:
        if self.parameters.later:
            raise ValueError("the Markov projection needs one set of rules throughout; `later` must be empty")

    @cached_property
    def calendar(self) -> SchoolCalendar:
        """The calendar of the run."""
        return self.parameters.calendar()

    @cached_property
    def rolls(self) -> list[tuple[str, int]]:
        """Provision and record of each roll; provisions of one kind are one, under the name of the first."""
        return outputs_of(self.parameters)[0]

    @cached_property
    def counted(self) -> list[str]:
        """What is counted: those that tariffs may name first, of which only COUNTED ever come."""
        known = outputs_of(self.parameters)[1]
        return [*known, *(name for name in COUNTED if name not in known)]

    def spend(self, line: str, financial_year: int) -> float:
        """Return what stays and cases are expected to cost under a line, in pounds of the financial year."""
        return sum(
            charged(tariff, self.parameters, year, financial_year, self.years[year].year)
            for tariff in self.parameters.tariffs.values()
            if tariff.line == line
            for year in (financial_year - 1, financial_year)
        )

    def spends(self, line: str) -> bool:
        """Return whether all of a line is paid for pupils: nothing for places, teams, programmes or what is unknown."""
        county = self.parameters
        mine = [tariff for tariff in county.tariffs.values() if tariff.line == line]
        fixed = {spec.line for spec in county.provisions.values()} | {one.line for one in county.programmes.values()}
        return (
            bool(mine)
            and line not in fixed
            and not any(t.basis == "place_year" or (t.basis == "case" and not _is_counted(t)) for t in mine)
        )

    # -- states and rates ----------------------------------------------------------------------------------------

    @cached_property
    def rules(self) -> list[Rules]:
        """The rules of each year group."""
        return [Rules(self.parameters, group) for group in _GROUPS]

    @cached_property
    def _explored(self) -> tuple[dict[State, int], list[list[tuple[int, str, float, Branches]]]]:
        """All states that some year group can reach, numbered, and the events of each year group in each of them."""
        index: dict[State, int] = {}
        events: list[list[tuple[int, str, float, Branches]]] = []
        for rules in self.rules:
            starts = [b.state for s in list(index) for b in rules.arrive(s)]
            for state in [*(b.state for b in rules.onset()), *starts]:
                index.setdefault(state, len(index))
            waiting, mine = list(index), []
            for state in waiting:  # grows while it is explored
                for event, rate, branches in rules.events(state):
                    mine.append((index[state], event, rate, branches))
                    for new in (b.state for b in branches if b.state not in index):
                        index[new] = len(index)
                        waiting.append(new)
            events.append(mine)
        return index, events

    @property
    def states(self) -> dict[State, int]:
        """Every state and its number."""
        return self._explored[0]

    @cached_property
    def matrices(self) -> list[Matrices]:
        """The rates of each year group."""
        return [self._matrices(events) for events in self._explored[1]]

    def _matrices(self, events: list[tuple[int, str, float, Branches]]) -> Matrices:
        moves: tuple[Entries, Entries] = defaultdict(float), defaultdict(float)
        read: tuple[Entries, Entries] = defaultdict(float), defaultdict(float)
        for here, event, rate, branches in events:
            is_request = event == EventKind.EHC_REQUEST
            moves[is_request][here, here] -= rate
            if is_request:
                read[1][self.counted.index(Happening.EHC_REQUESTED), here] += rate
            for chance, state, counted in branches:
                moves[is_request][here, self.states[state]] += rate * chance
                for name in counted:
                    read[0][self.counted.index(name), here] += rate * chance
        size, rows = len(self.states), len(self.counted)
        return Matrices(*(_matrix(m, (size, size)) for m in moves), *(_matrix(r, (rows, size)) for r in read))

    # -- the years -----------------------------------------------------------------------------------------------

    @cached_property
    def years(self) -> dict[int, Lived]:
        """What happens in each academic year."""
        pupils = np.zeros((len(self.states), len(_GROUPS)))
        arrived = np.zeros((len(self.counted), len(_GROUPS)))
        found = {}
        for year in range(self.calendar.first_year, self.calendar.last_year + 1):
            found[year], pupils = self._lived(year, pupils, arrived)
            pupils, arrived = self._september(pupils)
        return found

    def requests(self, year: int) -> tuple[float, float]:
        """Return requests made, and assessments begun, for each first request at the rate of the rows of rates.csv.

        Of those refused a part is overturned, and of the rest a part asks again, at once.
        """
        casework = self.parameters.quantities.casework
        refused = in_year(self.parameters.yearly.refused_share, year) * (1.0 - casework.refusal_overturned.value)
        made = in_year(self.parameters.yearly.ehc_request_factor, year)
        made /= 1.0 - refused * casework.repeat_after_refusal.value
        return made, made * (1.0 - refused)

    def _lived(self, year: int, pupils: Array, arrived: Array) -> tuple[Lived, Array]:
        """Return an academic year from where pupils are on 1 September, and where they are at its end."""
        instants, april = instants_of(self.calendar, year)
        january = self.calendar.clock(date(year + 1, 1, 1)) - self.calendar.september(year)
        made, begun = self.requests(year)
        rolls, days = (np.zeros((len(instants), len(self.rolls), len(_GROUPS))) for _ in range(2))
        counts, ends = np.repeat(arrived[None], 3, axis=0), np.zeros_like(pupils)
        for group, one in enumerate(self.matrices):
            source = self._onset[group] * onsets(self.parameters, year, group) / self.calendar.days_per_year
            read = passage(
                sparse.csr_array(one.steady + begun * one.asked),
                pupils[:, [group]],
                source[:, None],
                self._read_rolls,
                instants,
                (january, april, instants[-1]),
            )
            rolls[:, :, group], days[:, :, group] = read.at[:, :, 0], read.until[:, :, 0]
            counts[:, :, group] += (one.counts + made * one.asked_counts).dot(read.stays[:, :, 0].T).T
            ends[:, group] = read.end[:, 0]
        return Lived(Year(instants, rolls, days, counts[1:]), counts[0]), ends

    @cached_property
    def _onset(self) -> list[Array]:
        found = [np.zeros(len(self.states)) for _ in _GROUPS]
        for group, rules in enumerate(self.rules):
            for chance, state, _ in rules.onset():
                found[group][self.states[state]] += chance
        return found

    @cached_property
    def _read_rolls(self) -> sparse.csr_array:
        row = {roll: number for number, roll in enumerate(self.rolls)}
        entries = {(row[s.place, s.record], number): 1.0 for s, number in self.states.items()}
        return _matrix(entries, (len(self.rolls), len(self.states)))

    def _september(self, pupils: Array) -> tuple[Array, Array]:
        """Return where pupils are after 1 September, a year group up, and what was counted that day."""
        moved, counts = np.zeros_like(pupils), np.zeros((len(self.counted), len(_GROUPS)))
        moved[:, 1:] = pupils[:, :-1]
        step, read = self._transfer
        moved[:, FIRST_SECONDARY] = step @ pupils[:, FIRST_SECONDARY - 1]
        counts[:, FIRST_SECONDARY] = read @ pupils[:, FIRST_SECONDARY - 1]
        return moved, counts

    @cached_property
    def _transfer(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        moves: Entries = defaultdict(float)
        read: Entries = defaultdict(float)
        for state, here in self.states.items():
            for chance, then, counted in self.rules[FIRST_SECONDARY].arrive(state):
                if then in self.states:
                    moves[self.states[then], here] += chance
                for name in counted:
                    read[self.counted.index(name), here] += chance
        size = len(self.states)
        return _matrix(moves, (size, size)), _matrix(read, (len(self.counted), size))


def _is_counted(tariff: Tariff) -> bool:
    return tariff.record == "any" and tariff.applies_to in COUNTED


def _matrix(entries: Entries, shape: tuple[int, int]) -> sparse.csr_array:
    places = np.array(list(entries), dtype=np.int64).reshape(-1, 2)
    return sparse.csr_array((np.fromiter(entries.values(), float, len(entries)), places.T), shape=shape)
