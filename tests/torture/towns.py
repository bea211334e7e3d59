"""Machines with clones of one film, a store that they share, and a shop where takes are bought."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from billing import billed
from machines import film
from requests_to_shared import FolderShared
from shops import Shop

from fvbuild.engine.claims import Claims
from fvbuild.engine.events import Did, Report
from fvbuild.project import BuildOptions, Project
from fvbuild.project import sharing as project_sharing

_QUICKLY = {"poll_s": 0.05}


def complete(report: Report) -> None:
    """Everything was made, or was there."""
    left = [r for r in report.results if r.action in (Did.FAILED, Did.SKIPPED)]
    assert not left, left


class Clone:
    """One machine's folder with the film."""

    def __init__(self, folder: Path, shots: int) -> None:
        self.folder = folder
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "film.yaml").write_text(json.dumps(film(shots)))
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

    def __init__(self, folder: Path, shots: int = 1) -> None:
        self.folder = folder
        self.shots = shots
        self.shop = Shop(folder / "shop")
        self.shared = FolderShared(folder / "shared")

    def machine(self, name: str) -> Clone:
        """A machine that has the film, and perhaps built it."""
        return Clone(self.folder / name, self.shots)

    @contextlib.contextmanager
    def _open(self, shared: object = None) -> Iterator[None]:
        found = shared or self.shared
        assert Claims.__init__.__kwdefaults__ is not None
        with (
            billed(self.shop),
            patch.object(project_sharing, "open_shared", lambda _place, **_: found),
            patch.dict(Claims.__init__.__kwdefaults__, _QUICKLY),
        ):
            yield

    def build(self, name: str, shared: object = None) -> None:
        """Build on a machine; with a store of its own, whatever comes of it."""
        with self._open(shared):
            report = self.machine(name).build()
        if shared is None:
            complete(report)

    def settle(self, name: str) -> list[str]:
        """A normal build, as often as a person would; what they said is to be bought again."""
        machine = self.machine(name)
        with self._open():
            machine.build()
            with machine.opened() as project:
                unresolved = [purchase.node for purchase in project.unresolved()]
                for node in unresolved:
                    project.resolve(node, retry=True)
            complete(machine.build())
            return unresolved

    def bill(self) -> Counter[str]:
        """What was ordered, and how often."""
        return Counter(order.what for order in self.shop.bill())
