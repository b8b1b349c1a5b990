"""An opening roll: pupils and where they are on the first day of a run.

It is the one place where real pupil data may come in. Rows live in memory only; nothing of them is copied to
results, and a run that used a roll records no more of it than its hash.
"""

from __future__ import annotations

from datetime import date

from sim.parameters.schema import Frozen
from sim.vocabulary import Record, Severity, Sex


class OpeningRow(Frozen):
    """One pupil: placement, year group number, record and severity; sex and district are drawn when not given."""

    provision: str
    year_group: int
    record: Record
    severity: Severity
    sex: Sex | None = None
    district: str | None = None
    placed: date | None = None
