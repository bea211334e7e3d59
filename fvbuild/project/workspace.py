"""The workspace file ``fvbuild.yaml``: what machine is there. Nothing in it enters a key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fvbuild.errors import ManifestError

FILE = "fvbuild.yaml"
_FIELDS = ("pools",)


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the store is, and how many slots each pool has.

    ``looked_for`` are the workspace files that do not exist but would count if they did.
    """

    root: Path
    file: Path | None = None
    pools: Mapping[str, int] = field(default_factory=dict)
    looked_for: tuple[Path, ...] = ()

    @property
    def cache(self) -> Path:
        """The store's folder."""
        return self.root / "cache"


def find(film: Path) -> Workspace:
    """The workspace of a film: the nearest ``fvbuild.yaml`` upward, else the film's own folder.

    Raises ManifestError when the file is wrong.
    """
    looked_for: list[Path] = []
    for folder in (film.parent, *film.parent.parents):
        file = folder / FILE
        if file.is_file():
            return Workspace(folder, file, _read(file), tuple(looked_for))
        looked_for.append(file)
    return Workspace(film.parent, None, {}, tuple(looked_for))


def _read(file: Path) -> Mapping[str, int]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    reader = YAML(typ="safe", pure=True)
    try:
        data = reader.load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"cannot be read: {error}", place=str(file)) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark is not None else str(file)
        raise ManifestError(f"not YAML: {getattr(error, 'problem', error)}", place=place) from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ManifestError(
            "the workspace file is a mapping", place=f"{file}:1:1", hint="pools: {cpu: 4}"
        )
    for name in data:
        if name not in _FIELDS:
            close = difflib.get_close_matches(str(name), _FIELDS, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(_FIELDS)}"
            raise ManifestError(f"unknown field '{name}'", place=f"{file}:1:1", hint=hint)
    return _pools(data.get("pools") or {}, file)


def _pools(data: Any, file: Path) -> Mapping[str, int]:
    example = "pools: {cpu: 4, gpu: 1}"
    if not isinstance(data, dict):
        raise ManifestError("'pools' names pools and their slots", place=str(file), hint=example)
    for name, slots in data.items():
        if not isinstance(slots, int) or isinstance(slots, bool) or not 1 <= slots <= 1024:
            raise ManifestError(
                f"pool '{name}' has 1 to 1024 slots, not {slots!r}", place=str(file), hint=example
            )
    return {str(name): slots for name, slots in data.items()}
