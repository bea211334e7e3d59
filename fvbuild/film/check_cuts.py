"""Cuts between neighbours: the axis, jump cuts, long chains, frames that do not change.

The axis. A scene's ``axis: {left: a, right: b}`` is the line between two characters, filmed from
one side, so that ``a`` is always left of ``b``. A shot crosses it when

- it is a two-shot that lists the two the other way round (characters are listed from left to
  right), or
- its texts place one of them on the other's side (``mara on the left``), or
- its texts turn one of them, alone in the picture, away from the other: who stands on the left
  looks right (``teo looks left``).

A shot with an arc carries the camera across in view; behind it the scene has no side any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fvbuild.film.finding import Finding
from fvbuild.film.resolved import Film, Frame, Scene, Shot

MAX_CHAIN = 3
_SIDE = {"left": "right", "right": "left"}
_PLACED = r"\b{name}\b(?P<between>[^.;,]{{0,24}}?)\b(?:on|at|to) (?:the |screen |frame )?{side}\b"
_LOOKS = (
    r"\b(?:looks?|looking|gaz(?:es?|ing)|star(?:es?|ing)|fac(?:es|ing)|glanc(?:es?|ing))\b"
    r"[^.;,]{{0,16}}?\b{side}\b"
)


def check_cuts(film: Film) -> Iterator[Finding]:
    """Every finding about the cuts of a film and the frames beside them."""
    for scene in film.scenes:
        if scene.axis is not None:
            yield from _axis(film, scene, scene.axis)
        yield from _jump_cuts(scene)
        yield from _chains(scene)
        yield from _same_frames(film, scene)


def _axis(film: Film, scene: Scene, axis: tuple[str, str]) -> Iterator[Finding]:
    sides = dict(zip(axis, ("left", "right"), strict=True))
    hint = f"keep '{axis[0]}' left and '{axis[1]}' right, or cross with `camera: arc` in view"
    for shot in scene.shots:
        if shot.camera == "arc":
            return
        shown = [worn.character for worn in shot.characters if worn.character in sides]
        if shot.size == "two-shot" and shown == [axis[1], axis[0]]:
            yield Finding(
                shot.at("characters"),
                "axis",
                f"the two-shot '{shot.id}' shows '{shown[0]}' left of '{shown[1]}': "
                "it crosses the axis",
                hint,
            )
        for field, text in _texts(shot):
            for name in shown:
                wrong = _SIDE[sides[name]]
                if _says(film, text, name, wrong, alone=len(shot.characters) == 1):
                    yield Finding(
                        shot.at(field),
                        "axis",
                        f"shot '{shot.id}' crosses the axis: '{name}' belongs on the "
                        f"{sides[name]}, and looks the other way",
                        hint,
                    )


def _says(film: Film, text: str, name: str, side: str, *, alone: bool) -> bool:
    """Whether a text puts a character on a side, or turns its lonely eyes away from the axis."""
    names = "|".join(re.escape(each) for each in {name, film.characters[name].name} if each)
    placed = re.search(_PLACED.format(name=f"(?:{names})", side=side), text, re.IGNORECASE)
    if placed is not None and not re.search(r"\band\b", placed["between"], re.IGNORECASE):
        return True
    # Who stands on the left looks right, so looking to one's own side is looking away.
    away = _LOOKS.format(side=_SIDE[side])
    return alone and re.search(away, text, re.IGNORECASE) is not None


def _texts(shot: Shot) -> Iterator[tuple[str, str]]:
    for field in ("first_frame", "last_frame"):
        frame: Frame | None = getattr(shot, field)
        if frame is not None and frame.text:
            yield field, frame.text
    for field in ("action", "caption", "motion"):
        text: str = getattr(shot, field)
        if text:
            yield field, text


def _jump_cuts(scene: Scene) -> Iterator[Finding]:
    for before, shot in zip(scene.shots, scene.shots[1:], strict=False):
        if not shot.size or shot.size != before.size:
            continue
        if (shot.angle or "eye") != (before.angle or "eye") or before.transition is not None:
            continue
        same = {worn.character for worn in shot.characters}
        if not same or same != {worn.character for worn in before.characters}:
            continue
        if _is_reverse(before, shot):
            continue
        if shot.mode == "chain" or shot.start == (before.scene, before.id):
            continue
        if shot.location != before.location:
            continue
        yield Finding(
            shot.at("size"),
            "jump-cut",
            f"'{before.id}' and '{shot.id}' are both {shot.size} shots from the same angle of "
            f"{_listed(sorted(same))}: the cut jumps",
            "change the size or angle of one by two steps, put a cutaway between, or chain them",
        )


def _is_reverse(before: Shot, shot: Shot) -> bool:
    """Whether two shots over shoulders look from two sides: the first character is who is seen."""
    seen = [each.characters[0].character for each in (before, shot)]
    return shot.size == "over-the-shoulder" and seen[0] != seen[1]


def _chains(scene: Scene) -> Iterator[Finding]:
    length = 0
    for shot in scene.shots:
        length = length + 1 if shot.mode == "chain" else 0
        if length == MAX_CHAIN + 1:
            yield Finding(
                shot.at("mode"),
                "chain",
                f"'{shot.id}' is the {length}th shot chained in a row: colours and faces drift",
                "begin it on an anchor of its own, or share a `last_frame`",
            )


def _same_frames(film: Film, scene: Scene) -> Iterator[Finding]:
    by_name = {(shot.scene, shot.id): shot for shot in film.shots()} if _shares(scene) else {}
    for shot in scene.shots:
        if shot.last_frame is None:
            continue
        first = shot.first_frame
        if shot.start is not None and shot.start in by_name:
            first = by_name[shot.start].last_frame
        if first is not None and _folded(first) == _folded(shot.last_frame):
            yield Finding(
                shot.at("last_frame"),
                "same-frames",
                f"'{shot.id}' begins and ends on the same frame: nothing would move",
                "say in `last_frame` what has changed",
            )


def _shares(scene: Scene) -> bool:
    return any(shot.start is not None for shot in scene.shots)


def _folded(frame: Frame) -> str:
    # A picture that is changed differs from itself, whatever is said of it.
    told = frame.edit + frame.mask + frame.control + frame.text
    return frame.picture or " ".join(told.casefold().split()).rstrip(".")


def _listed(names: list[str]) -> str:
    return " and ".join(f"'{name}'" for name in names)
