"""Every request to a shared store meets every trouble; then a normal build, and a clone.

What is sent and what is brought is disturbed; the takes are bought. Nothing is bought twice,
nothing is shown that is not what its name says, and a clone replays the film from what arrived.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from boundaries import KILLED, Point
from faults import in_child
from requests_to_shared import TROUBLES, FolderShared, Trouble, TroubledShared
from runs import TOLD
from towns import Town

from fvbuild.engine.digest import content_of_file
from fvbuild.errors import FilmBuildError

_STEP = 9
_KILLS = (Trouble.BEFORE, Trouble.AFTER)


def _send(town: Town, shared: object = None) -> None:
    town.build("first", shared)


def _bring(town: Town, shared: object = None) -> None:
    town.build("clone", shared)


def _judge_sent(town: Town) -> None:
    asked = town.settle("first")
    bill = town.bill()
    assert sum(bill.values()) <= len(bill) + len(asked), "bought twice"
    _replays(town, "another")


def _judge_brought(town: Town) -> None:
    bill = town.bill()
    assert town.settle("clone") == [] and town.bill() == bill, "a clone buys nothing"
    _is_like_first(town, "clone")


def _replays(town: Town, name: str) -> None:
    bill = town.bill()
    first = town.machine("first")
    other = town.machine(name)
    shutil.copy(first.folder / "film.lock", other.folder)
    town.build(name)
    assert town.bill() == bill, "what arrived is enough for a clone"
    _is_like_first(town, name)


def _is_like_first(town: Town, name: str) -> None:
    first, other = town.machine("first"), town.machine(name)
    assert other.shown() == first.shown() and first.shown()
    assert other.lock() == first.lock()
    for machine in (first, other):
        for path in (machine.folder / "cache" / "artifacts").glob("*/*"):
            assert content_of_file(path) == path.parent.name + path.name


def _prepare_to_bring(town: Town) -> None:
    town.build("first")
    machine = town.machine("clone")
    shutil.copy(town.machine("first").folder / "film.lock", machine.folder)


Act = Callable[..., None]
SCENARIOS: dict[str, tuple[Callable[[Town], object], Act, Callable[[Town], None]]] = {
    "send": (lambda town: town.machine("first"), _send, _judge_sent),
    "bring": (_prepare_to_bring, _bring, _judge_brought),
}


def _recorded(act: Act, folder: Path) -> list[Point]:
    shared = TroubledShared(FolderShared(folder / "shared"))
    act(Town(folder), shared)
    return shared.calls


def _disturbed(act: Act, here: Path, point: Point, trouble: Trouble) -> None:
    shared = TroubledShared(FolderShared(here / "shared"), point, trouble, (here / "hit").touch)
    try:
        act(Town(here), shared)
    except FilmBuildError as error:
        os._exit(TOLD if error.hint else 1)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_request_meets_its_troubles(name: str, folder: Path, thorough: bool) -> None:
    prepare, act, judge = SCENARIOS[name]
    prepare(Town(folder / "prepared"))
    shutil.copytree(folder / "prepared", folder / "reference")
    calls = _recorded(act, folder / "reference")
    assert len(calls) > 10
    cases = [(call, trouble) for call in calls for trouble in TROUBLES[call.kind]]
    met: Counter[str] = Counter()
    for point, trouble in cases if thorough else cases[::_STEP]:
        here = folder / "here"
        shutil.copytree(folder / "prepared", here)
        mark = here / "hit"
        status = in_child(partial(_disturbed, act, here, point, trouble))
        told = f"{trouble.value} at {point}, which ended with {status}"
        assert mark.exists(), f"it was never reached: {told}"
        assert status == KILLED if trouble in _KILLS else status in (0, TOLD), told
        try:
            judge(Town(here))
        except Exception as error:
            raise AssertionError(f"after {told}") from error
        met[point.kind] += 1
        shutil.rmtree(here)
    assert sum(met.values()) > 10
    print(f"{name}: {len(calls)} requests, {sum(met.values())} runs: {dict(met)}")


def test_there_are_requests_of_every_kind(folder: Path) -> None:
    kinds: set[str] = set()
    for name, (prepare, act, _judge) in SCENARIOS.items():
        prepare(Town(folder / name))
        kinds |= {call.kind for call in _recorded(act, folder / name)}
    assert kinds == set(TROUBLES), "what is listed is what is met"
