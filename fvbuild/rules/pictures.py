"""Pictures of who and what is visible: which of them a picture or clip is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Input, Node
from fvbuild.engine.target import Capabilities
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View


def visible(stage: Stage, view: View, can: Capabilities) -> list[Input]:
    """The characters in the shot's order, then its location, then its props, as far as they fit."""
    shot = view.shot
    inputs = [Input("reference", stage.of_worn(worn)) for worn in shot.characters]
    if shot.location:
        inputs.append(Input("plate", stage.of_film(f"locations/{shot.location}")))
    inputs.extend([Input("prop", stage.of_film(f"props/{prop}")) for prop in shot.props])
    return inputs[: can.references]


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
    inputs = [Input("given", stage.files.add(path, loc)) for path in given[: can.references]]
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
    )
