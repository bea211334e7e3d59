"""A film from its files: read, overlaid, checked and resolved, or taken from the parse cache."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fvbuild.film.cache import Entry, ParseCache
from fvbuild.film.codec import Packer, Unpacker
from fvbuild.film.diagnostics import Diagnostic, FilmFaults, ordered
from fvbuild.film.pictures import holds_picture, is_picture
from fvbuild.film.resolved import Film
from fvbuild.film.source import SourceFile, Sources, Unreadable, decode, read_source
from fvbuild.values import dataclass

_MANY_OBJECTS = 5_000
BUILT_IN_TARGETS = frozenset({"template", "sketch", "placeholder"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A film that loads. variants: one, or every combination of its matrix.

    sources: every file that was read for it. warnings: what it said that is odd, but no fault.
    packed: the variants as plain values, for :mod:`fvbuild.film.difference`. identity: a digest of
    the film as it was read. edited: the identity that it had before an edit, and the (scene, shot)
    which alone was edited since; None where that was not found out.
    """

    variants: tuple[Film, ...]
    sources: tuple[SourceFile, ...]
    warnings: tuple[Diagnostic, ...]
    packed: tuple[Any, ...] = ()
    identity: str = ""
    edited: tuple[str, tuple[str, str]] | None = None


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
        if cache_dir is None:
            return _load_whole(path, profile, targets)[0]
        cache = ParseCache(cache_dir, path, profile, targets)
        loaded = _load_kept(cache, path)
        if loaded is None:
            loaded, entry = _load_whole(path, profile, targets)
            cache.write(entry)
            loaded = replace(loaded, identity=entry.identity)
        return loaded


def _load_kept(cache: ParseCache, path: Path) -> Loaded | None:
    """The film as the cache has it, an edit inside of one shot spliced in; None if it has not."""
    entry = cache.read()
    if entry is None or not all(_still_there(path.parent / each) for each in entry.paths):
        return None
    read: list[SourceFile] = []
    edited: dict[str, bytes] = {}
    for name, digest in entry.files.items():
        try:
            data, file = read_source(path.parent / name)
        except Unreadable:
            return None
        read.append(file)
        if file.digest != digest:
            edited[name] = data
    if len(edited) > 1:
        return None
    change = None
    if edited:
        found = _splice(cache, entry, path.parent, edited)
        if found is None:
            return None
        change = entry.identity, found[2]
        entry, films, _ = found
        entry.files = {name: file.digest for name, file in zip(entry.files, read, strict=True)}
        cache.write(entry)
    else:
        unpack = Unpacker().unpack
        films = tuple(unpack(film) for film in entry.films)
    warnings = Unpacker().unpack(entry.warnings)
    return Loaded(films, tuple(read), warnings, tuple(entry.films), entry.identity, change)


def _still_there(file: Path) -> bool:
    return file.is_file() and (holds_picture(file) or not is_picture(file.name))


def _splice(
    cache: ParseCache, entry: Entry, folder: Path, edited: dict[str, bytes]
) -> tuple[Entry, tuple[Film, ...], tuple[str, str]] | None:
    from fvbuild.film.respliced import respliced

    ((name, data),) = edited.items()
    try:
        text = decode(data)
    except Unreadable:
        return None
    cache.read_rest(entry)
    return respliced(entry, folder, name, text)


def _load_whole(path: Path, profile: str | None, targets: frozenset[str]) -> tuple[Loaded, Entry]:
    """Read and resolve everything; also what the cache keeps of it."""
    from fvbuild.film.include import Files
    from fvbuild.film.resolve import Variant, resolve
    from fvbuild.film.variants import (
        leaves_shots_alone,
        targets_named,
        variant_trees,
        with_profile,
    )

    sources = Sources(path.parent)
    files = Files(sources)
    root = files.tree(path.name)
    if root is None:
        raise FilmFaults(sources.found)
    elsewhere = targets_named(root)
    simple = leaves_shots_alone(root) and not sources.indirect
    root = with_profile(sources, root, profile)
    trees = variant_trees(sources, root)
    found = [
        resolve(sources, tree, Variant(suffix, profile, targets, elsewhere))
        for suffix, tree in trees
    ]
    done = [each for each in found if each is not None]
    if sources.failed or len(done) < len(found) or not done:
        raise FilmFaults(sources.found)
    warnings = tuple(ordered(sources.found))
    packer = Packer()
    variants = tuple(each.film for each in done)
    packed = tuple(packer.pack(film) for film in variants)
    loaded = Loaded(variants, tuple(files.read), warnings, packed)
    entry = Entry(
        files={name: file.digest for name, file in zip(sources.names, files.read, strict=True)},
        paths=sorted({name for each in done for name in each.known.files}),
        films=list(packed),
        warnings=packer.pack(warnings),
    )
    if simple:
        contexts = [
            packer.pack(
                (dict(each.inherited), dict(each.known.own_words), tuple(each.known.targets))
            )
            for each in done
        ]
        entry.splice = (dict(done[0].ends), contexts)
        entry.texts = dict(zip(sources.names, sources.texts, strict=True))
    return loaded, entry


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A quarter of a million new objects and no garbage: collecting would double the time.

    They outlive the command as well, so that later collections need not look at them again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if gc.get_count()[0] > _MANY_OBJECTS:
                gc.freeze()
            gc.enable()
