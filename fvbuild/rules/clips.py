"""What makes the clip of a shot: its segment and its motion's dialect go by the same choice."""

from __future__ import annotations

from fvbuild.rules.choice import Ask, Choice
from fvbuild.rules.pictures import shows
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View


def clip_choice(stage: Stage, view: View) -> tuple[Choice, str | None]:
    """The target of a shot's clip, and what stands in the way if there is none."""
    if view.clip is None:
        view.clip = _choose(stage, view)
    return view.clip


def _choose(stage: Stage, view: View) -> tuple[Choice, str | None]:
    """The first target that can make the clip at its length, and what stands in the way if none."""
    shot, start = view.shot, view.start is not None
    alone = start or not shows(shot)
    ask = Ask(start=start, end=view.end is not None, bare=not start, alone=alone)
    choices = stage.choices.all("segment", shot.use.get("segment", ()), ask)
    for choice in choices:
        if choice.use is None:
            return choice, choice.blocked
        if stage.native_frames(shot, choice.can) <= stage.rate(choice.can).most:
            return choice, None
    rates = [stage.rate(choice.can) for choice in choices]
    longest = max(rate.most / rate.fps for rate in rates)
    return choices[0], (
        f"the shot lasts {float(stage.seconds(shot)):g} s, longer than any of its targets can make "
        f"({float(longest):g} s): shorten `duration`, or split the shot with `mode: chain`"
    )
