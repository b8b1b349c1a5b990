"""Studies: the same answer for any number of workers, resumed, and honest about what failed."""

import gc
import json
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from itertools import count
from pathlib import Path

import pandas as pd
import pytest

from sim import replicate as replicate_module
from sim import study as study_module
from sim.model import Run
from sim.parallel import Outcomes, Place, Task
from sim.parameters.changes import with_changes
from sim.parameters.schema import Parameters
from sim.replicate import CAN_FORK, Outcome, Unit, from_bytes, no_collections, pack, run_together, run_unit
from sim.results import CAVEATS, STAMP, Results, run_id
from sim.scenarios import Scenario, baseline
from sim.store import FACTS, Store, code_hash
from sim.study import Standing, Study, StudyFailed, run_study
from sim.work import ATTEMPTS


@pytest.fixture(scope="module")
def small(exampleshire: Parameters) -> Parameters:
    """Return the fictional county for four academic years."""
    years = {"first_academic_year": "2016/17", "baseline_academic_year": "2017/18"}
    later = {"study_start": date(2018, 9, 1), "last_academic_year": "2018/19"}
    return exampleshire.model_copy(update={"horizon": exampleshire.horizon.model_copy(update={**years, **later})})


@pytest.fixture(scope="module")
def study(small: Parameters) -> Study:
    name, spec = next((n, s) for n, s in small.provisions.items() if s.kind == "special_school")
    more = {day: held.model_copy(update={"commissioned": 40, "usable": 40}) for day, held in spec.places.items()}
    provisions = {**small.provisions, name: spec.model_copy(update={"places": more})}
    changed = Scenario("more_places", small.model_copy(update={"provisions": provisions}), "More places")
    return Study("test", (baseline(small), changed), seed=7, replications=2)


@pytest.fixture(scope="module")
def finished(study: Study, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    folder = tmp_path_factory.mktemp("results")
    return folder, run_study(study, folder, workers=1)


def same(one: Results, other: Results) -> None:
    """Assert that two results are the same bit for bit."""
    pd.testing.assert_frame_equal(one.measures, other.measures, check_exact=True)
    for scenario in one.scenarios:
        pd.testing.assert_frame_equal(one.pupils(scenario), other.pupils(scenario), check_exact=True)
        pd.testing.assert_frame_equal(
            one.recorded("spells", scenario), other.recorded("spells", scenario), check_exact=True
        )


def count_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the replication of each run of the model; nothing is forked, so all are seen."""
    runs: list[int] = []

    class Counted(Run):
        def __init__(self, parameters: Parameters, seed: int, replication: int, *opening: object) -> None:
            runs.append(replication)
            super().__init__(parameters, seed, replication, *opening)

    monkeypatch.setattr(replicate_module, "Run", Counted)
    monkeypatch.setattr(replicate_module, "CAN_FORK", False)
    return runs


@pytest.mark.skipif(not CAN_FORK, reason="only platforms that can fork share a run-in")
def test_a_run_in_that_is_shared_gives_bitwise_what_running_it_through_gives(
    small: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    special = next(name for name, spec in small.provisions.items() if spec.kind == "special_school")
    places = {"commissioned": 40, "usable": 40, "grade": "judgement", "source": "set_by_user", "year": "2018/19"}
    dated = {f"provisions/{special}/places/2018-11-05": places}
    scenarios = (baseline(small), baseline(small).with_(dated, name="more_places_in_november"))
    study = Study("shared", scenarios, seed=7, replications=1)
    shared = study.run(workers=1)
    runs = count_runs(monkeypatch)
    through = study.run(workers=1)
    assert runs == [0, 0]
    for name in ("baseline", "more_places_in_november"):
        pd.testing.assert_frame_equal(shared.pupils(name), through.pupils(name), check_exact=True)
        pd.testing.assert_frame_equal(
            shared.recorded("spells", name), through.recorded("spells", name), check_exact=True
        )
    pd.testing.assert_frame_equal(shared.measures, through.measures, check_exact=True)
    in_force = [len(shared.recorded("places", scenario.name)) for scenario in scenarios]
    assert in_force[1] == in_force[0] + 1


def unit(number: int, name: str = "baseline") -> Unit:
    return Unit(f"key {number}", name, 1, number, False, code_hash())


@pytest.mark.skipif(not CAN_FORK, reason="only platforms that can fork share a run-in")
@pytest.mark.parametrize("last", ["a worker that dies", "what cannot be sent"])
def test_a_fork_that_is_lost_is_an_error_of_its_unit_and_no_more(last: str) -> None:
    def work() -> Outcome:
        if last == "a worker that dies":
            os.kill(os.getpid(), signal.SIGKILL)
        return lambda: None  # type: ignore[return-value]  # a function of a function cannot be pickled

    lost = replicate_module._in_a_fork(unit(3), work)
    assert (lost.unit, lost.tables, lost.error) == (unit(3), {}, "the forked process was lost")
    assert lost.is_lost


def refuse_to_fork() -> int:
    raise BlockingIOError("Resource temporarily unavailable")


@pytest.mark.skipif(not CAN_FORK, reason="only platforms that can fork share a run-in")
def test_units_for_which_no_process_can_be_forked_are_lost_and_the_first_is_finished(
    small: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicate_module, "_fork", refuse_to_fork)
    changed = with_changes(small, {"yearly/signed_share/2018/19": 0.5})
    first, second = run_together([unit(0), unit(0, "changed")], [pack(small), pack(changed)])
    assert (first.error, first.is_lost) == ("", False)
    assert second.is_lost
    assert "temporarily unavailable" in second.error


def test_a_unit_that_finds_no_memory_is_lost_since_another_may_have_taken_it(
    small: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_run: Run) -> Run:
        raise MemoryError

    monkeypatch.setattr(Run, "finish", full)
    assert run_unit(unit(0), pack(small)).is_lost


@pytest.mark.skipif(not CAN_FORK, reason="only platforms that can fork share a run-in")
def test_the_time_of_a_shared_run_in_is_part_of_the_times_of_those_that_share_it(
    small: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicate_module, "perf_counter", count(step=10).__next__)
    changed = with_changes(small, {"yearly/signed_share/2018/19": 0.5})
    outcomes = run_together([unit(0), unit(0, "changed")], [pack(small), pack(changed)])
    assert [outcome.seconds for outcome in outcomes] == [10 / 2 + 10, 10 / 2 + 10]


@pytest.mark.skipif(not CAN_FORK, reason="only platforms that can fork share a run-in")
def test_a_run_in_that_fails_fails_every_unit_that_shares_it(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_run: Run, _day: date) -> None:
        raise ZeroDivisionError("nobody to divide by")

    monkeypatch.setattr(Run, "stop_before", fail)
    first = study.scenarios[0].parameters
    changed = with_changes(first, {"yearly/signed_share/2018/19": 0.5})
    outcomes = run_together([unit(0), unit(0, "changed")], [pack(first), pack(changed)])
    assert [outcome.unit.scenario for outcome in outcomes] == ["baseline", "changed"]
    for outcome in outcomes:
        assert outcome.error.splitlines()[-1] == "ZeroDivisionError: nobody to divide by"


def test_one_and_two_workers_give_bitwise_the_same_answer(study: Study, finished: tuple[Path, Results]) -> None:
    same(finished[1], study.run(workers=2))


def test_what_is_loaded_is_what_was_found(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    loaded = Results.load(folder)
    same(results, loaded)
    assert loaded.provenance == json.loads(json.dumps(results.provenance, default=str))


def test_a_finished_unit_is_never_run_again(
    study: Study, finished: tuple[Path, Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, results = finished
    copy = shutil.copytree(folder, tmp_path / "copy")
    runs = count_runs(monkeypatch)
    same(results, run_study(study, copy, workers=1))
    assert runs == []
    more = run_study(study.with_(replications=3), copy, workers=1)
    assert runs == [2, 2]
    first_two = more.measures[more.measures["replication"] < 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(first_two, results.measures, check_exact=True, check_categorical=False)


def test_a_study_that_was_stopped_goes_on_where_it_was(
    study: Study, finished: tuple[Path, Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(standing: Standing) -> None:
        if standing.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(study, tmp_path, workers=1, progress=stop)
    assert not (tmp_path / "run.json").exists()
    runs = count_runs(monkeypatch)
    same(finished[1], run_study(study, tmp_path, workers=1))
    assert runs == [1]


def test_a_unit_that_fails_is_reported_and_does_not_stop_the_rest(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    class Failing(Run):
        def __init__(self, parameters: Parameters, seed: int, replication: int, *opening: object) -> None:
            if replication == 1:
                tries.append(replication)
                raise ZeroDivisionError("no places to divide by")
            super().__init__(parameters, seed, replication, *opening)

    monkeypatch.setattr(replicate_module, "Run", Failing)
    monkeypatch.setattr(replicate_module, "CAN_FORK", False)
    with pytest.raises(StudyFailed) as failed:
        run_study(study, tmp_path, workers=1)
    assert str(failed.value).splitlines() == [
        "2 of the runs failed; the others are kept:",
        "baseline, replication 1 (seed 7): ZeroDivisionError: no places to divide by",
        "more_places, replication 1 (seed 7): ZeroDivisionError: no places to divide by",
    ]
    assert len(tries) == 2 * 3
    store = Store(tmp_path)
    assert len(store.finished()) == 2
    failures = store.failures().values()
    assert {(one["scenario"], one["replication"], one["seed"], one["tries"]) for one in failures} == {
        ("baseline", 1, 7, 3),
        ("more_places", 1, 7, 3),
    }
    assert all("no places to divide by" in one["error"] and "Traceback" in one["error"] for one in failures)
    assert not (tmp_path / "run.json").exists()


def runs_through(run: Callable[[Iterator[Task]], Iterator[Outcome]]) -> Callable[..., AbstractContextManager[Place]]:
    def outcomes(tasks: Iterator[Task]) -> Outcomes:
        yield from run(tasks)

    return lambda *_: nullcontext(Place(outcomes, lambda: 1))


def test_units_lost_with_their_worker_are_tried_again(
    study: Study, finished: tuple[Path, Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = []

    def losing(tasks: Iterator[Task]) -> Iterator[Outcome]:
        rounds.append(list(tasks))
        outcomes = [outcome for task in rounds[-1] for outcome in run_together(*task)]
        return iter(outcomes[:1] if len(rounds) == 1 else outcomes)

    monkeypatch.setattr(study_module, "running", runs_through(losing))
    same(finished[1], run_study(study, workers=1))
    assert [sum(len(units) for units, _ in tasks) for tasks in rounds] == [4, 1, 2]


def test_a_lost_worker_is_named_when_it_never_comes_back(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []
    monkeypatch.setattr(study_module, "running", runs_through(lambda tasks: iter(rounds.append(list(tasks)) or ())))
    with pytest.raises(StudyFailed, match="worker process was lost"):
        run_study(study, workers=1)
    alone = [units[0].key for tasks in rounds for units, _ in tasks if len(units) == 1]
    assert Counter(alone) == dict.fromkeys(alone, ATTEMPTS)
    assert len(set(alone)) == len(study.scenarios) * study.replications


def test_a_worker_with_other_sources_refuses(small: Parameters) -> None:
    outcome = run_unit(Unit("abc", "baseline", 1, 0, False, "other code"), pack(small))
    assert "other sources" in outcome.error
    assert outcome.tables == {}


def test_a_unit_hands_back_its_facts_only_when_asked(small: Parameters) -> None:
    def outcome(in_full: bool) -> Outcome:
        return run_unit(Unit("abc", "baseline", 1, 0, in_full, code_hash()), pack(small))

    assert set(outcome(False).tables) == {"measures", "pupils"}
    full = outcome(True)
    assert set(full.tables) == {"measures", "pupils", *FACTS}
    assert from_bytes(full.tables["spells"]).num_rows > 0


def test_progress_counts_up_to_all_units(study: Study) -> None:
    said: list[Standing] = []
    run_study(study, workers=1, progress=said.append)
    assert [standing.done for standing in said] == [1, 2, 3, 4]
    assert said[-1] == Standing(4, 4, "more_places, replication 1")


def test_scenarios_with_equal_parameters_share_their_runs(small: Parameters, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = count_runs(monkeypatch)
    twins = (baseline(small), Scenario("twin", small))
    results = run_study(Study("twins", twins, seed=3, replications=1), workers=1)
    assert runs == [0]
    assert (results.differences()["difference"].dropna() == 0).all()


def test_run_json_says_what_the_results_rest_on(study: Study, finished: tuple[Path, Results]) -> None:
    said = json.loads((finished[0] / "run.json").read_text(encoding="utf-8"))
    assert said["stamp"] == STAMP == "uncalibrated"
    assert said["caveats"] == list(CAVEATS)
    assert said["run"] == run_id(said)
    assert said["opening_roll"] == ""
    assert any("not children's outcomes" in text for text in said["caveats"])
    assert any("Covid" in text for text in said["caveats"])
    assert [scenario["name"] for scenario in said["scenarios"]] == ["baseline", "more_places"]
    assert len({scenario["parameters"] for scenario in said["scenarios"]}) == 2
    assert (said["seed"], said["replications"], said["code"]) == (7, 2, code_hash())
    assert {"git", "packages", "python", "platform", "created", "duration_seconds", "inputs"} <= set(said)


def test_input_hashes_are_recorded(study: Study) -> None:
    results = study.with_(replications=1).run(workers=1, inputs={"county.yaml": "00ff"})
    assert results.provenance["inputs"] == {"county.yaml": "00ff"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scenarios": ()}, "found none"),
        ({"replications": 0}, "found 0 replications"),
        ({"seed": -1}, "seed -1"),
    ],
)
def test_a_study_that_cannot_be_run_is_refused(study: Study, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        study.with_(**changes)


@pytest.mark.parametrize("name", ["a:b", "../up", "", "Baseline"])
def test_names_that_cannot_be_files_or_clash_are_refused(small: Parameters, name: str) -> None:
    with pytest.raises(ValueError, match="scenarios"):
        Study("test", (baseline(small), Scenario(name, small)), seed=1, replications=1)


def test_garbage_is_collected_after_the_outermost_run_only():
    collected: list[int] = []

    def note(phase, found):
        if phase == "stop":
            collected.append(found["collected"])

    gc.collect()
    gc.callbacks.append(note)
    try:
        with no_collections():
            with no_collections():
                loop: list[object] = []
                loop.append(loop)
                del loop
            assert collected == []
    finally:
        gc.callbacks.remove(note)
    assert sum(collected) >= 1
    assert gc.isenabled()
