"""Fifty processes over one project: they build, draw, decide and are killed, all at once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from edits import Draft
from scenarios import damaged_files
from shops import Shop
from studio import Studio
from toys import Toy, made, oracle

from fvbuild.project import deciding

PROCESSES = 50
FEW, MANY = 12, 500


def _film(shots: int) -> Draft:
    pictures = {f"s{n}/a": Toy("picture", {"n": n}) for n in range(shots)}
    clips = {f"s{n}/b": Toy("clip", {}, (("start", f"s{n}/a", None),)) for n in range(shots)}
    cut = Toy("joined", {}, tuple(("clip", name, None) for name in clips))
    return Draft({**pictures, **clips, "cut": cut}, {})


@dataclass(frozen=True)
class Part:
    """What one process does. ``lifetime_s``: after so long it is killed."""

    work: Callable[[], object]
    lifetime_s: float | None = None

    def start(self, gate: int, door: int) -> int:
        """Its process, which begins once the gate is open."""
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            os.close(door)
            os.read(gate, 1)
            if self.lifetime_s is not None and not os.fork():
                time.sleep(self.lifetime_s)
                os.kill(os.getppid(), signal.SIGKILL)
                os._exit(0)
            self.work()
            status = 0
        finally:
            os._exit(status)


def _parts(studio: Studio, draft: Draft, longest_s: float) -> Iterator[Part]:
    chance = random.Random(3)

    def approve() -> None:
        with studio.project(draft) as project:
            deciding.approve(project, ["s0/a"])

    for number in range(PROCESSES):
        if number == 2:
            yield Part(approve)
        elif number % 10 == 1:
            yield Part(lambda: studio.build(draft, "s1/a", 2))
        elif number % 5 == 3:
            yield Part(lambda: studio.build(draft), chance.uniform(0.01, longest_s))
        else:
            yield Part(lambda: studio.build(draft))


@pytest.fixture
def crowd(thorough: bool) -> Draft:
    return _film(MANY if thorough else FEW)


def test_fifty_processes_over_one_project(folder: Path, crowd: Draft, thorough: bool) -> None:
    shop = Shop(folder / "shop")
    studio = Studio(folder / "film", shop, "one")
    studio.build(Draft({"s0/a": crowd.film["s0/a"], "s1/a": crowd.film["s1/a"]}, {}))
    gate, door = os.pipe()
    parts = list(_parts(studio, crowd, 60.0 if thorough else 2.0))
    children = [part.start(gate, door) for part in parts]
    os.close(gate)
    os.close(door)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    for part, code in zip(parts, ended, strict=True):
        assert code == 0 or (part.lifetime_s is not None and code == -signal.SIGKILL), ended
    asked = Counter(f"one {slot}" for slot in _settled(studio, crowd))
    bill = Counter(order.what for order in shop.bill())
    assert all(count <= 1 + asked[slot] for slot, count in bill.items()), "bought twice"
    line, drawn = studio.lock().get("s0/a"), studio.lock().get("s1/a")
    assert line is not None and line.status == "approved"
    assert drawn is not None and len(drawn.takes) >= 3, "what was drawn is in the lock"
    generated = sum(toy.kind != "joined" for toy in crowd.film.values())
    assert len(bill) == generated + len(drawn.takes) - 1
    assert studio.disk.texts() == oracle(crowd.film, {})
    assert made(studio.build(crowd)) == set() and damaged_files(studio.disk) == []
    print(f"{PROCESSES} processes, {len(bill)} takes, {ended.count(-signal.SIGKILL)} killed")


def _settled(studio: Studio, draft: Draft) -> list[str]:
    """Build to the end; the slots of which a person had to say that they are bought again."""
    studio.build(draft)
    slots = studio.resolve(draft)
    if slots:
        studio.build(draft)
    return slots
