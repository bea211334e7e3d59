"""A shot as the rules see it: in its scene, with its pictures and what is visible in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fvbuild.film.resolved import Scene, Shot
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.rules.choice import Choice


@dataclass(slots=True)
class View:
    """One shot while its film is expanded.

    number: its place in the film, from 0. before: the shot before it in its scene.
    start, end: ids of the pictures that its segment begins and ends on; None for none.
    still: id of the picture that stands for it in an animatic or on a sheet.
    draws_anchor: whether it has an anchor of its own.
    """

    shot: Shot
    scene: Scene
    number: int
    before: View | None
    end: str | None = None
    start: str | None = None
    still: str = ""
    draws_anchor: bool = False
    composition: Mapping[str, Any] | None = None
    """The structured fields of its picture, once something asked for them (``Stage``)."""
    clip: tuple[Choice, str | None] | None = None
    """What makes its clip, once something asked (``clip_choice``)."""
    place: str = ""

    @property
    def loc(self) -> str:
        """Where the shot is written. Worked out when asked: a part of a graph asks few."""
        if not self.place:
            self.place = str(self.shot.loc)
        return self.place

    def framed(self, name: str) -> str:
        """Its size, angle or lens. A chained shot goes on as the shot before it was framed."""
        view = self
        own: str = getattr(view.shot, name)
        while not own and view.shot.mode == "chain" and view.before is not None:
            view = view.before
            own = getattr(view.shot, name)
        return own
