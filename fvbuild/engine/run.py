"""The build: runs what the plan said, as far as it still must be run, and never anything else.

The main thread schedules, judges and commits; makers run on slots. A failure stops only what
depends on it. Interrupted or killed, everything committed stays, and the next build goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fvbuild.engine.action import InputFile
from fvbuild.engine.attempts import Attempts
from fvbuild.engine.clock import iso
from fvbuild.engine.commit import Commits
from fvbuild.engine.decisions import Decision, Decisions
from fvbuild.engine.events import (
    Act,
    BuildStarted,
    Did,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Note,
    Reason,
    Report,
)
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.jobs import Job, Workshop, origin_of, previous_files
from fvbuild.engine.judge import Judge
from fvbuild.engine.results import Results
from fvbuild.engine.schedule import Schedule
from fvbuild.engine.slots import Pools
from fvbuild.engine.takes import Take
from fvbuild.engine.tools import Tools
from fvbuild.engine.underway import Underway
from fvbuild.engine.verdict import Known, Verdict, Verdicts
from fvbuild.errors import (
    ArtifactError,
    BudgetError,
    FilmBuildError,
    GoneError,
    Interrupted,
    UnresolvedError,
)

_POLL_S = 0.1
# To judge and prepare a node of more inputs takes longer than to write what was finished before.
_MANY_INPUTS = 256
_STOPPED = "the build was stopped; the next one goes on from here"


class Build:
    """One run over the verdicts of a plan. ``run`` is called once."""

    def __init__(
        self,
        film: str,
        title: str,
        profile: str | None,
        judge: Judge,
        planned: Verdicts,
        tools: Tools,
    ) -> None:
        self.graph: Graph = judge.graph
        self.verdicts = planned
        self._results = Results()
        self._title = title
        self._profile = profile
        self._judge = judge
        self._decisions: Decisions = judge.decisions
        self._planned = {node_id: verdict.action for node_id, verdict in planned.items()}
        self._tools = tools
        self._notes: list[str] = []
        self._stop = False
        self._began_s = tools.clock.ticks_s()
        attempts = Attempts(tools.find_target, tools.ledger, tools.prices, tools.reword, self._note,
            tools.executor,
        )  # fmt: skip
        self._workshop = Workshop(
            self.graph,
            planned,
            tools.store,
            tools.clock,
            attempts,
            self._progress,
            tools.cancel,
            tools.executor,
        )
        self._commits = Commits(
            film, tools.state, tools.store, tools.leases, tools.shown, tools.clock,
            lambda result: tools.listener(NodeFinished(result)), self._note, tools.ledger,
            tools.sharing,
        )  # fmt: skip
        self._pools = Pools(tools.slots)
        self._schedule = Schedule()
        self._underway = Underway(
            tools, self._decisions, self._pools, self._work,
            lambda job: self._distribute(job, ran=False), self._inputs_of,
        )  # fmt: skip
        self._wanted: dict[str, int] = {}

    # --- the loop -------------------------------------------------------------------------------

    def run(self) -> Report:
        """Run to the end, or until cancelled; everything finished is durable when it returns."""
        todo = [n for n, act in self._planned.items() if act in (Act.BUILD, Act.MAYBE)]
        self._tools.listener(
            BuildStarted(self._title, self._profile, len(self.verdicts), len(todo))
        )
        self._settle_the_rest()
        self._schedule.plan(todo, self.graph, self.verdicts)
        try:
            self._loop()
        except FilmBuildError:
            self._keep_what_runs()
            raise
        finally:
            self._pools.close()
            self._commits.write()
        return self._report()

    def _keep_what_runs(self) -> None:
        """The store or state refused: what is being made may have been paid for, so wait for it."""
        while self._pools.running:
            job = self._pools.wait(_POLL_S)
            if job is not None and job.made is not None:
                self._commits.keep_take(job)

    def _loop(self) -> None:
        while True:
            while (node_id := self._schedule.next()) is not None:
                self._start(node_id)
            if not self._underway:
                return
            for job in self._pools.ended(_POLL_S):
                if not self._underway.back(job):
                    self._ended(job)
            self._commits.write_if_due()
            self._underway.try_leases()

    def _settle_the_rest(self) -> None:
        for node_id, act in self._planned.items():
            if act in (Act.BUILD, Act.MAYBE):
                continue
            verdict = self.verdicts[node_id]
            did = {Act.REUSE: Did.REUSED, Act.HELD: Did.HELD}.get(act, Did.SKIPPED)
            if verdict.exit is not None:
                did = Did.FAILED
            self._results.end(self.graph[node_id], verdict, did)

    # --- one node -------------------------------------------------------------------------------

    def _start(self, node_id: str) -> None:
        node, verdict = self.graph[node_id], self.verdicts[node_id]
        if self._tools.cancel.is_set() or self._stop:
            self._finish(node, replace(verdict, message=_STOPPED), Did.SKIPPED)
            return
        if len(node.inputs) > _MANY_INPUTS:
            self._commits.write()
        if verdict.key is None or verdict.action is not Act.BUILD:
            verdict = self._judge.judge(node, self.verdicts)
            self.verdicts[node_id] = verdict
        if verdict.action is Act.BUILD:
            self._submit(node, verdict)
        elif verdict.action is Act.REUSE:
            maybe = self._planned[node_id] is Act.MAYBE
            self._finish(node, verdict, Did.CUTOFF if maybe else Did.REUSED)
        else:
            did = Did.HELD if verdict.action is Act.HELD else Did.SKIPPED
            self._finish(node, verdict, did)

    def _submit(self, node: Node, verdict: Verdict) -> None:
        assert verdict.key is not None
        self._wanted[node.id] = len(verdict.missing)
        if node.text is not None:
            self._write_down(node, verdict)
            return
        try:
            previous = self._previous(node)
        except ArtifactError as error:
            self._failed(node, error)
            return
        for n in verdict.missing:
            self._underway.make(Job(verdict.key, n, node, verdict, previous, waiting=[node]))

    def _write_down(self, node: Node, verdict: Verdict) -> None:
        """Record a pure text: it was worked out while planning, so there is nothing to make."""
        assert verdict.key is not None
        job = Job(verdict.key, 1, node, verdict, waiting=[node])
        job.made = Take(1, (), origin_of(node), made_at=iso(self._tools.clock.now_ns()))
        self._ended(job)

    def _work(self, job: Job) -> Job:
        """On a slot's thread: say that it begins, not earlier; make it; say that it is made, which
        may be long before its turn comes to be recorded."""
        if not self._tools.cancel.is_set():
            target = job.node.target
            name = target.name if target is not None else None
            self._tools.listener(NodeStarted(job.node.id, job.node.kind, job.n, name))
        done = self._workshop.work(job)
        self._progress(job.node.id, 1.0, "made")
        return done

    def _inputs_of(self, node: Node) -> Iterator[Known]:
        """What the inputs of a node are, whose bytes its maker will read."""
        for edge in node.inputs:
            known = self.verdicts[edge.node].known
            if edge.fact is None and known is not None:
                yield self._tools.needed_here(node, self.graph.kinds[node.kind], known)

    def _previous(self, node: Node) -> tuple[InputFile, ...]:
        last = self._judge.explainer.last_key(node.id)
        if last is None or node.target is not None or self.graph.kinds[node.kind].make is None:
            return ()
        takes = self._tools.state.takes(last)
        return previous_files(list(takes.values()), self._tools.store)

    # --- ends -----------------------------------------------------------------------------------

    def _ended(self, job: Job) -> None:
        if job.made is not None:
            self._decisions.learn(job.key, job.made)
            self._commits.add_take(job)
        else:
            self._tools.leases.give_back(job.lease)
        self._distribute(job, ran=True)

    def _distribute(self, job: Job, *, ran: bool) -> None:
        self._underway.ended(job)
        for at, node in enumerate(job.waiting):
            if node.id in self._results:
                continue
            if job.made is not None and ran:
                self._results.count(node, job.made, paid=at == 0)
            if at == 0 and ran:
                self._results.pay(node, job.costs)
            if job.error is not None:
                self._failed(node, job.error)
                continue
            self._wanted[node.id] -= 1
            if not self._wanted[node.id]:
                self._succeeded(node)

    def _succeeded(self, node: Node) -> None:
        verdict = self.verdicts[node.id]
        assert verdict.decision is not None and verdict.key is not None
        takes = self._decisions.takes_of(verdict.key)
        choice = verdict.decision.choice
        verdict.decision = Decision({**verdict.decision.takes, **takes}, choice)
        chosen = verdict.decision.chosen
        if verdict.known is None and chosen is not None:
            verdict.known = Known(chosen.content, chosen.outputs)
        verdict.action = Act.REUSE
        self._finish(node, verdict, Did.BUILT if self._results.ran(node) else Did.REUSED)

    def _failed(self, node: Node, error: BaseException) -> None:
        if isinstance(error, Interrupted):
            self._finish(node, self.verdicts[node.id], Did.SKIPPED)
            return
        verdict = replace(self.verdicts[node.id], message=str(error))
        if isinstance(error, BudgetError | GoneError):
            over = isinstance(error, BudgetError)
            reason = Reason.OVER_BUDGET if over else Reason.ARTIFACT_LOST
            self._finish(node, replace(verdict, action=Act.BLOCKED, reason=reason), Did.SKIPPED)
            return
        if isinstance(error, UnresolvedError):
            verdict.exit = error.exit_code
        self._finish(node, verdict, Did.FAILED)
        if not self._tools.keep_going:
            self._stop = True

    def _finish(self, node: Node, verdict: Verdict, did: Did) -> None:
        result = self._results.end(node, verdict, did)
        if did in (Did.FAILED, Did.SKIPPED) and verdict.action is not Act.BLOCKED:
            # What is known stays known: a chosen take does not fail with a further draw.
            verdict = replace(verdict, action=Act.BLOCKED, reason=Reason.UPSTREAM_FAILED)
        self.verdicts[node.id] = verdict
        self._commits.add_result(node, verdict, result)
        self._schedule.ended(node.id)

    # --- telling --------------------------------------------------------------------------------

    def _progress(self, node_id: str, done: float, note: str) -> None:
        self._tools.listener(NodeProgress(node_id, done, note))

    def _note(self, message: str) -> None:
        self._notes.append(message)
        self._tools.listener(Note(message, "warning"))

    def _report(self) -> Report:
        return self._results.report(
            self._title,
            self._profile,
            self.graph,
            self.verdicts,
            seconds=round(self._tools.clock.ticks_s() - self._began_s, 3),
            interrupted=self._tools.cancel.is_set(),
            notes=self._notes,
        )
