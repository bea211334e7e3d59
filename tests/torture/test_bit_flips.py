"""Bits that flip in the store: every one is found, and no damaged artifact is served."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from disks import Disk
from toys import FILM as NAME
from toys import Toy, made, oracle

from fvbuild.engine.action import Artifact
from fvbuild.engine.clock import SystemClock
from fvbuild.engine.events import Act
from fvbuild.engine.stats import stat_of
from fvbuild.engine.store import DiskStore, Health
from fvbuild.engine.takes import Take, Trace
from fvbuild.engine.verify import verify
from fvbuild.errors import ArtifactError

FLIPS = 10_000
MADE_FROM = 200


def _flip(path: Path, chance: random.Random) -> tuple[int, int]:
    """Flip a random bit in place, and put the file's mtime back as careless tools do."""
    before = path.stat()
    at, bit = chance.randrange(before.st_size), 1 << chance.randrange(8)
    flip_back(path, at, bit)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return at, bit


def flip_back(path: Path, at: int, bit: int) -> None:
    """Flip a bit; twice is never."""
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(at)
        (old,) = file.read(1)
        file.seek(at)
        file.write(bytes([old ^ bit]))
    path.chmod(0o444)


@pytest.fixture
def disk(folder: Path) -> Disk:
    """A store of artifacts from one byte to 64 KiB."""
    disk = Disk(folder / "film")
    chance = random.Random(11)
    with disk.opened() as world:
        takes = []
        for number in range(MADE_FROM):
            size = 1 << chance.randrange(17)
            digest, size_bytes = world.store.add_bytes(chance.randbytes(size))
            artifact = Artifact(digest, size_bytes, "application/octet-stream")
            takes.append(Trace(f"{number:032x}", "{}", Take(1, (artifact,), "torture")))
        stats = world.store.flush()
        with world.state.transaction():
            world.state.stats.set_artifact_stats(stats)
            world.state.record(takes)
    return disk


def test_every_flip_is_found_before_an_artifact_is_used(disk: Disk) -> None:
    chance = random.Random(5)
    with disk.opened() as world:
        known = world.state.stats.artifact_stats()
    digests = sorted(known)
    found = 0
    for _ in range(FLIPS):
        digest = chance.choice(digests)
        store = DiskStore(disk.cache, dict(known), SystemClock())
        path = store.path(digest)
        at, bit = _flip(path, chance)
        assert store.health(digest) is Health.CORRUPT
        with pytest.raises(ArtifactError):
            store.read(digest)
        found += 1
        flip_back(path, at, bit)
        assert store.health(digest) is Health.WHOLE
    assert found == FLIPS


def test_every_flip_that_no_file_system_tells_is_found_by_verify(disk: Disk) -> None:
    """As a disk that rots: size and times are those that are recorded."""
    chance = random.Random(6)
    found = 0
    with disk.opened() as world:
        digests = sorted(world.state.stats.artifact_stats())
    while found < FLIPS:
        with disk.opened() as world:
            assert isinstance(world.store, DiskStore)
            flips = [(d, *_flip(world.store.path(d), chance)) for d in digests]
            for digest, _at, _bit in flips:
                stat = stat_of(world.store.path(digest))
                assert stat is not None
                with world.state.transaction():
                    world.state.stats.set_artifact_stats([(digest, stat)])
            report = verify(world.store, world.state, world.lock, {})
            assert {p.digest for p in report.problems if p.problem == "corrupt"} == set(digests)
            found += len(flips)
            for digest, at, bit in flips:
                flip_back(world.store.path(digest), at, bit)


FILM = {
    **{f"shot{n}": Toy("picture", {"n": n}) for n in range(6)},
    **{f"clip{n}": Toy("clip", {}, (("a", f"shot{n}", None),)) for n in range(6)},
    "cut": Toy("joined", {}, tuple(("a", f"clip{n}", None) for n in range(6))),
}
TRUTH = oracle(FILM, {})


@pytest.mark.parametrize("price", [0.0, 0.5])
def test_no_build_serves_what_a_flip_has_damaged(
    folder: Path, price: float, thorough: bool
) -> None:
    """Free artifacts are made again; what cost something is told, and never silently bought."""
    disk = Disk(folder / "film")
    disk.target.cost = price
    disk.build(FILM)
    chance = random.Random(9)
    files = sorted(path for path in (disk.cache / "artifacts").rglob("*") if path.is_file())
    with disk.opened() as world:
        key = world.state.last_key(NAME, "cut") or ""
        free = world.state.takes(key)[1].outputs[0].digest
    for number in range(500 if thorough else 60):
        path = chance.choice(files)
        good = path.read_bytes()
        _flip(path, chance)
        for shown in disk.out.rglob("*.txt"):
            if chance.random() < 0.5:
                shown.unlink()  # so that it must be shown again from the store
        asked = len(disk.target.asked)
        report = disk.build(FILM)
        served = disk.texts()
        assert served.items() <= TRUTH.items(), "nothing damaged is shown"
        if not price or path.parent.name + path.name == free:
            assert made(report) and served == TRUTH
        else:
            assert len(disk.target.asked) == asked
            assert any(v.action is Act.BLOCKED for v in disk.plan(FILM).values()), number
            path.unlink()
            path.write_bytes(good)
            disk.build(FILM)
            assert disk.texts() == TRUTH
