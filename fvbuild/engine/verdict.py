"""Verdicts: what must happen to a node, and what is known of its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from fvbuild.engine.action import Artifact
from fvbuild.engine.digest import Json
from fvbuild.engine.events import Act, Reason
from fvbuild.engine.target import Price
from fvbuild.errors import Exit
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.engine.decisions import Decision
    from fvbuild.engine.explain import Explanation


class Known(NamedTuple):
    """A node's content: what others depend on. ``usable`` is False when its bytes are lost."""

    content: str
    outputs: tuple[Artifact, ...]
    usable: bool = True


_FREE = Price()


@dataclass(slots=True)
class Verdict:
    """What must happen to one node, and all that a build needs to do it.

    known: its content, if that is certain. missing: the takes to be made, in order. cost: what they
    may cost; to_pay: what of it is not paid for already (None: all). exit: the exit code that it
    ends a build with, where its reason alone does not tell.
    """

    action: Act
    reason: Reason
    known: Known | None = None
    key: str | None = None
    recipe: str | None = None
    params: Mapping[str, Json] | None = None
    missing: tuple[int, ...] = ()
    decision: Decision | None = None
    because: tuple[str, ...] = ()
    explanation: Explanation | None = None
    message: str = ""
    cost: Price = _FREE
    to_pay: Price | None = None
    exit: Exit | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for beyond bringing things up to date.

    refresh: nodes to be made again; refresh_held: so is everything that is held.
    draws: how many more takes of a node. over_budget: nodes that budgets do not cover, and why.
    withheld: nodes that are not made now even if their recipes ask for it, and why.
    """

    refresh: frozenset[str] = frozenset()
    refresh_held: bool = False
    draws: Mapping[str, int] = field(default_factory=dict)
    over_budget: Mapping[str, str] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)


class Verdicts(dict[str, Verdict]):
    """Verdicts by node id; for nodes that a partial graph leaves out, what is known of them."""

    def __init__(self, settled: Mapping[str, Verdict] | None = None) -> None:
        super().__init__()
        self.settled: Mapping[str, Verdict] = {} if settled is None else settled

    def __missing__(self, node_id: str) -> Verdict:
        return self.settled[node_id]
