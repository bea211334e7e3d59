"""A small placeholder film as data, written to disk and built as the commands do."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

from fvbuild.engine.events import Did, Report
from fvbuild.project import BuildOptions, Project

SETTLED_S = 0.03
"""Longer than a file counts as racy."""

_KINDS = ("anchor", "boundary", "segment", "speech", "music", "ambience", "effect")


def film(shots: int = 12, scenes: int = 2) -> dict[str, Any]:
    """A film of several scenes whose clips need no conforming."""
    return {
        "film": {"title": "Toy", "size": "64x36", "fps": 24},
        "use": dict.fromkeys(_KINDS, "placeholder"),
        "characters": {
            "ann": {"look": "woman of 30", "wardrobe": {"coat": "grey coat", "dress": "blue"}},
            "ben": {"look": "man of 50"},
        },
        "locations": {"square": {"look": "empty square"}},
        "scenes": [
            {
                "id": f"s{scene}",
                "location": "square",
                "wardrobe": {"ann": "coat"},
                "shots": [
                    {
                        "id": f"a{number}",
                        "duration": "6f",
                        "size": "wide",
                        "characters": [("ann", "ben")[number % 2]],
                        "action": f"somebody waits for time {scene}.{number}",
                    }
                    for number in range(shots // scenes)
                ],
            }
            for scene in range(scenes)
        ],
    }


class Place:
    """A folder with the film; every method opens it anew, as a command does."""

    def __init__(self, folder: Path, film: dict[str, Any]) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.write(film)

    def write(self, film: dict[str, Any]) -> None:
        """Save the film (JSON is YAML), and wait until no change could hide in its clock tick."""
        self.film = copy.deepcopy(film)
        (self.folder / "film.yaml").write_text(json.dumps(film, indent=1))
        time.sleep(SETTLED_S)

    def shot(self, scene: int, number: int) -> dict[str, Any]:
        """A shot of a copy that :meth:`save` writes."""
        found: dict[str, Any] = self.film["scenes"][scene]["shots"][number]
        return found

    def save(self) -> None:
        """Write what was changed in ``film``."""
        self.write(self.film)

    def project(self) -> Project:
        """The film, opened."""
        return Project.open(self.folder)

    def build(self, *goals: str, whole: bool = False) -> Report:
        """Build; ``whole`` looks at every node whatever is known."""
        project = self.project()
        try:
            return project.build(goals, BuildOptions(jobs=2, every_node=whole))
        finally:
            project.state.close()

    def tree(self) -> dict[str, bytes]:
        """All files under ``out/``."""
        out = self.folder / "out"
        return {
            path.relative_to(out).as_posix(): path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }


def made(report: Report) -> set[str]:
    """The nodes that a build made."""
    failed = [(r.node, r.message) for r in report.results if r.action is Did.FAILED]
    assert not failed, failed
    return {r.node for r in report.results if r.action is Did.BUILT}
