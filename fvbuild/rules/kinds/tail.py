"""``tail``: the last frame of the chosen take of a segment, for a shot that is chained to it."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.rules.making import needed
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    if view.shot.mode == "chain" and view.before is not None:
        before = view.before.shot
        yield Node(
            stage.of_shot(before, "tail"),
            "tail",
            inputs=(Input("clip", stage.of_shot(before, "segment")),),
            loc=view.before.loc,
            title=before.action,
        )


def _make(action: Action) -> Outcome:
    from fvbuild.media.tail import write_last_frame

    path = action.folder / "tail.png"
    width, height = write_last_frame(needed(action, "clip"), path)
    return Outcome((Made("image/png", path, facts={"width": width, "height": height}),))


RULES = (Rule(Kind("tail", make=_make), of_shot=_of_shot),)
