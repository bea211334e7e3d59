"""``boundary``: the still at the join of two shots, made once for both sides."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.drawn import still
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    frame = view.shot.last_frame
    if frame is not None and frame.text:
        loc = str(view.shot.at("last_frame"))
        yield still(stage, view, "boundary", "boundary-caption", loc, frame.text)


RULES = (Rule(Kind("boundary", generated=True), of_shot=_of_shot),)
