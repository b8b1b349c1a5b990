"""A tiny county and a study file on it, for tests that run whole studies in processes of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

from sim.parameters.load import find_county

STUDY = """\
title: Bursary and panels in a tiny county
county: {county}
design:
  kind: factorial
  factors:
    bursary: {{of: levers/fund_training_bursary, levels: [neutral, pulled]}}
    panels: {{of: levers/run_centres_of_expertise/agenda, levels: [neutral, 5]}}
{number}
seed: 11
measures:
  - {{measure: suspensions, label: Suspensions, unit: a year, falls_is: good}}
  - {{measure: spend_total, provision: in_block, over: sum, label: Spend of the block, unit: £m}}
"""
POINTS = ("baseline", "panels-5", "bursary-pulled", "bursary-pulled_panels-5")


def tiny_county(folder: Path) -> Path:
    """Return a folder with the fictional county for four academic years, two of them after the policies begin."""
    made = folder / "tinyshire"
    shutil.copytree(find_county("exampleshire"), made)
    file = made / "county.yaml"
    text = file.read_text(encoding="utf-8").replace("name: exampleshire", "name: tinyshire")
    for key, year in (("first_academic_year", "2017/18"), ("last_academic_year", "2020/21")):
        start = text.index(f"{key}: ")
        text = text[:start] + f'{key}: "{year}"' + text[text.index("\n", start) :]
    file.write_text(text, encoding="utf-8", newline="\n")
    return made


def study_file(folder: Path, number: str = "replications: 2", text: str = STUDY) -> Path:
    """Return a study file on a tiny county, both written into a folder."""
    county = folder / "tinyshire"
    file = folder / "tiny.yaml"
    file.write_text(
        text.format(county=county if county.exists() else tiny_county(folder), number=number), encoding="utf-8"
    )
    return file
