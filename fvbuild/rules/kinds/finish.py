"""The steps that finish a clip, each on the clip of the step before it, the segment first.

A step is made by a target that is set for it under `use`; where there is none it is blocked, and
with it what needs the finished clip. Stills, animatics and the segments themselves are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View

_Own = Callable[[Stage, View], tuple[dict[str, Any], list[Input]]]
"""A step's own params, and the inputs it has beside the clip."""


def _match(stage: Stage, view: View) -> tuple[dict[str, Any], list[Input]]:
    like = view.start or view.still if view.draws_anchor or view.start else None
    return {"to": stage.film.finish.match}, [Input("like", like)] if like else []


def _upscale(stage: Stage, view: View) -> tuple[dict[str, Any], list[Input]]:
    return {"size": list(stage.film.size)}, []


def _interpolate(stage: Stage, view: View) -> tuple[dict[str, Any], list[Input]]:
    return {"fps": str(stage.film.fps)}, []


def _grade(stage: Stage, view: View) -> tuple[dict[str, Any], list[Input]]:
    finish = stage.film.finish
    return {}, [Input("table", stage.files.add(finish.grade or "", str(finish.loc)))]


def _stabilize(stage: Stage, view: View) -> tuple[dict[str, Any], list[Input]]:
    return {}, []


def _lipsync(stage: Stage, view: View) -> tuple[dict[str, Any], list[Input]]:
    spoken = range(len(view.shot.dialogue))
    return {}, [Input("speech", stage.speech(view.shot, at)) for at in spoken]


_STEPS: Mapping[str, _Own] = {
    "match": _match,
    "stabilize": _stabilize,
    "lipsync": _lipsync,
    "upscale": _upscale,
    "interpolate": _interpolate,
    "grade": _grade,
}


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    shot = view.shot
    before = "segment"
    for kind in stage.steps:
        params, inputs = _STEPS[kind](stage, view)
        choice = stage.choices.first(kind, shot.use.get(kind, ()))
        blocked = None
        if choice.use is None:
            blocked = f"nothing can do `finish.{kind}` yet: leave it out to build without"
        yield Node(
            stage.of_shot(shot, kind),
            kind,
            params,
            (Input("source", stage.of_shot(shot, before)), *inputs),
            choice.use,
            blocked=blocked,
            price=choice.target.price(kind, params) if choice.target else None,
            loc=str(stage.film.finish.loc),
            title=shot.action,
        )
        before = kind


# The steps follow one another, so one expansion makes them all.
RULES = (
    Rule(Kind("match", generated=True), of_shot=_of_shot),
    *(Rule(Kind(kind, generated=True)) for kind in _STEPS if kind != "match"),
)
