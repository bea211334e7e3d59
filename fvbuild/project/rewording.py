"""Other words for a request that was refused: a language model's, else by softening rules."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fvbuild.engine.action import Action, InputFile
from fvbuild.engine.digest import Json, content
from fvbuild.errors import FilmBuildError, Interrupted, TargetError, UnresolvedError
from fvbuild.project.softening import Softening, softening
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.engine.target import Target
    from fvbuild.project.opened import OpenFilm

_TEXTS = ("caption", "motion")
_LOOKS = ("look", "outfit", "lighting", "style_look")
_WORDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("reference", "plate", "prop"), _LOOKS),
    **dict.fromkeys(("music", "ambience", "effect"), ("text",)),
}
"""Kinds whose words stand in their params. Those of speech are the film's own, and stay."""

_WHAT = {
    "anchor": "a still picture",
    "boundary": "a still picture",
    "segment": "a clip",
    "reference": "the picture of a character",
    "plate": "the picture of a place",
    "prop": "the picture of a thing",
}


@dataclass(frozen=True, slots=True)
class _Change:
    """Words of an action, ``where`` an input's role or a param, and what stands in their place."""

    where: str
    old: str
    new: str

    def told(self) -> dict[str, Json]:
        return {"where": self.where, "from": self.old, "to": self.new}


class Rewording:
    """Puts refused actions of a film in other words. Safe from several threads."""

    def __init__(self, film: OpenFilm) -> None:
        self._film = film
        self._lock = threading.Lock()

    def __call__(
        self, action: Action, error: TargetError
    ) -> tuple[Action, Mapping[str, Json]] | None:
        """The action in other words, and how they were found; None: there are none.

        Raises UnresolvedError when it is not known whether a language model was paid for some.
        """
        words = dict(_words_of(action))
        if not words:
            return None
        trouble = ""
        name = self._writer(action)
        if name is not None:
            try:
                changes = self._written(name, action, error, words)
            except (Interrupted, UnresolvedError):
                raise
            except FilmBuildError as failed:
                trouble = failed.message
            else:
                return _reworded(action, changes, {"by": name})
        changes = [
            _Change(where, text, softer)
            for where, text in words.items()
            if (softer := self._rules.soften(text)) != text
        ]
        how: dict[str, Json] = {"by": "softening rules"}
        if trouble:
            how[f"not by {name}"] = trouble
        return _reworded(action, changes, how)

    @cached_property
    def _rules(self) -> Softening:
        return softening(self._film.folder)

    # --- by a language model --------------------------------------------------------------------

    def _writer(self, action: Action) -> str | None:
        """The target that writes captions or motions by a language model, of this node first."""
        graph, use = self._film.graph, self._film.loaded.variants[0].use
        node = graph.get(action.node)
        texts = [edge.node for edge in node.inputs if edge.role in _TEXTS] if node else []
        makers = [text.target for name in texts if (text := graph.get(name)) is not None]
        names = [use_of.name for use_of in makers if use_of is not None]
        names += [name for kind in _TEXTS for name in use.get(kind, ())]
        for name in dict.fromkeys(names):
            with self._lock:
                target = self._target(name)
            if target is not None and not target.capabilities.pure:
                return name
        return None

    def _target(self, name: str) -> Target | None:
        found = self._film.targets.get(name)
        return found if found is not None and "caption" in found.capabilities.kinds else None

    def _written(
        self, name: str, action: Action, error: TargetError, words: Mapping[str, str]
    ) -> list[_Change]:
        """All words of the action as one text, which stands in place of the first of them."""
        text = " ".join(words.values())
        params: dict[str, Json] = {
            "text": text,
            "what": _WHAT.get(action.kind, "a sound"),
            "why": error.message,
        }
        asked = replace(action, kind="reword", params=params, inputs={}, settings={}, previous=())
        made = self._film.targets.find(name).make(asked).outputs[0].text or ""
        first, *others = words
        changes = [_Change(first, words[first], made)] if made and made != text else []
        return [*changes, *(_Change(where, words[where], "") for where in others if changes)]


def _words_of(action: Action) -> Iterator[tuple[str, str]]:
    """The words that a maker is told, by the input's role or the param that holds them."""
    for role in _TEXTS:
        for given in action.inputs.get(role, ()):
            if given.text:
                yield role, given.text
    for field in _WORDS.get(action.kind, ()):
        value = action.params.get(field)
        if isinstance(value, str) and value:
            yield field, value


def _reworded(
    action: Action, changes: list[_Change], how: Mapping[str, Json]
) -> tuple[Action, Mapping[str, Json]] | None:
    if not changes:
        return None
    params: dict[str, Any] = dict(action.params)
    inputs = dict(action.inputs)
    for change in changes:
        if change.where in inputs:
            inputs[change.where] = tuple(_said(given, change.new) for given in inputs[change.where])
        else:
            params[change.where] = change.new
    told: list[Json] = [change.told() for change in changes]
    return replace(action, params=params, inputs=inputs), {**how, "changed": told}


def _said(given: InputFile, words: str) -> InputFile:
    return replace(given, text=words, path=None, digest=content(words.encode()))
