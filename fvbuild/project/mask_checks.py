"""Whether masks have the shape of their pictures, told before anything is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError

if TYPE_CHECKING:
    from fvbuild.engine.graph import Node
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.project.opened import OpenFilm

_HINT = "draw the mask over the picture, at its size: white is changed, black stays"


def mask_notes(film: OpenFilm, nodes: Iterable[Node]) -> list[str]:
    """The same for a plan, of the nodes that are to be made."""
    return [f"{node.id}: {wrong} ({_HINT})" for node, wrong in _misfits(film, nodes)]


def mask_diagnostics(film: OpenFilm) -> list[Diagnostic]:
    """Every mask of another shape than its picture, where the film names it."""
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.project.file_checks import line_of, place_of

    found = {}
    for node, wrong in _misfits(film, film.graph):
        mask = next(edge.node for edge in node.inputs if edge.role == "mask")
        place = place_of(film.graph[mask].loc or "")
        source = line_of(film.folder, place)
        found[place, wrong] = Diagnostic(place, "error", wrong, _HINT, "mask", source)
    return list(found.values())


def _misfits(film: OpenFilm, nodes: Iterable[Node]) -> Iterator[tuple[Node, str]]:
    for node in nodes:
        given = {
            edge.role: film.graph[edge.node].file for edge in node.inputs if edge.role in _PAIR
        }
        mask, picture = given.get("mask"), given.get("edit")
        if mask is None or picture is None:
            continue
        from fvbuild.targets.api.masks import of_its_shape

        try:
            wrong = of_its_shape(Path(mask), Path(picture))
        except MediaError:
            continue  # what cannot be read is told of by itself
        if wrong is not None:
            yield node, wrong


_PAIR = ("edit", "mask")
