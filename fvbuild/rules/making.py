"""What the local kinds need to make their results: paths, texts and profiles out of an Action."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action, InputFile
from fvbuild.engine.digest import of_value
from fvbuild.errors import MediaError
from fvbuild.media.profile import JoiningProfile


@cache
def encoder_digest() -> str:
    """Everything about the joining profile but rate and size, which stand in params by name."""
    return of_value(JoiningProfile(1280, 720, Fraction(24)).identity())


def form(size: tuple[int, int], fps: Fraction) -> dict[str, Any]:
    """The params that say how a clip is encoded: rate, size, and the encoder with its settings."""
    return {"fps": str(fps), "size": list(size), "encoder": encoder_digest()}


def profile_of(params: Mapping[str, Any]) -> JoiningProfile:
    """The joining profile of :func:`form`. Raises MediaError for a size no clip can have."""
    width, height = params["size"]
    return JoiningProfile(width, height, Fraction(params["fps"]))


def needed(action: Action, role: str) -> Path:
    """The path of the only input of a role. Raises MediaError when there is no such file."""
    return path_of(action, action.one(role), role)


def path_of(action: Action, given: InputFile | None, role: str) -> Path:
    """The path of an input."""
    if given is None or given.path is None:
        raise MediaError(f"{action.node}: its {role} is not there")
    return given.path


def text_of(given: InputFile) -> str:
    """The text of an input, whether it came as text or as a file."""
    if given.text is not None:
        return given.text
    return given.path.read_text(encoding="utf-8") if given.path is not None else ""
