"""``segment``: the generated clip of a shot, as long as its target can make it and at its rate."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.engine.target import Capabilities, Price
from fvbuild.rules.choice import Ask, Choice
from fvbuild.rules.pictures import visible
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage
from fvbuild.rules.timeline import Rate, estimated_length_s, line_starts, settle_frames
from fvbuild.rules.view import View


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    shot, fps = view.shot, stage.film.fps
    seconds = stage.seconds(shot)
    choice, blocked = _choose(stage, view, seconds)
    can = choice.can
    rate = rate_of(can, fps)
    frames = rate.frames(seconds)
    planned = _params(stage, view, can, frames)
    params, inputs = planned, _inputs(stage, view, can)
    price = choice.target.price("segment", planned) if choice.target else None
    if shot.duration is None:
        params = {**planned, "frames": rate.open(line_starts(shot, fps))}
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
    )


def rate_of(can: Capabilities, film_fps: Fraction) -> Rate:
    """The frame counts that a target can make."""
    fps = Fraction(can.rate_fps) if can.rate_fps is not None else film_fps
    return Rate(fps, *can.frames)


def _choose(stage: Stage, view: View, seconds: Fraction) -> tuple[Choice, str | None]:
    """The first target that can make the clip at its length, and what stands in the way if none."""
    start, end = view.start is not None, view.end is not None
    ask = Ask(start=start, end=end, bare=not start)
    choices = stage.choices.all("segment", view.shot.use.get("segment", ()), ask)
    longest = Fraction(0)
    for choice in choices:
        if choice.use is None:
            return choice, choice.blocked
        rate = rate_of(choice.can, stage.film.fps)
        if rate.frames(seconds) <= rate.most:
            return choice, None
        longest = max(longest, rate.most / rate.fps)
    return choices[0], (
        f"the shot lasts {float(seconds):g} s, longer than any of its targets can make "
        f"({float(longest):g} s): shorten `duration`, or split the shot with `mode: chain`"
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
        params["composition"] = view.composition
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


def _inputs(stage: Stage, view: View, can: Capabilities) -> list[Input]:
    shot = view.shot
    inputs = [Input("motion", stage.of_shot(shot, "motion"))]
    if view.start is not None:
        inputs.append(Input("start", view.start))
    else:
        inputs.append(Input("caption", stage.of_shot(shot, "caption")))
        inputs.extend(visible(stage, view, can))
    if view.end is not None:
        inputs.append(Input("end", view.end))
    return inputs


def _bounded(stage: Stage, view: View, choice: Choice, likely: Price | None) -> Price | None:
    """What a clip of a length yet unknown may cost: half to twice the estimate."""
    if choice.target is None or likely is None or not likely.max:
        return likely
    rate = rate_of(choice.can, stage.film.fps)
    seconds = estimated_length_s(view.shot, stage.film.fps)
    least, most = (
        choice.target.price(
            "segment", _params(stage, view, choice.can, min(rate.frames(seconds * by), rate.most))
        )
        for by in (Fraction(1, 2), Fraction(2))
    )
    return Price(least.min, likely.likely, most.max, likely.currency)


RULES = (Rule(Kind("segment", generated=True, settle=settle_frames), of_shot=_of_shot),)
