"""Sounds that a target makes, or that the film brings as files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fvbuild.engine.graph import Node
from fvbuild.film.resolved import Line, Sound
from fvbuild.rules.stage import Stage


def sound_node(stage: Stage, kind: str, name: str, sound: Sound, seconds: float | None) -> Node:
    """The ``ambience``, ``effect`` or ``music`` that is made from words; ``seconds`` if asked."""
    params: dict[str, Any] = {"text": sound.make}
    if sound.length is not None:
        params["seconds"] = float(sound.length.in_seconds(stage.film.fps))
    elif seconds is not None:
        params["seconds"] = seconds
    return _node(
        stage,
        kind,
        name,
        params,
        stage.film.use.get(kind, ()),
        seed=stage.film.controls.seed,
        takes=sound.takes,
        loc=str(sound.loc),
        title=sound.make,
    )


def speech_node(
    stage: Stage,
    name: str,
    line: Line,
    use: tuple[str, ...],
    *,
    seed: int,
    takes: int,
) -> Node:
    """A line, spoken. A voice's own target goes before ``use``."""
    settings, target = stage.voice(line)
    params: dict[str, Any] = {"text": line.words.text, "language": stage.film.lang}
    if settings:
        params["voice"] = dict(settings)
    if line.delivery:
        params["delivery"] = line.delivery
    names = tuple(dict.fromkeys((target, *use))) if target else use
    loc, title = str(line.loc), line.words.text
    return _node(stage, "speech", name, params, names, seed=seed, takes=takes, loc=loc, title=title)


def _node(
    stage: Stage,
    kind: str,
    name: str,
    params: Mapping[str, Any],
    names: tuple[str, ...],
    *,
    seed: int,
    takes: int,
    loc: str,
    title: str,
) -> Node:
    choice = stage.choices.first(kind, names)
    return Node(
        stage.of_film(name),
        kind,
        params,
        (),
        choice.use,
        seed if choice.can.seed else None,
        takes,
        out=stage.shown(name),
        blocked=choice.blocked,
        price=choice.target.price(kind, params) if choice.target else None,
        loc=loc,
        title=title,
    )
