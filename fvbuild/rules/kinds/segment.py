"""``segment``: the generated clip of a shot, as long as its target can make it and at its rate."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.engine.target import Capabilities, Price
from fvbuild.rules.choice import Choice
from fvbuild.rules.clips import clip_choice
from fvbuild.rules.pictures import visible
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage
from fvbuild.rules.timeline import line_starts, settle_frames
from fvbuild.rules.view import View


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    shot = view.shot
    choice, blocked = clip_choice(stage, view)
    can = choice.can
    planned = _params(stage, view, can, stage.native_frames(shot, can))
    params = planned
    inputs, left_out = _inputs(stage, view, can)
    price = choice.target.price("segment", planned) if choice.target else None
    if shot.duration is None:
        waiting = stage.rate(can).open(line_starts(shot, stage.film.fps))
        params = {**planned, "frames": waiting}
        if "move" in params:
            params["move"] = {**params["move"], "frames": waiting}
        inputs += stage.lengths(view)
        price = _bounded(stage, view, choice, price)
    yield Node(
        stage.of_shot(shot, "segment"),
        "segment",
        params,
        tuple(inputs),
        choice.use if blocked is None else None,
        shot.controls.seed if can.seed else None,
        shot.takes.get("segment", 1),
        out=f"{shot.scene}/{shot.id}{stage.suffix}/segment",
        blocked=blocked,
        price=price,
        loc=view.loc,
        title=shot.action,
        left_out=left_out,
    )


def _params(stage: Stage, view: View, can: Capabilities, frames: int) -> dict[str, Any]:
    shot, controls = view.shot, view.shot.controls
    params: dict[str, Any] = {"canvas": stage.canvas(can), "frames": frames}
    if can.negative:
        negative = ", ".join(filter(None, (stage.film.style.avoid, controls.negative)))
        if negative:
            params["negative"] = negative
    if can.guidance and controls.guidance is not None:
        params["guidance"] = controls.guidance
    if controls.motion_strength is not None:
        params["motion_strength"] = controls.motion_strength
    if "composition" in can.wants:
        params["composition"] = stage.composition(view)
    if "move" in can.wants:
        params["move"] = {"camera": shot.camera, "frames": frames}
    if can.hears_dialogue and shot.dialogue:
        params["dialogue"] = [
            {
                "line": line.words.text,
                "delivery": line.delivery,
                "speaker": stage.film.characters[line.speaker].look if line.speaker else "",
            }
            for line in shot.dialogue
        ]
    return params


def _inputs(stage: Stage, view: View, can: Capabilities) -> tuple[list[Input], tuple[str, ...]]:
    """What a clip is made from, and the pictures that its target has no room for.

    Where no picture says how it begins, the caption does, and reference pictures are given.
    """
    shot = view.shot
    inputs = [Input("motion", stage.of_shot(shot, "motion"))]
    left_out: tuple[str, ...] = ()
    if view.start is not None:
        inputs.append(Input("start", view.start))
    else:
        inputs.append(Input("caption", stage.of_shot(shot, "caption")))
        pictures, left_out = visible(stage, view, can.references)
        inputs.extend(pictures)
    if view.end is not None:
        inputs.append(Input("end", view.end))
    return inputs, left_out


def _bounded(stage: Stage, view: View, choice: Choice, likely: Price | None) -> Price | None:
    """What a clip of a length yet unknown may cost: half to twice the estimate."""
    if choice.target is None or likely is None or not likely.max:
        return likely
    rate, seconds = stage.rate(choice.can), stage.seconds(view.shot)
    least, most = (
        choice.target.price(
            "segment", _params(stage, view, choice.can, min(rate.frames(seconds * by), rate.most))
        )
        for by in (Fraction(1, 2), Fraction(2))
    )
    return Price(least.min, likely.likely, most.max, likely.currency)


RULES = (Rule(Kind("segment", generated=True, settle=settle_frames), of_shot=_of_shot),)
