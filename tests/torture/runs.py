"""One run of a scenario in a process of its own, in which a call may meet a fault."""

from __future__ import annotations

import os
import pickle
import traceback
from dataclasses import dataclass
from pathlib import Path

import sqlite_boundary
from boundaries import KILLED, Fault, Point, Watch, watched
from faults import in_child
from scenarios import Scenario, as_if_new

from fvbuild.errors import FilmBuildError

assert sqlite_boundary, "imported once, before anything is forked"

TOLD = 3
"""The exit status of a run that ended with an error for people."""


@dataclass(frozen=True)
class Run:
    """How it ended: its status, whether the point was reached, what it told, and its traceback."""

    status: int
    hit: bool
    told: list[str]
    trace: str


def run(scenario: Scenario, film: Path, point: Point | None, fault: Fault | None) -> Run:
    """Act in a child process, disturbed at a point."""
    notes = film.parent / "notes"
    child = os.fork()
    if not child:
        status = 1
        try:
            status = _act(scenario, film, point, fault, notes)
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    rows = notes.read_text().splitlines() if notes.exists() else []
    told = [row.partition(" ")[2] for row in rows if row.startswith("told ")]
    trace = "\n".join(row[2:] for row in rows if row.startswith("! "))
    return Run(os.waitstatus_to_exitcode(ended), "hit" in rows, told, trace)


def _act(
    scenario: Scenario, film: Path, point: Point | None, fault: Fault | None, notes: Path
) -> int:
    descriptor = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write = os.write

    def note(row: str) -> None:
        write(descriptor, f"{row}\n".encode())

    watch = Watch(film, point, fault, lambda: note("hit"))
    try:
        with as_if_new(), watched(watch):
            scenario.act(film, lambda digest: note(f"told {digest}"))
    except FilmBuildError as error:
        # Faults of a film have a place and a hint each.
        return TOLD if error.hint or hasattr(error, "diagnostics") else 1
    except BaseException:
        for row in traceback.format_exc().splitlines():
            note(f"! {row}")
        return 1
    return 0


def recorded(scenario: Scenario, film: Path) -> list[Point]:
    """The calls of a run that nothing disturbs."""
    kept = film.parent / "calls"

    def work() -> None:
        watch = Watch(film)
        with as_if_new(), watched(watch):
            scenario.act(film, lambda _digest: None)
        kept.write_bytes(pickle.dumps(watch.calls))

    assert in_child(work) == 0
    found: list[Point] = pickle.loads(kept.read_bytes())
    return found


__all__ = ["KILLED", "TOLD", "Run", "recorded", "run"]
