"""Takes, choices among them, and traces; and the text that a take is kept as."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from fvbuild.engine.action import Artifact, Money
from fvbuild.engine.digest import Json, canonical, content
from fvbuild.values import dataclass


@dataclass(frozen=True, slots=True)
class Take:
    """One result of a recipe. ``origin`` names what made it."""

    n: int
    outputs: tuple[Artifact, ...]
    origin: str
    cost: Money | None = None
    seconds: float = 0.0
    made_at: str = ""
    provenance: Mapping[str, Json] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """What others depend on: the digest of its one output, or of all of them."""
        return content_of(self.outputs)

    @property
    def drawn(self) -> int:
        """The number d it was drawn under, with seed + d - 1: ``n``, unless a merge renumbered it,
        because another branch had drawn a take under that number too."""
        fact = self.outputs[0].facts.get("take") if self.outputs else None
        return fact if isinstance(fact, int) and fact > 0 else self.n


def content_of(outputs: Sequence[Artifact]) -> str:
    """One digest for a list of outputs; a single output stands for itself."""
    if len(outputs) == 1:
        return outputs[0].digest
    return content(canonical([[output.name, output.digest] for output in outputs]).encode())


@dataclass(frozen=True, slots=True)
class Choice:
    """Which take of a key was chosen, and how firmly; kept by key, so that an undo finds it."""

    chosen: int
    status: str
    rejected: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Trace:
    """A take to be recorded under its key, with the recipe text that the key digests."""

    key: str
    recipe: str
    take: Take


def outputs_text(outputs: Iterable[Artifact]) -> str:
    """Outputs as the state keeps them."""
    rows = [[o.digest, o.size_bytes, o.media_type, o.name, dict(o.facts)] for o in outputs]
    return json.dumps(rows, separators=(",", ":"))


def outputs_from(text: str) -> tuple[Artifact, ...]:
    """The reverse. Raises ValueError or TypeError for a text that is none."""
    outputs = tuple(Artifact(*output) for output in json.loads(text))
    for output in outputs:
        bytes.fromhex(output.digest)
        dict(output.facts)
    return outputs


def take_from(row: Sequence[object]) -> Take:
    """A take from a row of the state, in the order of its fields."""
    n, outputs, origin, cost, currency, seconds, made_at, provenance = row
    return Take(
        n=int(str(n)),
        outputs=outputs_from(str(outputs)),
        origin=str(origin),
        cost=None if cost is None else Money(float(str(cost)), str(currency)),
        seconds=float(str(seconds)),
        made_at=str(made_at),
        provenance=json.loads(str(provenance)),
    )


def row_of(take: Take) -> tuple[object, ...]:
    """The reverse."""
    return (
        take.n,
        outputs_text(take.outputs),
        take.origin,
        take.cost.amount if take.cost else None,
        take.cost.currency if take.cost else None,
        take.seconds,
        take.made_at,
        json.dumps(dict(take.provenance), separators=(",", ":")),
    )
