"""What a project tells its callers, and what they can ask of a build."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from fvbuild.engine.action import Money
from fvbuild.engine.digest import Json
from fvbuild.engine.events import Reason
from fvbuild.errors import Exit
from fvbuild.values import dataclass

EXITS = {Reason.OVER_BUDGET: Exit.BUDGET, Reason.WAITS_FOR_APPROVAL: Exit.WAITS_FOR_APPROVAL}
"""What a node that was not made ends a command with, by the reason; else ``Exit.NODE_FAILED``."""

LEVELS = ("none", "final", "review", "all")
"""How much of what is away is brought to be shown under ``out/``: nothing, the goals of a build,
also all that was generated, every artifact."""
NONE, FINAL, REVIEW, ALL = LEVELS
DEFAULT_LEVEL = FINAL


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How a build or plan is to be made.

    jobs: slots of the ``cpu`` pool. refresh: make the goals again (without goals: what is held).
    budget: the most that may be spent, beside the film's own. every_node: the report lists every
    node, also those that an edit cannot have reached. materialize: how much of what is in the
    shared store alone is brought to be shown (one of ``LEVELS``); empty: as the workspace file
    says.
    """

    jobs: int = os.cpu_count() or 1
    keep_going: bool = True
    refresh: bool = False
    budget: Money | None = None
    every_node: bool = False
    materialize: str = ""


@dataclass(frozen=True, slots=True)
class TakeRow:
    """One take as people look at it. ``path`` is where its file can be opened, if it is there;
    ``away``: it is in the shared store alone. ``seconds`` it took to make; None: nobody knows.
    ``tried`` is what was tried before it was made, step by step, where it was not made at once."""

    n: int
    artifact: str
    status: str
    origin: str
    cost: Money | None
    seed: int | None
    seconds: float | None
    made_at: str
    path: Path | None
    away: bool = False
    tried: tuple[Mapping[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class NodeTakes:
    """The takes of a node, and which of them is chosen."""

    node: str
    kind: str
    key: str
    chosen: int
    status: str
    takes: tuple[TakeRow, ...]
