"""``anchor``: the first frame of a shot, a still that its clip is made from."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.drawn import still
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    if view.draws_anchor:
        yield still(stage, view, "anchor", "caption", view.loc, view.shot.action)


RULES = (Rule(Kind("anchor", generated=True), of_shot=_of_shot),)
