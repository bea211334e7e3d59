"""A film's target, as it is brought to another machine: by all that it is made from.

What is made there has the same key, so it must be the same target: its identity is compared with
the one that the build has put into keys, before anything is made.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action, Outcome
from fvbuild.engine.digest import Json, canonical
from fvbuild.engine.target import Target
from fvbuild.errors import ExecutorError
from fvbuild.targets.api.place import Place
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.registry import LOCAL_MODELS, create_target
from fvbuild.targets.templates import FOLDER, own_folder

_MOST_TEMPLATES_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class TargetElsewhere:
    """Picklable. Called with the devices that it may use, and a folder of its own, it gives the
    target's ``make``.

    ``identity`` is what keys have of it for nodes of one ``kind``. ``templates`` are the film's
    own, by their path below the film's folder; they are brought along, weights are not.
    """

    name: str
    kind: str
    settings: Mapping[str, Json]
    identity: Mapping[str, Json]
    film_folder: Path
    templates: Mapping[str, bytes] = field(default_factory=dict)
    gpu: GpuPlace | None = None

    def __call__(self, devices: Sequence[int | str], folder: Path) -> Callable[[Action], Outcome]:
        """The target's ``make``. Raises ExecutorError where this machine's target is another one,
        and what the target raises where it cannot be had."""
        target = create_target(self.name, self.settings, lambda: self._place(devices, folder))
        here: Mapping[str, Any] = json.loads(canonical(dict(target.identity_of(self.kind))))
        there: Mapping[str, Any] = json.loads(canonical(dict(self.identity)))
        if here != there:
            raise _other(self.name, here, there)
        return target.make

    def _place(self, devices: Sequence[int | str], folder: Path) -> Place:
        gpu = replace(
            self.gpu or GpuPlace(),
            devices=tuple(devices),
            elsewhere=False,
            # What worked in the memory of one machine says nothing of another's.
            memory_file=Path(tempfile.gettempdir()) / f"fvbuild-{os.getuid()}" / "placements.json",
        )
        return Place(self._films(folder), gpu=gpu)

    def _films(self, folder: Path) -> Path:
        """The film's folder, where this machine sees it as it is; else one with its templates."""
        if self.film_folder.is_dir() and _templates(self.film_folder) == self.templates:
            return self.film_folder
        for name, data in self.templates.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return folder


def elsewhere(
    name: str,
    kind: str,
    target: Target,
    settings: Mapping[str, Json] | None,
    film_folder: Path | None,
    gpu: GpuPlace | None,
) -> TargetElsewhere:
    """A target of the film as another machine gets it."""
    folder = (film_folder or Path()).absolute()
    identity = target.identity_of(kind)
    given = dict(settings or {})
    if given.get("provider") == LOCAL_MODELS and "revision" in identity:
        # What `main` means was decided where the plan was made.
        given["revision"] = identity["revision"]
    return TargetElsewhere(name, kind, given, identity, folder, _templates(folder), gpu)


def _templates(film_folder: Path) -> dict[str, bytes]:
    own = own_folder(film_folder)
    files = sorted(path for path in own.rglob("*") if path.is_file()) if own is not None else []
    found = {str(path.relative_to(film_folder)): path.read_bytes() for path in files}
    size_bytes = sum(map(len, found.values()))
    if size_bytes > _MOST_TEMPLATES_BYTES:
        raise ExecutorError(
            f"the film's own templates have {size_bytes:,} bytes, too many to send along",
            hint=f"keep nothing but templates in '{FOLDER}'",
        )
    return found


def _other(name: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> ExecutorError:
    names = sorted(set(here) | set(there))
    differ = [each for each in names if here.get(each) != there.get(each)]
    told = "; ".join(f"{n}: {_short(there.get(n))}, there {_short(here.get(n))}" for n in differ)
    return ExecutorError(
        f"target '{name}' is another one on a machine of the cluster: {told}",
        hint="install the same versions there as here, and the same files of the model",
    )


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
