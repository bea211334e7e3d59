"""What a user's file is, measured before it is adopted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fvbuild.engine.digest import Json
from fvbuild.errors import MediaError, UsageError

_PICTURES = frozenset({"reference", "plate", "prop", "anchor", "boundary", "tail"})
_CLIPS = frozenset({"segment"})
_SOUNDS = frozenset({"speech", "ambience", "effect", "music"})


def measured(kind: str, file: Path) -> Mapping[str, Json]:
    """The facts of a node's result, as far as its bytes still tell them."""
    try:
        return check_medium(kind, file)
    except UsageError:
        return {}


def check_medium(kind: str, file: Path) -> Mapping[str, Json]:
    """The facts of a file that is to be a node's result.

    Raises UsageError when it is not of the node's medium, or cannot be decoded.
    """
    try:
        if kind in _PICTURES:
            from fvbuild.media.image import size_of

            width, height = size_of(file)
            return {"width": width, "height": height}
        if kind in _CLIPS:
            from fvbuild.media.clip import probe

            clip = probe(file)
            return {"frames": clip.frames, "width": clip.width, "height": clip.height}
        if kind in _SOUNDS:
            from fvbuild.media.sound import probe_sound

            return {"seconds": probe_sound(file).seconds}
        file.read_text(encoding="utf-8")
    except (MediaError, UnicodeDecodeError) as error:
        what = "a picture" if kind in _PICTURES else "a clip" if kind in _CLIPS else "a sound"
        why = error.message if isinstance(error, MediaError) else str(error)
        raise UsageError(
            f"cannot be used for a node of the kind {kind}: {why}",
            place=str(file),
            hint=f"adopt {what}",
        ) from error
    return {}
