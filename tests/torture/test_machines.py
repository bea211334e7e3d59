"""Machines that share a store and nothing else, at work at once: one of them buys a take."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import pytest
from boundaries import KILLED
from faults import in_child
from towns import Town

from fvbuild.engine.digest import content_of_file
from fvbuild.project import building

assert building, "imported once, before anything is forked"
SHOTS = 3


def _start(town: Town, name: str) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        town.build(name)
        status = 0
    finally:
        os._exit(status)


def _all_alike(town: Town, names: list[str]) -> None:
    bill = town.bill()
    assert set(bill.values()) == {1}, "each recipe was bought once, by one of them"
    assert len(bill) == 2 * SHOTS
    first = town.machine(names[0])
    for name in names:
        machine = town.machine(name)
        assert machine.shown() == first.shown() and first.shown()
        assert machine.lock() == first.lock()
        for path in (machine.folder / "cache" / "artifacts").glob("*/*"):
            assert content_of_file(path) == path.parent.name + path.name


def _settle(town: Town, name: str) -> None:
    town.settle(name)


@pytest.mark.parametrize("count", [2, 4])
def test_machines_that_build_one_film_at_once_buy_it_once(folder: Path, count: int) -> None:
    town = Town(folder, SHOTS)
    names = [f"machine-{number}" for number in range(count)]
    children = [_start(town, name) for name in names]
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert ended == [0] * count
    _all_alike(town, names)


def test_a_machine_that_is_killed_and_comes_back_buys_nothing_again(folder: Path) -> None:
    """While it is gone another waits for what it had claimed; then both go on."""
    town = Town(folder, SHOTS)

    def killed_early() -> None:
        order = town.shop.order

        def ordered(*words: object, **more: object) -> str:
            found = order(*words, **more)  # type: ignore[arg-type]
            if len(town.bill()) == 2:
                os._exit(KILLED)
            return found

        town.shop.order = ordered  # type: ignore[method-assign]
        town.build("one")

    assert in_child(killed_early) == KILLED
    other = _start(town, "two")
    time.sleep(0.5)
    assert in_child(partial(_settle, town, "one")) == 0
    _, status = os.waitpid(other, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    bill = town.bill()
    # Of the one request that was cut off, a person said that it is to be made again.
    assert sum(bill.values()) <= len(bill) + 1 and len(bill) == 2 * SHOTS
    assert town.machine("one").lock() == town.machine("two").lock()
