"""Puts nodes under the headings a person looks for: a scene, the cast, the film."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from fvbuild.engine.events import Act, Reason, Step

CAST = "cast and places"
FILM = "the film"
FILES = "files"

_HEADINGS = {
    "characters": CAST,
    "locations": CAST,
    "props": CAST,
    "files": FILES,
    "sound": FILM,
    "cut": FILM,
}

T = TypeVar("T")


def heading(node: str) -> str:
    """The heading of a node id: its scene, or one of the film's own."""
    first = node.partition("/")[0].partition("@")[0]
    return _HEADINGS.get(first, first)


def grouped(things: Iterable[T], node_of: Callable[[T], str]) -> dict[str, list[T]]:
    """Things under their headings, in order: cast, files, the scenes as they come, the film."""
    groups: dict[str, list[T]] = {CAST: [], FILES: []}
    for thing in things:
        groups.setdefault(heading(node_of(thing)), []).append(thing)
    last = groups.pop(FILM, [])
    return {name: group for name, group in [*groups.items(), (FILM, last)] if group}


def gathered(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps one by one, but those of a shot of which nothing is made yet as one."""
    new: dict[str, list[Step]] = {}
    for step in steps:
        if _is_new(step):
            new.setdefault(_parent(step), []).append(step)
    for step in steps:
        together = new[_parent(step)] if _is_new(step) else []
        if len(together) < 3:
            yield [step]
        elif step is together[0]:
            yield together


def name_of(steps: Sequence[Step]) -> str:
    """What gathered steps are called: the node, or the shot of several."""
    return steps[0].node if len(steps) == 1 else _parent(steps[0])


def _parent(step: Step) -> str:
    return step.node.rpartition("/")[0]


def _is_new(step: Step) -> bool:
    is_new = step.action is Act.BUILD and step.reason is Reason.NO_TAKE
    return is_new and "/" in _parent(step)
