"""The shared store as the engine sees it: named bytes that several people and machines use.

What lies there, under names that object stores and Bazel's HTTP cache servers can hold alike:

    cas/<sha256>     an artifact's bytes
    ac/<64 digits>   the record of a take, under its exact name (recipe, number and artifact), and
                     under a name that leaves the artifact out: the first take anybody made
    claims/...       who is making a paid take at the moment (fvbuild.engine.claims)
    quarantine/<name>/...   the same once more, for builds that nobody has trusted yet

Nothing read from there is believed: bytes are checked against their digest, records are parsed as
hostile text, and whether one counts is decided in one place, by a :class:`Trust`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from fvbuild.engine.shared_record import Record

MOST_RECORD_BYTES = 16 << 20
"""A record that is larger is none: the cut of a film of 10,000 shots has one of 2 MB."""


QUARANTINES = "quarantine/"
"""Below this lie the quarantines, each by its name."""

Buffer: TypeAlias = Any
"""Bytes, or what can be looked at as such (the type of it is not in Python 3.11)."""


@dataclass(frozen=True, slots=True)
class Found:
    """One object of a listing. ``modified_s``: when it was written, in seconds since the epoch."""

    name: str
    size_bytes: int
    modified_s: float


class Shared(Protocol):
    """A place of named bytes. Safe from several threads.

    Every method may raise RemoteError: not reachable, refused, or an answer that makes no sense.
    Names consist of a-z, A-Z, 0-9, '.', '_', '-' and '/', and hold neither '..' nor '//'.
    """

    @property
    def place(self) -> str:
        """How people know it: a URL without anything secret."""
        ...

    @property
    def conditional(self) -> bool:
        """True when :meth:`create` can tell whether somebody was faster."""
        ...

    def read(self, name: str, most_bytes: int = MOST_RECORD_BYTES) -> bytes | None:
        """A small object's bytes; None when there is none. One that is larger is nothing that we
        wrote: it reads as empty, so that it is passed over and written over as what is damaged."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is an object of this name."""
        ...

    def stream(self, name: str) -> AbstractContextManager[Iterator[Buffer] | None]:
        """An object's bytes in pieces, in order; None when there is none."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Write an object, or write over it. It is whole or not there at all."""
        ...

    def write_file(self, name: str, path: Path) -> None:
        """The same with a file's bytes."""
        ...

    def create(self, name: str, data: bytes) -> bool:
        """Write an object unless there is one: False then. Where the store is not ``conditional``
        two who try at once may both be told True, and the last stays."""
        ...

    def list(self, prefix: str) -> Iterator[Found]:
        """The objects whose names begin with ``prefix``, a folder that ends with '/'."""
        ...

    def delete(self, names: Iterable[str]) -> None:
        """Remove objects; those that are not there do not matter."""
        ...


class Trust(Protocol):
    """Decides whether a record counts."""

    def refusal(self, record: Record) -> str | None:
        """None when the record counts; else whose it is, in words that follow "takes": "that
        nobody signed", "signed by 3f2a... whom fvbuild.yaml does not name"."""
        ...


class Anyone:
    """Believes every record: for stores that only trusted people can write, and for tests."""

    def refusal(self, record: Record) -> str | None:
        """None, always."""
        del record
        return None


class Signer(Protocol):
    """Puts a name to records before they are sent."""

    def sign(self, record: Record) -> Record:
        """The record with ``signer`` and ``signature``."""
        ...


class Nobody:
    """Leaves records unsigned."""

    def sign(self, record: Record) -> Record:
        """The record as it is."""
        return record


# --- names --------------------------------------------------------------------------------------


def blob_name(digest: str) -> str:
    """Where an artifact's bytes lie."""
    return f"cas/{digest}"


def exact_name(key: str, n: int, artifact: str) -> str:
    """Where the record of this very take lies; ``artifact`` is the digest of its first output."""
    return "ac/" + _digest("fvbuild take 1", key, str(n), artifact)


def first_name(key: str, n: int) -> str:
    """Where the record lies that anybody wrote first for take ``n`` of a recipe."""
    return "ac/" + _digest("fvbuild take 1", key, str(n))


def claim_name(key: str, n: int, generation: int) -> str:
    """Where it is said who makes take ``n`` of a recipe, for the first, second ... time."""
    return f"claims/{_digest('fvbuild claim 1', key, str(n))}/{generation}"


def quarantined(name: str, quarantine: str) -> str:
    """The same name in a quarantine."""
    return f"{QUARANTINES}{quarantine}/{name}"


def _digest(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
