"""The films of one manifest: its profile laid over it, then every combination of its matrix."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from fvbuild.errors import UsageError
from fvbuild.film.ids import fault_of_id
from fvbuild.film.overlay import overlay
from fvbuild.film.source import Sources
from fvbuild.film.suggest import did_you_mean
from fvbuild.film.tree import Map, Seq

MAX_VARIANTS = 256
_SHOT_SECTIONS = frozenset({"acts", "scenes", "shots"})
_LANG = "lang"
_NOT_IN_OVERLAYS = ("include", "profiles")


class VariantTree(NamedTuple):
    """One film's tree, and the suffix of its node ids."""

    suffix: str
    tree: Map


class _Choice(NamedTuple):
    """One value of an axis and what it lays over the film."""

    axis: str
    name: str
    over: tuple[Map, ...]


def overlays(root: Map) -> list[Map]:
    """Every overlay that the manifest writes, in use or not."""
    profiles, matrix = root.get("profiles"), root.get("matrix")
    overs: list[Any] = list(profiles.values()) if isinstance(profiles, Map) else []
    for axis in matrix.values() if isinstance(matrix, Map) else ():
        overs += axis.values() if isinstance(axis, Map) else ()
    return [over for over in overs if isinstance(over, Map)]


def targets_named(root: Map) -> tuple[str, ...]:
    """The targets in any ``use`` of an overlay, and in the film's, which one may hide."""
    names = set(_named(root.get("use")))
    todo: list[Any] = list(overlays(root))
    while todo:
        part = todo.pop()
        if isinstance(part, Map):
            names.update(_named(part.get("use")))
            todo += part.values()
        elif isinstance(part, Seq):
            todo += part
    return tuple(sorted(names))


def _named(use: Any) -> Iterator[str]:
    for value in use.values() if isinstance(use, Map) else ():
        for name in value if isinstance(value, Seq) else [value]:
            if isinstance(name, str):
                yield name


def leaves_shots_alone(root: Map) -> bool:
    """Whether no overlay that may be laid touches shots: they then are as they are written."""
    return not any(_SHOT_SECTIONS & over.keys() for over in overlays(root))


def with_profile(sources: Sources, root: Map, profile: str | None) -> Map:
    """The tree with a profile laid over it. Raises UsageError for a profile that is not there."""
    profiles = root.get("profiles")
    names = list(profiles) if isinstance(profiles, Map) else []
    if profile is not None and profile not in names:
        raise UsageError(
            f"the film has no profile '{profile}'",
            hint=did_you_mean(profile, names, otherwise="it has no profiles" if not names else ""),
        )
    _check_overlays(sources, profiles)
    if profile is None or not isinstance(profiles, Map):
        return root
    over = profiles[profile]
    return overlay(root, over) if isinstance(over, Map) else root


def _check_overlays(sources: Sources, profiles: Any) -> None:
    if not isinstance(profiles, Map):
        return
    for name, over in profiles.items():
        fault = fault_of_id(name)
        if fault is not None:
            sources.error(profiles.marks[name][0], *fault)
        if isinstance(over, Map):
            for section in _NOT_IN_OVERLAYS:
                if section in over:
                    sources.error(
                        over.marks[section][0],
                        f"a profile cannot hold `{section}`",
                        "move it to the top of the film",
                    )
                    over.drop(section)


def variant_trees(sources: Sources, root: Map) -> list[VariantTree]:
    """Every combination of the matrix, in the order written; one without suffix where none is."""
    axes = list(_axes(sources, root))
    count = 1
    for axis in axes:
        count *= len(axis)
    if count > MAX_VARIANTS:
        at = root.marks["matrix"][0]
        sources.error(at, f"the matrix makes {count} films, at most {MAX_VARIANTS} are possible")
        return []
    trees = []
    for choices in itertools.product(*axes):
        tree = root
        for choice in choices:
            for over in choice.over:
                tree = overlay(tree, over)
        trees.append(VariantTree("-".join(choice.name for choice in choices), tree))
    return trees


def _axes(sources: Sources, root: Map) -> Iterator[list[_Choice]]:
    matrix = root.get("matrix")
    if not isinstance(matrix, Map):
        return
    for axis, values in matrix.items():
        at = matrix.marks[axis][1]
        choices = list(_choices(sources, root, axis, values, at))
        if choices:
            yield choices
        elif isinstance(values, Seq | Map):
            sources.error(at, f"the axis '{axis}' has no values", "name some, or take it out")


def _choices(sources: Sources, root: Map, axis: str, values: Any, at: int) -> Iterator[_Choice]:
    if isinstance(values, Map):
        items = [(name, over, values.marks[name][0]) for name, over in values.items()]
    elif isinstance(values, Seq):
        items = [(str(v), None, mark) for v, mark in zip(values, values.marks, strict=True)]
    else:
        items = [(str(values), None, at)]
    seen = set()
    for name, over, mark in items:
        fault = fault_of_id(name)
        if fault is None and name in seen:
            fault = (f"'{name}' is a value of this axis already", "take one of them out")
        if fault is not None:
            sources.error(mark, *fault)
            continue
        seen.add(name)
        yield _Choice(axis, name, tuple(_overlays(sources, root, axis, name, over, mark)))


def _overlays(
    sources: Sources, root: Map, axis: str, name: str, over: Any, at: int
) -> Iterator[Map]:
    profiles = root.get("profiles")
    known = profiles if isinstance(profiles, Map) else Map()
    if axis == _LANG:
        yield _language(name, at)
    if isinstance(over, Map):
        yield over
        return
    wanted = name if over is None else str(over)
    if isinstance(known.get(wanted), Map):
        yield known[wanted]
    elif over is not None:
        sources.error(
            at,
            f"there is no profile '{wanted}'",
            did_you_mean(wanted, known, otherwise="name a profile, or write the overlay here"),
        )
    elif axis != _LANG and wanted not in known:
        sources.warn(
            at,
            f"'{wanted}' changes nothing: there is no profile of that name",
            f"write `profiles: {{{wanted}: ...}}`, or `{axis}: {{{wanted}: {{...}}}}`",
        )


def _language(name: str, at: int) -> Map:
    head, over = Map(), Map()
    head.put(_LANG, name, (at, at))
    over.put("film", head, (at, at))
    return over
