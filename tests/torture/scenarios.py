"""What is done while the disk fails: each scenario prepares a film, acts once, and is then judged.

To judge is to do what a person would do, a normal build, and to compare with what must always hold:
nothing that was told to be made is lost, nothing is served that is not what its name says, nothing
is bought twice, and the film is the one that a build from nothing gives.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from unittest.mock import patch

from disks import Disk
from shops import Buyer, Pattern, Shop, Town
from toys import Toy, decide, made, oracle

from fvbuild.engine import assembly, commit
from fvbuild.engine.digest import content_of_file
from fvbuild.engine.events import Act, Did, Event, NodeFinished
from fvbuild.engine.gc import collect
from fvbuild.engine.lock import Lock
from fvbuild.engine.store import DiskStore
from fvbuild.errors import Exit

Tell = Callable[[str], None]


class Scenario(Protocol):
    """One thing that a person does."""

    def prepare(self, folder: Path) -> None:
        """Make what is there before."""
        ...

    def act(self, folder: Path, tell: Tell) -> None:
        """Do it; ``tell`` is given the digest of every artifact that was told to be made."""
        ...

    def judge(self, folder: Path, told: list[str], *, power: bool) -> None:
        """Do what a person would do next. ``power``: the power failed, which may cost free work."""
        ...


_TEXTS = ("caption", "motion", "boundary-caption")
"""Kinds of which no artifact is kept: their text is in their recipe."""


def telling(tell: Tell) -> Callable[[Event], None]:
    """Tells what a build says that it made."""

    def hear(event: Event) -> None:
        if not isinstance(event, NodeFinished) or event.result.kind in _TEXTS:
            return
        if event.result.action is Did.BUILT:
            tell(event.result.artifact or "")

    return hear


@contextlib.contextmanager
def as_if_new() -> Iterator[None]:
    """Within: results are written when there are enough of them, however slow the machine is, and
    nothing is known of its disks: so that the calls are the same in every run."""
    slow = patch.object(commit, "_GROUP_AGE_S", 3600.0)
    with slow, patch.dict(assembly._can_clone, clear=True):
        yield


# --- what must always hold ------------------------------------------------------------------------


def taken(disk: Disk) -> dict[tuple[str, int], str]:
    """Every take that the state knows, with its artifact."""
    with disk.opened() as world:
        return {(key, t.n): t.outputs[0].digest for key, t in world.state.all_takes() if t.outputs}


def damaged_files(disk: Disk) -> list[Path]:
    """Artifacts whose bytes do not give their name."""
    files = (path for path in (disk.cache / "artifacts").rglob("*") if path.is_file())
    return [path for path in files if content_of_file(path) != path.parent.name + path.name]


def assert_whole(disk: Disk, told: list[str]) -> None:
    """What was told to be made is recorded, and its bytes are what its name says."""
    recorded = set(taken(disk).values())
    for digest in filter(None, told):
        assert digest in recorded, f"{digest:.12} was told to be made, and is not recorded"
        path = disk.cache / "artifacts" / digest[:2] / digest[2:]
        assert path.is_file() and content_of_file(path) == digest


def assert_shown(disk: Disk, film: dict[str, Toy], truth: dict[str, str]) -> None:
    """``out/`` and the lock are those of a clean build, and a further build makes nothing."""
    texts = disk.texts()
    assert {name: texts.get(name) for name in truth} == truth
    before = disk.lock_path.read_bytes()
    assert made(disk.build(film)) == set()
    assert disk.lock_path.read_bytes() == before
    assert damaged_files(disk) == []


# --- scenarios ------------------------------------------------------------------------------------

FILM = {
    "a": Toy("picture", {"look": "red"}, takes=2),
    "b": Toy("clip", {}, (("start", "a", None),)),
    "cut": Toy("joined", {}, (("clip", "b", None),)),
}
EDITED = {**FILM, "b": Toy("clip", {"n": 1}, (("start", "a", None),))}
TRUTH = oracle(EDITED, {}, chosen={"a": 2})


class Make:
    """A film that was built, with a take approved and a file of the user's under ``out/``, is built
    after an edit."""

    def prepare(self, folder: Path) -> None:
        disk = Disk(folder)
        disk.build({"a": FILM["a"]})
        with disk.opened() as world:
            decide(world, "a", "approved", 2)
            world.lock.write()
        (disk.out / "a.txt").chmod(0o644)
        (disk.out / "a.txt").write_text("mine")

    def act(self, folder: Path, tell: Tell) -> None:
        disk = Disk(folder)
        disk.hear = telling(tell)
        disk.build(EDITED)

    def judge(self, folder: Path, told: list[str], *, power: bool) -> None:
        disk = Disk(folder)
        if not power:
            assert_whole(disk, told)
        line = Lock.read(disk.lock_path).get("a")
        assert line is not None and (line.chosen, line.status) == (2, "approved")
        before = taken(disk)
        disk.build(EDITED)
        assert before.items() <= taken(disk).items()
        assert "mine" in disk.texts().values(), "what the user made is kept"
        assert_shown(disk, EDITED, TRUTH)


class Collect:
    """What no film needs any more is removed; what is needed stays, and a paid take of a lock."""

    def prepare(self, folder: Path) -> None:
        disk = Disk(folder)
        disk.target.cost = 0.5
        disk.build(FILM)
        disk.build(EDITED)

    def act(self, folder: Path, tell: Tell) -> None:
        disk = Disk(folder)
        with disk.opened() as world:
            assert isinstance(world.store, DiskStore)
            live = world.state.all_last_keys()
            report = collect(world.store, world.state, disk.folder, live, apply=True)
            assert len(report.items) == 2

    def judge(self, folder: Path, told: list[str], *, power: bool) -> None:
        disk = Disk(folder)
        disk.target.cost = 0.5
        assert made(disk.build(EDITED)) == set(), "nothing that is needed was removed"
        assert_shown(disk, EDITED, oracle(EDITED, {}))
        disk.build(FILM)
        assert all(verdict.action is not Act.BLOCKED for verdict in disk.plan(FILM).values())
        assert_shown(disk, FILM, oracle(FILM, {}))


class Buy:
    """A take is bought at a shop that bills when it accepts an order."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern

    def town(self, folder: Path) -> Town:
        return Town(folder.parent, [Buyer(Shop(folder.parent / "shop"), self.pattern)])

    def prepare(self, folder: Path) -> None:
        self.town(folder)

    def act(self, folder: Path, tell: Tell) -> None:
        town = self.town(folder)
        town.disk.hear = telling(tell)
        town.build()

    def judge(self, folder: Path, told: list[str], *, power: bool) -> None:
        town = self.town(folder)
        shop = town.buyers[0].shop
        bill = len(shop.bill())
        assert bill <= 1
        if not power:
            assert_whole(town.disk, told)
        report = town.build()
        asked = any(result.exit is Exit.UNRESOLVED for result in report.results)
        if asked:
            assert self.pattern != "safe"
            assert len(shop.bill()) == bill, "nothing is bought while something is unresolved"
            assert "resolve a --retry" in town.plan()["a"].message
            assert town.resolve(retry=bill > 0) == 1
            report = town.build()
        assert not [r for r in report.results if r.action in (Did.FAILED, Did.SKIPPED)]
        assert len(shop.bill()) == 1 + (asked and bill), "billed once, or as a person said"
        assert town.disk.texts()["a"].startswith("veo made")
        assert made(town.build()) == set()
        assert town.folders() == [] and town.spent() == 1.0
        assert damaged_files(town.disk) == []


def copy_of(prepared: Path, folder: Path) -> Path:
    """The prepared film, and all around it, once more; where the film is."""
    shutil.copytree(prepared.parent, folder)
    return folder / prepared.name
