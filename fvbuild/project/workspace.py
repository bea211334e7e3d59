"""The workspace file ``fvbuild.yaml``: what machine is there. Nothing in it enters a key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import UsageError
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.executors.place import RayPlace
    from fvbuild.project.store_section import StorePlace
    from fvbuild.targets.api.place import ProviderPlace
    from fvbuild.targets.diffusers.devices import GpuPlace

FILE = "fvbuild.yaml"
VARIABLE = "FVBUILD_WORKSPACE"
"""Names the file to use instead of the nearest: a film of somebody else brings its own."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the store is, how many slots each pool has, what is said of providers and of devices.

    ``looked_for`` are the workspace files that do not exist but would count if they did.
    ``named``: the user named the file (``FVBUILD_WORKSPACE``), so that it is no part of the film.
    """

    root: Path
    file: Path | None = None
    pools: Mapping[str, int] = field(default_factory=dict)
    looked_for: tuple[Path, ...] = ()
    providers: Mapping[str, ProviderPlace] = field(default_factory=dict)
    gpu: GpuPlace | None = None
    executor: RayPlace | None = None
    store: StorePlace | None = None

    named: bool = False

    @property
    def cache(self) -> Path:
        """The store's folder."""
        return self.root / "cache"

    def name_of(self, film: Path) -> str:
        """What a film is called in this workspace's state: its path, the same wherever the
        workspace as a whole is moved to."""
        return Path(os.path.relpath(film, self.root)).as_posix()


def find(film: Path, *, untrusted: bool = False) -> Workspace:
    """The workspace of a film: the file that ``FVBUILD_WORKSPACE`` names, else the nearest
    ``fvbuild.yaml`` upward, else the film's own folder.

    untrusted: a file that was found counts for nothing but where the cache is.
    Raises ManifestError with every fault of the file, UsageError where the one named is none.
    """
    if named := os.environ.get(VARIABLE, ""):
        return _named(Path(os.path.normpath(Path(named).absolute())))
    looked_for: list[Path] = []
    for folder in (film.parent, *film.parent.parents):
        file = folder / FILE
        if file.is_file():
            found = Workspace(folder, file) if untrusted else _read(file)
            return replace(found, looked_for=tuple(looked_for))
        looked_for.append(file)
    return Workspace(film.parent, None, {}, tuple(looked_for))


def _named(file: Path) -> Workspace:
    if not file.is_file():
        raise UsageError(
            f"{VARIABLE} names '{file}', which is no file",
            hint="it names the workspace file itself: /srv/films/fvbuild.yaml",
        )
    return replace(_read(file), named=True)


def _read(file: Path) -> Workspace:
    from fvbuild.project.workspace_file import read

    said = read(file)
    return Workspace(
        file.parent,
        file,
        said.pools,
        providers=said.providers,
        gpu=said.gpu,
        executor=said.executor,
        store=said.store,
    )
