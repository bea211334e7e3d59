"""A build in rounds: what turns out to be lost in the shared store is made again in the same build.

That an artifact is gone from there, or damaged, shows only when its bytes are brought. Then the
film is looked at once more, without it: what costs nothing is made again. Nothing is bought that
the build did not set out to buy, and nothing is tried again that failed for another reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from fvbuild.engine.action import Money
from fvbuild.engine.commit import update_lock
from fvbuild.engine.events import Act, Did, Note, Reason, Report, Result
from fvbuild.engine.judge import Judge
from fvbuild.engine.run import Build
from fvbuild.engine.show import Shown
from fvbuild.engine.tools import Tools
from fvbuild.engine.verdict import Verdict, Verdicts, Wishes
from fvbuild.errors import FilmBuildError
from fvbuild.project.approvals import Held, held_lines
from fvbuild.project.materialize import bring_what_is_seen
from fvbuild.project.records import BuildOptions
from fvbuild.project.scope import Scope, scope_of
from fvbuild.report import words

if TYPE_CHECKING:
    from fvbuild.project.session import Project

_NOT_BOUGHT = (
    "what it is made from was lost in the shared store, and came out different when it was made "
    "again: a new take would have to be bought, which the build did not set out to do. "
    "'{command} plan' says what it costs, and '{command} build' buys it"
)


def take_stock(project: Project, scope: Scope) -> None:
    """Look at the user's own files that a build of this scope is made from."""
    for node_id in scope.graph.closure(scope.ids):
        if scope.graph[node_id].file is not None:
            project.inputs.snapshot(scope.graph[node_id])


class Rounds:
    """The rounds of one build. ``run`` is called once.

    scope, verdicts: of the last round. report: of them all. errors: why things that are to be seen
    could not be brought. decided_meanwhile: somebody else has written the lock since the build
    began.
    """

    scope: Scope
    verdicts: Verdicts
    report: Report

    def __init__(
        self,
        project: Project,
        goals: Sequence[str],
        options: BuildOptions,
        tools: Tools,
        shown: Shown,
        *,
        plain: bool,
    ) -> None:
        """``plain``: nothing is wished for but to bring the goals up to date."""
        self._project = project
        self._goals = goals
        self._options = options
        self._tools = tools
        self._shown = shown
        self._plain = plain
        self._planned: dict[str, Act] = {}
        self._kept: Set[str] = frozenset()
        self.errors: list[FilmBuildError] = []
        self.decided_meanwhile = False

    def run(self, scope: Scope, judge: Judge, planned: Verdicts) -> None:
        """Run until nothing more turns out to be lost."""
        self._planned = {node_id: verdict.action for node_id, verdict in planned.items()}
        self.report = self._one(scope, judge, planned)
        while lost := self._lost():
            self._tell(lost)
            if scope.part is not None:
                scope = scope_of(self._project, self._goals, part=False)
                take_stock(self._project, scope)
            judge = self._project.judge(self._wishes(scope, judge))
            first = self.report
            again = self._one(scope, judge, self._project.look(judge, scope.ids, self._options))
            self.report = joined(first, again, self._kept)

    def _one(self, scope: Scope, judge: Judge, planned: Verdicts) -> Report:
        project = self._project
        build = Build(project.name, project.title, project.profile, judge, planned, self._tools)
        try:
            report = build.run()
        finally:
            # Also after an error: what was decided and made must be in the lock.
            ended = self._write_lock(scope, judge, build.verdicts)
        report.notes += ended
        self.scope, self.verdicts = scope, build.verdicts
        if self._tools.sharing is not None:
            self.errors += bring_what_is_seen(
                project, self._tools.sharing, scope, build.verdicts, self._shown, self._options,
                self._tools.listener, self._tools.cancel,
            )  # fmt: skip
        return report

    def _write_lock(self, scope: Scope, judge: Judge, verdicts: Mapping[str, Verdict]) -> list[str]:
        """Add what this round knows to the lock as it is on disk now: another build may have
        written it meanwhile, or the user. Tells which approvals ended."""
        project, leases = self._project, self._tools.leases
        leases.wait("lock")
        try:
            judged, lock = project.lock, project.read_lock()
            self.decided_meanwhile |= judged.digest != lock.digest
            held = held_lines(lock, verdicts)
            whole = scope.whole and self._plain
            left = update_lock(lock, scope.graph, verdicts, whole, project.state, judged)
            project.write_lock(lock)
        finally:
            leases.give_back("lock")
        judge.decisions.remember(left)
        return Held(project, held).ended(lock)

    # --- another round --------------------------------------------------------------------------

    def _lost(self) -> Set[str]:
        """What turned out to be lost since the last time; nothing when the build was stopped."""
        sharing = self._tools.sharing
        if sharing is None:
            return frozenset()
        sharing.settle()
        lost, sharing.lost = sharing.lost, set()
        return frozenset() if self._tools.cancel.is_set() else lost

    def _tell(self, lost: Set[str]) -> None:
        assert self._tools.sharing is not None
        nodes = [
            node_id
            for node_id, verdict in self.verdicts.items()
            if verdict.known is not None and any(o.digest in lost for o in verdict.known.outputs)
        ]
        place = self._tools.sharing.shared.place
        lie = f"{words.count(len(lost), 'artifact')} of {words.some(nodes) or 'no node'}"
        message = f"{place} has lost, or does not give out, {lie}; what costs nothing is made again"
        self.report.notes.append(message)
        self._tools.listener(Note(message, "warning"))

    def _wishes(self, scope: Scope, judge: Judge) -> Wishes:
        """What is still wished for, and what is not to be made in another round."""
        from fvbuild.engine.shared_errand import is_paid

        ended = {result.node: result for result in self.report.results}
        open_ = {name for name, result in ended.items() if result.action is Did.SKIPPED}
        withheld = {n: r.message for n, r in ended.items() if r.action is Did.FAILED}
        self._kept = frozenset(withheld)
        command = self._project.command
        for node in scope.graph:
            planned = self._planned.get(node.id) in (Act.BUILD, Act.MAYBE)
            if is_paid(node) and (not planned or ended[node.id].action is Did.BUILT):
                withheld.setdefault(node.id, _NOT_BOUGHT.format(command=command))
        return Wishes(
            refresh=judge.wishes.refresh & open_,
            refresh_held=judge.wishes.refresh_held,
            draws={name: n for name, n in judge.wishes.draws.items() if name in open_},
            withheld=withheld,
        )


# --- what several rounds come to ------------------------------------------------------------------


def joined(first: Report, again: Report, kept: Set[str]) -> Report:
    """The report of two rounds; for the nodes in ``kept``, what the first says."""
    results = {result.node: result for result in first.results}
    for result in again.results:
        before = results.get(result.node)
        results[result.node] = (
            result if before is None else _later(before, result, result.node in kept)
        )
    return replace(
        first,
        results=list(results.values()),
        seconds=round(first.seconds + again.seconds, 3),
        interrupted=first.interrupted or again.interrupted,
        untouched=again.untouched,
        notes=[*first.notes, *again.notes],
    )


def _later(before: Result, after: Result, kept: bool) -> Result:
    """What became of a node in two rounds; it took and cost what it did in both."""
    stays = before.action is Did.BUILT and after.action in (Did.REUSED, Did.CUTOFF, Did.HELD)
    follows = before.action is after.action is Did.SKIPPED and (
        before.reason is Reason.UPSTREAM_FAILED
    )
    result = before if kept or stays or follows else after
    sums: dict[str, float] = {}
    for money in (before.cost, *before.other_costs, after.cost, *after.other_costs):
        if money is not None:
            sums[money.currency] = round(sums.get(money.currency, 0.0) + money.amount, 6)
    costs = [Money(amount, currency) for currency, amount in sums.items()]
    return replace(
        result,
        seconds=round(before.seconds + after.seconds, 3),
        cost=costs[0] if costs else None,
        other_costs=tuple(costs[1:]),
    )
