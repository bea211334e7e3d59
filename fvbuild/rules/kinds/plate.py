"""``plate``: the picture of a location, empty of people."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.pictures import portrait
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage


def _of_film(stage: Stage) -> Iterable[Node]:
    for location in stage.film.locations.values():
        look: dict[str, Json] = {"look": location.look}
        if location.time:
            look["time"] = location.time
        if location.lighting:
            look["lighting"] = location.lighting
        yield portrait(
            stage,
            "plate",
            f"locations/{location.id}",
            look,
            use=location.use,
            given=location.references,
            takes=location.takes,
            loc=str(location.loc),
            title=location.look,
        )


RULES = (Rule(Kind("plate", generated=True), of_film=_of_film),)
