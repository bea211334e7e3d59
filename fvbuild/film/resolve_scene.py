"""Scenes and acts, in order, with their shots."""

from __future__ import annotations

from typing import Any

from fvbuild.film.ids import RESERVED_SCENES, fault_of_id
from fvbuild.film.inherit import Inherited, controls, full_use, takes, written_use
from fvbuild.film.known import Known
from fvbuild.film.model_film import Manifest
from fvbuild.film.model_shot import Scene as SceneModel
from fvbuild.film.resolve_shot import ShotResolver, resolve_wardrobe
from fvbuild.film.resolve_sound import Part, resolve_sound
from fvbuild.film.resolved import Act, Scene
from fvbuild.film.resolved_world import Words
from fvbuild.film.tree import Map, Seq, unpack_position

MAIN = "main"
_FLAT = "shots"


class SceneResolver:
    """Resolves all scenes. ``inherited`` keeps, by scene, what its shots were given; ``ends`` the
    file of each scene's list of shots and the line behind it, from 0.
    """

    def __init__(self, known: Known, shots: ShotResolver, film: Inherited) -> None:
        self.known = known
        self.shots = shots
        self.film = film
        self.inherited: dict[str, Inherited] = {}
        self.ends: dict[str, tuple[str, int]] = {}
        self._first: dict[str, int] = {}
        self._loose: dict[str, tuple[SceneModel, Map, int]] = {}

    def all(self, model: Manifest, root: Map) -> tuple[tuple[Scene, ...], tuple[Act, ...]]:
        """Scenes in the order of the film, and the acts that group them."""
        if model.shots is not None:
            for other in ("scenes", "acts"):
                if other in root:
                    self.known.sources.error(
                        root.marks[other][0],
                        f"a film has either `shots` or `{other}`",
                        "move the shots into a scene",
                    )
            return (self._flat(model.shots, root),), ()
        if model.acts is None:
            return self._listed(model.scenes, root.get("scenes"), None), ()
        self._keep_loose(model, root)
        scenes: list[Scene] = []
        acts: list[Act] = []
        for act, tree, mark in zip(model.acts, root["acts"], root["acts"].marks, strict=True):
            found = self._listed(act.scenes, tree.get("scenes"), act.id)
            part = Part(self.known, tree, mark)
            self._check_id(act.id, part.at("id"), "act", frozenset())
            heading = self._heading(act.heading, part, act.id)
            scenes += found
            acts.append(
                Act(
                    act.id,
                    heading,
                    tuple(scene.id for scene in found),
                    self.known.sources.place(mark),
                )
            )
        for name, (_, _, mark) in self._loose.items():
            self.known.sources.error(
                mark, f"scene '{name}' is in no act", f"add {name} to the `scenes` of an act"
            )
        return tuple(scenes), tuple(acts)

    def _keep_loose(self, model: Manifest, root: Map) -> None:
        """Scenes beside the acts, which acts name by id."""
        for scene, tree, mark in zip(
            model.scenes or (), root.get("scenes") or (), _marks(root.get("scenes")), strict=True
        ):
            self._loose[scene.id] = (scene, tree, mark)

    def _listed(self, models: Any, trees: Any, act: str | None) -> tuple[Scene, ...]:
        scenes = []
        for model, tree, mark in zip(models or (), trees or (), _marks(trees), strict=True):
            if isinstance(model, str):
                if self.known.refer("scene", "scenes", model, self._loose, mark):
                    scenes.append(self._scene(*self._loose.pop(model), act))
            else:
                scenes.append(self._scene(model, tree, mark, act))
        return tuple(scenes)

    def _flat(self, models: Any, root: Map) -> Scene:
        inherited = Inherited(
            MAIN,
            controls=self.film.controls,
            use=self.film.use,
            full_use=self.film.full_use,
        )
        self.inherited[MAIN] = inherited
        trees = root[_FLAT]
        return Scene(
            MAIN,
            self._shots(models, trees, inherited),
            Words(""),
            use=self.film.full_use,
            loc=self.known.sources.place(root.marks[_FLAT][0]),
        )

    def _scene(self, model: SceneModel, tree: Map, mark: int, act: str | None) -> Scene:
        known = self.known
        part = Part(known, tree, mark)
        self._check_id(model.id, part.at("id"), "scene", RESERVED_SCENES)
        inherited = self._inherited(model, part)
        self.inherited[model.id] = inherited
        axis = self._axis(model, part)
        ambience = None
        if model.ambience is not None:
            ambience = resolve_sound(part.inner("ambience"), model.ambience)
        if not model.shots and "shots" in tree and not known.torn & {"scenes", "acts"}:
            known.sources.error(part.at("shots"), f"scene '{model.id}' has no shots", "add one")
        return Scene(
            model.id,
            self._shots(model.shots, tree.get("shots"), inherited),
            self._heading(model.heading, part, model.id),
            act,
            inherited.location,
            axis,
            ambience,
            inherited.full_use,
            known.sources.place(mark),
        )

    def _inherited(self, model: SceneModel, part: Part) -> Inherited:
        known = self.known
        location = model.location
        if location is not None and not known.refer(
            "location", "locations", location, known.locations, part.at("location")
        ):
            location = None
        use = written_use(known, self.film.use, model.use, part.tree)
        tree = part.tree.get("wardrobe") if part.tree is not None else None
        return Inherited(
            model.id,
            known.time(model.time, part.at("time")),
            model.lighting or "",
            location,
            resolve_wardrobe(known, model.wardrobe or {}, tree, part.position),
            controls(self.film.controls, model),
            takes({}, model.takes),
            use,
            full_use(use),
        )

    def _shots(self, models: Any, trees: Any, inherited: Inherited) -> Any:
        resolve = self.shots.resolve
        if isinstance(trees, Seq):
            file, line, _ = unpack_position(trees.end)
            self.ends[inherited.id] = (self.known.sources.names[file], line)
        return tuple(
            resolve(model, tree if isinstance(tree, Map) else None, mark, inherited)
            for model, tree, mark in zip(models or (), trees or (), _marks(trees), strict=True)
        )

    def _axis(self, model: SceneModel, part: Part) -> tuple[str, str] | None:
        if model.axis is None:
            return None
        inner = part.inner("axis")
        known = self.known
        for name, value in (("left", model.axis.left), ("right", model.axis.right)):
            known.refer("character", "characters", value, known.characters, inner.at(name))
        if model.axis.left == model.axis.right:
            known.sources.error(
                inner.at("right"), "the axis runs between two characters", "name another one"
            )
        return model.axis.left, model.axis.right

    def _heading(self, value: Any, part: Part, otherwise: str) -> Words:
        if value is None:
            return Words(otherwise)
        return self.known.in_languages(value, part.at("heading"), spoken=False)

    def _check_id(self, name: str, at: int, what: str, reserved: frozenset[str]) -> None:
        fault = fault_of_id(name)
        if fault is None and name in reserved:
            fault = (f"a {what} cannot be called '{name}'", "the graph uses that word itself")
        if fault is not None:
            if name or not self.known.torn & {"scenes", "acts"}:
                self.known.sources.error(at, *fault)
            return
        first = self._first.setdefault(f"{what} {name}", at)
        if first != at:
            self.known.sources.error(
                at,
                f"two {what}s are called '{name}'",
                f"the first one is at {self.known.sources.place(first)}",
            )


def _marks(trees: Any) -> list[int]:
    return trees.marks if isinstance(trees, Seq) else []
