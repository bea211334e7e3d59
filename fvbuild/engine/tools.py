"""What a build works with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from fvbuild.engine.attempts import Reword
from fvbuild.engine.clock import Clock
from fvbuild.engine.events import Listener
from fvbuild.engine.executor import HERE, Executor
from fvbuild.engine.graph import Kind, Node
from fvbuild.engine.leases import Leases
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.prices import TakePrices
from fvbuild.engine.show import Shown
from fvbuild.engine.state import State
from fvbuild.engine.store import Store
from fvbuild.engine.target import Target, TargetUse
from fvbuild.engine.verdict import Known
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.engine.shared_work import SharedWork

ERRANDS = "errands"
CLAIMS = "claims"
ERRANDS_AT_ONCE = {ERRANDS: 24, CLAIMS: 64}
"""Pools of errands to the shared store; those for claims may wait for other machines."""


@dataclass(frozen=True, slots=True)
class Tools:
    """State, store and slots of one build, who listens to it and who may stop it.

    ``shown`` is None where nothing is to be shown. ``pools`` are slots by name, ``jobs`` those of
    every pool that is not named. ``ledger`` keeps what is bought (None: nothing is), ``prices`` say
    what a take may cost at most, ``reword`` puts refused words differently. ``executor`` has takes
    made, here or on other machines. ``widths`` are targets whose takes have several slots at once.
    ``sharing`` is the shared store, if there is one.
    """

    state: State
    store: Store
    leases: Leases
    clock: Clock
    find_target: Callable[[str], Target]
    shown: Shown | None
    listener: Listener
    cancel: threading.Event
    pools: Mapping[str, int]
    jobs: int
    keep_going: bool = True
    ledger: Ledger | None = None
    prices: TakePrices | None = None
    reword: Reword | None = None
    executor: Executor = HERE
    widths: Mapping[str, int] = field(default_factory=dict)
    sharing: SharedWork | None = None

    def slots(self, pool: str) -> int:
        """How many takes of a pool are made at once."""
        if pool in ERRANDS_AT_ONCE:
            return ERRANDS_AT_ONCE[pool]
        return self.executor.slots(pool) or max(1, self.pools.get(pool, self.jobs))

    def width(self, target: TargetUse | None) -> int:
        """How many slots of its pool a take has at once. Elsewhere a slot is a whole place."""
        if target is None or self.executor.slots(target.pool) is not None:
            return 1
        return self.widths.get(target.name, 1)

    def needed_here(self, node: Node, kind: Kind, known: Known) -> Known:
        """What of an input must lie in the store before a node is made from it."""
        pool = node.target.pool if node.target is not None else "cpu"
        if kind.beside_store or not self.executor.fetches(pool):
            return known
        words = (output for output in known.outputs if output.media_type == "text/plain")
        return Known(known.content, tuple(words))
