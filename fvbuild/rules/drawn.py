"""What anchor and boundary have in common: a still, drawn from a caption and reference pictures."""

from __future__ import annotations

from typing import Any

from fvbuild.engine.graph import Input, Node
from fvbuild.rules.pictures import visible
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View


def still(stage: Stage, view: View, kind: str, caption: str, loc: str, title: str) -> Node:
    """The ``anchor`` or ``boundary`` of a shot. ``caption`` ends its caption's id."""
    shot = view.shot
    choice = stage.choices.first(kind, shot.use.get(kind, ()))
    can = choice.can
    params: dict[str, Any] = {"canvas": stage.canvas(can)}
    if can.negative and stage.film.style.avoid:
        params["negative"] = stage.film.style.avoid
    if "composition" in can.wants:
        params["composition"] = stage.composition(view)
    pictures, left_out = visible(stage, view, can)
    inputs = [Input("caption", stage.of_shot(shot, caption)), *pictures]
    return Node(
        stage.of_shot(shot, kind),
        kind,
        params,
        tuple(inputs),
        choice.use,
        shot.controls.seed if can.seed else None,
        shot.takes.get(kind, 1),
        out=f"{shot.scene}/{shot.id}{stage.suffix}/{kind}",
        blocked=choice.blocked,
        price=choice.target.price(kind, params) if choice.target else None,
        loc=loc,
        title=title,
        left_out=left_out,
    )
