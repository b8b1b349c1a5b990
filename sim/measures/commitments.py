"""Committed spend: what the pupils already placed when the study starts will cost until those placements end.

A stay is committed when it is in one of COMMITTED kinds, had begun before the start of the study and had not
ended by then; it is the same in every scenario up to that instant. A stay is unbroken time at one provision,
whatever the record, so a pupil who moves on, even to another provision of the kind, is no longer committed.
What counts is what tariffs charge for the stay itself from the start of the study until it ends or the run
does: fees, top-ups, tuition, transport. Place funding and devolved budgets are paid whether a pupil is there or
not, and support and cases are not placements: none of them counts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from sim.measures.charges import goes_on, stays_charged
from sim.measures.facts import KINDS, Facts, Table, chosen
from sim.measures.ledger import IN_BLOCK, money_rows
from sim.measures.prices import Timeline
from sim.school_year import APRIL
from sim.vocabulary import ProvisionKind

COMMITTED = (
    ProvisionKind.SPECIAL,
    ProvisionKind.INDEPENDENT,
    ProvisionKind.ALTERNATIVE_PROVISION,
    ProvisionKind.TUITION_WITH_PLAN,
    ProvisionKind.TUITION_WITHOUT_PLAN,
)


def committed_spend(facts: Facts) -> pd.DataFrame:
    """Spend by financial year on stays under way at the start of the study, by budget line, pounds of the year.

    `in_block` is the sum of the lines in the high needs block. Years before the study have 0.
    """
    years, lines = facts.financial_years, facts.parameters.lines
    sums = {line: np.zeros(len(years)) for line in lines}
    if years:
        cuts = tuple(date(year, APRIL, 1) for year in range(years.start, years.stop + 1))
        time = Timeline(facts.parameters, facts.calendar, cuts)
        for line, amounts in stays_charged(_only_committed(facts), time):
            sums[line] = sums.get(line, 0.0) + time.asked(amounts)
    total = sum((sums[line] for line in lines if lines[line].in_block), np.zeros(len(years)))
    return money_rows(facts, "committed_spend", np.stack([total, *sums.values()], axis=1), [IN_BLOCK, *sums])


def committed_stays(facts: Facts) -> Table:
    """Return the spells of committed stays, cut at the start of the study."""
    spells, start = facts.tables["spells"], facts.calendar.clock(facts.parameters.horizon.study_start)
    is_first = np.append(True, ~goes_on(spells))[: len(spells["pupil"])]
    stay, first = np.cumsum(is_first) - 1, np.flatnonzero(is_first)
    last = np.append(first[1:], len(is_first))[: len(first)] - 1
    under_way = ((spells["start"][first] < start) & (spells["end"][last] > start))[stay] & (spells["end"] > start)
    is_kind = np.isin(facts.kind_of(spells), [KINDS.index(kind) for kind in COMMITTED])
    mine = chosen(spells, under_way & is_kind)
    return {**mine, "start": np.maximum(mine["start"], start)}


def _only_committed(facts: Facts) -> Facts:
    """Return the facts as if there were nothing but committed stays, from the start of the study on."""
    none = {name: column[:0] for name, column in facts.tables["supports"].items()}
    return replace(facts, tables={**facts.tables, "spells": committed_stays(facts), "supports": none}, _kept={})
