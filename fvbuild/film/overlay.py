"""Laying one part of a manifest over another: profiles and the variants of a matrix."""

from __future__ import annotations

from typing import Any

from fvbuild.film.ids import slug
from fvbuild.film.tree import Map, Seq

# Where a text stands for a mapping: the field whose short form it is.
_SHORT_FORMS = {"film": "title", "style": "preset", "budget": "max"}
_SHORT_ITEMS = {
    "characters": "look",
    "locations": "look",
    "props": "look",
    "wardrobe": "look",
}
_BY_ID = frozenset({"acts", "scenes", "shots"})


def overlay(base: Map, over: Map) -> Map:
    """``base`` with ``over`` laid on it; neither is changed, and all places are kept.

    Mappings merge. Lists and values replace, but acts, scenes and shots merge by id, new ids going
    last. An empty value takes a field away.
    """
    return _merge_maps(base, over, "")


def _merge_maps(base: Map, over: Map, parent: str) -> Map:
    new = base.copy()
    for key, value in over.items():
        mark = over.marks[key]
        if value is None and key in new:
            new.drop(key)
        elif value is not None:
            new.put(key, _merge(new.get(key), value, key, parent), mark)
    return new


def _merge(base: Any, over: Any, key: str, parent: str) -> Any:
    if isinstance(over, Map):
        if isinstance(base, str):
            base = _written_out(base, _SHORT_FORMS.get(key) or _SHORT_ITEMS.get(parent))
        return _merge_maps(base, over, key) if isinstance(base, Map) else over
    if key in _BY_ID and isinstance(over, Seq) and isinstance(base, Seq) and _have_ids(over):
        return _merge_lists(base, over)
    return over


def _written_out(text: str, name: str | None) -> Map | None:
    """The mapping that a short form stands for."""
    if name is None:
        return None
    full = Map()
    full.put(name, text, (0, 0))
    return full


def _have_ids(items: Seq) -> bool:
    return all(isinstance(item, Map) and isinstance(item.get("id"), str) for item in items)


def _merge_lists(base: Seq, over: Seq) -> Seq:
    new = Seq()
    new.end = base.end
    where: dict[str, int] = {}
    for index, item in enumerate(base):
        new.put(item, base.marks[index])
        where.setdefault(_id_of(item), index)
    for index, item in enumerate(over):
        found = where.get(item["id"])
        if found is None:
            where[item["id"]] = len(new)
            new.put(item, over.marks[index])
            continue
        old = new[found]
        if not isinstance(old, Map):
            old = _shot_of_text(str(old), new.marks[found])
        new[found] = _merge_maps(old, item, "")
    return new


def _id_of(item: Any) -> str:
    if isinstance(item, Map):
        found = item.get("id")
        return str(found) if found is not None else slug(str(item.get("action", "")))
    return slug(str(item))


def _shot_of_text(text: str, mark: int) -> Map:
    full = Map()
    full.put("action", text, (mark, mark))
    full.end = mark
    return full
