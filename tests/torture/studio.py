"""A film on a disk whose generated nodes are bought, with all the commands that people have.

Commands are the project's own where it has them (``fvbuild.project.deciding``); the films are toys.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

from disks import Disk
from edits import Draft
from shops import Shop
from toys import FILM, ToyTarget, World, graph_of, result_text, seconds_of

from fvbuild.engine.action import Action, Made, Money, Outcome
from fvbuild.engine.clock import iso
from fvbuild.engine.commit import update_lock
from fvbuild.engine.events import Report
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.lock import Lock
from fvbuild.engine.plan import Wishes
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.target import Price
from fvbuild.engine.verdict import Verdict

if TYPE_CHECKING:
    from fvbuild.engine.graph import Graph
    from fvbuild.engine.judge import Judge
    from fvbuild.project.session import Project

PRICE = 1.0


@dataclass
class Bought(ToyTarget):
    """A target that buys its texts at a shop; a line of the bill says for whom, and which take."""

    shop: Shop = field(default_factory=lambda: Shop(Path()))
    machine: str = ""

    def make(self, action: Action) -> Outcome:
        """Buy a take, or go on with one that was bought."""
        purchase = action.purchases.unfinished()
        if purchase is None:
            price = Price(PRICE, PRICE, PRICE)
            purchase = action.purchases.begin("one", price, resubmit_safe=False)
        answer = purchase.folder / "answer.txt"
        if not purchase.answered:
            if purchase.job is None:
                slot = f"{self.machine} {purchase.entry.lease}"  # type: ignore[attr-defined]
                order = self.shop.order(purchase.id, slot, PRICE, idempotent=False)
                purchase.submitted({"id": order})
            answer.write_text(_text(action))
            purchase.received(Money(PRICE))
        copy = action.folder / "answer.txt"
        copy.write_text(answer.read_text())
        facts = {"seconds": seconds_of(copy.read_text())}
        return Outcome((Made("text/plain", path=copy, facts=facts),), cost=Money(PRICE))


def _text(action: Action) -> str:
    inputs = {role: [file.text or "" for file in files] for role, files in action.inputs.items()}
    model = str(action.settings.get("model", ""))
    return result_text(action.kind, action.params, inputs, model, action.seed)


class Studio:
    """A folder with a film, its cache and its lock. Every method is a command of its own."""

    def __init__(self, folder: Path, shop: Shop, machine: str) -> None:
        self.folder = folder
        self.disk = Disk(folder)
        self.shop = shop
        self.machine = machine

    @contextlib.contextmanager
    def opened(self, draft: Draft) -> Iterator[World]:
        """All parts opened anew, as a command does."""
        self.disk.target = Bought(shop=self.shop, machine=self.machine)
        with self.disk.opened() as world:
            world.files = dict(draft.files)
            files = PurchaseFiles(self.disk.cache)
            world.ledger = Ledger(world.state, files, world.clock, FILM)
            world.ledger.start()
            try:
                yield world
            finally:
                world.ledger.close()

    def build(self, draft: Draft, node: str | None = None, draws: int = 0) -> Report:
        """Build the film; or draw takes of a node."""
        with self.opened(draft) as world:
            world.shares_its_lock = True
            graph = graph_of(draft.film, PRICE)
            wishes = Wishes(draws={node: draws}) if node is not None else None
            try:
                goals = [node] if node is not None else []
                report = world.run(graph, goals, wishes=wishes, jobs=1)
            finally:
                if world.build is not None:
                    self._write_lock(world, graph, whole=node is None)
                world.leases.close()
            if node is None:
                self.disk.show(world)
            return report

    def _write_lock(self, world: World, graph: Graph, *, whole: bool) -> None:
        """As the project does: others may have written it meanwhile."""
        assert world.build is not None
        world.leases.wait("lock")
        judged, world.lock = world.lock, self.lock()
        update_lock(world.lock, graph, world.build.verdicts, whole, world.state, judged)
        world.lock.write()

    def plan(self, draft: Draft) -> dict[str, Verdict]:
        """What a build would do."""
        with self.opened(draft) as world:
            return world.plan(graph_of(draft.film, PRICE))

    def resolve(self, draft: Draft) -> list[str]:
        """Say of what is unresolved that it is to be bought again; the slots."""
        with self.opened(draft) as world:
            assert world.ledger is not None
            found = [e for e in world.ledger.recover(world.leases) if e.stage == "unknown"]
            for entry in found:
                world.ledger.resolve(entry, retry=True)
            return [entry.lease for entry in found]

    @contextlib.contextmanager
    def project(self, draft: Draft) -> Iterator[Project]:
        """The film as the project's functions that decide about takes want it."""
        with self.opened(draft) as world:
            measured = patch(
                "fvbuild.project.media_facts.check_medium",
                lambda _kind, file: {"seconds": seconds_of(file.read_text())},
            )
            with measured:
                yield cast("Project", _Project(self, world, graph_of(draft.film, PRICE)))

    def lock(self) -> Lock:
        """The lock as it is on disk."""
        return Lock.read(self.disk.lock_path)


class _Project:
    """As much of a project as decisions about takes need."""

    name = FILM

    def __init__(self, studio: Studio, world: World, graph: Graph) -> None:
        self._studio = studio
        self._world = world
        self.graph = graph
        self.state = world.state
        self.store = world.store
        self.workspace = SimpleNamespace(cache=studio.disk.cache)

    @property
    def lock(self) -> Lock:
        return self._world.lock

    def goal_nodes(self, goals: list[str]) -> list[str]:
        return list(goals)

    def judge(self) -> Judge:
        return self._world.judge(self.graph)

    def read_lock(self) -> Lock:
        return self._studio.lock()

    def write_lock(self, lock: Lock) -> None:
        lock.write()
        self._world.lock = lock

    def keep_artifacts(self) -> None:
        if stats := self.store.flush():
            with self.state.transaction():
                self.state.stats.set_artifact_stats(stats)

    def now(self) -> str:
        return iso(self._world.clock.now_ns())
