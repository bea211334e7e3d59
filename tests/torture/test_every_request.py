"""Every request to a shared store meets every trouble; then a normal build, and a clone.

What is sent and what is brought is disturbed; the takes are bought. Nothing is bought twice,
nothing is shown that is not what its name says, and a clone replays the film from what arrived.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from billing import billed
from boundaries import KILLED, Point
from faults import in_child
from machines import film
from requests_to_shared import TROUBLES, FolderShared, Trouble, TroubledShared
from runs import TOLD
from shops import Shop

from fvbuild.engine.digest import content_of_file
from fvbuild.engine.events import Did, Report
from fvbuild.errors import FilmBuildError
from fvbuild.project import BuildOptions, Project
from fvbuild.project import sharing as project_sharing

_STEP = 9
_KILLS = (Trouble.BEFORE, Trouble.AFTER)


class Clone:
    """One machine's folder with the film."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "film.yaml").write_text(json.dumps(film(1)))
            (folder / "fvbuild.yaml").write_text(json.dumps({"store": {"remote": "s3://films"}}))

    @contextlib.contextmanager
    def opened(self) -> Iterator[Project]:
        """The film, opened."""
        project = Project.open(self.folder)
        try:
            yield project
        finally:
            project.state.close()

    def build(self) -> Report:
        """Build, and show all of it."""
        with self.opened() as project:
            return project.build((), BuildOptions(jobs=1, materialize="all"))

    def shown(self) -> dict[str, bytes]:
        """All files under ``out/``."""
        out = self.folder / "out"
        files = (path for path in sorted(out.rglob("*")) if path.is_file())
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}

    def lock(self) -> str:
        """The lock's text."""
        return (self.folder / "film.lock").read_text()


class Town:
    """A folder with a shared store, a shop, and machines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shop = Shop(folder / "shop")
        self.shared = FolderShared(folder / "shared")

    def machine(self, name: str) -> Clone:
        """A machine that has the film, and perhaps built it."""
        return Clone(self.folder / name)

    @contextlib.contextmanager
    def _open(self, shared: object = None) -> Iterator[None]:
        found = shared or self.shared
        with billed(self.shop), patch.object(project_sharing, "open_shared", lambda _place: found):
            yield

    def build(self, name: str, shared: object = None) -> None:
        """Build on a machine; with a store of its own, whatever comes of it."""
        with self._open(shared):
            report = self.machine(name).build()
        if shared is None:
            _complete(report)

    def settle(self, name: str) -> list[str]:
        """A normal build, as often as a person would; what they said is to be bought again."""
        machine = self.machine(name)
        with self._open():
            machine.build()
            with machine.opened() as project:
                unresolved = [purchase.node for purchase in project.unresolved()]
                for node in unresolved:
                    project.resolve(node, retry=True)
            _complete(machine.build())
            return unresolved

    def bill(self) -> Counter[str]:
        """What was ordered, and how often."""
        return Counter(order.what for order in self.shop.bill())


def _complete(report: Report) -> None:
    left = [r for r in report.results if r.action in (Did.FAILED, Did.SKIPPED)]
    assert not left, left


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
