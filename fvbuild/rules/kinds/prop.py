"""``prop``: the picture of a thing that shots show."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.pictures import portrait
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage


def _of_film(stage: Stage) -> Iterable[Node]:
    for prop in stage.film.props.values():
        yield portrait(
            stage,
            "prop",
            f"props/{prop.id}",
            {"look": prop.look},
            use=prop.use,
            given=prop.references,
            takes=prop.takes,
            loc=str(prop.loc),
            title=prop.look,
        )


RULES = (Rule(Kind("prop", generated=True), of_film=_of_film),)
