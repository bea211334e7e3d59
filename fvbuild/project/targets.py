"""The film's targets, made when they are first needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fvbuild.engine.digest import Json
from fvbuild.engine.target import Target
from fvbuild.errors import TargetError
from fvbuild.targets.registry import create_target
from fvbuild.targets.templates import own_folder


class FilmTargets(Mapping[str, Target]):
    """Targets by the name the film gives them. A missing provider is a KeyError with its reason in
    :attr:`absent`, so that only the nodes made by it are blocked."""

    def __init__(
        self,
        settings: Mapping[str, Mapping[str, Json]],
        used: Iterable[str],
        folder: Path | None = None,
    ) -> None:
        """``folder``: the film's, in which its own templates lie."""
        self._settings = settings
        self._folder = folder
        self._made: dict[str, Target] = {}
        self._used = tuple(dict.fromkeys(used))
        self.absent: dict[str, str] = {}

    def __getitem__(self, name: str) -> Target:
        """The target. Raises KeyError when its provider is not there, UsageError when wrong."""
        if name in self.absent:
            raise KeyError(name)
        if name not in self._made:
            try:
                self._made[name] = create_target(name, self._given(name))
            except TargetError as error:
                self.absent[name] = error.message
                raise KeyError(name) from error
        return self._made[name]

    def _given(self, name: str) -> Mapping[str, Json] | None:
        """A target's settings; ``template`` is told where the film's own templates lie."""
        settings = self._settings.get(name)
        provider = settings.get("provider", name) if settings is not None else name
        own = own_folder(self._folder) if provider == "template" else None
        return settings if own is None else {"templates": str(own), **(settings or {})}

    def __iter__(self) -> Iterator[str]:
        """The names the film uses and whose provider is there."""
        return (name for name in self._used if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def slots(self) -> dict[str, int]:
        """How many requests at once each pool takes, as far as the targets in use say so."""
        found: dict[str, int] = {}
        for target in self._made.values():
            slots = getattr(target, "slots", None)
            if isinstance(slots, int):
                found[target.pool] = max(slots, found.get(target.pool, 1))
        return found

    def find(self, name: str) -> Target:
        """The target, for a build. Raises TargetError when its provider is not there."""
        try:
            return self[name]
        except KeyError:
            raise TargetError(self.absent[name]) from None
