"""All of a study's money on one page: a self-contained HTML file that prints on one side of A4."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape

import pandas as pd

from sim.analysis import invest_to_save as invest
from sim.analysis.changed_for_whom import ANY, AVOIDED, EVERYBODY, FEWEST, GAINED, SPELLS, changed_for_whom
from sim.analysis.money_values import TOTAL
from sim.analysis.paired_spend import first_study_year
from sim.report.amounts import Style
from sim.report.frames import LEVEL
from sim.report.money.slides import Slide, png_of
from sim.report.money.workbook import safe_text
from sim.report.style import Caption
from sim.report.words import NOT_KNOWN, words
from sim.results import Results
from sim.school_year import financial_year_label

LOOK = """
body { font: 11pt/1.35 Arial, Helvetica, sans-serif; color: #1a1a1a; max-width: 190mm;
  margin: 8mm auto; padding: 0 4mm; }
h1 { font-size: 17pt; margin: 0 0 2mm; } h2 { font-size: 12pt; margin: 4mm 0 1mm; } p { margin: 1mm 0; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; } caption { text-align: left; font-weight: bold; }
th, td { border-bottom: 1px solid #595959; padding: 1mm; text-align: right; vertical-align: top; }
th:first-child { text-align: left; } img { width: 100%; }
.stamp { border: 2px solid #1a1a1a; padding: 1mm 3mm; font-weight: bold; display: inline-block; }
small { color: #404040; } @page { size: A4; margin: 10mm; }
"""
HEADS = (
    "scenario",
    "start-up",
    "running cost",
    "saving",
    "net cost",
    "net present value",
    "paid back",
    "with optimism bias",
)


def summary_page(
    results: Results, scenarios: Sequence[str] = (), picture: Slide | None = None, level: float = LEVEL
) -> str:
    """Return the page as HTML; every number with its interval.

    Parameters
    ----------
    scenarios : those to tell of; all if none are named.
    picture : to show under the tables.
    """
    told = [name for name in results.scenarios[1:] if name in scenarios or not scenarios]
    county = escape(safe_text(results.provenance["county"]["label"]))
    title = f"{county}: money at a glance"
    parts = [f"<h1>{title}</h1>", *_stamp(results), *_costs(results, told, level), *_whom(results, told, level)]
    body = "\n".join([*parts, *_shown(picture), *_foot(results)])
    head = f'<meta charset="utf-8"><title>{title}</title><style>{LOOK}</style>'
    return f'<!DOCTYPE html>\n<html lang="en-GB"><head>{head}</head>\n<body><main>\n{body}\n</main></body></html>\n'


def money_words(row: pd.Series[float]) -> str:
    """Return pounds with their interval, no finer than this deserves: '£1.2m (£0.9m to £1.5m)'."""
    style = Style.of("£", row["value"], row["low"], row["high"])
    if pd.isna(row["low"]):
        return f"{style.signed(row['value'])} (no interval)"
    return f"{style.signed(row['value'])} ({style.signed(row['low'])} to {style.signed(row['high'])})"


def chance_words(row: pd.Series[float]) -> str:
    """Return a share of replications: in percent if it is of enough of them, else in numbers; with its interval."""
    number = int(row["replications"])
    hits = round(row["value"] * number) if number else 0
    said = f"{row['value']:.0%}" if hits >= FEWEST else f"{hits} of {number}"
    return f"{said} (no interval)" if pd.isna(row["low"]) else f"{said} ({row['low']:.0%} to {row['high']:.0%})"


def _stamp(results: Results) -> Iterator[str]:
    if results.provenance["stamp"]:
        yield f'<p class="stamp">{escape(results.provenance["stamp"].upper())}</p>'


def _costs(results: Results, told: Sequence[str], level: float) -> Iterator[str]:
    if not told:
        yield "<p>Only the baseline was run: there is no scenario to set against it.</p>"
        return
    titles, first = Caption.of(results.provenance), first_study_year(results)
    yield "<table><caption>Cost to the high needs block against the baseline, all years of the study</caption>"
    yield f"<tr>{''.join(f'<th scope=col>{head}</th>' for head in HEADS)}</tr>"
    for name in told:
        rows = invest.invest_to_save(results, name, level)
        cells = [_cell(rows, quantity) for quantity in (invest.START_UP, invest.RUNNING, invest.SAVING, invest.NET)]
        cells += [
            _cell(rows, invest.NPV),
            *(_last_chance(rows, case) for case in (invest.AS_MODELLED, invest.CAUTIOUS)),
        ]
        title = escape(safe_text(titles.title_of(name)))
        yield f"<tr><th scope=row>{title}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</table>"
    yield (
        f"<p><small>Pounds of each year (cash); net present value in prices of {financial_year_label(first - 1)}. In "
        f"brackets: {100 * level:g}% interval of the mean difference, or of the chance. Below 0, net cost is a saving. "
        "Paid back: chance that the money is back for good by the end of the last year; with optimism bias: costs "
        "raised and savings cut at the high end of the Green Book's ranges.</small></p>"
    )


def _cell(rows: pd.DataFrame, quantity: str) -> str:
    mine = rows[(rows["case"] == invest.AS_MODELLED) & (rows["quantity"] == quantity)]
    whole = mine if quantity == invest.NPV else mine[mine["period"] == TOTAL]
    return money_words(whole.iloc[0])


def _last_chance(rows: pd.DataFrame, case: str) -> str:
    mine = rows[(rows["case"] == case) & (rows["quantity"] == invest.PAID_BACK)]
    return chance_words(mine.iloc[-1])


def _whom(results: Results, told: Sequence[str], level: float) -> Iterator[str]:
    if not told or not results.pupil_tables:
        return
    titles = Caption.of(results.provenance)
    yield "<table><caption>Pupils who avoided / gained a spell since the study began (mean over replications)</caption>"
    names = [*SPELLS, ANY]
    heads = "".join(f"<th scope=col>{escape(words(name))}</th>" for name in names)
    yield f"<tr><th scope=col>scenario</th>{heads}</tr>"
    for scenario in told:
        found = changed_for_whom(results, scenario, level)
        rows = found[found["grouping"] == EVERYBODY].set_index(["spell", "quantity"])
        cells = [f"{count_words(rows, n, AVOIDED)} / {count_words(rows, n, GAINED)}" for n in names]
        title = escape(safe_text(titles.title_of(scenario)))
        yield f"<tr><th scope=row>{title}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</table>"
    yield f"<p><small>Fewer than {FEWEST}: too few to read anything into. Intervals are in the workbook.</small></p>"


def count_words(rows: pd.DataFrame, spell: str, quantity: str) -> str:
    """Return a mean count: a whole number, or that it is of few."""
    row = rows.loc[[(spell, quantity)]].to_dict("records")[0]
    if pd.isna(row["value"]):
        return NOT_KNOWN
    return "0" if not row["value"] else f"fewer than {FEWEST}" if row["few"] else f"{row['value']:,.0f}"


def _shown(picture: Slide | None) -> Iterator[str]:
    if picture is not None:
        data = base64.b64encode(png_of(picture)).decode("ascii")
        yield f'<img alt="{escape(safe_text(picture.text))}" src="data:image/png;base64,{data}">'


def _foot(results: Results) -> Iterator[str]:
    for caveat in results.provenance["caveats"]:
        yield f"<p><small>{escape(safe_text(caveat))}</small></p>"
    said, titles = results.provenance, Caption.of(results.provenance)
    made = f"Made {escape(str(said['created'])[:10])}, seed {said['seed']}."
    yield f"<p><small>{escape(titles.origin)} {made}</small></p>"
