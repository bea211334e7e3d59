"""What the engine says while it works, and the verdicts it gives. Reporters draw; they ask nothing.

The words of :class:`Act`, :class:`Reason` and :class:`Did` are the contract of ``plan --json`` and
``build --json``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from enum import StrEnum
from typing import TypeAlias

from fvbuild.engine.action import Money
from fvbuild.engine.digest import Json
from fvbuild.engine.prices import total
from fvbuild.engine.target import Price
from fvbuild.errors import Exit
from fvbuild.values import dataclass


class Act(StrEnum):
    """What a plan says will happen to a node."""

    REUSE = "reuse"
    BUILD = "build"
    MAYBE = "maybe"
    HELD = "held"
    BLOCKED = "blocked"


class Did(StrEnum):
    """What a build did with a node."""

    BUILT = "built"
    CUTOFF = "cutoff"
    REUSED = "reused"
    HELD = "held"
    FAILED = "failed"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why."""

    UP_TO_DATE = "up_to_date"
    NO_TAKE = "no_take"
    RECIPE_CHANGED = "recipe_changed"
    UNSUPPORTED = "unsupported"
    INPUT_CHANGED = "input_changed"
    MODEL_CHANGED = "model_changed"
    REQUESTED = "requested"
    REJECTED = "rejected"
    CHECK_FAILED = "check_failed"
    ARTIFACT_LOST = "artifact_lost"
    ARTIFACT_CORRUPT = "artifact_corrupt"
    HELD_APPROVED = "held_approved"
    WAITS_FOR_APPROVAL = "waits_for_approval"
    OVER_BUDGET = "over_budget"
    UPSTREAM_FAILED = "upstream_failed"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a recipe that differs from the last result. None: it was not there."""

    path: str
    old: Json
    new: Json


@dataclass(slots=True)
class Step:
    """The verdict on one node.

    paths: the fields that changed; because: the nodes it comes from; message: in words, for
    ``blocked``, ``held`` and lost artifacts.
    """

    node: str
    kind: str
    action: Act
    reason: Reason
    paths: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    target: str | None = None
    takes: int = 1
    cost: Price = field(default_factory=Price)
    loc: str | None = None
    message: str = ""
    key: str | None = None


@dataclass(slots=True)
class Plan:
    """Every node of the goals in topological order, with totals."""

    film: str
    profile: str | None
    steps: list[Step]
    notes: list[str] = field(default_factory=list)

    def count(self, action: Act) -> int:
        """How many nodes got this verdict."""
        return sum(step.action is action for step in self.steps)

    @property
    def cost(self) -> Price:
        """What the whole plan may cost."""
        return total(s.cost for s in self.steps if s.action in (Act.BUILD, Act.MAYBE))

    @property
    def changes(self) -> bool:
        """True when a build would make something."""
        return any(step.action in (Act.BUILD, Act.MAYBE) for step in self.steps)


@dataclass(slots=True)
class Result:
    """What a build did with one node. ``artifact`` is the chosen take's main digest.

    ``other_costs`` are what it cost besides in other currencies; ``exit`` is the exit code that it
    ends a build with, where action and reason do not tell.
    """

    node: str
    kind: str
    action: Did
    reason: Reason
    paths: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    target: str | None = None
    takes: int = 1
    take: int | None = None
    seconds: float = 0.0
    cost: Money | None = None
    other_costs: tuple[Money, ...] = ()
    artifact: str | None = None
    loc: str | None = None
    message: str = ""
    exit: Exit | None = None


@dataclass(slots=True)
class Report:
    """The end of a build: a result for every node of the goals, in topological order.

    ``untouched`` counts further nodes that no edit can have reached; they were not looked at.
    """

    film: str
    profile: str | None
    results: list[Result]
    seconds: float = 0.0
    interrupted: bool = False
    untouched: int = 0
    notes: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    """Absolute paths under ``out/`` of the goals, to be opened by the user."""

    def count(self, action: Did) -> int:
        """How many nodes ended so; untouched ones are reused."""
        more = self.untouched if action is Did.REUSED else 0
        return more + sum(result.action is action for result in self.results)


# --- events, in the order they occur ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BuildStarted:
    """A build begins. ``todo`` is the number of nodes that may run."""

    film: str
    profile: str | None
    nodes: int
    todo: int


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A take of a node is being made."""

    node: str
    kind: str
    take: int
    target: str | None


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """How far it is, 0 to 1, and a word on what it is doing."""

    node: str
    done: float
    note: str


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """A node ended."""

    result: Result


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user should know; ``level`` is ``info`` or ``warning``."""

    message: str
    level: str = "info"


@dataclass(frozen=True, slots=True)
class Transfer:
    """Artifacts are on their way. ``verb`` with ``place`` says from or to where ("sent to",
    "brought from"); ``done`` of ``total`` takes or artifacts, ``size_bytes`` so far."""

    verb: str
    place: str
    done: int
    total: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class BuildFinished:
    """The build is over, all durable."""

    report: Report


Event: TypeAlias = (
    BuildStarted | NodeStarted | NodeProgress | NodeFinished | Note | Transfer | BuildFinished
)
Listener: TypeAlias = Callable[[Event], None]
