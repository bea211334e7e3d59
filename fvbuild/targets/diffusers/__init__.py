"""The ``diffusers`` target: pictures, clips and words by models on this machine's own GPUs.

A plan asks for capabilities and identity alone, which come from a table and from the hub's cache;
torch is imported by worker processes only. Importing this costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.targets.api.place import Place
    from fvbuild.targets.diffusers.target import DiffusersTarget


def create(name: str, settings: Mapping[str, Json], place: Place | None = None) -> DiffusersTarget:
    """The target ``name``. Raises UsageError for wrong settings, TargetError without the extra or
    where nothing here tells which commit of the model is meant."""
    from fvbuild.targets.diffusers.target import target_of

    return target_of(name, settings, place)
