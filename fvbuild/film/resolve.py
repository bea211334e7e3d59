"""A whole film resolved: sections in the order in which they refer to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fvbuild.film import measures
from fvbuild.film.faults import Faults
from fvbuild.film.inherit import AS_EVER, Inherited, Use, controls, full_use, written_use
from fvbuild.film.joins import check_joins
from fvbuild.film.known import Known
from fvbuild.film.model_film import FilmHead, Manifest
from fvbuild.film.model_film import Style as StyleModel
from fvbuild.film.resolve_delivery import resolve_checks, resolve_finish, resolve_outputs
from fvbuild.film.resolve_scene import SceneResolver
from fvbuild.film.resolve_shot import ShotResolver
from fvbuild.film.resolve_sound import Part, resolve_soundtrack
from fvbuild.film.resolve_world import WorldResolver
from fvbuild.film.resolved import Budget, Film, Style
from fvbuild.film.resolved_sound import SILENCE
from fvbuild.film.resolved_world import Words
from fvbuild.film.source import Sources
from fvbuild.film.timing import Timeline
from fvbuild.film.tree import Map
from fvbuild.film.vocabulary import FILES, Word
from fvbuild.timecode import parse_rate

_SHOT_SECTIONS = frozenset({"acts", "scenes", "shots"})
_PHRASED = ("size", "angle", "camera", "transition", "style")


@dataclass(frozen=True, slots=True)
class Variant:
    """Which film of a manifest: the suffix of its ids and its profile; target names that need no
    definition, and those which overlays use.
    """

    suffix: str = ""
    profile: str | None = None
    targets: frozenset[str] = frozenset()
    used_elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """A resolved film, and what is needed to resolve one of its shots again: what they refer to,
    what they inherit by scene, and where each scene's list of shots ends (file, line from 0).
    """

    film: Film
    known: Known
    inherited: Mapping[str, Inherited]
    ends: Mapping[str, tuple[str, int]]

    def context(self) -> tuple[Any, ...]:
        """What the cache keeps of it beside the film."""
        known = self.known
        return dict(self.inherited), dict(known.own_words), tuple(sorted(known.targets))


def resolve(sources: Sources, root: Map, variant: Variant) -> Resolution | None:
    """The film of a tree. All faults go to ``sources``; None when too little of it is right."""
    faults = Faults(sources)
    model = faults.validated(Manifest, root)
    if model is None:
        return None
    return _Resolver(sources, root, model, variant, frozenset(faults.torn)).resolve()


class _Resolver:
    def __init__(
        self,
        sources: Sources,
        root: Map,
        model: Manifest,
        variant: Variant,
        torn: frozenset[str],
    ) -> None:
        self.sources = sources
        self.root = root
        self.model = model
        self.variant = variant
        at = root.marks["film"][1] if "film" in root.marks else 0
        head = root.get("film")
        self.head_part = Part(Known(sources, torn=torn), head, at)
        self.head = (
            FilmHead.model_construct(title=model.film)
            if isinstance(model.film, str)
            else model.film
        )
        self.known = self._known(torn)
        self.head_part.known = self.known

    def _known(self, torn: frozenset[str]) -> Known:
        model = self.model
        return Known.with_words(
            self.sources,
            {name: own for name in FILES if (own := self._own_words(name))},
            fps=self.head_part.read(parse_rate, self.head.fps, "fps", Fraction(24)),
            lang=self.head.lang or "en",
            characters={
                key: tuple(getattr(character, "wardrobe", None) or ())
                for key, character in (model.characters or {}).items()
            },
            locations=frozenset(model.locations or ()),
            props=frozenset(model.props or ()),
            targets=self.variant.targets | frozenset(model.targets or ()),
            own_targets=bool(model.targets),
            torn=torn,
        )

    def _own_words(self, name: str) -> dict[str, Word]:
        own = getattr(self.model.vocabulary, name, None) if self.model.vocabulary else None
        words = {}
        for word, entry in (own or {}).items():
            aliases = [] if isinstance(entry, str) else entry.aliases or []
            words[word] = Word(
                word,
                entry if isinstance(entry, str) else entry.phrase,
                (aliases,) if isinstance(aliases, str) else tuple(aliases),
            )
        return words

    def resolve(self) -> Resolution:
        known, model, root, head = self.known, self.model, self.root, self.head
        use = written_use(known, {}, model.use, root)
        inherited = Inherited(
            "",
            controls=controls(AS_EVER, head),
            use=use,
            full_use=full_use(use),
        )
        scene_resolver = SceneResolver(known, ShotResolver(known), inherited)
        scenes, acts = scene_resolver.all(model, root)
        if not any(scene.shots for scene in scenes) and not known.torn & {
            "scenes",
            "acts",
            "shots",
        }:
            self.sources.error(0, "the film has no shots", "write `shots:` and a line for each")
        check_joins(self.sources, scenes, known.fps, known.torn)
        film = Film(
            title=known.in_languages(head.title, self.head_part.at("title"), spoken=False),
            scenes=scenes,
            fps=known.fps,
            size=self._size(),
            style=self._style(),
            lang=known.lang,
            budget=self._budget(),
            approve=tuple(dict.fromkeys(head.approve or ())),
            controls=inherited.controls,
            use=inherited.full_use,
            **self._world(use),
            acts=acts,
            sound=self._sound(scenes),
            finish=resolve_finish(known, model.finish, root),
            checks=resolve_checks(model.checks),
            outputs=resolve_outputs(known, model.outputs, root),
            phrases=self._phrases(),
            variant=self.variant.suffix,
            profile=self.variant.profile,
            used_elsewhere=self.variant.used_elsewhere,
            loc=self.sources.place(self.head_part.position),
        )
        self._check_title(film.title)
        return Resolution(film, known, scene_resolver.inherited, scene_resolver.ends)

    def _world(self, use: Use) -> dict[str, Any]:
        """The sections that are keyed by id."""
        model, root = self.model, self.root
        world = WorldResolver(self.known, use)
        return {
            "characters": world.section(root, "characters", model.characters, world.character),
            "locations": world.section(root, "locations", model.locations, world.location),
            "props": world.section(root, "props", model.props, world.prop),
            "targets": world.section(root, "targets", model.targets, world.target),
        }

    def _size(self) -> tuple[int, int]:
        return self.head_part.read(measures.frame_size, self.head.size, "size", (1280, 720))

    def _style(self) -> Style:
        style = self.head.style
        part = self.head_part.inner("style")
        if style is None or isinstance(style, str):
            style = StyleModel.model_construct(preset=style)
        preset = self.known.word("style", style.preset or "cinematic", part.at("preset"))
        word = self.known.words["style"].words.get(preset)
        return Style(preset, word.phrase if word else preset, style.look or "", style.avoid or "")

    def _budget(self) -> Budget | None:
        budget = self.head.budget
        if budget is None:
            return None
        part = self.head_part.inner("budget")
        text = budget if isinstance(budget, str) else budget.max
        found = part.read(measures.money, text, "max", None)
        return Budget(*found) if found else None

    def _sound(self, scenes: Any) -> Any:
        if self.model.sound is None:
            return SILENCE
        timeline = Timeline(self.known, [shot for scene in scenes for shot in scene.shots])
        at = self.root.marks["sound"][1]
        return resolve_soundtrack(self.known, self.model.sound, self.root["sound"], at, timeline)

    def _phrases(self) -> dict[str, dict[str, str]]:
        """What prompts say of every word, the film's own included."""
        return {
            name: {word.name: word.phrase for word in self.known.words[name].words.values()}
            for name in _PHRASED
        }

    def _check_title(self, title: Words) -> None:
        if not title.text.strip() and "film" not in self.known.torn:
            self.sources.error(self.head_part.position, "the film has no title", "give it one")
