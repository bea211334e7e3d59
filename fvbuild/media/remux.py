"""The same streams in another container: nothing is encoded again."""

from __future__ import annotations

from pathlib import Path

CONTAINERS = (".mkv", ".mov")


def remux(mp4_path: Path, out_path: Path) -> None:
    """Copy the streams, chapters and title of an MP4 into ``.mkv`` or ``.mov``.

    Raises MediaError for another suffix.
    """
    raise NotImplementedError
