"""The film's targets, made when they are first needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.digest import Json
from fvbuild.engine.target import Target
from fvbuild.errors import FilmBuildError, SettingError, TargetError
from fvbuild.targets.registry import create_target, is_described
from fvbuild.targets.templates import own_folder

if TYPE_CHECKING:
    from fvbuild.film.load import Loaded
    from fvbuild.film.resolved import TargetSettings
    from fvbuild.targets.api.place import Place
    from fvbuild.targets.api.situation import Remark
    from fvbuild.targets.api.target import ApiTarget
    from fvbuild.targets.elsewhere import TargetElsewhere


class FilmTargets(Mapping[str, Target]):
    """Targets by the name the film gives them. A missing provider is a KeyError with its reason in
    :attr:`absent`, so that only the nodes made by it are blocked."""

    def __init__(
        self,
        settings: Mapping[str, Mapping[str, Json]],
        used: Iterable[str] | Mapping[str, Collection[str]],
        folder: Path | None = None,
        place: Callable[[], Place] | None = None,
        *,
        declared: Mapping[str, TargetSettings] | None = None,
        untrusted: bool = False,
    ) -> None:
        """``used``: names, or names with the kinds of nodes that each makes. ``declared``: the
        targets as the film writes them, for the places of what is wrong.

        ``folder``: the film's, in which its own templates lie. ``place`` is for hosted models;
        it is asked for when there is one. ``untrusted``: only what is built in is there, and hosted
        models that come with the program, which will not be asked."""
        self._settings = settings
        self._folder = folder
        self._place = place
        self._untrusted = untrusted
        self._made: dict[str, Target] = {}
        self._used = tuple(dict.fromkeys(used))
        self._kinds = used if isinstance(used, Mapping) else {}
        self._declared = declared or {}
        self.absent: dict[str, str] = {}
        self.hints: dict[str, str] = {}

    def __getitem__(self, name: str) -> Target:
        """The target. Raises KeyError when its provider is not there, ManifestError when
        a setting of it is wrong."""
        if name in self.absent:
            raise KeyError(name)
        if name not in self._made:
            if (why := self._distrusted(name)) is not None:
                self.absent[name] = why
                raise KeyError(name)
            try:
                kinds = self._kinds.get(name, ())
                self._made[name] = create_target(name, self._given(name), self._place, kinds)
            except SettingError as error:
                raise self._located(name, error) from None
            except TargetError as error:
                self.absent[name] = error.message
                if error.hint:
                    self.hints[name] = error.hint
                raise KeyError(name) from error
        return self._made[name]

    def _given(self, name: str) -> Mapping[str, Json] | None:
        """A target's settings; ``template`` is told where the film's own templates lie."""
        settings = self._settings.get(name)
        provider = settings.get("provider", name) if settings is not None else name
        own = own_folder(self._folder) if provider == "template" else None
        return settings if own is None else {"templates": str(own), **(settings or {})}

    def _located(self, name: str, error: SettingError) -> FilmBuildError:
        """What is wrong with a target's settings, where the film has it."""
        if name not in self._declared or self._folder is None:
            return error
        from fvbuild.project.target_faults import located

        return located(error, self._declared[name], self._folder)

    def _distrusted(self, name: str) -> str | None:
        if not self._untrusted:
            return None
        from fvbuild.project.untrusted import refusal

        given = self._given(name) or {}
        return refusal(name, self.provider(name), given, self._folder or Path())

    def provider(self, name: str) -> str:
        """The provider that the film names for a target."""
        return str(self._settings.get(name, {}).get("provider", name))

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

    def widths(self) -> dict[str, int]:
        """How many slots of its pool a take has at once, of targets in use that need several."""
        widths = ((name, getattr(target, "width", 1)) for name, target in self._made.items())
        return {name: width for name, width in widths if width > 1}

    def elsewhere(self, name: str, kind: str) -> TargetElsewhere | None:
        """What makes a target's nodes on another machine; None: it is a hosted model."""
        if is_described(self.provider(name)):
            return None
        from fvbuild.targets.elsewhere import elsewhere

        gpu = None if self._place is None else self._place().gpu
        settings = self._settings.get(name)
        return elsewhere(name, kind, self.find(name), settings, self._folder, gpu)

    def hosted(self) -> dict[str, ApiTarget]:
        """The targets in use that are hosted models, by name."""
        given = (self._settings.get(name, {}).get("provider", "") for name in self._used)
        if not any(is_described(str(provider)) for provider in given):
            return {}
        from fvbuild.targets.api.target import ApiTarget

        found = {name: self[name] for name in self}
        return {name: target for name, target in found.items() if isinstance(target, ApiTarget)}

    def files(self) -> list[Path]:
        """Files of the user's own that targets are made of: descriptions, files in settings."""
        return [path for target in self.hosted().values() for path in target.files]

    def remarks(self) -> list[tuple[str, Remark]]:
        """What is to be known of the hosted models in use, each with its target's name."""
        return [(name, each) for name, target in self.hosted().items() for each in target.remarks()]

    def find(self, name: str) -> Target:
        """The target, for a build. Raises TargetError when its provider is not there."""
        try:
            return self[name]
        except KeyError:
            raise TargetError(self.absent[name], hint=self.hints.get(name)) from None


def used_targets(loaded: Loaded) -> dict[str, set[str]]:
    """All targets that some shot, scene or film uses, with the kinds that they are to make."""
    names: dict[str, set[str]] = {}
    for film in loaded.variants:
        uses = [film.use, *(scene.use for scene in film.scenes), *(s.use for s in film.shots())]
        # Most shots share one object.
        for use in {id(use): use for use in uses}.values():
            for kind, targets in use.items():
                for name in targets:
                    names.setdefault(name, set()).add(kind)
    return names
