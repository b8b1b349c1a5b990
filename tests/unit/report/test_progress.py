"""Progress in a log: few lines, a rate, the time left."""

from sim.report.progress import LINES, LogLines, in_minutes, shown


def test_a_log_gets_about_ten_lines_and_always_the_last(capsys):
    lines = LogLines(100)
    for done in range(1, 101):
        lines.tell(done, 100, "")
    written = capsys.readouterr().err.splitlines()
    assert len(written) <= LINES + 1
    assert written[-1].startswith("100 of 100 runs")
    assert "left" in written[0]


def test_runs_found_finished_do_not_count_towards_the_rate(monkeypatch, capsys):
    clock = iter([0.0, 60.0])
    monkeypatch.setattr("sim.report.progress.monotonic", lambda: next(clock))
    LogLines(100).tell(91, 100, "")
    assert "1.0 a minute, about 9 minutes left" in capsys.readouterr().err


def test_quiet_shows_nothing(capsys):
    with shown(10, quiet=True) as told:
        assert told is None
    assert capsys.readouterr().err == ""


def test_time_is_told_as_people_say_it():
    assert [in_minutes(seconds) for seconds in (1, 40, 200)] == ["1 second", "40 seconds", "3 minutes"]
