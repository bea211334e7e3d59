"""The film's targets, made when they are first needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fvbuild.engine.digest import Json
from fvbuild.engine.target import Target
from fvbuild.errors import TargetError
from fvbuild.targets.registry import create_target


class FilmTargets(Mapping[str, Target]):
    """Targets by the name the film gives them. A missing provider is a KeyError with its reason in
    :attr:`absent`, so that only the nodes made by it are blocked."""

    def __init__(self, settings: Mapping[str, Mapping[str, Json]], used: Iterable[str]) -> None:
        self._settings = settings
        self._made: dict[str, Target] = {}
        self._used = tuple(dict.fromkeys(used))
        self.absent: dict[str, str] = {}

    def __getitem__(self, name: str) -> Target:
        """The target. Raises KeyError when its provider is not there, UsageError when wrong."""
        if name in self.absent:
            raise KeyError(name)
        if name not in self._made:
            try:
                self._made[name] = create_target(name, self._settings.get(name))
            except TargetError as error:
                self.absent[name] = error.message
                raise KeyError(name) from error
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """The names the film uses and whose provider is there."""
        return (name for name in self._used if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def find(self, name: str) -> Target:
        """The target, for a build. Raises TargetError when its provider is not there."""
        try:
            return self[name]
        except KeyError:
            raise TargetError(self.absent[name]) from None
