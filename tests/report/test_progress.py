from __future__ import annotations

import io
import json
import threading
import time
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from told_films import events

from fvbuild.engine.events import (
    BuildStarted,
    Did,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Note,
    Reason,
    Result,
)
from fvbuild.errors import UsageError
from fvbuild.report.jsonl import EventLines
from fvbuild.report.live import Live, cells, fit
from fvbuild.report.plain import Plain
from fvbuild.report.reporter import Silent
from fvbuild.report.style import Style
from fvbuild.report.tally import Tally

PLAIN = Style(color=False)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def nothing(_line: str) -> None:
    return None


def built(node: str, seconds: float = 1.0) -> NodeFinished:
    return NodeFinished(Result(node, "segment", Did.BUILT, Reason.NO_TAKE, seconds=seconds))


# --- plain ----------------------------------------------------------------------------------------


def test_plain_writes_one_line_a_node(snapshot: SnapshotAssertion) -> None:
    lines: list[str] = []
    plain = Plain(lines.append, PLAIN, urgent=nothing, clock=Clock())
    for event in events():
        plain(event)
    assert "\n".join(lines) == snapshot


def test_plain_stays_calm_at_ten_thousand_nodes() -> None:
    lines: list[str] = []
    clock = Clock()
    plain = Plain(lines.append, PLAIN, urgent=nothing, clock=clock)
    plain(BuildStarted("Film", None, 40_000, 30_000))
    for n in range(30_000):
        clock.now += 0.002  # a minute in all
        plain(built(f"s/{n}/segment"))
    assert 10 <= len(lines) <= 15
    assert "of 30,000 done" in lines[3]
    assert "left" in lines[3]


def test_takes_drawn_together_are_timed_each() -> None:
    lines: list[str] = []
    plain = Plain(lines.append, PLAIN, urgent=nothing, clock=Clock())
    plain(BuildStarted("Film", None, 2, 2))
    for take in (2, 3):
        plain(NodeStarted("a/b/segment", "segment", take, "sketch"))
    plain(built("a/b/segment", seconds=7.0))
    plain(NodeStarted("a/c/segment", "segment", 1, "sketch"))
    plain(built("a/c/segment", seconds=7.0))
    assert [line.partition("(")[2] for line in lines[1:]] == ["2 takes of 3.5 s)", "7.0 s)"]


def test_plain_tells_a_failure_at_once_even_among_many() -> None:
    lines: list[str] = []
    plain = Plain(lines.append, PLAIN, urgent=nothing, clock=Clock())
    plain(BuildStarted("Film", None, 30_000, 30_000))
    result = Result("a/b/anchor", "anchor", Did.FAILED, Reason.NO_TAKE, message="no paint\nhint")
    plain(NodeFinished(result))
    assert lines[-1] == "  failed  a/b/anchor: no paint"


def test_a_flood_of_failures_is_counted_not_told_one_by_one() -> None:
    lines: list[str] = []
    screen = Screen()
    plain, view = Plain(lines.append, PLAIN, urgent=nothing, clock=Clock()), live(screen, Clock())
    for reporter in (plain, view):
        reporter(BuildStarted("Film", None, 500, 500))
        for n in range(500):
            failed = Result(f"a/{n}/anchor", "anchor", Did.FAILED, Reason.NO_TAKE, message="no")
            reporter(NodeFinished(failed))
    view.draw()
    assert len(lines) == 21
    assert len(screen.rows()) == 22
    assert "500 failed" in screen.rows()[-2]
    view.close()


def test_stopping_is_told_with_what_is_waited_for() -> None:
    urgent: list[str] = []
    plain = Plain(nothing, PLAIN, urgent=urgent.append)
    silent = Silent(nothing, urgent.append)
    for reporter in (plain, silent):
        reporter(NodeStarted("a/b/anchor", "anchor", 1, "sketch"))
        reporter.stopping()
    assert urgent == ["stopping: waiting for 1 running node (interrupt again to leave at once)"] * 2


def test_quiet_passes_warnings_on() -> None:
    warnings: list[str] = []
    silent = Silent(warnings.append, nothing)
    silent(Note("disk almost full", "warning"))
    silent(Note("by the way"))
    assert warnings == ["disk almost full"]


# --- counting -------------------------------------------------------------------------------------


def test_blocked_nodes_do_not_count_as_progress() -> None:
    tally = Tally(Clock())
    tally.add(BuildStarted("Film", None, 10, 4))
    blocked = Result("x/upscale", "upscale", Did.SKIPPED, Reason.UNSUPPORTED)
    tally.add(NodeFinished(blocked))
    assert tally.done == 0
    tally.add(built("a/b/segment"))
    assert tally.done == 1


def test_what_is_made_but_not_recorded_runs_no_more() -> None:
    tally = Tally(Clock())
    tally.add(BuildStarted("Film", None, 2, 2))
    tally.add(NodeStarted("a/b/segment", "segment", 1, None))
    tally.add(NodeProgress("a/b/segment", 1.0, "made"))
    assert (tally.done, tally.share, len(tally.running)) == (0, 0.5, 0)
    tally.add(built("a/b/segment"))
    assert (tally.done, tally.share) == (1, 0.5)


def test_time_left_is_told_only_when_it_is_more_than_a_guess() -> None:
    clock = Clock()
    tally = Tally(clock)
    tally.add(BuildStarted("Film", None, 10, 10))
    tally.add(built("a"))
    assert tally.rest() == ""
    clock.now += 10
    assert tally.rest() == "about 2 min left"
    for n in range(9):
        tally.add(built(f"b{n}"))
    assert tally.rest() == ""


# --- live -----------------------------------------------------------------------------------------


class Screen:
    """A terminal of some size that knows the few escapes the view uses."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self.columns, self.lines = columns, lines
        self.stream = io.StringIO()

    def size(self) -> tuple[int, int]:
        return self.columns, self.lines

    def rows(self) -> list[str]:
        rows: list[str] = [""]
        at = 0
        text = self.stream.getvalue()
        while text:
            if text.startswith("\x1b["):
                end = next(i for i, sign in enumerate(text[2:], 2) if sign.isalpha())
                number, verb = text[2:end], text[end]
                if verb == "F":
                    at -= int(number)
                elif verb == "J":
                    rows = [*rows[:at], ""]
                text = text[end + 1 :]
            elif text[0] == "\n":
                at += 1
                if at == len(rows):
                    rows.append("")
                text = text[1:]
            else:
                ends = [i for i in (text.find("\n"), text.find("\x1b")) if i > 0]
                rows[at] = text[: min(ends, default=len(text))]
                text = text[len(rows[at]) :]
        return rows


def live(screen: Screen, clock: Clock) -> Live:
    return Live(screen.stream, PLAIN, clock=clock, size=screen.size)


def test_the_view_shows_what_runs_and_one_bar_for_all() -> None:
    screen, clock = Screen(), Clock()
    view = live(screen, clock)
    view(BuildStarted("Film", None, 8, 4))
    view(NodeStarted("pier/ticket/segment", "segment", 1, "sketch"))
    view(NodeProgress("pier/ticket/segment", 0.5, "frame 48 of 96"))
    clock.now += 2
    view.draw()
    rows = screen.rows()
    assert "pier/ticket/segment" in rows[0]
    assert "sketch frame 48 of 96" in rows[0]
    assert "0/4" in rows[1]
    view.close()
    assert screen.rows() == [""]


def test_the_view_never_grows_beyond_its_rows_or_the_terminal() -> None:
    for lines in (6, 24, 200):
        screen, clock = Screen(80, lines), Clock()
        view = live(screen, clock)
        view(BuildStarted("Film", None, 30_000, 30_000))
        for n in range(10_000):
            view(NodeStarted(f"scene/{'x' * 100}-{n}/segment", "segment", 1, "placeholder"))
        view.draw()
        rows = screen.rows()
        assert len(rows) - 1 <= min(20, lines - 1)
        assert all(cells(row) < 80 for row in rows)
        assert any("more running" in row for row in rows)
        view.close()


def test_drawing_ten_thousand_nodes_costs_little() -> None:
    screen, clock = Screen(), Clock()
    view = live(screen, clock)
    view(BuildStarted("Film", None, 30_000, 30_000))
    for n in range(16):
        view(NodeStarted(f"scene/shot-{n}/segment", "segment", 1, "placeholder"))
    begun = time.process_time()
    for n in range(10_000):
        view(built(f"scene/other-{n}/segment"))
        if n % 100 == 0:
            view.draw()
    assert time.process_time() - begun < 1.0
    assert len(screen.stream.getvalue()) < 500_000
    view.close()


def test_failures_and_notes_stay_above_the_view() -> None:
    screen, clock = Screen(), Clock()
    view = live(screen, clock)
    view(BuildStarted("Film", None, 30_000, 30_000))
    view.draw()
    failed = Result("a/b/anchor", "anchor", Did.FAILED, Reason.NO_TAKE, message="no paint")
    view(NodeFinished(failed))
    view(Note("half full", "warning"))
    view.close()
    assert screen.rows() == ["  failed  a/b/anchor: no paint", "warning: half full", ""]
    assert screen.stream.getvalue().endswith("\x1b[?25h")


def test_the_view_says_that_it_stops() -> None:
    screen, clock = Screen(), Clock()
    view = live(screen, clock)
    view(BuildStarted("Film", None, 4, 4))
    view(NodeStarted("a/b/segment", "segment", 1, "sketch"))
    view.stopping()
    view.draw()
    assert any("stopping: waiting for 1 running node" in row for row in screen.rows())
    view.close()


def test_events_from_many_threads_are_all_counted() -> None:
    screen = Screen()
    view = live(screen, Clock())
    view(BuildStarted("Film", None, 4000, 4000))

    def some(name: str) -> None:
        for n in range(1000):
            view(NodeStarted(f"{name}/{n}/segment", "segment", 1, None))
            view(built(f"{name}/{n}/segment"))

    threads = [threading.Thread(target=some, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    view.draw()
    assert any("4,000/4,000" in row for row in screen.rows())
    view.close()


def test_a_nothing_to_do_build_touches_no_terminal() -> None:
    screen = Screen()
    view = live(screen, Clock())
    view(BuildStarted("Film", None, 40, 0))
    view.close()
    assert screen.stream.getvalue() == ""


def test_wide_signs_are_measured() -> None:
    assert cells("電影") == 4
    assert cells("é") == 1
    assert fit("scene/shot/segment", 10, keep_end=True) == "…t/segment"
    assert cells(fit("電影" * 10, 9)) == 9


# --- events ---------------------------------------------------------------------------------------


def test_events_are_one_json_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = EventLines.open(path, nothing)
    for event in events():
        lines(event)
    lines.close()
    told = [json.loads(line) for line in path.read_text().splitlines()]
    assert told[0]["event"] == "build_started"
    assert told[-1]["event"] == "build_finished"
    assert told[-1]["totals"]["failed"] == 1
    finished = [line for line in told if line["event"] == "node_finished"]
    assert finished[1]["cost"]["likely"] == 1.2
    assert all(isinstance(line["at"], float) for line in told)


def test_a_line_is_in_the_file_before_the_next_event(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = EventLines.open(path, nothing)
    lines(BuildStarted("Film", None, 1, 1))
    assert path.read_text().endswith("\n")
    lines.close()


def test_progress_is_at_most_four_lines_a_second_and_node() -> None:
    clock = Clock()
    file = io.StringIO()
    lines = EventLines(file, nothing, clock)
    for n in range(1000):
        clock.now += 0.001
        lines(NodeProgress("a/b/segment", n / 1000, ""))
    assert file.getvalue().count("\n") == 4


def test_a_full_disk_is_told_once_and_the_build_goes_on() -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    told: list[str] = []
    lines = EventLines(Full(), told.append)
    lines(Note("a"))
    lines(Note("b"))
    assert told == ["the events are no longer written: No space left on device"]


def test_an_event_file_that_cannot_be_opened_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write the events"):
        EventLines.open(tmp_path / "no" / "folder" / "events.jsonl", nothing)
