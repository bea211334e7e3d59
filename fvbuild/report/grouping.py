"""Puts nodes under the headings a person looks for: a scene, the cast, the film."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

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
