"""``edit list``: the film's cuts for another editing program. Nothing writes one yet."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.film.resolved import Output
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage


def _of_output(stage: Stage, output: Output) -> Iterable[Node]:
    if not output.formats:
        return
    formats = ", ".join(output.formats)
    yield Node(
        stage.of_output(output),
        "edit list",
        {"formats": list(output.formats)},
        tuple(Input("clip", stage.of_shot(view.shot, "conform")) for view in stage.views),
        out=stage.delivered(output),
        blocked=f"edit lists ({formats}) cannot be written yet: leave `outputs.{output.name}` out",
        loc=str(output.loc),
        title=f"{stage.film.title.text}: {output.name}",
    )


RULES = (Rule(Kind("edit list"), of_output=_of_output),)
