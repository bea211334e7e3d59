"""``reference``: the sheet of a character in one outfit; also of outfits that nobody wears."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.graph import Kind, Node
from fvbuild.film.resolved import Character, Outfit
from fvbuild.rules.pictures import portrait
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage


def _of_film(stage: Stage) -> Iterable[Node]:
    for character in stage.film.characters.values():
        if not character.wardrobe:
            yield _reference(stage, character, None)
        for outfit in character.wardrobe.values():
            yield _reference(stage, character, outfit)


def _reference(stage: Stage, character: Character, outfit: Outfit | None) -> Node:
    worn = outfit.look if outfit else ""
    return portrait(
        stage,
        "reference",
        f"characters/{character.id}/{outfit.id if outfit else 'default'}",
        {"subject": "character", "look": character.look, "outfit": worn},
        use=character.use,
        given=(*character.references, *(outfit.references if outfit else ())),
        takes=outfit.takes if outfit and outfit.takes > 1 else character.takes,
        loc=str(outfit.loc if outfit else character.loc),
        title=f"{character.name or character.id}: {worn or character.look}",
    )


RULES = (Rule(Kind("reference", generated=True), of_film=_of_film),)
