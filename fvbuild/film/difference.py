"""What differs between two loads of a film, shot by shot, regardless of where it is written."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from fvbuild.film.codec import ROW_FILE, ROW_ID, ROW_LINE, number_of
from fvbuild.film.place import Place
from fvbuild.film.resolved import Film, Scene

_SCENES = 1 + [field.name for field in fields(Film)].index("scenes")
_SCENE_ID = 1 + [field.name for field in fields(Scene)].index("id")
_SHOTS = 1 + [field.name for field in fields(Scene)].index("shots")
_PLACE = number_of(Place)


def changed_shots(old: Any, new: Any) -> set[tuple[str, str]] | None:
    """The (scene, shot) that differ between two packed films.

    None when anything else differs: the film itself, a scene, or which shots there are.
    """
    scenes_before, scenes_now = old[_SCENES], new[_SCENES]
    if len(scenes_before) != len(scenes_now):
        return None
    if not same((*old[:_SCENES], *old[_SCENES + 1 :]), (*new[:_SCENES], *new[_SCENES + 1 :])):
        return None
    changed: set[tuple[str, str]] = set()
    for before, now in zip(scenes_before, scenes_now, strict=True):
        if len(before[_SHOTS]) != len(now[_SHOTS]):
            return None
        if not same((*before[:_SHOTS], *before[_SHOTS + 1 :]), (*now[:_SHOTS], *now[_SHOTS + 1 :])):
            return None
        for row, fresh in zip(before[_SHOTS], now[_SHOTS], strict=True):
            if row == fresh:
                continue
            if row[ROW_ID] != fresh[ROW_ID]:
                return None
            if not _same_row(row, fresh):
                changed.add((now[_SCENE_ID], fresh[ROW_ID]))
    return changed


def same(old: Any, new: Any) -> bool:
    """True when two packed values differ in nothing but the places they were written at."""
    if old == new:
        return type(old) is type(new)
    if type(old) is not type(new):
        return False
    if isinstance(old, tuple | list):
        if isinstance(old, tuple) and old and old[0] == _PLACE == new[0]:
            return True
        return len(old) == len(new) and all(same(a, b) for a, b in zip(old, new, strict=True))
    if isinstance(old, dict):
        return list(old) == list(new) and all(same(old[key], new[key]) for key in old)
    return False


def _same_row(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    lines = (ROW_FILE, ROW_LINE)
    return all(at in lines or same(a, b) for at, (a, b) in enumerate(zip(old, new, strict=True)))
