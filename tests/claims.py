"""Claims of theory: an exact value, a simulated interval that must be narrow and cover it, and a record of both.

Every claim uses an interval at the level that keeps the chance of any false alarm in the whole suite below
`FALSE_ALARM`, were the model exact (Bonferroni over `ROWS_AT_MOST` rows). Seeds are fixed and never changed to make a
row pass. `pytest --claims=FILE` writes what was found; `pathways docs` makes the verification page of it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

FALSE_ALARM = 0.01
"""Chance that any row of a full run fails although the model is exact, at most."""

ROWS_AT_MOST = 100
"""Rows that share the false alarm; a test of the record says that there are not more."""

LEVEL = 1.0 - FALSE_ALARM / ROWS_AT_MOST
USUAL = 0.95
"""Level of the interval that is usually given for one quantity by itself; shown beside."""

NARROW = 0.01
"""Half-width of an interval relative to the exact value, at most, where the quantity is not rare."""

FEWEST_SAMPLES = 20


@dataclass(frozen=True)
class Claim:
    """One row of the verification page.

    Attributes
    ----------
    part : the heading it stands under; what : the quantity in words, with its unit.
    exact : what theory says; estimate, low, high : the simulated mean and its simultaneous interval.
    limit : the largest half-width relative to `exact` that was allowed; None where the quantity is rare.
    basis : how many independent samples of what; command : what reproduces it.
    half_width_95 : half the width of the usual 95% interval, of this row by itself; None where it has no meaning.
    """

    part: str
    what: str
    exact: float
    estimate: float
    low: float
    high: float
    limit: float | None
    basis: str
    command: str
    half_width_95: float | None = None

    @property
    def relative_half_width(self) -> float:
        """Half the width of the interval over the exact value."""
        return (self.high - self.low) / 2.0 / abs(self.exact) if self.exact else float("inf")


@dataclass
class Claims:
    """The claims of one test; each is recorded whether it holds or not, then asserted."""

    command: str
    record: list[Claim] = field(default_factory=list)

    def covers(
        self, part: str, what: str, exact: float, samples: ArrayLike, basis: str, limit: float | None = NARROW
    ) -> Claim:
        """Assert that the interval of the mean of independent samples covers `exact`, and is narrow.

        Parameters
        ----------
        samples : means of independent replications or batches, one dimension, at least `FEWEST_SAMPLES` of them.
        basis : the samples in words, such as '40 runs of 50,000 arrivals'.
        limit : largest half-width relative to `exact`; None for a rare quantity (say so in `what`).
        """
        values = np.asarray(samples, dtype=float)
        assert values.ndim == 1, what
        assert len(values) >= FEWEST_SAMPLES, f"{what}: too few samples for an interval"
        error, freedom, mean = float(stats.sem(values)), len(values) - 1, float(values.mean())
        half, usual = (float(stats.t.ppf((1.0 + level) / 2.0, freedom)) * error for level in (LEVEL, USUAL))
        claim = Claim(part, what, float(exact), mean, mean - half, mean + half, limit, basis, self.command, usual)
        self.record.append(claim)
        said = f"{what}: exact {exact:.6g}, simulated {mean:.6g} ({mean - half:.6g} to {mean + half:.6g})"
        assert half > 0.0, f"{said}: an interval without width proves nothing"
        assert claim.low <= exact <= claim.high, said
        assert limit is None or claim.relative_half_width <= limit, f"{said}: wider than {limit:.1%} of the value"
        return claim

    def differs_by_nothing(
        self, part: str, what: str, ours: ArrayLike, theirs: ArrayLike, basis: str, limit: float | None = NARROW
    ) -> Claim:
        """Assert that the interval of the difference of two means covers 0, and is narrow beside the mean of `theirs`.

        The row states the difference as a ratio, ours to theirs, so that `exact` is 1.

        Parameters
        ----------
        ours, theirs : independent samples of the same positive quantity, at least `FEWEST_SAMPLES` of each; their
            number and variance may differ (Welch's interval).
        basis, limit : as in `covers`.
        """
        pair = [np.asarray(one, dtype=float) for one in (ours, theirs)]
        assert all(one.ndim == 1 and len(one) >= FEWEST_SAMPLES for one in pair), f"{what}: too few samples"
        mean = float(pair[1].mean())
        assert mean > 0.0, f"{what}: nothing to set the difference beside"
        found = stats.ttest_ind(*pair, equal_var=False)
        interval, usual = found.confidence_interval(LEVEL), found.confidence_interval(USUAL)
        low, high = 1.0 + float(interval.low) / mean, 1.0 + float(interval.high) / mean
        ratio, half = float(pair[0].mean()) / mean, float(usual.high - usual.low) / 2.0 / mean
        claim = Claim(part, f"{what}, ratio", 1.0, ratio, low, high, limit, basis, self.command, half)
        self.record.append(claim)
        said = f"{what}: ours {pair[0].mean():.6g}, theirs {mean:.6g}, ratio {low:.6g} to {high:.6g}"
        assert low < high, f"{said}: an interval without width proves nothing"
        assert low <= 1.0 <= high, said
        assert limit is None or claim.relative_half_width <= limit, f"{said}: wider than {limit:.1%} of the value"
        return claim

    def agrees(self, part: str, what: str, exact: ArrayLike, mean: ArrayLike, error: ArrayLike, basis: str) -> Claim:
        """Assert that a whole table of estimates agrees with its exact values; it counts as one row.

        The row is the largest standardised distance among the cells, which must be below the quantile that it
        exceeds with the chance of one row (Sidak over the cells). `exact` of the row is 0.

        Parameters
        ----------
        exact, mean, error : arrays of one shape: exact values, estimates and standard errors (all above 0).
        """
        exact, mean, error = (np.asarray(one, dtype=float) for one in (exact, mean, error))
        assert exact.shape == mean.shape == error.shape, what
        assert exact.size > 1, what
        assert (error > 0.0).all(), f"{what}: a cell without error proves nothing"
        z = (mean - exact) / error
        worst = float(z.flat[np.abs(z).argmax()])
        bound = float(stats.norm.isf((1.0 - LEVEL ** (1.0 / z.size)) / 2.0))
        words = f"{what}: largest standardised distance among {z.size} cells"
        claim = Claim(part, words, 0.0, worst, worst - bound, worst + bound, None, basis, self.command)
        self.record.append(claim)
        cell = np.unravel_index(np.abs(z).argmax(), z.shape)
        assert abs(worst) <= bound, f"{what}: cell {cell}: exact {exact[cell]:.6g}, simulated {mean[cell]:.6g}"
        return claim


def write(record: list[Claim], tests: set[str], file: Path) -> None:
    """Write claims and names of tests as JSON, sorted, so that the same results give the same bytes.

    What the file already holds of other claims and tests is kept, so that several runs make one record.
    """
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"claims": [], "tests": []}
    rows = {(row["part"], row["what"]): row for row in (*before["claims"], *map(asdict, record))}
    said = {
        "false_alarm": FALSE_ALARM,
        "level": LEVEL,
        "claims": [row for _, row in sorted(rows.items())],
        "tests": sorted(tests | set(before["tests"])),
    }
    assert len(rows) <= ROWS_AT_MOST, f"{len(rows)} claims share the false alarm of {ROWS_AT_MOST}"
    file.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
