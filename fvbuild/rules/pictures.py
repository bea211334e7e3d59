"""Pictures of who and what is visible: which of them a picture or clip is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Input, Node
from fvbuild.film.resolved import Shot
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View


def shows(shot: Shot) -> bool:
    """Whether a shot has anybody or anything of which there is a picture."""
    return bool(shot.characters or shot.location or shot.props)


def visible(stage: Stage, view: View, room: int) -> tuple[list[Input], tuple[str, ...]]:
    """What is visible as reference pictures, and the ids of those beyond ``room``, the number that
    the target takes.

    The characters in the order in which the shot names them, then its location, then its props in
    their order, as many as the target takes. Who speaks makes no difference: another line of
    dialogue must not draw the picture again.
    """
    shot = view.shot
    inputs = [Input("reference", stage.of_worn(worn)) for worn in shot.characters]
    if shot.location:
        inputs.append(Input("plate", stage.of_film(f"locations/{shot.location}")))
    inputs.extend([Input("prop", stage.of_film(f"props/{prop}")) for prop in shot.props])
    room = max(0, room)
    left_out = tuple(edge.node for edge in inputs[room:])
    return inputs[:room], left_out


def portrait(
    stage: Stage,
    kind: str,
    name: str,
    look: Mapping[str, Json],
    *,
    use: Mapping[str, tuple[str, ...]],
    given: Sequence[str],
    takes: int,
    loc: str,
    title: str,
) -> Node:
    """A reference, plate or prop: the node called ``name`` with the words of ``look``."""
    choice = stage.choices.first(kind, use.get(kind) or stage.film.use.get(kind, ()))
    can = choice.can
    params: dict[str, Any] = {**look, "style": stage.film.style.preset, "canvas": stage.canvas(can)}
    if stage.film.style.look:
        params["style_look"] = stage.film.style.look
    pictures = [stage.files.add(path, loc) for path in given]
    inputs = [Input("given", picture) for picture in pictures[: can.references]]
    return Node(
        stage.of_film(name),
        kind,
        params,
        tuple(inputs),
        choice.use,
        stage.film.controls.seed if can.seed else None,
        takes,
        out=stage.shown(name),
        blocked=choice.blocked,
        price=choice.target.price(kind, params) if choice.target else None,
        loc=loc,
        title=title,
        left_out=tuple(pictures[can.references :]),
    )
