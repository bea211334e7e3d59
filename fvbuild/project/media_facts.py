"""What a user's file is, measured before it is adopted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.digest import Json
from fvbuild.errors import MediaError, UsageError

if TYPE_CHECKING:
    from fvbuild.project.session import Project

_PICTURES = frozenset({"reference", "plate", "prop", "anchor", "boundary", "tail"})
_CLIPS = frozenset({"segment"})
_FRAMED = frozenset({"anchor", "boundary", "segment"})
_SAME_SHAPE = 1.03
"""Canvases of models are the film's shape only to within their steps of 8 to 64 pixels."""
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


def other_shape(project: Project, node_id: str, file: Path) -> str:
    """What to say of a still or clip whose sides are to each other as the film's are not; ""."""
    node = project.graph[node_id]
    if node.kind not in _FRAMED:
        return ""
    films = {f"@{film.variant}": film for film in project.loaded.variants}
    film = films.get(f"@{node_id.rpartition('@')[2]}", project.loaded.variants[0]).size
    facts = measured(node.kind, file)
    width, height = facts.get("width"), facts.get("height")
    if not isinstance(width, int) or not isinstance(height, int) or not height:
        return ""
    ratio = width / height * film[1] / film[0]
    if max(ratio, 1 / ratio) <= _SAME_SHAPE:
        return ""
    return (
        f"{file} is {width}x{height}, and the film {film[0]}x{film[1]}: "
        "another shape, so parts of it may be cut off"
    )
