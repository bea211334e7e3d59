"""``sheet``: contact sheets of the stills, in the order of the film."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import gcd
from typing import Any

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.film.resolved import Output
from fvbuild.rules.making import path_of
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage


def _of_output(stage: Stage, output: Output) -> Iterable[Node]:
    if output.sheet is None:
        return
    film = stage.film
    divisor = gcd(*film.size)
    columns, rows = output.sheet
    params: dict[str, Any] = {
        "columns": columns,
        "rows": rows,
        "ratio": [film.size[0] // divisor, film.size[1] // divisor],
        "title": film.title.text,
    }
    if output.slate:
        params["labels"] = [f"{view.shot.scene} / {view.shot.id}" for view in stage.views]
    yield Node(
        stage.of_output(output),
        "sheet",
        params,
        tuple(Input("picture", view.still) for view in stage.views),
        out=stage.delivered(output),
        loc=str(output.loc),
        title=f"{film.title.text}: {output.name}",
    )


def _make(action: Action) -> Outcome:
    from fvbuild.media.sheet import SheetCell, write_sheets

    params: Mapping[str, Any] = action.params
    pictures = action.inputs.get("picture", ())
    labels = params.get("labels") or [str(at + 1) for at in range(len(pictures))]
    cells = [
        SheetCell(path_of(action, picture, "picture"), label)
        for picture, label in zip(pictures, labels, strict=True)
    ]
    across, down = params["ratio"]
    pages = write_sheets(
        cells,
        action.folder,
        columns=params["columns"],
        rows=params["rows"],
        title=params["title"],
        ratio=across / down,
    )
    several = len(pages) > 1
    return Outcome(
        tuple(
            Made("image/png", page, name=f"{at + 1:02}" if several else "")
            for at, page in enumerate(pages)
        )
    )


RULES = (Rule(Kind("sheet", make=_make, beside_store=True), of_output=_of_output),)
