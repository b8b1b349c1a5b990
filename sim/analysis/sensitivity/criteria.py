"""What scenarios may be ranked by: any measure that results hold, with the words that the questions have for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sim.analysis.sensitivity.decision import Aim, Criterion
from sim.measures.tidy import ALL, NOT_APPLICABLE
from sim.questions import LooksAt, Question
from sim.results import Results

PLAIN_UNIT = "in its unit"


def quantities_of(results: Results) -> set[tuple[str, str, str]]:
    """Return every measure with each provision and phase that results have whole-county figures of."""
    rows = results.measures[results.measures["district"].isin([ALL, NOT_APPLICABLE])]
    keys = rows[["measure", "provision", "phase"]].astype("str").replace(NOT_APPLICABLE, ALL).drop_duplicates()
    return set(keys.itertuples(index=False, name=None))


def criterion(
    asked: tuple[str, str, str], questions: Mapping[str, Question], over: str | None = None, aim: str | None = None
) -> Criterion:
    """Return what scenarios are ranked by.

    Parameters
    ----------
    asked : measure, provision and phase; 'all' also stands for 'does not apply'.
    over : mean, sum or last; None is as the first question does that looks at it, else the mean.
    aim : least or most; None is the most where a question calls a fall bad, else the least.
    """
    known = [one for question in questions.values() for one in question.looks_at if _key(one) == asked]
    known.sort(key=lambda one: one.over != over)  # as asked for first
    words = ", ".join(word.replace("_", " ") for word in asked if word != ALL)
    found = known[0] if known else _plain(asked, words[:1].upper() + words[1:])
    changes: dict[str, Any] = {} if over is None else {"over": over}
    falling_is_bad = found.falls_is == "bad"
    return Criterion(found.model_copy(update=changes), cast(Aim, aim or ("most" if falling_is_bad else "least")))


def _key(one: LooksAt) -> tuple[str, str, str]:
    return one.measure, one.provision or ALL, one.phase or ALL


def _plain(asked: tuple[str, str, str], label: str) -> LooksAt:
    measure, provision, phase = asked
    return LooksAt(measure=measure, provision=provision, phase=phase, label=label, unit=PLAIN_UNIT)
