"""Families of local models: what is known of a pipeline without importing it.

The table is ``families.yaml``; its comments say what each field means. Nothing here imports torch,
so that a plan costs nothing.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fvbuild.engine.digest import Json
from fvbuild.errors import SettingError
from fvbuild.targets.diffusers import weights

_TABLE = Path(__file__).with_name("families.yaml")


@dataclass(frozen=True, slots=True)
class Role:
    """How one of fvbuild's roles is given to a pipeline.

    most, least: how many pictures it takes; single: it takes one, not a list. also: arguments
    without which it does not count; blank: what stands for it where the film says nothing.
    """

    argument: str
    most: int = 1
    least: int = 0
    single: bool = True
    also: Mapping[str, Json] = field(default_factory=dict)
    blank: str | None = None


@dataclass(frozen=True, slots=True)
class FrameRule:
    """Counts of frames a family makes: multiple * k + plus, from least to most, at ``fps``."""

    multiple: int
    plus: int
    least: int
    most: int
    fps: int


@dataclass(frozen=True, slots=True)
class Masked:
    """How a part of a picture is changed: by a pipeline of the same weights, and its arguments for
    the picture, for the mask (white is changed) and, where it takes them, for other pictures."""

    pipeline: str
    edit: str = "image"
    mask: str = "mask_image"
    references: str = ""
    call: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Controlled:
    """How a control picture (edges, depth, a pose) is heeded: by a pipeline of the same weights and
    a ``net`` beside them, and its arguments for the picture and for how strongly it counts."""

    pipeline: str
    net: str
    control: str = "control_image"
    scale: str = "controlnet_conditioning_scale"


@dataclass(frozen=True, slots=True)
class Family:
    """One entry of the table. ``context_parallel`` names how a step is split over devices: ``own``
    by the class's own plan, else one of the worker's; "" where it cannot be. ``masked`` is how it
    changes a part of a picture, ``only_masked`` that it does nothing else, ``controlled`` how it
    heeds a control picture."""

    name: str
    title: str
    version: int
    makes: str
    pipeline: str
    classes: tuple[str, ...]
    repos: tuple[str, ...]
    licence: str
    billions: Mapping[str, float]
    roles: Mapping[str, Role]
    steps: int
    prompt_tokens: int
    multiple: int = 1
    pixels: int = 1280 * 720
    frames: FrameRule | None = None
    guidance: float | None = None
    dtypes: Mapping[str, str] = field(default_factory=dict)
    call: Mapping[str, Json] = field(default_factory=dict)
    writer: str = ""
    base: str = ""
    needs: tuple[str, ...] = ()
    text_to_video: bool = False
    context_parallel: str = ""
    sized_by_picture: bool = False
    masked: Masked | None = None
    only_masked: bool = False
    controlled: Controlled | None = None

    def dtype(self, configured: str) -> str:
        """What it computes in. A bfloat16 has too few levels for what is a picture already."""
        return "float32" if self.makes == "upscale" else configured

    def role(self, name: str) -> Role | None:
        """How a role is given, or None where the family does not know it."""
        return self.roles.get(name)


@cache
def families() -> Mapping[str, Family]:
    """The table, by name, in its order."""
    from ruamel.yaml import YAML

    table = YAML(typ="safe").load(_TABLE.read_text(encoding="utf-8"))
    return {name: _family(name, entry) for name, entry in table.items()}


def family_of(model: str, named: str | None, pipeline: str | None) -> Family:
    """The family of a checkpoint: as the film names it, by its repository, by its pipeline class.

    ``pipeline`` is the class that its ``model_index.json`` names, where that is at hand.
    Raises SettingError when none fits, naming those there are.
    """
    known = families()
    if named is not None:
        if named not in known:
            raise SettingError(f"there is no family '{named}'", "family", hint=_those(known))
        return known[named]
    for family in known.values():
        if any(fnmatch.fnmatchcase(model, pattern) for pattern in family.repos):
            return family
    for family in known.values():
        if pipeline is not None and pipeline in family.classes:
            return family
    raise SettingError(
        f"'{model}' is of no family that fvbuild knows by its name",
        "model",
        hint=f"name it with `family:`; {_those(known)}",
    )


def family_here(model: str, revision: str | None, named: str | None, film_folder: Path) -> Family:
    """The family of a checkpoint, by what is here of its files. Raises as :func:`family_of`."""
    folder = weights.folder_here(model, revision, film_folder)
    return family_of(model, named, weights.pipeline_class(folder))


def _those(known: Mapping[str, Family]) -> str:
    return f"the families: {', '.join(known)}"


def _family(name: str, entry: Mapping[str, Any]) -> Family:
    size = entry.get("size", {})
    frames = entry.get("frames")
    return Family(
        name=name,
        title=entry["title"],
        version=entry["version"],
        makes=entry["makes"],
        pipeline=entry["pipeline"],
        classes=tuple(entry["classes"]),
        repos=tuple(entry["repos"]),
        licence=entry["licence"],
        billions=entry["billions"],
        roles={role: _role(given) for role, given in entry["roles"].items()},
        steps=entry["steps"],
        prompt_tokens=entry["prompt_tokens"],
        multiple=size.get("multiple", 1),
        pixels=size.get("pixels", 1280 * 720),
        frames=FrameRule(**frames) if frames is not None else None,
        guidance=entry.get("guidance"),
        dtypes=entry.get("dtypes", {}),
        call=entry.get("call", {}),
        writer=entry.get("writer", ""),
        base=entry.get("base", ""),
        needs=tuple(entry.get("needs", ())),
        text_to_video=entry.get("text_to_video", False),
        context_parallel=entry.get("context_parallel", ""),
        sized_by_picture=entry.get("sized_by_picture", False),
        masked=Masked(**entry["masked"]) if "masked" in entry else None,
        only_masked=entry.get("only_masked", False),
        controlled=Controlled(**entry["controlled"]) if "controlled" in entry else None,
    )


def _role(given: str | Mapping[str, Any]) -> Role:
    if isinstance(given, str):
        return Role(given)
    return Role(
        argument=given["argument"],
        most=given.get("most", 1),
        least=given.get("least", 0),
        single=given.get("single", "most" not in given),
        also=given.get("also", {}),
        blank=given.get("blank"),
    )
