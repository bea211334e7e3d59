"""A studio for tests: fields of a shot, and actions that draw small pictures of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action, InputFile, Made
from fvbuild.targets.sketch import create

MARA = {"look": "woman of 60, cropped grey hair", "outfit": "yellow oilskin and navy cap"}
TEO = {"look": "boy of 9, black curls", "outfit": "red parka"}
PIER = {"look": "rotting pier, iron lamps"}

CANVAS = (320, 180)


def fields(**changed: Any) -> dict[str, Any]:
    """A composition, with some of its fields changed."""
    return {
        "size": "full",
        "angle": "eye",
        "lens": "35mm",
        "time": "dusk",
        "lighting": "low sun behind the sea",
        "style": "cinematic",
        "look": "",
        "location": PIER,
        "characters": [MARA],
        "props": [],
        "overlay": True,
        **changed,
    }


class Studio:
    """Makes nodes with the sketch target, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def make(
        self,
        kind: str,
        params: dict[str, Any],
        *,
        caption: str = "she waits",
        start: Path | None = None,
        end: Path | None = None,
        seed: int = 1,
        settings: dict[str, Any] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        reported: list[float] | None = None,
    ) -> Made:
        """One output of the target."""
        self._count += 1
        folder = self._folder / f"{self._count}"
        folder.mkdir()
        inputs = {"caption": (InputFile("caption", "0", None, "text/plain", caption),)}
        for role, path in (("start", start), ("end", end)):
            if path is not None:
                inputs[role] = (InputFile(role, "0", path, "image/png"),)
        action = Action(
            node="scene/shot/node",
            kind=kind,
            params={"canvas": list(CANVAS), **params},
            inputs=inputs,
            folder=folder,
            settings=settings or {},
            seed=seed,
            cancelled=cancelled,
            progress=lambda done, _note: reported.append(done) if reported is not None else None,
        )
        return create("sketch", settings or {}).make(action).outputs[0]

    def anchor(self, caption: str = "she waits", **changed: Any) -> Path:
        """The path of an anchor."""
        canvas = changed.pop("canvas", CANVAS)
        seed = changed.pop("seed", 1)
        params = {"composition": fields(**changed), "canvas": list(canvas)}
        made = self.make("anchor", params, caption=caption, seed=seed)
        assert made.path is not None
        return made.path

    def segment(
        self,
        camera: str,
        frames: int,
        start: Path | None = None,
        end: Path | None = None,
        **changed: Any,
    ) -> Path:
        """The path of a clip."""
        canvas = changed.pop("canvas", CANVAS)
        params = {
            "canvas": list(canvas),
            "frames": frames,
            "composition": fields(**changed),
            "move": {"camera": camera, "frames": frames},
        }
        made = self.make("segment", params, start=start, end=end)
        assert made.path is not None
        return made.path
