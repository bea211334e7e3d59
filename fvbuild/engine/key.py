"""Keys and their explanation, from one and the same text.

A recipe is one JSON document. Its canonical text is what is digested into the key, what is kept
beside the key, and what :func:`differences` compares; so ``why`` cannot disagree with the build.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple, TypeAlias

from fvbuild.engine.digest import Json, canonical, quick
from fvbuild.engine.events import Change
from fvbuild.engine.graph import Kind, Node

Contents: TypeAlias = "Mapping[str, Sequence[Json]]"
"""Content digests of the chosen inputs (or the facts depended on), by role, in input order."""


def recipe_text(node: Node, kind: Kind, params: Mapping[str, Json], contents: Contents) -> str:
    """The canonical text of a node's recipe: all that can change its result, and nothing else.

    ``params`` are the node's own, settled (see :class:`Kind`).
    """
    recipe: dict[str, object] = {"kind": node.kind, "version": kind.version}
    if params:
        recipe["params"] = params
    if contents:
        recipe["inputs"] = contents
    if node.target is not None:
        recipe["target"] = node.target.identity
    if node.seed is not None:
        recipe["seed"] = node.seed
    return canonical(recipe)


def key_of(recipe: str) -> str:
    """The key of a recipe's canonical text: 32 hex digits."""
    return quick(recipe.encode())


class Difference(NamedTuple):
    """One place in which two recipes differ; ``path[0]`` is the recipe's section."""

    path: tuple[str, ...]
    old: Json
    new: Json

    @property
    def section(self) -> str:
        """``params``, ``inputs``, ``target``, ``seed``, ``version`` or ``kind``."""
        return self.path[0] if self.path else ""

    def shown(self) -> Change:
        """As a person reads it: parameters and inputs by their bare names."""
        path = self.path[1:] if self.section in ("params", "inputs") else self.path
        return Change(".".join(path or self.path), self.old, self.new)


def differences(old: str, new: str) -> list[Difference]:
    """Where two recipe texts differ. An input is one place: the list of its role.

    Nothing can be named when one of them, kept from an earlier build, is damaged.
    """
    try:
        return list(_differences((), json.loads(old), json.loads(new)))
    except (ValueError, RecursionError):
        return []


def known_part(recipe: str, roles: Set[str] = frozenset()) -> str:
    """The recipe with inputs of these roles only: what of it is known before the others are."""
    try:
        data = json.loads(recipe)
    except (ValueError, RecursionError):
        return recipe
    if isinstance(data, dict):
        inputs = data.pop("inputs", None)
        known = inputs.items() if isinstance(inputs, dict) else ()
        if kept := {role: content for role, content in known if role in roles}:
            data["inputs"] = kept
    return canonical(data)


_ABSENT = object()


def _differences(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from _differences((*path, name), old.get(name, _ABSENT), new.get(name, _ABSENT))
    elif isinstance(old, list) and isinstance(new, list) and path[:1] != ("inputs",):
        for at in range(max(len(old), len(new))):
            before = old[at] if at < len(old) else _ABSENT
            after = new[at] if at < len(new) else _ABSENT
            yield from _differences((*path, str(at)), before, after)
    elif old is _ABSENT or new is _ABSENT or canonical(old) != canonical(new):
        # Compared as they are digested: 1 and 1.0, 0.0 and -0.0 are different texts.
        yield Difference(path, _shown(old), _shown(new))


def _shown(value: Any) -> Json:
    found: Json = None if value is _ABSENT else value
    return found
