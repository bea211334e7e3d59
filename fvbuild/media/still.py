"""A still picture held for a number of frames; and the slate, burnt in where an output asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fvbuild.media.clip import Check
from fvbuild.media.profile import JoiningProfile


@dataclass(frozen=True, slots=True)
class Slate:
    """What the strip says. Empty fields are left out. The timecode runs from ``start_frame``."""

    scene: str = ""
    shot: str = ""
    take: str = ""
    size: str = ""
    lens: str = ""
    move: str = ""
    start_frame: int | None = None


def hold_picture(
    picture: Path,
    path: Path,
    profile: JoiningProfile,
    frames: int,
    *,
    fit: str = "crop",
    slate: Slate | None = None,
    check: Check | None = None,
) -> None:
    """Write a clip of the profile which shows ``picture`` for ``frames`` frames."""
    raise NotImplementedError


def burn_slate(
    source: Path, path: Path, profile: JoiningProfile, slate: Slate, *, check: Check | None = None
) -> int:
    """Write a conformed clip again with the slate over it; returns its number of frames."""
    raise NotImplementedError


def slate_lines(slate: Slate) -> Sequence[str]:
    """The words of the strip, left to right, without the timecode."""
    raise NotImplementedError
