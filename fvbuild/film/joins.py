"""What shots say of each other: modes, shared boundaries, chains, transitions, unique ids.

Works on resolved shots, so that it can be checked again when one of thousands was edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from fvbuild.film.place import Place
from fvbuild.film.resolved import Scene, Shot
from fvbuild.film.resolved_shot import Frame
from fvbuild.film.source import Sources
from fvbuild.film.suggest import did_you_mean

_MAX_CHAIN = 50


def check_joins(
    sources: Sources, scenes: Sequence[Scene], fps: Fraction, torn: frozenset[str] = frozenset()
) -> None:
    """Report every fault between shots of a film."""
    check = _Joins(sources, scenes, torn)
    for scene in scenes:
        check.ids(scene)
        for index, shot in enumerate(scene.shots):
            if shot.mode != "anchor" or shot.last_frame is not None or shot.start is not None:
                check.mode(shot, index)
            elif not (shot.action or shot.caption or _in_words(shot.first_frame)):
                check.says_nothing(shot)
            if shot.start is not None:
                check.start(shot)
    check.cycles()
    _check_transitions(sources, scenes, fps)


_ENDINGS = ("fade", "dip")
"""Transitions that a film can end with: nothing follows but black or white."""


class _Joins:
    def __init__(self, sources: Sources, scenes: Sequence[Scene], torn: frozenset[str]) -> None:
        self.sources = sources
        self.torn = torn
        self.shots = {(shot.scene, shot.id): shot for scene in scenes for shot in scene.shots}
        self.starts: dict[tuple[str, str], tuple[str, str]] = {}

    def error(self, place: Place, message: str, hint: str) -> None:
        self.sources.report_at("error", place, message, hint)

    def ids(self, scene: Scene) -> None:
        if len({shot.id for shot in scene.shots}) == len(scene.shots):
            return
        first: dict[str, Shot] = {}
        for shot in scene.shots:
            other = first.setdefault(shot.id, shot)
            if other is shot or not shot.id:
                continue
            written = any(name == "id" for name, _, _ in shot.places)
            self.error(
                shot.at("id"),
                f"two shots of scene '{scene.id}' are called '{shot.id}'",
                f"the first one is at {other.loc}; "
                + ("give this one another id" if written else "give both of them an `id`"),
            )

    def says_nothing(self, shot: Shot) -> None:
        if not shot.id:  # told already: it has no text to make one of
            return
        if shot.first_frame is not None:
            self.error(
                shot.at("first_frame"),
                "nothing says what the changed picture is to show",
                "say it: `first_frame: {edit: art/plate.png, text: the lamps are lit}`",
            )
            return
        self.error(
            shot.loc,
            f"nothing says what shot '{shot.id}' shows",
            "give it an `action`, or a `first_frame`",
        )

    def mode(self, shot: Shot, index: int) -> None:
        """Fields that its mode needs, and those which it cannot use."""
        if shot.mode == "chain":
            self._chain(shot, index)
        elif not (shot.action or shot.caption or _in_words(shot.first_frame) or shot.start):
            self.says_nothing(shot)
        if shot.mode == "keyframe" and shot.last_frame is None:
            self.error(
                shot.at("mode"),
                f"keyframe shot '{shot.id}' has no last frame",
                "give it a `last_frame`, or take `mode` out",
            )
        if shot.mode != "keyframe" and shot.last_frame is not None:
            self.error(
                shot.at("last_frame"),
                f"a shot of mode {shot.mode} has no use for a last frame",
                "write `mode: keyframe`",
            )
        if shot.mode == "direct":
            self._direct(shot)
        if shot.start is not None and shot.first_frame is not None:
            self.error(
                shot.at("first_frame"),
                "the shot starts on another's last frame, and has a first frame too",
                "keep one of `start` and `first_frame`",
            )

    def _chain(self, shot: Shot, index: int) -> None:
        if index == 0:
            self.error(
                shot.at("mode"),
                "the first shot of a scene has none before it to chain to",
                "write `mode: anchor`",
            )
        for name, value in (("first_frame", shot.first_frame), ("start", shot.start)):
            if value is not None:
                self.error(
                    shot.at(name),
                    "a chained shot begins on the last frame of the shot before it",
                    f"take `{name}` out, or change the mode",
                )
        if not (shot.action or shot.motion):
            self.error(
                shot.loc, f"nothing says what happens in shot '{shot.id}'", "give it an `action`"
            )

    def _direct(self, shot: Shot) -> None:
        if shot.start is not None:
            self.error(shot.at("start"), "a direct shot starts on no still", "write `mode: anchor`")
        first = shot.first_frame
        if first is not None and (first.picture or first.edit or first.control):
            self.error(
                shot.at("first_frame"),
                "a direct shot is made without a still",
                "describe the frame in words, or write `mode: anchor`",
            )

    def start(self, shot: Shot) -> None:
        assert shot.start is not None
        mine = (shot.scene, shot.id)
        place = shot.at("start")
        if shot.start == mine:
            self.error(
                place, "the shot would start on its own last frame", "name the shot before it"
            )
            return
        other = self.shots.get(shot.start)
        scene, name = shot.start
        if other is None:
            if not self.torn & {"shots", "scenes", "acts"}:
                near = did_you_mean(
                    name,
                    [each for where, each in self.shots if where == scene],
                    otherwise="name a shot by its id, or by scene/shot",
                )
                self.error(place, f"there is no shot '{name}' in scene '{scene}'", near)
        elif other.last_frame is None:
            self.error(
                place,
                f"shot '{name}' has no last frame to share",
                f"give it a `last_frame` (at {other.loc}), or write `mode: chain` here",
            )
        else:
            self.starts[mine] = shot.start

    def cycles(self) -> None:
        """Shots that start on each other in a ring."""
        done: set[tuple[str, str]] = set()
        for begin in self.starts:
            path: dict[tuple[str, str], None] = {}
            here: tuple[str, str] | None = begin
            while here is not None and here not in done and here not in path:
                path[here] = None
                here = self.starts.get(here)
            if here is not None and here in path:
                ring = list(path)[list(path).index(here) :]
                names = " -> ".join("/".join(each) for each in [*ring, here])
                self.error(
                    self.shots[here].at("start"),
                    f"shots start on each other in a ring: {names}",
                    "let one of them begin on a frame of its own",
                )
            done.update(path)


def _check_transitions(sources: Sources, scenes: Sequence[Scene], fps: Fraction) -> None:
    """A transition needs a next shot, and room in both."""
    shots = [shot for scene in scenes for shot in scene.shots]
    taken, told = 0, False
    for index, shot in enumerate(shots):
        join = shot.transition
        if join is None and not taken:
            continue
        frames = shot.frames(fps)
        if join is None:
            if frames is not None and taken > frames and not told:
                _no_room(sources, shots[index - 1], shot, frames)
            taken, told = 0, False
            continue
        if index + 1 == len(shots) and join.kind not in _ENDINGS:
            sources.report_at(
                "warning",
                shot.at("transition"),
                f"the last shot has no next one to {join.kind} into: the film ends with a cut",
                "take the transition out, or end the film with `transition: fade`",
            )
        told = frames is not None and taken + join.frames > frames
        if told:
            _no_room(sources, shot, shot, frames or 0)
        taken = join.frames


def _no_room(sources: Sources, writer: Shot, shot: Shot, frames: int) -> None:
    assert writer.transition is not None
    sources.report_at(
        "error",
        writer.at("transition"),
        f"{writer.transition.kind} of {writer.transition.frames} frames: shot '{shot.id}' has "
        f"{frames} frames for all its transitions",
        "make the transition shorter, or the shot longer",
    )


def _in_words(frame: Frame | None) -> bool:
    """Whether a frame says by itself what it shows: a picture that is to be changed does not."""
    return frame is not None and bool(frame.text or frame.picture)
