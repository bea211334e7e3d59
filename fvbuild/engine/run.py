"""The build: runs what the plan said, as far as it still must be run, and never anything else.

The main thread schedules, judges and commits; makers run on slots. A failure stops only what
depends on it. Interrupted or killed, everything committed stays, and the next build goes on.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from fvbuild.engine.action import InputFile, Money
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
    Result,
)
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.jobs import Job, Workshop, input_files, origin_of, previous_files
from fvbuild.engine.judge import Judge
from fvbuild.engine.results import result_of
from fvbuild.engine.slots import Pools
from fvbuild.engine.store import Health
from fvbuild.engine.takes import Take
from fvbuild.engine.tools import Tools
from fvbuild.engine.verdict import Known, Verdict, Verdicts
from fvbuild.errors import ArtifactError, FilmBuildError, Interrupted

_POLL_S = 0.1
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
        self.results: dict[str, Result] = {}
        self._title = title
        self._profile = profile
        self._judge = judge
        self._decisions: Decisions = judge.decisions
        self._planned = {node_id: verdict.action for node_id, verdict in planned.items()}
        self._tools = tools
        self._notes: list[str] = []
        self._stop = False
        self._began_s = tools.clock.ticks_s()
        self._workshop = Workshop(
            self.graph, tools.store, tools.clock, tools.find_target, self._progress, tools.cancel
        )
        self._commits = Commits(
            film, tools.state, tools.store, tools.leases, tools.shown, tools.clock,
            lambda result: tools.listener(NodeFinished(result)), self._note,
        )  # fmt: skip
        self._pools = Pools(tools.pools, tools.jobs)
        self._open: dict[str, int] = {}
        self._users: dict[str, list[str]] = {}
        self._ready: deque[str] = deque()
        self._inflight: dict[str, Job] = {}
        self._leased_elsewhere: list[Job] = []
        self._wanted: dict[str, int] = {}
        self._seconds: dict[str, float] = {}
        self._costs: dict[str, Money] = {}
        self._ran: set[str] = set()

    # --- the loop -------------------------------------------------------------------------------

    def run(self) -> Report:
        """Run to the end, or until cancelled; everything finished is durable when it returns."""
        todo = [n for n, act in self._planned.items() if act in (Act.BUILD, Act.MAYBE)]
        self._tools.listener(
            BuildStarted(self._title, self._profile, len(self.verdicts), len(todo))
        )
        self._settle_the_rest()
        self._wire(todo)
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
            while self._ready:
                self._start(self._ready.popleft())
            if not self._pools.running and not self._leased_elsewhere:
                return
            job = self._pools.wait(_POLL_S)
            if job is not None:
                self._ended(job)
            self._commits.write_if_old()
            self._try_leases()

    def _wire(self, todo: list[str]) -> None:
        """Count for each node how many of its inputs are still to be decided."""
        undecided = {n for n in todo if self.verdicts[n].known is None}
        for node_id in todo:
            inputs = {edge.node for edge in self.graph[node_id].inputs} & undecided
            self._open[node_id] = len(inputs)
            for needed in inputs:
                self._users.setdefault(needed, []).append(node_id)
            if not inputs:
                self._ready.append(node_id)

    def _settle_the_rest(self) -> None:
        for node_id, act in self._planned.items():
            if act in (Act.BUILD, Act.MAYBE):
                continue
            verdict = self.verdicts[node_id]
            did = {Act.REUSE: Did.REUSED, Act.HELD: Did.HELD}.get(act, Did.SKIPPED)
            self.results[node_id] = self._result(self.graph[node_id], verdict, did)

    # --- one node -------------------------------------------------------------------------------

    def _start(self, node_id: str) -> None:
        node, verdict = self.graph[node_id], self.verdicts[node_id]
        if self._tools.cancel.is_set() or self._stop:
            self._finish(node, replace(verdict, message=_STOPPED), Did.SKIPPED)
            return
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
            inputs = input_files(node, self.graph, self.verdicts, self._tools.store)
            previous = self._previous(node)
        except ArtifactError as error:
            self._failed(node, error)
            return
        for n in verdict.missing:
            job = Job(verdict.key, n, node, verdict, inputs, previous, waiting=[node])
            if (same := self._inflight.get(job.lease)) is not None:
                same.waiting.append(node)
                continue
            self._inflight[job.lease] = job
            if self._tools.leases.take(job.lease):
                self._go(job)
            else:
                self._leased_elsewhere.append(job)

    def _write_down(self, node: Node, verdict: Verdict) -> None:
        """Record a pure text: it was worked out while planning, so there is nothing to make."""
        assert verdict.key is not None
        job = Job(verdict.key, 1, node, verdict, {}, waiting=[node])
        job.made = Take(1, (), origin_of(node), made_at=iso(self._tools.clock.now_ns()))
        self._ended(job)

    def _go(self, job: Job) -> None:
        """Run a job whose lease we hold, unless another build made it before we got the lease."""
        requested = job.verdict.reason is Reason.REQUESTED and job.node.target is None
        if not requested:
            self._decisions.look_again(job.key)
            there = self._decisions.takes_of(job.key).get(job.n)
            if there is not None and self._whole(there):
                job.made = there
                self._tools.leases.give_back(job.lease)
                self._distribute(job, ran=False)
                return
        target = job.node.target
        self._pools.submit(target.pool if target else "cpu", self._work, job)

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

    def _whole(self, take: Take) -> bool:
        return all(self._tools.store.health(o.digest) is Health.WHOLE for o in take.outputs)

    def _try_leases(self) -> None:
        waiting, self._leased_elsewhere = self._leased_elsewhere, []
        for job in waiting:
            if self._tools.cancel.is_set():
                job.error = Interrupted("stopped")
                self._distribute(job, ran=False)
            elif self._tools.leases.take(job.lease):
                self._go(job)
            else:
                self._leased_elsewhere.append(job)

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
        self._inflight.pop(job.lease, None)
        for at, node in enumerate(job.waiting):
            if node.id in self.results:
                continue
            if job.made is not None and ran:
                self._count(node, job.made, paid=at == 0)
            if job.error is not None:
                self._failed(node, job.error)
                continue
            self._wanted[node.id] -= 1
            if not self._wanted[node.id]:
                self._succeeded(node)

    def _count(self, node: Node, take: Take, *, paid: bool) -> None:
        """What a take took. Of nodes that share it, the first alone ran and paid."""
        self._seconds[node.id] = self._seconds.get(node.id, 0.0) + take.seconds
        if paid:
            self._ran.add(node.id)
            if take.cost is not None:
                before = self._costs.get(node.id)
                amount = take.cost.amount + (before.amount if before is not None else 0.0)
                self._costs[node.id] = Money(round(amount, 6), take.cost.currency)

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
        self._finish(node, verdict, Did.BUILT if node.id in self._ran else Did.REUSED)

    def _failed(self, node: Node, error: BaseException) -> None:
        if isinstance(error, Interrupted):
            self._finish(node, self.verdicts[node.id], Did.SKIPPED)
            return
        verdict = replace(self.verdicts[node.id], message=str(error))
        self._finish(node, verdict, Did.FAILED)
        if not self._tools.keep_going:
            self._stop = True

    def _finish(self, node: Node, verdict: Verdict, did: Did) -> None:
        result = self._result(node, verdict, did)
        self.results[node.id] = result
        if did in (Did.FAILED, Did.SKIPPED) and verdict.action is not Act.BLOCKED:
            # What is known stays known: a chosen take does not fail with a further draw.
            verdict = replace(verdict, action=Act.BLOCKED, reason=Reason.UPSTREAM_FAILED)
        self.verdicts[node.id] = verdict
        self._commits.add_result(node, verdict, result)
        for user in self._users.get(node.id, ()):
            self._open[user] -= 1
            if not self._open[user]:
                self._ready.append(user)

    # --- telling --------------------------------------------------------------------------------

    def _result(self, node: Node, verdict: Verdict, did: Did) -> Result:
        seconds = round(self._seconds.get(node.id, 0.0), 3)
        return result_of(node, verdict, did, seconds, self._costs.get(node.id))

    def _progress(self, node_id: str, done: float, note: str) -> None:
        self._tools.listener(NodeProgress(node_id, done, note))

    def _note(self, message: str) -> None:
        self._notes.append(message)
        self._tools.listener(Note(message, "warning"))

    def _report(self) -> Report:
        for node_id in self.verdicts.keys() - self.results.keys():
            self.results[node_id] = self._result(
                self.graph[node_id], self.verdicts[node_id], Did.SKIPPED
            )
        return Report(
            self._title,
            self._profile,
            [self.results[node_id] for node_id in self.verdicts],
            seconds=round(self._tools.clock.ticks_s() - self._began_s, 3),
            interrupted=self._tools.cancel.is_set(),
            notes=self._notes,
        )
