"""What ends at one moment is recorded together; writers of one state take turns."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fvbuild.engine.clock import SystemClock
from fvbuild.engine.commit import Commits
from fvbuild.engine.jobs import Job
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.slots import Pools
from fvbuild.engine.state import State


def ended(number: int, *, paid: bool) -> Job:
    made = SimpleNamespace(cost=0.5 if paid else None, number=number)
    return cast(Job, SimpleNamespace(made=made, bought=()))


def test_all_that_has_ended_is_handed_over_and_nothing_waited_for() -> None:
    pools = Pools(lambda _pool: 1)
    jobs = [ended(number, paid=True) for number in range(5)]
    pools.running = len(jobs)
    for job in jobs:
        pools.done.put(job)
    assert list(pools.ended(30.0)) == jobs
    assert pools.running == 0
    assert list(pools.ended(0.0)) == []


def test_a_loop_that_breaks_off_leaves_the_rest_for_the_next() -> None:
    pools = Pools(lambda _pool: 1)
    jobs = [ended(number, paid=True) for number in range(3)]
    pools.running = len(jobs)
    for job in jobs:
        pools.done.put(job)
    assert next(pools.ended(0.0)) is jobs[0]
    assert pools.running == 2
    assert list(pools.ended(0.0)) == jobs[1:]


def commits(monkeypatch: pytest.MonkeyPatch) -> tuple[Commits, list[int]]:
    made = Commits("film", *(cast(Any, None),) * 4, SystemClock(), *(cast(Any, None),) * 2)
    written: list[int] = []
    monkeypatch.setattr(made, "write", lambda: written.append(len(made._group.jobs)))
    return made, written


def test_what_was_paid_for_is_written_once_all_that_ended_with_it_is_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, written = commits(monkeypatch)
    for number in range(20):
        made.add_take(ended(number, paid=number == 3))
    assert written == []
    made.write_if_due()
    assert written == [20]


def test_what_cost_nothing_waits_for_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    made, written = commits(monkeypatch)
    made.add_take(ended(1, paid=False))
    made.write_if_due()
    assert written == []


def test_who_writes_the_ledger_waits_for_the_states_turn(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite3")
    ledger = Ledger(state, PurchaseFiles(tmp_path), SystemClock(), "film")
    with ledger.writing():
        pass  # makes its table
    order: list[str] = []
    begun = threading.Event()

    def write() -> None:
        begun.set()
        with ledger.writing():
            order.append("ledger")

    thread = threading.Thread(target=write)
    with state.transaction():
        thread.start()
        begun.wait(5)
        with ledger.reading() as table:  # who reads does not wait
            assert table is not None
        order.append("state")
    thread.join(5)
    assert order == ["state", "ledger"]
    ledger.close()
    state.close()
