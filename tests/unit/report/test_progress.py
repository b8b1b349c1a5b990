"""Progress: few lines in a log, with rate, time left, failures and precision; a display on a terminal."""

import io

from rich.console import Console

from sim.report.progress import SECONDS_BETWEEN, Display, LogLines, in_minutes, shown
from sim.work import Standing


def clock(monkeypatch, *instants):
    times = iter(instants)
    monkeypatch.setattr("sim.report.progress.monotonic", lambda: next(times))


def test_a_log_gets_one_line_in_ten_seconds_at_most_and_always_the_last(monkeypatch, capsys):
    clock(monkeypatch, 0.0, *range(1, 101))
    lines = LogLines()
    for done in range(1, 101):
        lines.tell(Standing(done, 100, ""))
    written = capsys.readouterr().err.splitlines()
    assert len(written) == 100 / SECONDS_BETWEEN
    assert written[0] == "10 of 100 runs, 60.0 a minute, about 2 minutes left"
    assert written[-1] == "100 of 100 runs, 60.0 a minute"


def test_runs_found_finished_do_not_count_towards_the_rate(monkeypatch, capsys):
    clock(monkeypatch, 0.0, 60.0)
    LogLines().tell(Standing(91, 100, "", found=90))
    assert "1.0 a minute, about 9 minutes left" in capsys.readouterr().err


def test_a_study_that_grows_keeps_its_rate(monkeypatch, capsys):
    clock(monkeypatch, 0.0, 60.0, 120.0)
    lines = LogLines()
    lines.tell(Standing(12, 12, "", found=0))
    lines.tell(Standing(24, 48, "", found=12))
    assert "24 of 48 runs, 12.0 a minute, about 2 minutes left" in capsys.readouterr().err


def test_failures_and_precision_are_in_the_line(monkeypatch, capsys):
    clock(monkeypatch, 0.0, 60.0)
    LogLines().tell(Standing(1, 2, "", failed=1, precision=("spend: widest +-3 in bases",)))
    assert capsys.readouterr().err.strip().endswith("left, 1 failed so far; spend: widest +-3 in bases")


def test_the_display_shows_units_failures_and_precision():
    display = Display(8)
    display.tell(Standing(3, 12, "bases, replication 1", failed=2, precision=("spend: widest +-3 in bases",)))
    out = Console(file=io.StringIO(), width=118)
    out.print(display)
    said = out.file.getvalue()
    for needed in ("bases, replication 1", "3/12", "2 failed so far", "spend: widest +-3 in bases", "left"):
        assert needed in said


def test_quiet_shows_nothing(capsys):
    with shown(10, quiet=True) as told:
        assert told is None
    assert capsys.readouterr().err == ""


def test_time_is_told_as_people_say_it():
    assert [in_minutes(seconds) for seconds in (1, 40, 200)] == ["1 second", "40 seconds", "3 minutes"]
