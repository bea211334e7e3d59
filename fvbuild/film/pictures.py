"""Tells a picture from another file by its first bytes, before anything is made from it."""

from __future__ import annotations

from pathlib import Path

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")

_ENOUGH_BYTES = 12


def is_picture(text: str) -> bool:
    """Whether a value names a picture, by its ending; anything else is text."""
    return text.lower().endswith(PICTURE_SUFFIXES)


def holds_picture(path: Path) -> bool:
    """Whether a file begins as a PNG, JPEG or WebP does, whatever its name says.

    A file that cannot be read is none.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_ENOUGH_BYTES)
    except OSError:
        return False
    webp = start.startswith(b"RIFF") and start[8:] == b"WEBP"
    return webp or start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))
