"""Actions as an engine would make them, for targets that are tried alone."""

from __future__ import annotations

from pathlib import Path

from fake import media

from fvbuild.engine.action import Action, InputFile
from fvbuild.engine.purchase import MemoryPurchases


def clip_action(folder: Path) -> Action:
    """A clip of five seconds that starts from a picture."""
    start = folder / "start.png"
    start.write_bytes(media.made(media.picture((640, 360))))
    made, bought = folder / "made", folder / "bought"
    made.mkdir()
    bought.mkdir()
    return Action(
        node="pier/one/segment",
        kind="segment",
        params={"canvas": [1280, 720], "frames": 120},
        inputs={
            "start": (InputFile("start", "ab" * 32, start, "image/png"),),
            "motion": (InputFile("motion", "cd" * 32, None, "text/plain", "a ferry leaves"),),
        },
        folder=made,
        purchases=MemoryPurchases(bought),
    )
