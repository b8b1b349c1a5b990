"""Levers in a terminal: in tables where these fit, else in lines; names stay whole."""

from __future__ import annotations

import io

import pytest

from sim.levers.catalogue import levers
from sim.parameters.schema import Parameters
from sim.report.lever_list import parts_of, print_lever
from sim.report.tables import console


@pytest.mark.parametrize("width", [60, 80, 118, 200])
def test_names_of_settings_and_sources_stay_whole_however_narrow_the_terminal(
    exampleshire: Parameters, width: int
) -> None:
    for name, spec in levers().items():
        file = io.StringIO()
        out = console(file)
        out.width = width
        print_lever(out, name, spec, exampleshire)
        words = set(file.getvalue().replace(";", " ").split())
        for part in parts_of(spec, exampleshire):
            assert {row[0] for row in part.rows} | set(part.column("source")) <= words, name


def test_what_is_printed_fits_the_terminal(exampleshire: Parameters) -> None:
    file = io.StringIO()
    out = console(file)
    out.width = 80
    print_lever(out, "open_primary_bases", levers()["open_primary_bases"], exampleshire)
    assert max(map(len, file.getvalue().splitlines())) <= 80
