"""Characters, locations, props and targets, each with its defaults and its files found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fvbuild.film import model_world as written
from fvbuild.film.ids import fault_of_id
from fvbuild.film.inherit import Use, full_use, written_use
from fvbuild.film.known import PICTURE, Known
from fvbuild.film.plain import plain
from fvbuild.film.resolve_sound import Part, resolve_voice
from fvbuild.film.resolved_world import Character, Location, Outfit, Prop, TargetSettings
from fvbuild.film.tree import Map, Seq

T = TypeVar("T")


class WorldResolver:
    """Resolves the sections that are keyed by id. ``use`` is what the film itself says of it."""

    def __init__(self, known: Known, use: Use) -> None:
        self.known = known
        self.use = use
        self._full = full_use(use)

    def section(
        self, root: Map, name: str, models: Mapping[str, Any] | None, make: Callable[..., T]
    ) -> dict[str, T]:
        """Everything of one section, in the order it was written."""
        found: dict[str, T] = {}
        tree = root.get(name)
        if not isinstance(tree, Map) or not models:
            return found
        for key, model in models.items():
            key_at, value_at = tree.marks[key]
            fault = fault_of_id(key)
            if fault is not None:
                self.known.sources.error(key_at, *fault)
            part = Part(self.known, tree[key], value_at)
            found[key] = make(key, model, part, key_at)
        return found

    def character(self, key: str, model: written.Character | str, part: Part, at: int) -> Character:
        """A character with its wardrobe and voice."""
        if isinstance(model, str):
            model = written.Character.model_construct(look=model)
        return Character(
            key,
            self._look(model.look, part),
            model.name or "",
            self._pictures(model.references, part),
            self._wardrobe(model, part),
            resolve_voice(part, model.voice),
            int(model.takes or 1),
            self._use(model.use, part),
            self.known.sources.place(at),
        )

    def location(self, key: str, model: written.Location | str, part: Part, at: int) -> Location:
        """A location."""
        if isinstance(model, str):
            model = written.Location.model_construct(look=model)
        return Location(
            key,
            self._look(model.look, part),
            self._pictures(model.references, part),
            self.known.time(model.time, part.at("time")),
            model.lighting or "",
            int(model.takes or 1),
            self._use(model.use, part),
            self.known.sources.place(at),
        )

    def prop(self, key: str, model: written.Prop | str, part: Part, at: int) -> Prop:
        """A prop."""
        if isinstance(model, str):
            model = written.Prop.model_construct(look=model)
        return Prop(
            key,
            self._look(model.look, part),
            self._pictures(model.references, part),
            int(model.takes or 1),
            self._use(model.use, part),
            self.known.sources.place(at),
        )

    def target(self, key: str, model: Any, part: Part, at: int) -> TargetSettings:
        """A target's settings as they were written."""
        place = self.known.sources.place
        marks = part.tree.marks if part.tree is not None else {}
        places = {
            name: (place(name_at), place(value_at)) for name, (name_at, value_at) in marks.items()
        }
        return TargetSettings(key, plain(part.tree or {}), place(at), places)

    def _look(self, text: str, part: Part) -> str:
        if not text.strip() and part.tree is None:
            self.known.sources.error(part.position, "the look is empty", "describe it in words")
        return text

    def _use(self, value: Any, part: Part) -> Use:
        use = written_use(self.known, self.use, value, part.tree)
        return self._full if use is self.use else full_use(use)

    def _wardrobe(self, model: written.Character, part: Part) -> dict[str, Outfit]:
        tree = part.tree.get("wardrobe") if part.tree is not None else None
        if not model.wardrobe or not isinstance(tree, Map):
            return {}
        outfits = {}
        for key, outfit in model.wardrobe.items():
            key_at, value_at = tree.marks[key]
            fault = fault_of_id(key)
            if fault is not None:
                self.known.sources.error(key_at, *fault)
            inner = Part(self.known, tree[key], value_at)
            if isinstance(outfit, str):
                outfit = written.Outfit.model_construct(look=outfit)
            outfits[key] = Outfit(
                key,
                self._look(outfit.look, inner),
                self._pictures(outfit.references, inner),
                int(outfit.takes or model.takes or 1),
                self.known.sources.place(key_at),
            )
        return outfits

    def _pictures(self, value: str | list[str] | None, part: Part) -> tuple[str, ...]:
        if value is None:
            return ()
        tree = part.tree.get("references") if part.tree is not None else None
        places = tree.marks if isinstance(tree, Seq) else [part.at("references")]
        paths = [value] if isinstance(value, str) else value
        return tuple(
            self.known.file(path, at, PICTURE) for path, at in zip(paths, places, strict=True)
        )
