"""What anchor and boundary have in common: a still, drawn from a caption and reference pictures."""

from __future__ import annotations

from typing import Any

from fvbuild.engine.graph import Input, Node
from fvbuild.film.resolved import Frame, Shot
from fvbuild.rules.choice import Ask
from fvbuild.rules.pictures import shows, visible
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View


def still(stage: Stage, view: View, kind: str, caption: str, loc: str, title: str) -> Node:
    """The ``anchor`` or ``boundary`` of a shot. ``caption`` ends its caption's id."""
    shot = view.shot
    field = "first_frame" if kind == "anchor" else "last_frame"
    changed = _changed(stage, shot, field)
    alone = not shows(shot)
    followed = _followed(stage, shot, field)
    ask = Ask(
        edit=field if changed else "",
        mask=len(changed) > 1,
        control=field if followed else "",
        alone=alone,
    )
    choice = stage.choices.first(kind, shot.use.get(kind, ()), ask)
    can = choice.can
    params: dict[str, Any] = {"canvas": stage.canvas(can)}
    if can.negative and stage.film.style.avoid:
        params["negative"] = stage.film.style.avoid
    if "composition" in can.wants:
        params["composition"] = stage.composition(view)
    # The picture that is changed takes the place of one.
    room = can.references - 1 if changed else can.references
    pictures, left_out = visible(stage, view, room)
    inputs = [Input("caption", stage.of_shot(shot, caption)), *changed, *followed, *pictures]
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


def _changed(stage: Stage, shot: Shot, field: str) -> list[Input]:
    """The picture that becomes the still by being changed, and the mask; neither, mostly."""
    frame = _frame(shot, field)
    if frame is None or not frame.edit:
        return []
    loc = str(shot.at(field))
    found = [Input("edit", stage.files.add(frame.edit, loc))]
    if frame.mask:
        found.append(Input("mask", stage.files.add(frame.mask, loc)))
    return found


def _followed(stage: Stage, shot: Shot, field: str) -> list[Input]:
    """The picture whose lines, depths or pose the still follows; none, mostly."""
    frame = _frame(shot, field)
    if frame is None or not frame.control:
        return []
    return [Input("control", stage.files.add(frame.control, str(shot.at(field))))]


def _frame(shot: Shot, field: str) -> Frame | None:
    return shot.first_frame if field == "first_frame" else shot.last_frame
