"""What a file under ``rules/kinds`` declares: one kind of node, and where a film has some."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from fvbuild.engine.graph import Kind, Node
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.film.resolved import Output, Scene
    from fvbuild.rules.stage import Stage
    from fvbuild.rules.view import View

OfFilm: TypeAlias = "Callable[[Stage], Iterable[Node]]"
OfScene: TypeAlias = "Callable[[Stage, Scene], Iterable[Node]]"
OfShot: TypeAlias = "Callable[[Stage, View], Iterable[Node]]"
OfOutput: TypeAlias = "Callable[[Stage, Output], Iterable[Node]]"


@dataclass(frozen=True, slots=True)
class Rule:
    """One node kind and the nodes of it that a film, each scene, shot and output have.

    A node's ``params`` are worked out from what goes into its key, and from nothing else: a field
    that is not in them cannot make it again.
    """

    kind: Kind
    of_film: OfFilm | None = None
    of_scene: OfScene | None = None
    of_shot: OfShot | None = None
    of_output: OfOutput | None = None
