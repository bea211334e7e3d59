"""The workspace file ``fvbuild.yaml``: what machine is there. Nothing in it enters a key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import UsageError

if TYPE_CHECKING:
    from fvbuild.executors.place import RayPlace
    from fvbuild.targets.api.place import ProviderPlace
    from fvbuild.targets.diffusers.devices import GpuPlace

FILE = "fvbuild.yaml"
VARIABLE = "FVBUILD_WORKSPACE"
"""Names the file to use instead of the nearest: a film of somebody else brings its own."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the store is, how many slots each pool has, what is said of providers and of devices.

    ``looked_for`` are the workspace files that do not exist but would count if they did.
    """

    root: Path
    file: Path | None = None
    pools: Mapping[str, int] = field(default_factory=dict)
    looked_for: tuple[Path, ...] = ()
    providers: Mapping[str, ProviderPlace] = field(default_factory=dict)
    gpu: GpuPlace | None = None
    executor: RayPlace | None = None

    @property
    def cache(self) -> Path:
        """The store's folder."""
        return self.root / "cache"


def find(film: Path) -> Workspace:
    """The workspace of a film: the nearest ``fvbuild.yaml`` upward, else the film's own folder.

    Raises ManifestError with every fault of the file.
    """
    looked_for: list[Path] = []
    for folder in (film.parent, *film.parent.parents):
        file = folder / FILE
        if file.is_file():
            from fvbuild.project.workspace_file import read

            said = read(file)
            return Workspace(
                folder, file, said.pools, tuple(looked_for), said.providers, said.gpu, said.executor
            )
        looked_for.append(file)
    return Workspace(film.parent, None, {}, tuple(looked_for))
