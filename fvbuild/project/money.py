"""What a film has spent and may spend, and what became of what it bought."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from fvbuild.engine.action import Money
from fvbuild.engine.budget import Budget
from fvbuild.engine.leases import Leases
from fvbuild.engine.plan import judge_all
from fvbuild.engine.prices import FREE
from fvbuild.engine.purchase import Stage
from fvbuild.errors import UsageError
from fvbuild.film.suggest import did_you_mean, nearest_word
from fvbuild.project.records import BuildOptions
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.engine.entry import Entry
    from fvbuild.engine.graph import Node
    from fvbuild.engine.target import Price, Target
    from fvbuild.project.opened import OpenFilm

_PAID = (Stage.RECEIVED, Stage.COMMITTED, Stage.REFUSED, Stage.FAILED)
_WAITING = (Stage.INTENDED, Stage.SUBMITTED, Stage.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was paid under one heading, one amount a currency; ``by_receipt`` of it by receipts, the
    rest by rate cards. ``unknown`` requests cost something that nobody said."""

    name: str
    requests: int
    amounts: tuple[Money, ...]
    by_receipt: tuple[Money, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class OpenPurchase:
    """A purchase that is neither made nor given up. ``unresolved``: a person must decide;
    ``astray``: the film was changed since, and needs it no more."""

    id: str
    node: str
    take: int
    target: str
    model: str
    stage: str
    began_at: str
    reserved: Money | None
    message: str
    unresolved: bool
    cost: Money | None = None
    astray: bool = False

    @property
    def told(self) -> str:
        """What is the matter with it, in words."""
        if self.unresolved:
            return f"unresolved, {self.message}"
        if self.stage != "submitted":
            return "being asked"
        if self.astray:
            return (
                "accepted, for what the film said then; a build fetches it once the film says so "
                f"again, 'fvbuild resolve {self.node} --cancel' or --forget gives it up"
            )
        return "accepted; the next build fetches it"


@dataclass(frozen=True, slots=True)
class Costs:
    """All that a film has spent, under headings, and what stands apart from it."""

    film: str
    by: str
    lines: tuple[Spent, ...]
    total: Spent
    possibly: tuple[Money, ...]
    open: tuple[OpenPurchase, ...]
    budgets: tuple[Budget, ...]


def budgets(project: OpenFilm, options: BuildOptions) -> tuple[Budget, ...]:
    """The limits that hold for a build: the film's, less what it has spent, and the command's."""
    found = []
    if (own := project.budget) is not None:
        spent = round(project.ledger.spent().get(own.currency, 0.0), 6)
        found.append(Budget(own.amount, own.currency, whole_film=True, spent=spent))
    if (asked := options.budget) is not None:
        found.append(Budget(asked.amount, asked.currency))
    return tuple(found)


def open_purchases(project: OpenFilm) -> Sequence[Entry]:
    """What was bought or begun by builds that are gone. No build of this process may be running:
    it would lose its leases."""
    leases = Leases(project.workspace.cache / "leases")
    try:
        return project.ledger.recover(leases)
    finally:
        leases.close()


class RewordingPrice:
    """What it costs at most to put refused words differently once: by whichever language model of
    the film is dearest."""

    def __init__(self, targets: Mapping[str, Target]) -> None:
        self._targets = targets

    def __call__(self, node: Node) -> Price:
        """The same for every node whose words may be put differently."""
        return FREE if node.kind in _NEVER_REWORDED else self._price

    @cached_property
    def _price(self) -> Price:
        prices = [
            target.price("reword", {"text": _LONG, "what": "a clip", "why": _LONG})
            for target in self._targets.values()
            if "caption" in target.capabilities.kinds and not target.capabilities.pure
        ]
        return max(prices, key=lambda price: (not price.known, price.max), default=FREE)


_NEVER_REWORDED = frozenset({"caption", "motion", "speech"})
_LONG = "word " * 400


# --- what was spent -------------------------------------------------------------------------------


def costs(project: OpenFilm, by: str) -> Costs:
    """What the film has spent, by ``scene``, ``target`` or ``day`` (of UTC)."""
    open_purchases(project)
    entries = project.ledger.entries()
    paid = [entry for entry in entries if entry.stage in _PAID and entry.cost != 0.0]
    names = _NAMES[by]
    headings = sorted({names(entry) for entry in paid})
    lines = [_spent(name, [e for e in paid if names(e) == name]) for name in headings]
    waiting = [entry for entry in entries if entry.stage in _WAITING]
    retried = [entry for entry in entries if entry.stage is Stage.RETRIED]
    astray = _astray(project, waiting)
    return Costs(
        project.title,
        by,
        tuple(lines),
        _spent("", paid),
        _sums((e.reserved, e.currency) for e in retried if e.reserved),
        tuple(replace(_open(e), astray=e.id in astray) for e in waiting),
        budgets(project, BuildOptions()),
    )


_NAMES: dict[str, Callable[[Entry], str]] = {
    "scene": lambda entry: entry.node.partition("/")[0],
    "target": lambda entry: entry.target,
    "day": lambda entry: entry.began_at[:10],
}


def _spent(name: str, entries: Sequence[Entry]) -> Spent:
    known = [entry for entry in entries if entry.cost is not None]
    return Spent(
        name,
        len(entries),
        _sums((entry.cost, entry.currency) for entry in known),
        _sums((entry.cost, entry.currency) for entry in known if entry.receipt),
        len(entries) - len(known),
    )


def _sums(amounts: Iterable[tuple[float | None, str]]) -> tuple[Money, ...]:
    sums: dict[str, float] = {}
    for amount, currency in amounts:
        sums[currency] = round(sums.get(currency, 0.0) + (amount or 0.0), 6)
    return tuple(Money(sums[currency], currency) for currency in sorted(sums))


def _astray(project: OpenFilm, waiting: Iterable[Entry]) -> frozenset[str]:
    """The ids of purchases that no node of the film as it is now asks for, as far as is known."""
    own = [entry for entry in waiting if entry.profile == (project.profile or "")]
    kinds = {entry.kind for entry in own}
    keys: dict[str, set[str | None]] = {kind: set() for kind in kinds}
    if own:
        found = [node for node in project.graph if node.kind in kinds]
        verdicts = judge_all(project.judge(), [node.id for node in found])
        for node in found:
            keys[node.kind].add(verdicts[node.id].key)
    return frozenset(e.id for e in own if not {None, e.key} & keys[e.kind])


# --- what is not known ----------------------------------------------------------------------------


def unresolved(project: OpenFilm) -> list[OpenPurchase]:
    """The purchases of this film that a person must decide about."""
    open_purchases(project)
    return [_open(e) for e in project.ledger.entries() if e.stage is Stage.UNKNOWN]


def resolve(project: OpenFilm, node: str, *, retry: bool | None) -> list[OpenPurchase]:
    """Decide about a node's unresolved purchases, or drop what it bought and never fetched; with
    None, only find them.

    Raises UsageError when there is no such node, or nothing to decide about.
    """
    found = _to_decide(project, node)
    if retry is None:
        return [_open(entry) for entry in found]
    _check_alone(project, node, found)
    return [_open(project.ledger.resolve(entry, retry=retry)) for entry in found]


def cancel(project: OpenFilm, node: str) -> list[OpenPurchase]:
    """Have the jobs stopped that providers work at for a node; what they likely cost counts as
    spent, for nobody says what a stopped one costs.

    Raises UsageError when there is none, TargetError when one cannot be stopped.
    """
    from fvbuild.targets.api.cancelling import cancel as stop

    found = [entry for entry in _to_decide(project, node) if entry.stage is Stage.SUBMITTED]
    if not found:
        raise UsageError(
            f"nobody is known to work at '{node}'",
            hint="a request of unknown fate cannot be stopped; its provider's console may know it",
        )
    _check_alone(project, node, found)
    done = []
    for entry in found:
        target = project.targets.hosted().get(entry.target)
        if target is None or target.provider.name != entry.provider:
            raise UsageError(
                f"the film has no target '{entry.target}' of {entry.provider} any more",
                hint="put it back, or drop the job: --forget",
            )
        stop(target, entry.kind, entry.id, entry.job or {}, str(entry.note.get("call", "")))
        done.append(_open(project.ledger.resolve(entry, retry=False, why="cancelled")))
    return done


def _check_alone(project: OpenFilm, node: str, entries: Iterable[Entry]) -> None:
    with_leases = {entry.id for entry in open_purchases(project)}
    if any(entry.id not in with_leases for entry in entries):
        raise UsageError(f"another build works on '{node}'", hint="wait until it has ended")


def _to_decide(project: OpenFilm, node: str) -> list[Entry]:
    open_purchases(project)
    every = [entry for entry in project.ledger.entries() if entry.open]
    found = [entry for entry in every if entry.node == node]
    if not found and node in project.graph:
        # It was called otherwise when it was bought: the key is the same.
        _, verdicts = project.verdicts([node], BuildOptions())
        found = [entry for entry in every if entry.key == verdicts[node].key]
    found = [entry for entry in found if entry.stage is Stage.UNKNOWN] or found
    if found:
        return found
    waiting = sorted({entry.node for entry in every if entry.stage is Stage.UNKNOWN})
    if node not in project.graph:
        near = nearest_word(node, waiting)
        if near is None:
            project.goal_nodes([node])
        raise UsageError(
            f"there is no node '{node}'" if near else f"'{node}' is not one node",
            hint=f"did you mean '{near}'?" if near else "fvbuild resolve lists what is unresolved",
        )
    raise UsageError(
        f"nothing that was bought for '{node}' is unresolved",
        hint=did_you_mean(node, waiting) or "nothing is, in the whole film",
    )


def _open(entry: Entry) -> OpenPurchase:
    return OpenPurchase(
        entry.id,
        entry.node,
        entry.take,
        entry.target,
        entry.model,
        entry.stage.value,
        entry.began_at,
        None if entry.reserved is None else Money(entry.reserved, entry.currency),
        entry.message,
        entry.stage is Stage.UNKNOWN,
        entry.paid,
    )
