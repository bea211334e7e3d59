"""The steps that finish a clip, each on the clip of the step before it, the segment first.

``match``, ``stabilize``, ``interpolate`` and ``grade`` are made on this machine, without a model;
``upscale`` is a model's work, and so is another ``interpolate``, where `use` names a target for it.
A step that nothing can do is blocked, and with it what needs the finished clip. Stills, animatics
and the segments themselves are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.engine.target import Capabilities
from fvbuild.rules.choice import Choice
from fvbuild.rules.making import encoder_digest, needed
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
    return {}, [Input("table", stage.files.add(finish.grade or "", str(finish.grade_at)))]


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
_LOCAL = frozenset({"match", "stabilize", "interpolate", "grade"})
_NOTHING = Capabilities(kinds=frozenset(), seed=False)
_MISSING: Mapping[str, str] = {
    "upscale": "`finish.upscale` is a model's work: name a target that does it, "
    "`use: {upscale: TARGET}` (docs/finishing.md), or leave it out: the cut is scaled to the "
    "film's size anyway",
    "lipsync": "nothing can do `finish.lipsync` yet: leave it out to build without",
}


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    before = "segment"
    for kind in stage.steps:
        yield _step(stage, view, kind, before)
        before = kind


def _step(stage: Stage, view: View, kind: str, before: str) -> Node:
    shot = view.shot
    params, inputs = _STEPS[kind](stage, view)
    names = shot.use.get(kind, ())
    choice = stage.choices.first(kind, names) if names else Choice(None, None, _NOTHING)
    # A copy of every step would cost a film several times its size: of steps made here, the last.
    is_shown = bool(names) or kind == stage.steps[-1]
    if choice.target is None and kind in _LOCAL:
        params["encoder"] = encoder_digest()
    return Node(
        stage.of_shot(shot, kind),
        kind,
        params,
        (Input("source", stage.of_shot(shot, before)), *inputs),
        choice.use,
        shot.controls.seed if choice.can.seed else None,
        shot.takes.get(kind, 1) if names else 1,
        out=f"{shot.scene}/{shot.id}{stage.suffix}/{kind}" if is_shown else None,
        blocked=choice.blocked if names else _MISSING.get(kind),
        price=choice.target.price(kind, params) if choice.target else None,
        loc=str(stage.film.finish.loc),
        title=shot.action,
    )


# --- made here ------------------------------------------------------------------------------------


def _made(action: Action, path: Path, frames: int | None) -> Outcome:
    """The clip that was written; the source itself where a step found nothing to do."""
    from fvbuild.media.clip import probe

    source = action.one("source")
    assert source is not None, "every step has a source"
    found = probe(needed(action, "source") if frames is None else path)
    facts: dict[str, Json] = {
        "frames": found.frames,
        "width": found.width,
        "height": found.height,
        "fps": str(found.fps),
    }
    if frames is None:
        return Outcome((Made("video/mp4", same_as=source.digest, facts=facts),))
    return Outcome((Made("video/mp4", path, facts=facts),))


def _make_match(action: Action) -> Outcome:
    from fvbuild.media.match import match

    path = action.folder / "clip.mp4"
    if action.one("like") is None:
        return _made(action, path, None)
    source, like = needed(action, "source"), needed(action, "like")
    return _made(action, path, match(source, like, path, check=action.check_cancelled))


def _make_stabilize(action: Action) -> Outcome:
    from fvbuild.media.stabilize import stabilize

    path = action.folder / "clip.mp4"
    frames = stabilize(needed(action, "source"), path, check=action.check_cancelled)
    return _made(action, path, frames)


def _make_interpolate(action: Action) -> Outcome:
    from fvbuild.media.interpolate import interpolate

    path, fps = action.folder / "clip.mp4", Fraction(str(action.params["fps"]))
    frames = interpolate(needed(action, "source"), fps, path, check=action.check_cancelled)
    return _made(action, path, frames)


def _make_grade(action: Action) -> Outcome:
    from fvbuild.media.grade import grade

    path = action.folder / "clip.mp4"
    source, table = needed(action, "source"), needed(action, "table")
    return _made(action, path, grade(source, table, path, check=action.check_cancelled))


# The steps follow one another, so one expansion makes them all.
RULES = (
    Rule(Kind("match", make=_make_match), of_shot=_of_shot),
    Rule(Kind("stabilize", make=_make_stabilize)),
    Rule(Kind("lipsync", generated=True)),
    Rule(Kind("upscale", generated=True)),
    Rule(Kind("interpolate", make=_make_interpolate)),
    Rule(Kind("grade", make=_make_grade)),
)
