"""Toy films for the engine: nodes that make short texts, a target that bills, and a world to build
them in. Nothing here knows how the engine decides; :func:`oracle` makes everything anew by hand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fvbuild.engine.action import Action, Artifact, Made, Money, Outcome
from fvbuild.engine.attempts import Reword
from fvbuild.engine.bought import Bought
from fvbuild.engine.budget import Budget, of_money
from fvbuild.engine.clock import FakeClock
from fvbuild.engine.commit import update_lock
from fvbuild.engine.decisions import Decisions, choice_of
from fvbuild.engine.digest import Json, canonical, content, of_value
from fvbuild.engine.events import Act, BuildFinished, Did, Event, NodeStarted, Report
from fvbuild.engine.explain import Explainer
from fvbuild.engine.graph import Graph, Input, Kind, Node
from fvbuild.engine.judge import Judge
from fvbuild.engine.leases import Leases, NoLeases
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.lock import Lock, with_status
from fvbuild.engine.memory_store import MemoryStore
from fvbuild.engine.plan import Wishes, judge_all, within_budget
from fvbuild.engine.prices import TakePrices
from fvbuild.engine.run import Build
from fvbuild.engine.show import Shown
from fvbuild.engine.state import State
from fvbuild.engine.store import Store
from fvbuild.engine.target import Capabilities, Price, Target, TargetUse
from fvbuild.engine.tools import Tools
from fvbuild.engine.verdict import Known, Verdict
from fvbuild.errors import Exit, TargetError

FILM = "film.yaml"


def seconds_of(text: str) -> int:
    """The one measured fact of a toy result: coarse, so that edits often leave it alone."""
    return int(of_value(text), 16) % 3


def result_text(
    kind: str,
    params: Mapping[str, Json],
    inputs: Mapping[str, Sequence[str]],
    model: str,
    seed: int,
) -> str:
    """What a toy maker writes: everything it was given; ``coarse`` leaves almost nothing of it."""
    text = canonical([kind, dict(params), {r: list(t) for r, t in inputs.items()}, model, seed])
    return str(int(of_value(text), 16) % 2) if params.get("coarse") else text


def _settle(
    params: Mapping[str, Json], facts: Mapping[str, tuple[Json, ...]]
) -> Mapping[str, Json]:
    return {**params, "length": [v for role in sorted(facts) for v in facts[role]]}


def _make_here(action: Action) -> Outcome:
    return Outcome((_made(action, "here", 0),))


def _made(action: Action, model: str, seed: int) -> Made:
    inputs = {role: [file.text or "" for file in files] for role, files in action.inputs.items()}
    text = result_text(action.kind, action.params, inputs, model, seed)
    return Made("text/plain", text=text, facts={"seconds": seconds_of(text)})


KINDS = {
    "file": Kind("file"),
    "caption": Kind("caption"),
    "joined": Kind("joined", make=_make_here),
    "timed": Kind("timed", make=_make_here, settle=_settle),
    "picture": Kind("picture", generated=True),
    "clip": Kind("clip", generated=True, settle=_settle),
}
GENERATED = frozenset({"picture", "clip"})


@dataclass
class ToyTarget:
    """A target that makes texts, bills, fails when told to, and counts what it was asked."""

    name: str = "toy"
    cost: float = 0.0
    fail: set[str] = field(default_factory=set)
    random: bool = False
    asked: list[tuple[str, int]] = field(default_factory=list)
    capabilities: Capabilities = Capabilities(GENERATED)  # noqa: RUF009 - frozen
    pool: str = "cpu"

    @property
    def identity(self) -> Mapping[str, Json]:
        """Its model: the name stands for it."""
        return {"model": self.name}

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        """The same for every kind."""
        return self.identity

    def price(self, kind: str, params: Mapping[str, Json]) -> Price:
        """What it bills at most."""
        return Price(0.0, self.cost, self.cost)

    def make(self, action: Action) -> Outcome:
        """A text of all that the action holds, or a failure on request."""
        self.asked.append((action.node, action.take))
        if action.node in self.fail:
            raise TargetError(f"{action.node} was told to fail")
        made = _made(action, str(action.settings.get("model", self.name)), action.seed)
        if self.random:
            text = f"{made.text} asked {len(self.asked)}"
            made = replace(made, text=text, facts={"seconds": seconds_of(text)})
        return Outcome((made,), cost=Money(self.cost) if self.cost else None)


@dataclass(frozen=True)
class Toy:
    """One node of a toy film as a test writes it; ``inputs`` are (role, node, fact or None)."""

    kind: str
    params: Mapping[str, Json] = field(default_factory=dict)
    inputs: tuple[tuple[str, str, str | None], ...] = ()
    takes: int = 1
    seed: int = 1
    model: str = "one"
    version: int = 1
    text: str = ""
    gates: frozenset[str] = frozenset()
    blocked: str | None = None
    title: str = ""


Film = Mapping[str, Toy]


def graph_of(film: Film, price: float = 0.0, outputs: Iterable[str] | None = None) -> Graph:
    """The graph of a toy film; all of its nodes are outputs unless said otherwise."""
    nodes = []
    versions = {toy.kind: toy.version for toy in film.values()}
    kinds = {name: replace(kind, version=versions.get(name, 1)) for name, kind in KINDS.items()}
    for number, (name, toy) in enumerate(film.items()):
        generated = toy.kind in GENERATED
        use = TargetUse(f"target-{toy.model}", {"model": toy.model}, settings={"model": toy.model})
        nodes.append(
            Node(
                id=name,
                kind=toy.kind,
                params=toy.params if toy.kind not in ("caption", "file") else {},
                inputs=tuple(Input(*edge) for edge in toy.inputs),
                target=use if generated or toy.kind == "caption" else None,
                seed=toy.seed if generated else None,
                takes=toy.takes if generated else 1,
                text=toy.text if toy.kind == "caption" else None,
                file=f"/{toy.text}" if toy.kind == "file" else None,
                out=name if toy.kind not in ("file", "caption") else None,
                blocked=toy.blocked,
                gates=toy.gates,
                price=Price(0.0, price, price) if generated and price else None,
                loc=f"film.yaml:{number + 1}:1",
                title=toy.title,
            )
        )
    return Graph(nodes, kinds, tuple(film) if outputs is None else outputs)


def oracle(
    film: Film,
    files: Mapping[str, str],
    held: Mapping[str, str] | None = None,
    chosen: Mapping[str, int] | None = None,
) -> dict[str, str]:
    """The text of every node, made anew one by one without keys, store or memory.

    ``held`` are texts that stay whatever the film says; ``chosen`` the takes that are shown.
    """
    texts: dict[str, str] = dict(held or {})
    numbers = chosen or {}

    def text(name: str) -> str:
        if name not in texts:
            texts[name] = make(film[name], numbers.get(name, 1))
        return texts[name]

    def make(toy: Toy, n: int) -> str:
        if toy.kind == "file":
            return files[toy.text]
        if toy.kind == "caption":
            return toy.text
        inputs: dict[str, list[str]] = {}
        facts: dict[str, tuple[Json, ...]] = {}
        for role, name, fact in toy.inputs:
            if fact is None:
                inputs.setdefault(role, []).append(text(name))
            else:
                facts[role] = (*facts.get(role, ()), seconds_of(text(name)))
        params = _settle(toy.params, facts) if toy.kind in ("timed", "clip") else toy.params
        generated = toy.kind in GENERATED
        model, seed = (toy.model, toy.seed + n - 1) if generated else ("here", 0)
        return result_text(toy.kind, params, inputs, model, seed)

    return {name: text(name) for name in film}


def _measured(_kind: str, file: Path) -> Mapping[str, Json]:
    return {"seconds": seconds_of(file.read_text())}


class World:
    """One place where toy films are built: store, state, lock, clock, input files and a target."""

    def __init__(
        self,
        store: Store | None = None,
        state: State | None = None,
        lock: Lock | None = None,
        leases: Leases | None = None,
    ) -> None:
        self.memory = MemoryStore() if store is None else None
        self.store: Store = store if store is not None else self.memory  # type: ignore[assignment]
        self.state = state or State(None)
        self.lock = lock or Lock()
        self.leases = leases or NoLeases()
        self.clock = FakeClock()
        self.target = ToyTarget()
        self.files: dict[str, str] = {}
        self.cancel = threading.Event()
        self.events: list[Event] = []
        self.hear: Callable[[Event], None] = lambda _event: None
        self.build: Build | None = None
        self.shares_its_lock = False
        self.ledger: Ledger | None = None
        self.targets: dict[str, Target] = {}
        self.reword: Reword | None = None
        self.shown: Shown | None = None

    def judge(self, graph: Graph, wishes: Wishes | None = None) -> Judge:
        """A fresh judge, as every command makes one."""
        decisions = Decisions(graph, self.state, self.store, self.lock, FILM, _measured)
        explainer = Explainer(graph, self.state, FILM)
        bought = None
        if self.ledger is not None:
            bought = Bought(self.prices, self.ledger.recover(self.leases))
        judge = Judge(graph, self.store, decisions, explainer, self._file, wishes)
        judge.bought = bought
        return judge

    @property
    def prices(self) -> TakePrices:
        """What a take may cost at most."""
        return TakePrices(self.find)

    def find(self, name: str) -> Target:
        """The target of a name; the toy target unless a test gave another."""
        return self.targets.get(name, self.target)

    def _file(self, node: Node) -> Known:
        assert node.file is not None
        data = self.files[node.file[1:]].encode()
        digest = content(data)
        self.store.add_bytes(data)
        fact = {"seconds": seconds_of(data.decode())}
        return Known(digest, (Artifact(digest, len(data), "text/plain", "", fact),))

    def plan(
        self, film: Film | Graph, goals: Sequence[str] = (), wishes: Wishes | None = None
    ) -> dict[str, Verdict]:
        """Verdicts on some goals, or on all outputs."""
        graph = film if isinstance(film, Graph) else graph_of(film, self.target.cost)
        return judge_all(self.judge(graph, wishes), goals or graph.outputs)

    def run(
        self,
        film: Film | Graph,
        goals: Sequence[str] = (),
        *,
        wishes: Wishes | None = None,
        budget: float | None = None,
        budgets: Sequence[Budget] = (),
        keep_going: bool = True,
        jobs: int = 2,
    ) -> Report:
        """Plan and build, as the project does, and check what must hold of every build."""
        graph = film if isinstance(film, Graph) else graph_of(film, self.target.cost)
        judge = self.judge(graph, wishes)
        budgets = budgets or of_money(None if budget is None else Money(budget))
        planned = within_budget(judge, goals or graph.outputs, budgets)
        allowed = {n for n, v in planned.items() if v.action in (Act.BUILD, Act.MAYBE)}
        ceiling = sum(v.cost.max for n, v in planned.items() if n in allowed)
        asked = len(self.target.asked)
        self.events = []
        tools = Tools(
            state=self.state,
            store=self.store,
            leases=self.leases,
            clock=self.clock,
            find_target=self.find,
            shown=self.shown,
            listener=self._heard,
            cancel=self.cancel,
            pools={},
            jobs=jobs,
            keep_going=keep_going,
            ledger=self.ledger,
            prices=self.prices,
            reword=self.reword,
        )
        self.build = Build(FILM, "Toy", None, judge, planned, tools)
        report = self.build.run()
        whole = not goals and wishes is None
        if not self.shares_its_lock:
            update_lock(self.lock, graph, self.build.verdicts, whole, self.state)
        self.events.append(BuildFinished(report))
        ran = {
            r.node
            for r in report.results
            if r.action in (Did.BUILT, Did.FAILED) and r.exit is not Exit.UNRESOLVED
        }
        assert ran <= allowed, f"ran beyond its plan: {ran - allowed}"
        assert self.started() <= allowed
        assert [r.node for r in report.results] == list(planned)
        spent = (len(self.target.asked) - asked) * self.target.cost
        assert spent <= ceiling + 1e-9, f"spent {spent}, planned at most {ceiling}"
        assert budget is None or spent <= budget + 1e-9
        return report

    def _heard(self, event: Event) -> None:
        self.events.append(event)
        self.hear(event)

    def started(self) -> set[str]:
        """The nodes of which the last build began a take."""
        return {event.node for event in self.events if isinstance(event, NodeStarted)}

    def texts(self) -> dict[str, str]:
        """What every node of the last build shows, as text."""
        assert self.build is not None
        shown = {}
        for name, verdict in self.build.verdicts.items():
            node = self.build.graph[name]
            if node.text is not None:
                shown[name] = node.text
            elif verdict.known is not None:
                shown[name] = self.text_of(verdict.known.outputs[0].digest)
        return shown

    def text_of(self, digest: str) -> str:
        """The text of an artifact."""
        return self.store.path(digest).read_text()


def decide(world: World, node: str, status: str, n: int | None = None) -> None:
    """Set what the lock says of a node, as the commands do: status, and perhaps another take."""
    line = world.lock.get(node)
    assert line is not None, f"{node} has no line yet"
    if status == "rejected":
        takes = tuple(
            replace(take, status="rejected") if take.n == (n or line.chosen) else take
            for take in line.takes
        )
        line = replace(line, takes=takes)
        spare = next((take.n for take in takes if take.status != "rejected"), None)
        line = with_status(line, spare, "made") if spare else replace(line, status="rejected")
    else:
        line = with_status(line, n or line.chosen, status)
    world.lock.put(line)
    with world.state.transaction():
        world.state.choose([(line.key, choice_of(line))])


def chosen_text(world: World, node: str) -> str:
    """The text of the take that the lock says is chosen."""
    line = world.lock.get(node)
    take = line.take(line.chosen) if line is not None else None
    assert take is not None
    return world.text_of(take.artifact)


def did(report: Report) -> dict[str, Did]:
    """What a build did with each node."""
    return {result.node: result.action for result in report.results}


def made(report: Report) -> set[str]:
    """The nodes that a build made."""
    return {result.node for result in report.results if result.action is Did.BUILT}
