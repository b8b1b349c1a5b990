"""Who pupils are, and how what happens to them is written down."""

import numpy as np

from sim.engine.journal import COLUMNS, Journal
from sim.engine.pupil import pupil_id


def test_ids_tell_pupils_apart_and_stand_in_order_of_cohort_year_group_and_number():
    who = [
        (cohort, group, number)
        for cohort in (1998, 2012, 2013, 2040)
        for group in (0, 1, 11)
        for number in (0, 1, 65535)
    ]
    ids = [pupil_id(*one) for one in who]
    assert ids == sorted(set(ids))
    assert ids[0] >= 0
    assert ids[-1] <= np.iinfo(COLUMNS["spells"]["pupil"]).max


def test_a_journal_gives_its_rows_back_as_columns_of_the_types_stated():
    journal = Journal()
    rows = [(7, 2, 1, 0.25, 1.5, 1), (8, 3, 2, 1.5, 2.75, 0)]
    for row in rows:
        journal.rows["spells"].extend(row)
    tables = journal.tables()
    assert {name: {c: v.dtype.type for c, v in columns.items()} for name, columns in tables.items()} == COLUMNS
    assert list(zip(*(column.tolist() for column in tables["spells"].values()), strict=True)) == rows
    assert len(tables["waits"]["pupil"]) == 0
