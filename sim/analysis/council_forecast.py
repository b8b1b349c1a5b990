"""The council's own forecast beside the model's: the same lines, the same financial years, and the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sim.analysis.money_pages import spend_by_line
from sim.analysis.money_values import LEVEL, line_labels, page_years
from sim.measures.ledger import IN_BLOCK
from sim.parameters.load import read_table
from sim.parameters.parse import Row
from sim.parameters.problems import Problem, did_you_mean, raise_if_any, suggestions
from sim.results import Results
from sim.school_year import financial_year_label

COLUMNS = ("financial_year", "line", "amount")
BELOW, WITHIN, ABOVE = "below the range", "within the range", "above the range"
FORM = "financial_year (such as 2019-20), line, amount in pounds"


def read_forecast(file: str | Path, results: Results) -> pd.DataFrame:
    """Return a council's forecast: line, period, council (pounds of the year).

    Parameters
    ----------
    file : CSV with the columns financial_year, line, amount. A line is named as in the county's configuration or by
        its label; `in_block` is the block as a whole. Amounts may have a pound sign and commas between thousands.

    Raises ConfigurationError that names line and column of everything wrong.
    """
    path = Path(file)
    lines = {**{label.lower(): name for name, label in _lines(results).items()}, **{n: n for n in _lines(results)}}
    years = [financial_year_label(year) for year in page_years(results)]
    rows, seen, problems = [], dict[tuple[str, str], int](), list[Problem]()
    for row in read_table(path, COLUMNS):
        wrong = list(_problems(row, str(path), lines, years))
        problems += wrong
        if wrong:
            continue
        key = (lines[_line_in(row, lines)], row.cells["financial_year"])
        if key in seen:
            found = f"{row.cells['line']} in {key[1]} again, as in line {seen[key]}"
            problems.append(Problem(str(path), f"line {row.line}", found, "each line and year once", "remove one"))
        seen.setdefault(key, row.line)
        rows.append((*key, _amount(row.cells["amount"])))
    if not rows and not problems:
        problems.append(Problem(str(path), "", "no rows", FORM, "add a row for each line and year"))
    raise_if_any(problems)
    return pd.DataFrame(rows, columns=["line", "period", "council"])


def beside_ours(results: Results, forecast: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Return our spend of each line and year of a council's forecast, in every scenario, and the difference.

    Returns
    -------
    Rows as `spend_by_line` (levels only) with council, difference (ours less the council's), difference_low and
    difference_high (its interval, from that of our mean), and `where` the council's figure lies: below, within or above
    the range of our single runs.
    """
    ours = spend_by_line(results, (), level)
    table = ours[ours["comparison"] == ""].merge(forecast, on=["line", "period"], how="inner")
    gaps = {
        "difference": table["value"] - table["council"],
        "difference_low": table["low"] - table["council"],
        "difference_high": table["high"] - table["council"],
    }
    where = np.select([table["council"] < table["p10"], table["council"] > table["p90"]], [BELOW, ABOVE], WITHIN)
    return table.assign(**gaps, where=where)


def template_rows(results: Results) -> list[tuple[str, str, str]]:
    """Return the rows of an empty forecast: every line in use in every financial year of the study, no amounts."""
    years = [financial_year_label(year) for year in page_years(results)]
    return [(year, name, "") for name in _lines(results) for year in years]


def _lines(results: Results) -> dict[str, str]:
    return {**line_labels(results), IN_BLOCK: "High needs block, all lines modelled"}


def _line_in(row: Row, lines: Mapping[str, str]) -> str:
    """Return the cell as a key of `lines`: as it stands, or in small letters."""
    said = row.cells.get("line", "")
    return said if said in lines else said.lower()


def _problems(row: Row, file: str, lines: Mapping[str, str], years: list[str]) -> Iterator[Problem]:
    where = f"line {row.line}"
    blank = [name for name in COLUMNS if name not in row.cells]
    if blank:
        yield Problem(file, where, f"{blank[0]} is blank", FORM, f"fill in {blank[0]}, or remove the row")
        return
    year, said, amount = (row.cells[name] for name in COLUMNS)
    if year not in years:
        fix = did_you_mean(year.replace("/", "-"), years, "use a financial year of the results")
        yield Problem(file, f"{where}, financial_year", year, f"{years[0]} to {years[-1]}", fix)
    if _line_in(row, lines) not in lines:
        names = list(dict.fromkeys(lines.values()))
        fix = did_you_mean(said, lines, "use one of these")
        yield Problem(file, f"{where}, line", said, suggestions(said, names), fix)
    if not np.isfinite(_amount(amount)):
        yield Problem(file, f"{where}, amount", amount, "pounds, such as 1250000 or £1,250,000", "write a number")


def _amount(text: str) -> float:
    """Return pounds, NaN for what is no number."""
    plain = text.replace("£", "").replace(",", "").replace(" ", "")
    try:
        return float(plain)
    except ValueError:
        return float("nan")
