"""Sentences about payback, and what is said when there is nothing to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from sim.report.sentences import payback_words, placement_words
from sim.results import Results
from tests.unit.analysis.made_results import changed, level, results_of

Years = tuple[str, str, str]


def made(by_year: Mapping[str, Sequence[float]], **said: object) -> Results:
    """Return results in which a policy costs so many pounds more in each replication, by year."""
    replications = len(next(iter(by_year.values())))
    base = level(replications, fees=5e6)
    policy = changed(base, {("fees", year): pounds for year, pounds in by_year.items()})
    return results_of({"baseline": base, "policy": policy}, replications=replications, **said)


@pytest.mark.parametrize(
    ("by_year", "said"),
    [
        (
            {"2019-20": [3e5, 3e5], "2020-21": [-4e5, -4e5]},
            "has paid back by the end of 2020-21 in half of the replications or more, and by the end of 2021-22 in 2 "
            "of 2 replications (95% interval of the chance 16% to 100%)",
        ),
        (
            {"2019-20": [3e5, 3e5], "2021-22": [-4e5, -4e5]},
            "has paid back by the end of 2021-22 in 2 of 2 replications (95% interval of the chance 16% to 100%)",
        ),
        (
            {"2019-20": [5e5] * 10, "2021-22": [-6e5, *[0.0] * 9]},
            "has paid back by the end of 2021-22 in 1 of 10 replications (95% interval of the chance 0% to 45%)",
        ),
        ({"2019-20": [5e5, 5e5]}, "has not paid back by the end of 2021-22 in any of 2 replications"),
        (
            {"2019-20": [-5e5, -5e5]},
            "costs nothing more on average at any time, so there is nothing to pay back",
        ),
        (
            {"2019-20": [5e5, 5e5], "2021-22": [-9e5, -1e5]},
            "cannot be said to pay back or not, as its net cost cannot be told apart from nought",
        ),
        ({"2019-20": [3e5], "2021-22": [-4e5]}, "has paid back by the end of 2021-22 in 1 of 1 replications"),
    ],
)
def test_payback_is_told_with_its_year_and_its_chance(by_year: Mapping[str, Sequence[float]], said: str) -> None:
    assert payback_words(made(by_year), "policy") == said


def test_a_payback_that_cannot_be_worked_out_is_said_to_be_so_and_why() -> None:
    results = made({"2019-20": [3e5, 3e5]}, horizon={"study_start": "2030-09-01"})
    said = payback_words(results, "policy")
    assert said.startswith("has a payback that cannot be worked out (")
    assert "2030-31" in said


def test_nothing_is_said_of_changes_when_nothing_but_money_was_looked_at() -> None:
    assert placement_words([]) == ""
