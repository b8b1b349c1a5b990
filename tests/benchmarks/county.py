"""A replication of a county: time by part, events, memory, what recording costs, and growth."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import numpy as np

import sim
from sim.engine.journal import COLUMNS, Journal, Tables
from sim.engine.world import World
from sim.measures import facts_of, measure, pupil_table
from sim.model import Run
from sim.parameters.changes import with_changes
from sim.parameters.schema import Parameters
from sim.replicate import no_collections, to_bytes
from sim.school_year import SEPTEMBER
from sim.vocabulary import Happening, WaitOutcome
from tests.benchmarks.measuring import (
    ROOT,
    Clock,
    Ratio,
    Say,
    in_own_process,
    in_turns,
    middle,
    paragraph,
    peak_memory,
    short,
    table,
    verdict,
)

CENSORED = tuple(WaitOutcome).index(WaitOutcome.CENSORED)
SEED = 20190517
STOPS = 5
"""Dates at which the clock is read on the way through the horizon."""

SECONDS_BETWEEN_LOOKS = 0.001
"""Of processor time; the system may look less often."""


# -- parameters ----------------------------------------------------------------------------------------------------


def scaled(county: str, times: float) -> Parameters:
    """Return a county with so many times the pupils, and as much more of everything that they queue for."""
    parameters = sim.county(county).parameters
    if times == 1.0:
        return parameters
    figures = {
        **{
            f"cohorts/{year}/{group}": row.value * times
            for year, groups in parameters.cohorts.items()
            for group, row in groups.items()
        },
        **_yearly(parameters, ("other_needs_requests", "casework_capacity"), times),
        "quantities/team/other_needs_cases": parameters.quantities.team.other_needs_cases.value * times,
    }
    return with_changes(parameters, {**figures, **dict(_places(parameters, times))})


def _yearly(parameters: Parameters, names: tuple[str, ...], times: float) -> dict[str, float]:
    return {
        f"yearly/{name}/{year}": row.value * times
        for name in names
        for year, row in getattr(parameters.yearly, name).items()
    }


def _places(parameters: Parameters, times: float) -> Iterator[tuple[str, Any]]:
    for name, spec in parameters.provisions.items():
        for day, places in spec.places.items():
            usable = "unlimited" if places.usable is None else round(places.usable * times)
            yield (
                f"provisions/{name}/places/{day}",
                {
                    "commissioned": round(places.commissioned * times),
                    "usable": usable,
                },
            )
        for day, money in spec.devolved_budget.items():
            yield f"provisions/{name}/devolved_budget/{day}", money.value * times


# -- one run, in its own process -----------------------------------------------------------------------------------


def replication(county: str, times: float, number: int) -> dict[str, Any]:
    """Run one replication as a study does, and return seconds by part, counts, and peak memory."""
    parameters = scaled(county, times)
    empty, began = peak_memory(), Clock.now()
    with no_collections():
        run = Run(parameters, SEED, number)
        run.stop_before(parameters.horizon.study_start)
        run_in = Clock.now()
        journal = run.finish()
        finished = Clock.now()
        tables = journal.tables()
        recorded = Clock.now()
    collected = Clock.now()
    facts = facts_of(tables, parameters)
    for made in (measure(facts), pupil_table(facts)):
        to_bytes(_arrow(made))
    measured = Clock.now()
    return {
        **measured.since(began),
        "run_in": run_in.cpu - began.cpu,
        "study": finished.cpu - run_in.cpu,
        "columns": recorded.cpu - finished.cpu,
        "collection": collected.cpu - recorded.cpu,
        "measures": measured.cpu - collected.cpu,
        "run": recorded.cpu - began.cpu,
        "events": pathway_events(tables),
        "rows": {name: len(next(iter(columns.values()))) for name, columns in tables.items()},
        "pupils": len(tables["pupils"]["pupil"]),
        "on_roll": _on_roll(parameters),
        "simpy": next(run.world.env._eid),
        "memory": peak_memory(),
        "before": empty,
    }


def _arrow(frame: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)


def _on_roll(parameters: Parameters) -> float:
    last = parameters.cohorts[max(parameters.cohorts)]
    return sum(row.value for row in last.values())


def pathway_events(tables: Tables) -> int:
    """Count the instants at which something happened to a pupil, once each, and other needs' cases begun and ended.

    Something is a noted event, or that a stay, a spell of support or a wait began or ended. What happens to a pupil at
    one instant, such as an exclusion, the end of the stay and the beginning of the next, is one pathway event. What
    leaves no record (an effect that fades, a look at the clock that finds nothing due) is none.
    """
    waits = tables["waits"]
    ended = {
        "events": [("at", slice(None))],  # pupil below 0 is another need's case
        "spells": [("start", slice(None)), ("end", tables["spells"]["ended"] == 1)],
        "supports": [("start", slice(None)), ("end", tables["supports"]["ended"] == 1)],
        "waits": [("start", slice(None)), ("end", waits["outcome"] != CENSORED)],
    }
    pairs = [
        np.rec.fromarrays([np.maximum(tables[name]["pupil"][rows], -1), tables[name][column][rows]], names="pupil,at")
        for name, columns in ended.items()
        for column, rows in columns
    ]
    return len(np.unique(np.concatenate(pairs)))


def over_horizon(county: str, number: int) -> dict[str, Any]:
    """Return processor seconds, and pathway events, up to several dates of one run."""
    parameters = sim.county(county).parameters
    first, last = parameters.horizon.first_year, parameters.horizon.last_year + 1
    years = [round(first + (last - first) * (stop + 1) / STOPS) for stop in range(STOPS)]
    seconds = []
    with no_collections():
        began = Clock.now()
        run = Run(parameters, SEED, number)
        for year in years[:-1]:
            run.stop_before(date(year, SEPTEMBER, 1))
            seconds.append(Clock.now().cpu - began.cpu)
        journal = run.finish()
        seconds.append(Clock.now().cpu - began.cpu)
    tables, calendar = journal.tables(), parameters.calendar()
    ends = [calendar.september(year) for year in years[:-1]] + [calendar.end]
    at = tables["events"]["at"]
    return {
        "cpu": seconds[-1],
        "years": [year - first for year in years],
        "seconds": seconds,
        "noted": [int((at < end).sum()) for end in ends],
    }


def recording(county: str, number: int) -> dict[str, Any]:
    """Return what recording takes of a run: its rows written once more by themselves, and the making of columns.

    Writing a row looks the table up, reads the clock and the pupil, and extends the list, as the engine does.
    """
    parameters = sim.county(county).parameters
    with no_collections():
        began = Clock.now()
        world = (run := Run(parameters, SEED, number)).world
        tables = (journal := run.finish()).tables()
        whole = Clock.now().since(began)["cpu"]
        before = Clock.now()
        journal.tables()
        columns = Clock.now().since(before)["cpu"]
        again = _written_again(world, tables)
    return {"cpu": whole, "columns": columns, "rows": again, "share": (columns + again) / whole}


def _written_again(world: World, tables: Tables) -> float:
    """Return the seconds in which as many rows are written as the run wrote, less those of the empty loops."""
    person = SimpleNamespace(id=1, year_group=1, record=1)
    world.journal = journal = Journal()
    spent = 0.0
    for name, columns in COLUMNS.items():
        number, rest = len(tables[name][next(iter(columns))]), (1,) * (len(columns) - 2)
        before = Clock.now()
        if name == "events":
            for _ in range(number):
                world.note(person, Happening.ONSET)  # type: ignore[arg-type]
        else:
            for _ in range(number):
                journal.rows[name].extend((person.id, world.env.now, *rest))
        middle_of = Clock.now()
        for _ in range(number):
            pass
        spent += middle_of.since(before)["cpu"] - Clock.now().since(middle_of)["cpu"]
    return spent


def profile(county: str, number: int) -> dict[str, Any]:
    """Return where the processor was at each of many instants of a run: the line's function, and its file."""
    parameters = sim.county(county).parameters
    seen: Counter[str] = Counter()

    def look(_signal: int, frame: FrameType | None) -> None:
        if frame is not None:
            seen[_place(frame)] += 1

    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_BETWEEN_LOOKS, SECONDS_BETWEEN_LOOKS)
    began = Clock.now()
    with no_collections():
        Run(parameters, SEED, number).finish().tables()
    signal.setitimer(signal.ITIMER_PROF, 0.0)
    return {**Clock.now().since(began), "seen": dict(seen)}


def _place(frame: FrameType) -> str:
    file = Path(frame.f_code.co_filename)
    inside = file.is_relative_to(ROOT / "sim")
    name = file.relative_to(ROOT).as_posix() if inside else "/".join(file.parts[-2:])
    return f"{name}: {frame.f_code.co_name}"


# -- the section ---------------------------------------------------------------------------------------------------


def section(quick: bool, say: Say) -> list[str]:
    """Measure, and return the lines of the page."""
    county, repeats = ("exampleshire", 2) if quick else ("cambridgeshire", 3)
    once = in_turns(["replication", "recording", "horizon"], repeats, lambda *one: _one_of(county, *one), say)
    large = in_turns(["1", "4"], min(repeats, 2), lambda *one: _grown(county, *one), say)
    if not quick:
        large |= in_turns(["16"], 1, lambda *one: _grown(county, *one), say)
    seen = in_own_process("county:profile", county=county, number=0)
    return [
        "## A replication of a county",
        "",
        *_about(county, once["replication"], repeats),
        "### Goals",
        *_goals(once["replication"], once["recording"]),
        "### Growth with population",
        "",
        "Pupils, places, slots, casework and budgets are multiplied together, so that queues stay comparable.",
        "The whole replication, measures and tables included.",
        *_growth(large),
        "### Growth with the horizon",
        *_horizon(once["horizon"]),
        "### Where the time goes",
        "",
        *_profiled(seen),
    ]


def _one_of(county: str, what: str, number: int) -> dict[str, Any]:
    if what == "replication":
        return _grown(county, "1", number)
    function = {"recording": "recording", "horizon": "over_horizon"}[what]
    return in_own_process(f"county:{function}", county=county, number=number)


def _grown(county: str, times: str, number: int) -> dict[str, Any]:
    return in_own_process("county:replication", county=county, times=float(times), number=number)


def _per_event(one: dict[str, Any]) -> float:
    """Microseconds of a run, its log written, for each pathway event."""
    return float(1e6 * one["run"] / one["events"])


def _about(county: str, found: list[dict[str, Any]], repeats: int) -> Iterator[str]:
    horizon = sim.county(county).parameters.horizon
    rows, events = found[0]["rows"], middle(found, "events")
    per_event = float(np.median([_per_event(one) for one in found]))
    yield from paragraph(
        f"{county.capitalize()}, baseline, {horizon.first_academic_year} to {horizon.last_academic_year}, with the",
        f"run-in, medians of {repeats} replications, each in its own process. Columns are what the log becomes at the",
        "end of a run; measures include the table of pupils.",
    )
    yield from table(
        ("part", "processor seconds"),
        [
            ("run-in, to the start of the study", f"{middle(found, 'run_in'):.3f}"),
            ("study years", f"{middle(found, 'study'):.3f}"),
            ("log to columns", f"{middle(found, 'columns'):.3f}"),
            ("**run, log written**", f"{middle(found, 'run'):.3f}"),
            ("collection of garbage, once", f"{middle(found, 'collection'):.3f}"),
            ("measures and tables", f"{middle(found, 'measures'):.3f}"),
            ("**whole replication**", f"{middle(found):.3f}"),
            ("whole replication, on the wall", f"{middle(found, 'wall'):.3f}"),
        ],
    )
    yield from table(
        ("counted", "number"),
        [
            ("pupils whose need became visible", f"{middle(found, 'pupils'):,.0f}"),
            ("pathway events (instants at which something happened to a pupil)", f"{events:,.0f}"),
            ("pathway events per pupil", short(events / middle(found, "pupils"))),
            ("pathway events per second", f"{1e6 / per_event:,.0f}"),
            ("µs per pathway event, log written", short(per_event)),
            ("SimPy events per pathway event", short(middle(found, "simpy") / events)),
            ("rows recorded per pathway event", short(sum(rows.values()) / events)),
            ("peak memory, MB", f"{middle(found, 'memory'):,.0f}"),
            ("of which Python, packages and parameters, MB", f"{middle(found, 'before'):,.0f}"),
        ],
    )


def _goals(found: list[dict[str, Any]], recorded: list[dict[str, Any]]) -> list[str]:
    each = float(np.median([_per_event(one) for one in found]))
    further = float(np.median([one["cpu"] - one["run_in"] for one in found]))
    share = 100.0 * middle(recorded, "share")
    asked = [
        ("µs per pathway event, log written", each, 4.5),
        ("county replication, run-in, measures and tables included, seconds of one core", middle(found), 1.5),
        ("each further scenario on a shared run-in (all but the run-in), seconds", further, 0.7),
        ("recording (rows and columns), % of the run", share, 8.0),
    ]
    rows = [(words, short(value), verdict(value, limit)) for words, value, limit in asked]
    return [
        *table(("measured", "value", "goal"), rows),
        *paragraph(
            "Recording is what its rows take when they are written once more by themselves,",
            f"{middle(recorded, 'rows'):.3f} s, and what columns take, {middle(recorded, 'columns'):.3f} s,",
            f"of {middle(recorded):.3f} s.",
        ),
    ]


def _growth(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    ones = found["1"]
    return table(
        ("times", "pupils on roll", "pathway events", "seconds", "times 1x", "µs per event", "peak memory, MB"),
        [
            (
                f"{times}x",
                f"{middle(mine, 'on_roll'):,.0f}",
                f"{middle(mine, 'events'):,.0f}",
                f"{middle(mine):.2f}",
                "1" if times == "1" else str(Ratio.of(mine, ones[: len(mine)])),
                short(float(np.median([_per_event(one) for one in mine]))),
                f"{middle(mine, 'memory'):,.0f}",
            )
            for times, mine in found.items()
        ],
    )


def _horizon(found: list[dict[str, Any]]) -> list[str]:
    seconds = np.median([one["seconds"] for one in found], axis=0)
    noted = np.median([one["noted"] for one in found], axis=0)
    return table(
        ("school years", "seconds, without measures", "seconds per year since the row above", "noted events"),
        [
            (f"{years}", f"{spent:.3f}", f"{more / since:.3f}", f"{events:,.0f}")
            for years, spent, more, since, events in zip(
                found[0]["years"],
                seconds,
                np.diff(seconds, prepend=0.0),
                np.diff(found[0]["years"], prepend=0),
                noted,
                strict=True,
            )
        ],
    )


def _profiled(found: dict[str, Any]) -> Iterator[str]:
    seen: dict[str, int] = found["seen"]
    total = sum(seen.values())
    layers: Counter[str] = Counter()
    for place, number in seen.items():
        layers[_layer(place)] += number
    yield from paragraph(
        f"{total:,} looks at the running function, evenly over the processor time of one run with its log. Work of",
        "functions written in C counts for whoever called them.",
    )
    yield from table(("layer", "% of looks"), [(name, short(100.0 * n / total)) for name, n in layers.most_common()])
    top = sorted(seen.items(), key=lambda item: -item[1])[:15]
    yield from table(("function", "% of looks"), [(f"`{name}`", short(100.0 * n / total)) for name, n in top])
    (layer, number), (function, most) = layers.most_common(1)[0], top[0]
    yield from paragraph(
        f"The next step would be in {layer}, where {number / total:.0%} of the time goes; no single function has more",
        f"than {most / total:.0%} (`{function}`).",
    )


def _layer(place: str) -> str:
    file = place.split(":")[0]
    if not file.startswith("sim/"):
        return "libraries"
    return "/".join(file.split("/")[:2]).removesuffix(".py")
