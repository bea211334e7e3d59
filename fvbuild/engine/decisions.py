"""Which takes a recipe has and which of them is chosen: lock, state and their precedence.

The lock decides, since it is what git carries. A line whose node is gone lends its decision to a
node of equal kind and key. What the lock does not know (an undone edit) is remembered by key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from fvbuild.engine.action import Artifact
from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.lock import HOLDING, Lock, LockLine, LockTake, with_status
from fvbuild.engine.renames import renamed
from fvbuild.engine.sniff import media_type_of
from fvbuild.engine.state import State
from fvbuild.engine.store import Store
from fvbuild.engine.takes import Choice, Take
from fvbuild.values import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """The takes of one key as one node sees them."""

    takes: dict[int, Take]
    choice: Choice

    @property
    def chosen(self) -> Take | None:
        """The chosen take, if it was made."""
        return self.takes.get(self.choice.chosen)

    @property
    def next_number(self) -> int:
        """The number of the next draw."""
        return max(self.takes, default=0) + 1

    def spare(self) -> int | None:
        """The first take that was not rejected."""
        return next((n for n in sorted(self.takes) if n not in self.choice.rejected), None)


_FEW = 2000
_FEW_LOOKUPS = 8


class Decisions:
    """Looks up takes and choices for the nodes of one film.

    ``measure`` gives the facts of an artifact of some kind, for takes known from the lock alone
    which nothing depended on when the lock was written.
    """

    def __init__(
        self,
        graph: Graph,
        state: State,
        store: Store,
        lock: Lock,
        film: str,
        measure: Callable[[str, Path], Mapping[str, Json]] | None = None,
    ) -> None:
        self.lock = lock
        self._measure = measure
        self._state = state
        self._film = film
        self._store = store
        # Takes of a few nodes are read one by one; for a whole film one reading is quicker.
        many = len(graph) > _FEW
        self._takes = state.last_takes(film) if many else {}
        # What another build makes meanwhile is found once its lease is had (``look_again``).
        self._none_yet = many and not self._takes and state.is_without_takes()
        self._graph = graph
        self._asked_by_key = 0
        self._by_key: dict[str, list[LockLine]] | None = None

    def _of_recipe(self, node: Node, key: str) -> list[LockLine]:
        """The lock lines of equal kind and key, the most firmly decided first."""
        self._asked_by_key += 1
        if self._by_key is None and self._asked_by_key <= _FEW_LOOKUPS:
            lines = self.lock.of_key(key)
        else:
            if self._by_key is None:
                self._by_key = {}
                for line in self.lock.lines.values():
                    self._by_key.setdefault(line.key, []).append(line)
            lines = self._by_key.get(key, [])
        found = [line for line in lines if line.kind == node.kind]
        return sorted(found, key=lambda line: (not line.holding, line.node))

    def line(self, node: Node) -> LockLine | None:
        """The lock line of a node itself, or what it brings along from the name it had."""
        return self.lock.get(node.id) or self.renamed.get(node.id)

    @cached_property
    def renamed(self) -> dict[str, LockLine]:
        """Held lines of nodes that were renamed and edited at once, by what they are called now."""
        if self._graph.is_part:
            return {}
        return renamed(self._graph, self.lock, lambda: self._state.last_keys(self._film))

    def takes_of(self, key: str) -> dict[int, Take]:
        """The takes that were made of a key."""
        takes = self._takes.get(key)
        if takes is None:
            takes = {} if self._none_yet else self._state.takes(key)
            self._takes[key] = takes
        return takes

    def of(self, node: Node, key: str) -> Decision:
        """The takes of a key, and which of them this node shows."""
        takes = self.takes_of(key)
        if node.target is None:
            return Decision(takes, Choice(1, "made"))
        line = self.lock.get(node.id)
        if line is None or line.key not in (key, ""):
            others = self._of_recipe(node, key)
            orphans = [] if self._graph.is_part else self._orphans(others)
            # Its own line, if it has one, decided another recipe: what was renamed onto its name
            # brings its decision along.
            line = orphans[0] if orphans else None
            if line is None and others:
                takes = self._with_locked(takes, others[0])
        if line is not None:
            return Decision(self._with_locked(takes, line), choice_of(line))
        remembered = self._state.choice(key) if takes else None
        if remembered is None or remembered.chosen not in takes:
            remembered = Choice(min(takes, default=1), "made")
        return Decision(takes, remembered)

    def _orphans(self, lines: list[LockLine]) -> list[LockLine]:
        """Lines whose node is gone. (A part of a graph leaves nodes out that are not gone.)"""
        return [line for line in lines if line.node not in self._graph]

    def held(self, line: LockLine) -> Decision:
        """The decision of a line whatever the key is now."""
        takes = self.takes_of(line.key)
        return Decision(self._with_locked(takes, line), choice_of(line))

    def _with_locked(self, takes: dict[int, Take], line: LockLine) -> dict[int, Take]:
        unknown = [t for t in line.takes if t.n not in takes or _differs(takes[t.n], t)]
        if not unknown:
            return takes
        return {**takes, **{take.n: self._from_lock(take, line) for take in unknown}}

    def _from_lock(self, take: LockTake, line: LockLine) -> Take:
        path = self._store.path(take.artifact)
        size_bytes = path.stat().st_size if path.exists() else 0
        kind = media_type_of(path) if size_bytes else "application/octet-stream"
        away = self._store.away(take.artifact) if not size_bytes else None
        if away is not None:
            size_bytes, kind = away.size_bytes, away.media_type
        facts = {"take": take.drawn or take.n, **take.facts}
        measurable = size_bytes and away is None
        unmeasured = measurable and not take.facts and line.node in self._depended_on
        if self._measure is not None and unmeasured:
            facts = {**self._measure(line.kind, path), **facts}
        artifact = Artifact(take.artifact, size_bytes, kind, "", facts)
        return Take(take.n, (artifact,), take.origin, take.cost)

    @cached_property
    def _depended_on(self) -> set[str]:
        """The nodes on whose facts others depend."""
        return {edge.node for node in self._graph for edge in node.inputs if edge.fact is not None}

    def remember(self, lines: Iterable[LockLine]) -> None:
        """Keep, by key, what lines say that leave the lock: an undone edit finds it again.

        Takes that were made elsewhere are kept if their artifacts are here. What a merge numbered
        anew goes by its new number from now on.
        """
        takes: list[tuple[str, Take]] = []
        choices: list[tuple[str, Choice]] = []
        for line in lines:
            known = self._state.takes(line.key) if line.key else {}
            unknown = [t for t in line.takes if t.n not in known or _differs(known[t.n], t)]
            here = [take for take in unknown if self._store.path(take.artifact).exists()]
            if unknown and line.key:
                takes += [(line.key, self._from_lock(take, line)) for take in here]
                choices.append((line.key, choice_of(line)))
        if choices:
            with self._state.transaction():
                self._state.learn(takes)
                self._state.choose(choices)

    def learn(self, key: str, take: Take) -> None:
        """A take that was made or found since."""
        self._takes.setdefault(key, {})[take.n] = take

    def look_again(self, key: str) -> None:
        """Read the takes of a key anew: another build may have made some."""
        self._takes[key] = {**self._takes.get(key, {}), **self._state.takes(key)}


def _differs(take: Take, locked: LockTake) -> bool:
    return bool(take.outputs) and take.outputs[0].digest != locked.artifact


def choice_of(line: LockLine) -> Choice:
    """The choice that a lock line states."""
    rejected = frozenset(take.n for take in line.takes if take.status == "rejected")
    return Choice(line.chosen, line.status, rejected)


def line_of(node: Node, key: str, decision: Decision, *, facts: bool) -> LockLine:
    """The lock line that states a decision. ``facts`` keeps what other nodes depend on."""
    status, chosen = decision.choice.status, decision.choice.chosen
    takes = tuple(
        LockTake(
            n=take.n,
            artifact=take.outputs[0].digest,
            origin=take.origin,
            cost=take.cost,
            status="rejected" if take.n in decision.choice.rejected else "made",
            facts=dict(take.outputs[0].facts) if facts else {},
            drawn=0 if take.drawn == take.n else take.drawn,
        )
        for take in _listed(decision)
    )
    line = LockLine(node.id, node.kind, key, chosen, status, takes)
    if status in HOLDING or status == "chosen":
        return with_status(line, chosen, status)
    return replace(line, status="rejected" if chosen in decision.choice.rejected else "made")


def _listed(decision: Decision) -> Iterator[Take]:
    for n in sorted(decision.takes):
        yield decision.takes[n]
