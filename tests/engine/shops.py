"""A provider that bills on accept, a target that buys there, and films built with both.

A :class:`Shop` is a folder, so that it outlives the processes that are killed while they buy; its
bill is the truth about money. The target does what an exchange over HTTP does, in the same order.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from disks import Disk
from toys import FILM, GENERATED, Toy, World, graph_of

from fvbuild.engine.action import Action, Made, Money, Outcome
from fvbuild.engine.attempts import Reword
from fvbuild.engine.budget import Budget
from fvbuild.engine.digest import Json, of_value
from fvbuild.engine.events import Report
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.lock import Lock
from fvbuild.engine.plan import within_budget
from fvbuild.engine.purchase import Purchase
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.target import Capabilities, Price, TargetUse
from fvbuild.engine.verdict import Verdict
from fvbuild.errors import (
    JobFailedError,
    QuotaError,
    RefusedError,
    UnavailableError,
)

Pattern: TypeAlias = Literal["job", "sync", "safe"]
PATTERNS: tuple[Pattern, ...] = ("job", "sync", "safe")


@dataclass(frozen=True)
class Order:
    """A line of the bill."""

    id: str
    what: str
    price: float


class Shop:
    """The provider's side. ``orders`` are billed when they are accepted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "answers").mkdir(parents=True, exist_ok=True)

    def order(self, key: str, what: str, price: float, *, idempotent: bool) -> str:
        """Accept and bill an order; with ``idempotent``, one a key. Returns its number."""
        found = [order.id for order in self.bill() if idempotent and order.id == key]
        if found:
            return found[0]
        (self.folder / "counter").write_bytes(b"an order arrives")
        line = json.dumps([key, what, price]) + "\n"
        descriptor = os.open(self.folder / "bill", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return key

    def answer(self, order: str) -> str:
        """What was made for an order."""
        return next(each.what for each in self.bill() if each.id == order)

    def bill(self) -> list[Order]:
        """All that was ever billed."""
        path = self.folder / "bill"
        lines = path.read_text().splitlines() if path.exists() else []
        return [Order(*json.loads(line)) for line in lines]

    @property
    def total(self) -> float:
        """The sum of the bill."""
        return round(sum(order.price for order in self.bill()), 6)


Trouble: TypeAlias = Literal[
    "refused", "refused and billed", "flagged", "quota", "unavailable", "failed", "slow", "lost"
]


@dataclass
class Buyer:
    """A target that buys at a shop. ``troubles`` meet its requests in turn, one each."""

    shop: Shop
    pattern: Pattern = "job"
    name: str = "veo"
    model: str = "one"
    cost: Price = field(default_factory=lambda: Price(1.0, 1.0, 1.0))
    receipt: float | None = 1.0
    troubles: list[Trouble] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(GENERATED))

    @property
    def pool(self) -> str:
        """A pool of its own, as providers have."""
        return f"{self.name}-shop"

    @property
    def identity(self) -> Mapping[str, Json]:
        """Its model."""
        return {"model": self.model}

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        """The same for every kind."""
        return self.identity

    def price(self, kind: str, params: Mapping[str, Json]) -> Price:
        """What it bills."""
        return self.cost

    def make(self, action: Action) -> Outcome:
        """Buy one take, or go on with one that was bought."""
        self.asked.append((action.node, action.take))
        purchases = action.purchases
        purchase: Purchase | None = purchases.unfinished()
        if purchase is None:
            safe = self.pattern == "safe"
            purchase = purchases.begin(self.model, self.cost, resubmit_safe=safe)
        if not purchase.answered:
            self._buy(action, purchase)
        copy = action.folder / "answer.txt"
        copy.write_text((purchase.folder / "answer.txt").read_text())
        cost = None if self.receipt is None else Money(self.receipt, self.cost.currency)
        return Outcome((Made("text/plain", path=copy, facts={"seconds": 1}),), cost=cost)

    def _buy(self, action: Action, purchase: Purchase) -> None:
        words = _words(action)
        if purchase.job is None:
            trouble = self.troubles.pop(0) if self.troubles else None
            self.requests.append(words)
            if trouble is not None:
                self._meet(trouble, purchase, words)
            bill = self.cost.max if self.receipt is None else self.receipt
            what = f"{self.name} made {words} ({action.seed})"
            order = self.shop.order(purchase.id, what, bill, idempotent=self.pattern == "safe")
            if self.pattern == "job":
                purchase.submitted({"id": order})
            if trouble == "slow":
                raise UnavailableError("it takes too long")
            if trouble == "failed":
                purchase.ended("failed", "the job failed")
                raise JobFailedError("the job failed")
            if trouble == "lost":
                raise purchase.unknown("the line went dead")
        else:
            order = str(purchase.job["id"])
        answer = self.shop.answer(order)
        (purchase.folder / "answer.txt").write_bytes(answer.encode())
        receipt = None if self.receipt is None else Money(self.receipt, self.cost.currency)
        purchase.received(receipt)

    def _meet(self, trouble: Trouble, purchase: Purchase, words: str) -> None:
        if trouble == "quota":
            purchase.not_accepted("no credits are left")
            raise QuotaError("no credits are left")
        if trouble == "unavailable":
            purchase.not_accepted("it does not answer")
            raise UnavailableError("it does not answer")
        if trouble in ("refused", "refused and billed", "flagged"):
            cost = None
            if trouble == "refused and billed":
                self.shop.order(
                    purchase.id, f"refused {words}", self.cost.refusal, idempotent=False
                )
                cost = Money(self.cost.refusal, self.cost.currency)
            flagged = trouble == "flagged"
            purchase.ended("refused", "too dark", cost, flagged_input=flagged)
            raise RefusedError("too dark", flagged_input=flagged)


def _words(action: Action) -> str:
    inputs = {role: [file.text for file in files] for role, files in action.inputs.items()}
    return of_value([dict(action.params), inputs])[:8]


@dataclass
class Town:
    """A folder with a film's cache, and shops around it; every method is a command."""

    folder: Path
    buyers: list[Buyer] = field(default_factory=list)
    budget: float | None = None
    fallbacks: tuple[str, ...] = ()
    reword: Reword | None = None
    takes: int = 1
    nodes: int = 1

    def __post_init__(self) -> None:
        """The first buyer makes everything; the others are its fallbacks."""
        self.disk = Disk(self.folder / "film")

    def graph(self) -> Graph:
        """``a``, ``b`` ... bought, and what is made here of all of them."""
        first, *others = self.buyers
        names = [chr(ord("a") + n) for n in range(self.nodes)]
        film = {name: Toy("picture", {"look": name}, takes=self.takes) for name in names}
        film["cut"] = Toy("joined", {}, tuple(("picture", name, None) for name in names))
        graph = graph_of(film)
        return Graph(
            [self._bought(node, first, others) for node in graph], graph.kinds, tuple(film)
        )

    def _bought(self, node: Node, first: Buyer, others: Sequence[Buyer]) -> Node:
        if node.target is None:
            return node
        use = TargetUse(
            first.name, first.identity, first.pool, tuple(other.name for other in others)
        )
        return replace(node, target=use, price=first.cost)

    @contextlib.contextmanager
    def opened(self) -> Iterator[World]:
        """The film opened, with a ledger."""
        with self.disk.opened() as world:
            world.targets = {buyer.name: buyer for buyer in self.buyers}
            world.reword = self.reword
            files = PurchaseFiles(self.disk.cache)
            world.ledger = Ledger(world.state, files, world.clock, FILM)
            world.ledger.start()
            try:
                yield world
            finally:
                world.ledger.close()

    def budgets(self, ledger: Ledger) -> tuple[Budget, ...]:
        """The film's budget, less what it has spent."""
        if self.budget is None:
            return ()
        spent = ledger.spent().get("USD", 0.0)
        return (Budget(self.budget, "USD", whole_film=True, spent=spent),)

    def build(self) -> Report:
        """Build it."""
        with self.opened() as world:
            assert world.ledger is not None
            budgets = self.budgets(world.ledger)
            world.ledger.start(budgets)
            try:
                report = world.run(self.graph(), budgets=budgets)
            finally:
                world.leases.wait("lock")
                world.lock = _merged(self.disk.lock_path, world.lock)
                world.lock.write()
                world.leases.close()
            self.disk.show(world)
            return report

    def plan(self) -> dict[str, Verdict]:
        """What a build would do."""
        with self.opened() as world:
            assert world.ledger is not None
            graph = self.graph()
            judge = world.judge(graph)
            return dict(within_budget(judge, graph.outputs, self.budgets(world.ledger)))

    def resolve(self, *, retry: bool) -> int:
        """Say of all unresolved purchases what became of them; how many there were."""
        with self.opened() as world:
            assert world.ledger is not None
            found = [e for e in world.ledger.recover(world.leases) if e.stage == "unknown"]
            for entry in found:
                world.ledger.resolve(entry, retry=retry)
            return len(found)

    def stages(self) -> list[str]:
        """The stages of all purchases, in order."""
        with self.opened() as world:
            assert world.ledger is not None
            return [entry.stage.value for entry in world.ledger.entries()]

    def spent(self) -> float:
        """What the ledger says that was spent, for certain."""
        with self.opened() as world:
            assert world.ledger is not None
            entries = world.ledger.entries()
        return round(sum(e.cost or 0.0 for e in entries), 6)

    def folders(self) -> list[str]:
        """The folders of purchases that are left."""
        return PurchaseFiles(self.disk.cache).ids()


def _merged(path: Path, lock: Lock) -> Lock:
    now = Lock.read(path)
    for line in lock.lines.values():
        now.put(line)
    return now
