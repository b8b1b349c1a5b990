"""Allocation files for tests, written into a folder."""

from __future__ import annotations

from pathlib import Path

GRANT = """\
grant:
  amounts: {2018-19: 200000, 2019-20: 200000}
  covers_to: 2020-21
  afterwards: block_pays
  one_off: {lines: [start_up], most: 150000}
  recurring: {lines: [resource_base_running, training_bursary, send_district_team]}
"""
OPTIONS = """\
options:
  bases:
    label: Bases
    lever: open_primary_bases
    settings: {design: outreach_only}
    vary: {number: [1, 2]}
  bursary:
    label: Bursary
    lever: fund_training_bursary
    vary: {budget: {from: 50000, to: 150000, step: 50000}}
  teams:
    label: Teams
    lever: fund_district_team
    vary: {size: [1.5, 2]}
"""
OBJECTIVE = """\
objective:
  measure: spend_total
  provision: in_block
  over: sum
  label: Spend of the block
  unit: GBP
  aim: least
"""
CONDITION = """\
conditions:
  - {measure: suspensions, label: Suspensions, unit: a year, not_above: baseline}
"""
SELECTION = "selection: {confidence: 0.9, indifference: 10000, first: 3, step: 2, most: 5}\n"
FILE = "".join(
    ["title: A grant for tests\n", "county: {county}\n", GRANT, OPTIONS, OBJECTIVE, CONDITION, SELECTION, "seed: 7\n"]
)


def allocation_file(folder: Path, county: object = "exampleshire", *changes: tuple[str, str]) -> Path:
    """Return an allocation file with parts of its text replaced; each part must be there."""
    text = FILE.replace("{county}", str(county))
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "grant.yaml"
    file.write_text(text, encoding="utf-8")
    return file
