"""What goes between a build and the machines that make its takes. Plain values, nothing else."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fvbuild.engine.action import InputFile, Money
from fvbuild.engine.digest import Json
from fvbuild.engine.failures import as_film_error
from fvbuild.errors import ExecutorError, FilmBuildError, TargetError

PIECE_BYTES = 8 << 20
"""Files travel in pieces of this size, so that no machine needs to hold one whole in memory."""

SMALL_BYTES = 256 << 10
"""A file that is no larger comes with the answer itself."""


@dataclass(frozen=True, slots=True)
class Request:
    """One action for another machine. ``opening`` brings its maker, pickled; equal makers have
    equal ones. ``folder`` is where its files shall lie, if that machine sees it. ``shared`` are the
    digests of those inputs which the shared store is known to have. ``keep``: what is made is to be
    put there, where that machine can."""

    id: str
    opening: bytes
    node: str
    kind: str
    params: Mapping[str, Json]
    inputs: Mapping[str, tuple[InputFile, ...]]
    settings: Mapping[str, Json]
    seed: int
    take: int
    folder: Path
    shared: frozenset[str] = frozenset()
    keep: bool = False

    def files(self) -> Iterator[InputFile]:
        """The inputs that are files, each as often as it is one."""
        for found in self.inputs.values():
            yield from (given for given in found if given.path is not None)


@dataclass(frozen=True, slots=True)
class Left:
    """A file that was made: its name in the folder of the take, and its bytes where it is small.

    ``stored``: it is in the shared store by now, and read from there by whoever needs it."""

    name: str
    size_bytes: int
    digest: str
    data: bytes | None = None
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """One output as :class:`~fvbuild.engine.action.Made` has it, but for where its file lies."""

    media_type: str
    text: str | None = None
    data: bytes | None = None
    same_as: str | None = None
    name: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)
    file: Left | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The answer where the take was made. ``told``: the progress that nobody asked for yet."""

    outputs: tuple[Output, ...]
    cost: Money | None
    provenance: Mapping[str, Json]
    told: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """The answer where inputs have to be sent first, by digest: nothing was begun."""

    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer where the maker raised something."""

    pickled: bytes
    message: str
    place: str | None
    hint: str | None

    def error(self) -> FilmBuildError:
        """What it raised, in its own class; where that is not known here, a TargetError."""
        try:
            found = pickle.loads(self.pickled)
        except Exception:  # whatever a class of a plug-in does while it is unpacked
            found = None
        if isinstance(found, FilmBuildError):
            return found
        return TargetError(self.message, place=self.place, hint=self.hint)


def failed(error: Exception) -> Failed:
    """The answer that tells of an error."""
    told = as_film_error(error)
    try:
        pickled = pickle.dumps(told)
    except Exception:  # whatever a plug-in hangs on its errors
        pickled = b""
    return Failed(pickled, told.message, told.place, told.hint)


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file's bytes in pieces."""
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def left(path: Path, name: str) -> Left:
    """A file that was made, as the answer tells of it."""
    sha, size_bytes, small = hashlib.sha256(), 0, b""
    for piece in pieces_of(path):
        sha.update(piece)
        size_bytes += len(piece)
        small = piece
    data = small if size_bytes <= SMALL_BYTES else None
    return Left(name, size_bytes, sha.hexdigest(), data)


def write(path: Path, pieces: Iterable[bytes], digest: str) -> None:
    """Write a file that was sent. Raises ExecutorError, with nothing left, when it is not what was
    said."""
    sha = hashlib.sha256()
    try:
        with path.open("wb", buffering=0) as file:
            for piece in pieces:
                sha.update(piece)
                file.write(piece)
        if sha.hexdigest() != digest:
            raise ExecutorError(
                f"a file arrived damaged: {digest[:12]} was sent, {sha.hexdigest()[:12]} came",
                hint="build again; if this stays, the network or memory of a machine is at fault",
            )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
