"""How far a study is, from its store alone: runs by scenario, time left, failures and precision."""

from __future__ import annotations

from collections.abc import Sequence

from sim.report.plain_table import plain_table
from sim.report.progress import in_minutes
from sim.store import Store
from sim.store_care import contents
from sim.work import Work


def status_in_words(work: Work, store: Store, precision: Sequence[str], workers: int) -> str:
    """Return a table of runs finished, failed and missing by scenario, and lines on time, failures and precision."""
    failures = store.failures()
    missing = {unit.key for unit in work.missing()}
    failed = {key for key in failures if key in missing}
    rows = []
    for scenario in dict.fromkeys(unit.scenario for unit in work.units):
        keys = [unit.key for unit in work.units if unit.scenario == scenario]
        open_ = [key for key in keys if key in missing]
        bad = sum(key in failed for key in open_)
        rows.append((scenario, str(len(keys) - len(open_)), str(bad), str(len(open_) - bad)))
    lines = [plain_table(("finished", "failed", "missing"), rows), *_time(work, store, missing, workers)]
    lines += [
        f"failed: {failures[key]['scenario']}, replication {failures[key]['replication']} (seed "
        f"{failures[key]['seed']}): {failures[key]['error'].strip().splitlines()[-1]}"
        for key in sorted(failed)
    ]
    return "\n".join([*lines, *_of_other_code(work, store), *precision])


def _time(work: Work, store: Store, missing: set[str], workers: int) -> list[str]:
    done = {unit.key for unit in work.units} - missing
    seconds = [store.note(key)["seconds"] for key in sorted(done)]
    said = [f"{len(done)} of {len(done) + len(missing)} runs finished"]
    if seconds:
        mean = sum(seconds) / len(seconds)
        left = f"; about {in_minutes(len(missing) * mean / workers)} left on {workers} worker(s)" if missing else ""
        said.append(f"{mean:.1f} seconds a run, {60 * workers / mean:.0f} a minute on {workers} worker(s){left}")
    return said


def _of_other_code(work: Work, store: Store) -> list[str]:
    """Return a line when the store holds runs of the same parameters that other code made."""
    wanted, seed = work.parameters, work.units[0].seed
    other = [one for one in contents(store) if one.parameters in wanted and one.seed == seed and not one.is_current]
    number = sum(len(one.replications) for one in other)
    return [f"{number} runs of these scenarios were made by other code or packages and are not used"] if number else []
