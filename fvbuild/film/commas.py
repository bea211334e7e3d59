"""Texts that their own comma cut in two: ``{look: boy of 9, black curls}``.

To YAML this is a field ``black curls`` without a value. Nobody means that; it is read as the rest
of the text before it, with a warning that shows how to write it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fvbuild.film.source import Sources
from fvbuild.film.tree import Map


def join_cut_texts(sources: Sources, suspects: Iterable[tuple[Any, Any]]) -> set[tuple[int, Any]]:
    """Join those of the (mapping, key) suspects that are such pieces; they leave their mapping.

    Returns them as (id of the mapping, key). Suspects are entries that the model refuses.
    """
    by_map: dict[int, tuple[Map, set[str]]] = {}
    for parent, key in suspects:
        if isinstance(parent, Map) and parent.lone and key in parent.lone:
            by_map.setdefault(id(parent), (parent, set()))[1].add(key)
    joined: set[tuple[int, Any]] = set()
    for parent, keys in by_map.values():
        owner: str | None = None
        for key in list(parent):
            if key not in keys or owner is None:
                owner = key if isinstance(parent[key], str) else None
                continue
            parent[owner] += f", {key}"
            sources.warn(
                parent.marks[key][0],
                f"'{key}' is read as the rest of '{owner}'",
                f'quote a text with a comma inside of {{...}}: {owner}: "{parent[owner]}"',
            )
            parent.drop(key)
            joined.add((id(parent), key))
    return joined
