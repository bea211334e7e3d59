"""What a maker is given and what it gives back: all that is needed to repeat the work, and no more.

A maker never sees the store, traces, node graph or film: an :class:`Action` carries the parameters,
the inputs as files or text, a seed and an empty folder to write in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from fvbuild.engine.digest import Json
from fvbuild.engine.purchase import MemoryPurchases, Purchases
from fvbuild.errors import Interrupted
from fvbuild.values import dataclass


class Artifact(NamedTuple):
    """A stored output: its content's digest and what is known of it without reading it.

    A tuple: a film has a hundred thousand of them, and these are made five times as quickly.
    ``facts`` are measured properties that others may depend on instead of the bytes: ``seconds``
    (float) of sound, ``frames`` (int), ``width`` and ``height`` (pixels) of pictures and clips.
    """

    digest: str
    size_bytes: int
    media_type: str
    name: str = ""
    facts: Mapping[str, Json] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class InputFile:
    """One chosen input as the maker sees it. ``path`` is read-only. ``text`` is set for text."""

    role: str
    digest: str
    path: Path | None
    media_type: str
    text: str | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO code, or a provider's credits)."""

    amount: float
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Stored:
    """An output that another machine made and put into the shared store: its bytes lie there."""

    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Made:
    """One output of an action: a file in the action's folder, or small content given whole, or
    something in the shared store.

    ``same_as`` is the digest of an input that is the result as it is, so that no byte is copied.
    """

    media_type: str
    path: Path | None = None
    text: str | None = None
    data: bytes | None = None
    same_as: str | None = None
    name: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)
    stored: Stored | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action made. Several outputs are allowed; the first is the node's main one.

    ``provenance`` is kept with the take and in no key (model answers, library versions).
    """

    outputs: tuple[Made, ...]
    cost: Money | None = None
    provenance: Mapping[str, Json] = field(default_factory=dict)


def _nothing(_done: float, _note: str) -> None:
    return None


def _never() -> bool:
    return False


def _nobody() -> None:
    return None


def _alone(_most: int) -> Sequence[Action]:
    return ()


@dataclass(frozen=True, slots=True)
class Action:
    """One piece of work for a maker.

    ``node`` serves messages only. ``settings`` is the target's configuration as the film gives it.
    ``seed`` is the seed of this take. ``folder`` is empty, private, and on the store's file system.
    ``previous`` holds the outputs of the node's last result, whatever its recipe was: a maker may
    copy from them what it proves unchanged, and must give the same bytes without them. A maker that
    spends money writes it down in ``purchases``. ``waiting`` tells, at most so many, what will be
    asked of the same target next, if nothing happens: good for making ready, and for nothing else;
    these actions have no folder of their own. ``after`` tells what its slot will probably be asked
    for next by another target, where nothing more waits for this one. ``slots`` are those of its
    target's pool that it has while it is made, from 1 on; () where nobody counts them.
    """

    node: str
    kind: str
    params: Mapping[str, Json]
    inputs: Mapping[str, tuple[InputFile, ...]]
    folder: Path
    settings: Mapping[str, Json] = field(default_factory=dict)
    seed: int = 1
    take: int = 1
    previous: tuple[InputFile, ...] = ()
    progress: Callable[[float, str], None] = _nothing
    cancelled: Callable[[], bool] = _never
    purchases: Purchases = field(default_factory=MemoryPurchases)
    waiting: Callable[[int], Sequence[Action]] = _alone
    after: Callable[[], Action | None] = _nobody
    slots: tuple[int, ...] = ()

    def one(self, role: str) -> InputFile | None:
        """The only input of a role, or None."""
        found = self.inputs.get(role, ())
        return found[0] if found else None

    def check_cancelled(self) -> None:
        """Raise :class:`Interrupted` when the build is being stopped; call it every few frames."""
        if self.cancelled():
            raise Interrupted("stopped")
