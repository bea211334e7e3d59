"""Moments and spans of a film, written by the shots they belong to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fvbuild.film.known import Known
from fvbuild.film.resolved_shot import Shot
from fvbuild.film.resolved_sound import Moment
from fvbuild.film.suggest import did_you_mean
from fvbuild.timecode import Length

_OFFSET = re.compile(r"(?P<base>.*?)\s*(?P<sign>[+-])\s*(?P<length>\d[\d.]*\s*(?:s|ms|f|m|min)?)")
_NO_OFFSET = Length(0, None)


class Timeline:
    """The shots of a film by name: by id where it is unique, always by ``scene/shot``."""

    def __init__(self, known: Known, shots: Sequence[Shot]) -> None:
        self.known = known
        self.order: dict[tuple[str, str], int] = {}
        self.by_id: dict[str, list[tuple[str, str]]] = {}
        for index, shot in enumerate(shots):
            self.order[shot.scene, shot.id] = index
            self.by_id.setdefault(shot.id, []).append((shot.scene, shot.id))

    def moment(self, text: str, at: int) -> Moment:
        """``arrival``, ``arrival+1s``, ``pier/arrival.end-12f``, ``12s`` of the film."""
        base, offset, earlier = text.strip(), _NO_OFFSET, False
        if self._find(base) is None:
            seconds = self._film_time(base)
            if seconds is not None:
                return Moment(offset=seconds)
            match = _OFFSET.fullmatch(base)
            if match is not None and match["base"]:
                base, earlier = match["base"], match["sign"] == "-"
                offset = self._film_time(match["length"].replace(" ", "")) or _NO_OFFSET
        name, _, edge = base.partition(".")
        if edge not in ("", "start", "end"):
            self.known.sources.error(
                at, f"a shot has no '{edge}'", "write `arrival`, `arrival.end`, or `arrival+1s`"
            )
        shot = self.shot(name, at)
        if shot is None:
            return Moment()
        return Moment(shot[0], shot[1], edge == "end", offset, earlier)

    def span(self, text: str, at: int) -> tuple[tuple[str, str], tuple[str, str]] | None:
        """``arrival..turn``: first and last shot; one shot alone is both."""
        first, dots, last = (each.strip() for each in text.partition(".."))
        begin = self.shot(first, at)
        end = self.shot(last, at) if dots else begin
        if begin is None or end is None:
            return None
        if self.order[begin] > self.order[end]:
            self.known.sources.error(
                at, f"'{last}' comes before '{first}'", f"write `{last}..{first}`"
            )
            return None
        return begin, end

    def shot(self, name: str, at: int) -> tuple[str, str] | None:
        """The shot of a name; a fault where there is none, or more than one."""
        found = self._find(name)
        if found is not None:
            return found
        same = self.by_id.get(name, [])
        if same:
            names = ", ".join("/".join(pair) for pair in same[:4])
            self.known.sources.error(
                at, f"'{name}' is a shot of several scenes", f"say which one: {names}"
            )
        elif not self.known.torn & {"shots", "scenes", "acts"}:
            words = list(self.by_id) if "/" not in name else ["/".join(p) for p in self.order]
            self.known.sources.error(
                at,
                f"there is no shot '{name}'",
                did_you_mean(name, words, otherwise="name a shot by its id, or by scene/shot"),
            )
        return None

    def _find(self, name: str) -> tuple[str, str] | None:
        scene, slash, shot = name.partition("/")
        if slash:
            return (scene, shot) if (scene, shot) in self.order else None
        same = self.by_id.get(name, ())
        return same[0] if len(same) == 1 else None

    @staticmethod
    def _film_time(text: str) -> Length | None:
        try:
            return Length.parse(text)
        except ValueError:
            return None
