"""The last frame of a clip as a picture, which the next shot may begin on."""

from __future__ import annotations

from pathlib import Path

from fvbuild.media.clip import last_frame
from fvbuild.media.image import write_png


def write_last_frame(source: Path, path: Path) -> tuple[int, int]:
    """Write the last frame of a clip as PNG; returns its width and height. Raises MediaError."""
    from PIL import Image

    picture = Image.fromarray(last_frame(source))
    write_png(path, picture)
    return picture.size
