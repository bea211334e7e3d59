"""Machines that share one store: each a folder with a clone of a film, and a cache of its own."""

from __future__ import annotations

import copy
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fvbuild.engine.events import Did, Event, Plan, Report
from fvbuild.engine.shared import Shared
from fvbuild.engine.shared_memory import MemoryShared
from fvbuild.project import BuildOptions, Project
from fvbuild.project import sharing as project_sharing
from fvbuild.project.transferring import Transferred

_KINDS = ("anchor", "boundary", "segment", "speech", "music", "ambience", "effect")
_SETTLED_S = 0.03


def film(shots: int = 4) -> dict[str, Any]:
    """A small film that nothing but the placeholder makes."""
    return {
        "film": {"title": "Toy", "size": "64x36", "fps": 24},
        "use": dict.fromkeys(_KINDS, "placeholder"),
        "scenes": [
            {
                "id": "pier",
                "shots": [
                    {"id": f"a{number}", "duration": "6f", "action": f"somebody waits {number}"}
                    for number in range(shots)
                ],
            }
        ],
    }


class Machine:
    """One clone of a film; every method opens it anew, as a command does."""

    def __init__(self, folder: Path, film: dict[str, Any], store: dict[str, Any]) -> None:
        self.folder = folder
        self.store = store
        folder.mkdir(parents=True, exist_ok=True)
        self.film = copy.deepcopy(film)
        self.save()
        self.say(**store)

    def save(self) -> None:
        """Write the film, and wait until no change could hide in its clock tick."""
        (self.folder / "film.yaml").write_text(json.dumps(self.film, indent=1))
        time.sleep(_SETTLED_S)

    def say(self, **store: Any) -> None:
        """Write the section ``store:`` of the workspace file."""
        (self.folder / "fvbuild.yaml").write_text(json.dumps({"store": store}))
        time.sleep(_SETTLED_S)

    def shot(self, number: int) -> dict[str, Any]:
        """A shot, to be changed and saved."""
        found: dict[str, Any] = self.film["scenes"][0]["shots"][number]
        return found

    def clone(self, name: str, *, lock: bool = True) -> Machine:
        """Another machine with what git carries."""
        other = Machine(self.folder.with_name(name), self.film, self.store)
        if lock:
            shutil.copy(self.folder / "film.lock", other.folder)
        return other

    @contextmanager
    def opened(self) -> Iterator[Project]:
        """The film, opened."""
        project = Project.open(self.folder)
        try:
            yield project
        finally:
            project.state.close()

    def build(
        self,
        *goals: str,
        heard: list[Event] | None = None,
        cancel: threading.Event | None = None,
        **options: Any,
    ) -> Report:
        """Build."""
        with self.opened() as project:
            listener = heard.append if heard is not None else lambda _event: None
            return project.build(goals, BuildOptions(jobs=2, **options), listener, cancel)

    def plan(self, *goals: str) -> Plan:
        """Plan."""
        with self.opened() as project:
            return project.plan(goals)

    def push(self, *goals: str) -> Transferred:
        """Push."""
        with self.opened() as project:
            return project.push(goals)

    def pull(self, *goals: str, level: str = "all") -> Transferred:
        """Pull."""
        with self.opened() as project:
            return project.pull(goals, level)

    def shown(self) -> dict[str, bytes]:
        """All files under ``out/``."""
        out = self.folder / "out"
        return {
            path.relative_to(out).as_posix(): path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }

    def artifacts(self) -> set[str]:
        """The digests of what is in the cache."""
        root = self.folder / "cache" / "artifacts"
        return {path.parent.name + path.name for path in root.glob("*/*")}

    def lock(self) -> str:
        """The lock's text."""
        return (self.folder / "film.lock").read_text()


def made(report: Report) -> set[str]:
    """What a build made that is no text worked out while planning."""
    failed = [(r.node, r.message) for r in report.results if r.action is Did.FAILED]
    assert not failed, failed
    texts = ("caption", "motion")
    return {r.node for r in report.results if r.action is Did.BUILT and r.kind not in texts}


def all_share(monkeypatch: pytest.MonkeyPatch, shared: Shared) -> None:
    """Whatever a workspace file names, it is this store."""
    monkeypatch.setattr(project_sharing, "open_shared", lambda _place, **_: shared)


class Studio:
    """A store in memory, and the machine of whoever began the film."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shared = MemoryShared("s3://films")
        all_share(monkeypatch, self.shared)
        self.first = Machine(folder / "first", film(), {"remote": "s3://films"})
