"""A provider's description from its file: one that is shipped, or a user's own beside the film.

What is shipped was checked by tests, so only its structure is read here. A user's own file is
checked whole: every fault at once, each with its place and the next step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fvbuild.errors import UsageError
from fvbuild.film.diagnostics import Diagnostic, FilmFaults
from fvbuild.film.faults import Faults, steps_of
from fvbuild.film.source import Sources, Unreadable, decode, read_source
from fvbuild.film.suggest import did_you_mean
from fvbuild.film.tree import Map, Seq
from fvbuild.film.yaml_reader import read_yaml
from fvbuild.targets.api.description import Description
from fvbuild.targets.api.granting import is_shipped

SHIPPED = Path(__file__).parent / "providers"
SUFFIXES = (".yaml", ".yml")
_MAX_ROUNDS = 8
_STAND_INS: Mapping[str, Any] = {
    "provider": "unnamed",
    "base_url": "https://unknown.example",
    "when": {},
    "then": "done",
    "submit": {"path": "/"},
    "path": "/",
    "result": {"body": True},
    "makes": {"still": "unknown"},
    "calls": {"unknown": {"submit": {"path": "/"}, "result": {"body": True}}},
    "models": {"unknown": {"makes": {"still": "unknown"}}},
}
"""What stands in for what is missing, while the rest of a faulty description is checked."""


class DescriptionFaults(FilmFaults):
    """A description that does not load. ``str()`` is every diagnostic."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that loads. ``path`` is its file; ``own`` says that it is no shipped one."""

    name: str
    description: Description
    path: Path
    own: bool = False


@cache
def shipped() -> Mapping[str, Path]:
    """The providers that come with the program, by name; one look at a folder."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def is_file_name(source: str) -> bool:
    """Whether a film's ``provider`` is a path, and no name."""
    return source.endswith(SUFFIXES)


def load(source: str, folder: Path | None = None) -> Provider:
    """The provider of a name, or of a file relative to ``folder``.

    Raises UsageError for a name that is not shipped, DescriptionFaults with every fault of a file.
    """
    if is_file_name(source):
        path = (folder or Path()) / source
        stat = path.stat() if path.is_file() else None
        version = (stat.st_mtime_ns, stat.st_size, stat.st_ino) if stat is not None else None
        return _own(path, source.removeprefix("./"), version)
    path_of = shipped()
    if source not in path_of:
        raise UsageError(
            f"there is no provider '{source}'", hint=did_you_mean(source, sorted(path_of))
        )
    return _shipped(source)


@cache
def _shipped(name: str) -> Provider:
    path = shipped()[name]
    sources, tree = _tree(path, path.name)
    description = _validated(sources, tree)
    if sources.failed or description is None:
        raise DescriptionFaults(sources.found)
    return Provider(name, description, path)


@cache
def _own(path: Path, shown: str, _version: tuple[int, int, int] | None) -> Provider:
    description = checked(path, shown)
    return Provider(description.provider, description, path, own=True)


def checked(path: Path, shown: str) -> Description:
    """A description with every check done. ``shown`` is what diagnostics call the file.

    Raises DescriptionFaults.
    """
    sources, tree = _tree(path, shown)
    description = _validated(sources, tree)
    if tree is not None:
        whole = description is not None and not sources.failed
        readable = description or _readable(tree)
        if readable is not None:
            _check(sources, tree, readable, whole=whole)
            _check_name(sources, tree, readable, path)
    if sources.failed or description is None:
        raise DescriptionFaults(sources.found)
    return description


def _validated(sources: Sources, tree: Map | None) -> Description | None:
    return Faults(sources).validated(Description, tree) if tree is not None else None


def _readable(tree: Map) -> Description | None:
    """What is left when all that is at fault is taken out, so that the rest is checked."""
    for _round in range(_MAX_ROUNDS):
        try:
            return Description.model_validate(tree)
        except ValidationError as error:
            found = error.errors(include_url=False)
        # Later items of a list first, so that the places of earlier ones stay what they are.
        for fault in sorted(found, key=lambda each: _backwards(each["loc"])):
            if not _put_right(tree, fault["loc"], missing=fault["type"] == "missing"):
                return None
    return None


def _put_right(tree: Map, loc: Sequence[Any], *, missing: bool) -> bool:
    """Take out what is at fault; something that will do stands in for what is missing."""
    steps = steps_of(loc)
    here: Any = tree
    for step in steps[:-1]:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return True  # an outer part was taken out already
    last = steps[-1] if steps else None
    if missing and isinstance(here, Map) and last in _STAND_INS:
        here.put(str(last), _STAND_INS[str(last)], (0, 0))
    elif isinstance(here, Map) and last in here:
        here.drop(str(last))
    elif isinstance(here, Seq) and isinstance(last, int) and last < len(here):
        del here[last], here.marks[last]
    else:
        return False
    return True


def _backwards(loc: Sequence[Any]) -> tuple[list[tuple[int, str]], int]:
    return [(-s, "") if isinstance(s, int) else (0, str(s)) for s in loc], -len(loc)


def faults_of(path: Path, shown: str) -> list[Diagnostic]:
    """Every fault of a file; none if it is well."""
    try:
        checked(path, shown)
    except DescriptionFaults as error:
        return error.diagnostics
    return []


def _tree(path: Path, shown: str) -> tuple[Sources, Map | None]:
    """The file's tree with shared fields taken over; faults are in the sources."""
    sources = Sources(path.parent)
    file = sources.add(shown, "")
    try:
        sources.texts[file] = decode(read_source(path)[0])
    except Unreadable as error:
        missing = error.message == "no such file"
        hint = "check the path; it is relative to the film" if missing else error.hint
        sources.error((error.line - 1) << 16 | (error.column - 1), error.message, hint)
        return sources, None
    tree = read_yaml(sources, file)
    if not isinstance(tree, Map):
        if not sources.found:
            sources.error(0, "the file is no mapping", "begin with `provider: <its name>`")
        return sources, None
    _take_over(sources, tree)
    return sources, tree


def _take_over(sources: Sources, tree: Map) -> None:
    """Give calls and models the fields of the ``defaults`` that they name."""
    shared = tree.get("defaults")
    blocks = shared if isinstance(shared, Map) else Map()
    for section in ("calls", "models"):
        parts = tree.get(section)
        for part in parts.values() if isinstance(parts, Map) else ():
            for name, at in _named(part):
                block = blocks.get(name)
                if isinstance(block, Map):
                    for key in block:
                        if key not in part:
                            part.put(key, block[key], block.marks[key])
                elif name not in blocks:
                    sources.error(at, f"there are no defaults '{name}'", did_you_mean(name, blocks))


def _named(part: Any) -> Iterator[tuple[str, int]]:
    """The defaults that a call or model names, with their places."""
    names = part.get("defaults") if isinstance(part, Map) else None
    if isinstance(names, str):
        yield names, part.marks["defaults"][1]
    elif isinstance(names, Seq):
        yield from ((str(name), at) for name, at in zip(names, names.marks, strict=True))


def _check(sources: Sources, tree: Map, description: Description, *, whole: bool) -> None:
    """What the languages in it and its parts among each other say; ``whole``: nothing was cut."""
    from fvbuild.targets.api.check_links import links
    from fvbuild.targets.api.check_texts import faults, signs, written
    from fvbuild.targets.api.scope import Scopes

    scopes = Scopes(description)
    texts = [fault for text in written(description) for fault in faults(text, scopes.at(text.path))]
    found = [*texts, *signs(tree)]
    if whole:
        found += links(description)
    for path, message, hint in found:
        sources.error(_position(tree, path), message, hint)


def _check_name(sources: Sources, tree: Map, description: Description, path: Path) -> None:
    if is_shipped(description.provider) and path.parent != SHIPPED:
        sources.error(
            tree.marks["provider"][1],
            f"'{description.provider}' comes with fvbuild, and another cannot be called so",
            f"call it otherwise, its file too; settings and keys of {description.provider} "
            "are not for it",
        )
    elif description.provider != (stem := path.stem):
        sources.error(
            tree.marks["provider"][1],
            f"the file of '{description.provider}' is called {stem}",
            f"call it {description.provider}.yaml, or write `provider: {stem}`",
        )


def _position(tree: Map, path: Sequence[str | int]) -> int:
    """Where the value at a path stands, or the nearest above it that is written."""
    here: Any = tree
    position = 0
    for step in path:
        if isinstance(here, Map) and step in here:
            position = here.marks[str(step)][1]
            here = here[str(step)]
        elif isinstance(here, Seq) and isinstance(step, int) and step < len(here):
            position = here.marks[step]
            here = here[step]
        else:
            break
    return position
