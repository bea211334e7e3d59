"""A film from its files: read, overlaid, checked and resolved, or taken from the parse cache."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fvbuild.errors import ManifestError
from fvbuild.film.diagnostics import Diagnostic, FilmFaults, ordered
from fvbuild.film.resolved import Film
from fvbuild.film.source import SourceFile, Sources

BUILT_IN_TARGETS = frozenset({"template", "sketch", "placeholder"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A film that loads. variants: one, or every combination of its matrix.

    sources: every file that was read for it. warnings: what it said that is odd, but no fault.
    """

    variants: tuple[Film, ...]
    sources: tuple[SourceFile, ...]
    warnings: tuple[Diagnostic, ...]


def load(
    path: Path,
    profile: str | None = None,
    cache_dir: Path | None = None,
    *,
    targets: frozenset[str] = BUILT_IN_TARGETS,
) -> Loaded:
    """The film in a file.

    targets: names that may stand in ``use`` without being declared (built-ins and plug-ins).
    cache_dir: where results are kept between runs; None keeps none.
    Raises FilmFaults (a ManifestError) with every fault, UsageError for an unknown profile.
    """
    with _no_garbage_collection():
        return _load_whole(path, profile, targets)


def _load_whole(path: Path, profile: str | None, targets: frozenset[str]) -> Loaded:
    from fvbuild.film.include import Files
    from fvbuild.film.resolve import Variant, resolve
    from fvbuild.film.variants import variant_trees, with_profile

    sources = Sources(path.parent)
    files = Files(sources)
    root = files.tree(path.name)
    if root is None:
        raise FilmFaults(sources.found)
    root = with_profile(sources, root, profile)
    found = [
        resolve(sources, tree, Variant(suffix, profile, targets))
        for suffix, tree in variant_trees(sources, root)
    ]
    if sources.failed:
        raise FilmFaults(sources.found)
    films = tuple(each.film for each in found if each is not None)
    if not films:
        raise ManifestError("the film cannot be read", place=str(path))
    return Loaded(films, tuple(files.read), tuple(ordered(sources.found)))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A quarter of a million new objects and no garbage: collecting would double the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
