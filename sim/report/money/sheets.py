"""Tables of money pages as people read them: a row for each figure and statistic, financial years side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sim.analysis.changed_for_whom import FEWEST, changed_for_whom, flows
from sim.analysis.council_forecast import beside_ours
from sim.analysis.invest_to_save import invest_to_save
from sim.analysis.money_pages import management_plan, spend_by_heading, spend_by_line, who_pays
from sim.analysis.money_values import CASH, NO_INTERVAL, NUMBERS, POUNDS
from sim.analysis.paired_spend import money_of
from sim.analysis.payback import payback
from sim.measures.ledger import IN_BLOCK
from sim.parameters.appraisal import appraisal_sources
from sim.report.frames import BLOCK_LABEL, LEVEL
from sim.report.style import Caption
from sim.report.words import words
from sim.results import Results, interval_name, run_id

GBP_FORMAT, SHARE_FORMAT, COUNT_FORMAT = "#,##0;-#,##0", "0%", "#,##0.0"
PLAIN = ("run", "scenario", "comparison")
LEVEL_ROW = "level"
MEAN, GIVEN = "mean", "as given"


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    Attributes
    ----------
    name : at most 31 letters, as Excel allows.
    note : one line under the title: what the figures are.
    shown : the table as laid out for people.
    tidy : one row per figure, for the CSV file of the same name.
    formats : number format of columns of `shown`; `others` is that of numbers in all other columns.
    """

    name: str
    title: str
    note: str
    shown: pd.DataFrame
    tidy: pd.DataFrame
    formats: Mapping[str, str] = field(default_factory=dict)
    others: str = GBP_FORMAT


def money_sheets(
    results: Results, scenarios: Sequence[str] = (), council: pd.DataFrame | None = None, level: float = LEVEL
) -> list[Sheet]:
    """Return every sheet that results have figures for, provenance last.

    Parameters
    ----------
    scenarios : those to tell of beside the baseline; all if none are named.
    council : a forecast as `sim.analysis.council_forecast.read_forecast` returns it.
    """
    others = [name for name in results.scenarios[1:] if not scenarios or name in scenarios]
    told = (results.baseline, *others)
    made = [*_by_year(results, told, level)]
    if others:
        made += [*_of_investments(results, others, level), *_for_whom(results, others, level)]
    if council is not None:
        made.append(_beside(results, council, told, level))
    return [*made, provenance_sheet(results)]


def _by_year(results: Results, told: Sequence[str], level: float) -> Iterator[Sheet]:
    titles = Caption.of(results.provenance)
    line_keys = ("section_251", "heading", "label", "payer")
    pages = (
        ("Spend by line", "Spend by budget line, with section 251 headings", spend_by_line, line_keys),
        ("Section 251", "Spend by section 251 heading", spend_by_heading, ("section_251", "heading", "lines")),
        ("DSG plan", "Deficit management plan: unmitigated and mitigated", management_plan, ("plan", "item")),
        ("Who pays", "Who pays and who saves", who_pays, ("payer",)),
    )
    for name, title, make, keys in pages:
        tidy = make(results, told, level)
        note = "£ of each year (cash), by financial year. In a change, below 0 is less spend (or a worse balance)."
        yield Sheet(name, title, note, wide(tidy, keys, titles), tidy)


def _of_investments(results: Results, others: Sequence[str], level: float) -> Iterator[Sheet]:
    titles = Caption.of(results.provenance)
    tidy = pd.concat([invest_to_save(results, name, level) for name in others], ignore_index=True)
    is_chance = tidy["unit"] == "share"
    note = "£, compared with the baseline. Costs and savings of the high needs block; see optimism bias in Provenance."
    columns = {"value": GBP_FORMAT}
    yield Sheet(
        "Invest to save",
        "Invest to save: costs, savings, net present value, switching value",
        note,
        _titled(tidy[~is_chance], titles),
        tidy[~is_chance],
        columns,
    )
    shares = dict.fromkeys(("value", "low", "high"), SHARE_FORMAT)
    note = "Share of replications that have paid back by the end of a year, and in which year they do."
    chances = tidy[is_chance].drop(columns=["p10", "p90", "price_base"])
    yield Sheet("Payback", "When the money is back, for good", note, _titled(chances, titles), chances, shares)
    saved = _savings(results, others, level)
    note = "£ of each year (cash). Released: below the spend of the year before the study. Avoided: growth not come."
    keys = ("label", "part")
    yield Sheet("Savings", "Cash-releasing saving, cost avoidance, added cost", note, wide(saved, keys, titles), saved)


def _savings(results: Results, others: Sequence[str], level: float) -> pd.DataFrame:
    """Return the parts of savings by line, with all that must stand beside a number."""
    labels, made = {**results.provenance["lines"], IN_BLOCK: BLOCK_LABEL}, []
    for name in others:
        rows = payback(results, name, level).savings.rename(columns={"mean": "value"})
        made.append(rows.assign(scenario=name, label=rows["line"].map(labels), part=rows["part"].map(words)))
    said: dict[str, Any] = {
        "comparison": results.baseline,
        "interval": interval_name(level),
        "p10": float("nan"),
        "p90": float("nan"),
    }
    about = {"unit": POUNDS, "price_base": CASH, "run": run_id(results.provenance)}
    return pd.concat(made, ignore_index=True).assign(**said, **about)


def _for_whom(results: Results, others: Sequence[str], level: float) -> Iterator[Sheet]:
    if not results.pupil_tables:
        return
    titles = Caption.of(results.provenance)
    note = (
        f"Pupils since the study began. Marked few: a mean below {FEWEST}, of which no share is given; read with care."
    )
    formats = {"share": SHARE_FORMAT}
    tidy = pd.concat([changed_for_whom(results, name, level) for name in others], ignore_index=True)
    shown = _titled(tidy.assign(spell=tidy["spell"].map(words), few=_marked(tidy)), titles)
    title = "What changed for whom: spells avoided and gained by the same pupils"
    yield Sheet("Changed for whom", title, note, shown, tidy, formats, COUNT_FORMAT)
    tidy = pd.concat([flows(results, name, level) for name in others], ignore_index=True)
    shown = tidy.assign(few=_marked(tidy), **{name: tidy[name].map(words) for name in ("before", "after")})
    title = "How far the same pupils came: furthest placement in the baseline (before) and in the scenario (after)"
    yield Sheet("Flows", title, note, _titled(shown, titles), tidy, {}, COUNT_FORMAT)


def _marked(table: pd.DataFrame) -> pd.Series[str]:
    return table["few"].map({True: "few", False: ""})


def _beside(results: Results, council: pd.DataFrame, told: Sequence[str], level: float) -> Sheet:
    tidy = beside_ours(results, council, level)
    tidy = tidy[tidy["scenario"].isin(told)]
    note = (
        "£ of each year (cash). Difference: the model's mean less the council's figure, with the interval of the mean."
    )
    title = "The council's own forecast beside the model's"
    return Sheet(
        "Council forecast", title, note, _titled(tidy.drop(columns="comparison"), Caption.of(results.provenance)), tidy
    )


def wide(tidy: pd.DataFrame, keys: Sequence[str], titles: Caption) -> pd.DataFrame:
    """Return a tidy table with periods side by side, and a row for each statistic of a figure.

    Parameters
    ----------
    keys : columns that tell figures apart, beside scenario and comparison.
    titles : what scenarios and ranges are called.
    """
    told = ["scenario", "comparison", *keys, "interval", "unit", "price_base"]
    periods = list(dict.fromkeys(tidy["period"]))
    order = pd.MultiIndex.from_frame(tidy[told].drop_duplicates())
    made = []
    for place, number in enumerate(NUMBERS):
        table = tidy.pivot(index=told, columns="period", values=number).reindex(order)[periods]  # noqa: PD010
        made.append(table.reset_index().assign(place=place, order=range(len(table))))
    most = tidy.groupby(told, sort=False)["replications"].max().reindex(order).to_numpy()
    rows = pd.concat(made, ignore_index=True)
    rows["replications"] = most[rows["order"]]
    rows = rows[rows[periods].notna().any(axis=1)].sort_values(["order", "place"], kind="stable")
    rows["statistic"] = [
        _statistic(place, name, titles) for place, name in zip(rows["place"], rows["interval"], strict=True)
    ]
    shown = ["scenario", "comparison", *keys, "statistic", "replications", "unit", "price_base"]
    return _titled(rows[[*shown, *periods]], titles)


def _statistic(place: int, interval: str, titles: Caption) -> str:
    """Return what a number of a figure is: its mean, an end of its interval, or of the range of single runs."""
    if place == 0:
        return GIVEN if interval == NO_INTERVAL else MEAN
    ends = {1: f"{interval}, low", 2: f"{interval}, high"}
    return ends.get(place) or f"{titles.range_name}, {'10th' if place == len(NUMBERS) - 2 else '90th'} percentile"


def _titled(table: pd.DataFrame, titles: Caption) -> pd.DataFrame:
    """Return a table with titles of scenarios in place of names, and what each row is compared with in words."""
    made = table.assign(scenario=table["scenario"].map(titles.title_of)).reset_index(drop=True)
    if "quantity" in made:
        made["quantity"] = made["quantity"].map(words)
    if "comparison" in made:
        made["comparison"] = made["comparison"].map(
            lambda name: f"change from {titles.title_of(name)}" if name else LEVEL_ROW
        )
    return made.drop(columns="run", errors="ignore")


def provenance_sheet(results: Results) -> Sheet:
    """Return the sheet that says where everything comes from, and what the words mean."""
    rows = [*_of_run(results), *_of_scenarios(results), *_of_words(results), *_of_sources(results)]
    table = pd.DataFrame(rows, columns=["about", "what", "value"])
    return Sheet(
        "Provenance", "Where the figures come from", "Every figure of this workbook is of this run.", table, table
    )


def _of_run(results: Results) -> Iterator[tuple[str, str, Any]]:
    said = results.provenance
    yield "run", "run id", run_id(said)
    for name in ("stamp", "study", "created", "seed", "replications", "draws", "replications_per_draw", "code"):
        if said.get(name) not in (None, ""):
            yield "run", name.replace("_", " "), said[name]
    yield "run", "county", said.get("county", {}).get("label", "")
    yield "run", "commit", said.get("git", {}).get("commit") or "not known"
    for number, caveat in enumerate(said.get("caveats", ()), start=1):
        yield "caveats", str(number), caveat


def _of_scenarios(results: Results) -> Iterator[tuple[str, str, Any]]:
    for one in results.provenance["scenarios"]:
        what = f"{one['title'] or one['name']} (parameters {str(one.get('parameters', ''))[:16]})"
        yield "scenarios", one["name"], what
    for name, digest in results.provenance.get("inputs", {}).items():
        yield "files read (SHA-256)", str(name), str(digest)


SHARES = (
    "interval of a share of replications: exact (Clopper-Pearson), and wider where replications share the parameters "
    "of a draw (Korn and Graubard 1998)"
)


def _of_words(results: Results) -> Iterator[tuple[str, str, str]]:
    percent, name = f"{100 * LEVEL:g}%", Caption.of(results.provenance).range_name
    yield "words", f"{percent} interval of the mean", "how well the runs pin down the average of a level"
    yield "words", interval_name(LEVEL), "the same of the paired change from the baseline: same replication, same luck"
    yield "words", f"{percent} interval of the chance", SHARES
    yield "words", name, "10th to 90th percentile of single runs: how far luck (and drawn parameters) may take one"
    if results.provenance["replications"] == 1:
        yield "words", "no interval", "one replication gives no interval: read nothing into a difference"


def _of_sources(results: Results) -> Iterator[tuple[str, str, Any]]:
    money = money_of(results)
    for name in ("discount", "inflation"):
        for year, value in money[name].items():
            yield f"{name} ({'real rate' if name == 'discount' else 'price index'})", year, value
    for row in appraisal_sources():
        name = row.get("heading") or row["applies_to"]
        said = row.get("label") or f"{row['value']} ({row['low']} to {row['high']}), {row['unit']}"
        about = "section 251 headings" if "heading" in row else "optimism bias"
        yield about, name, f"{said}. {row['grade']}: {row['source']}, {row['link']}. {row.get('note', '')}".strip()
