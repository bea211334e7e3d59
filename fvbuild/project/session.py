"""One film opened: what every command works on."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.diary import LogEntry
from fvbuild.engine.events import Act, Did, Listener, Plan, Report, Step
from fvbuild.engine.judge import Judge
from fvbuild.engine.lock import Lock, LockLine, lock_path
from fvbuild.engine.plan import judge_all, plan, step
from fvbuild.engine.verdict import Verdicts, Wishes
from fvbuild.errors import Exit, worst
from fvbuild.project.records import EXITS, BuildOptions, NodeTakes
from fvbuild.project.shared_film import SharedFilm, silent

if TYPE_CHECKING:
    from fvbuild.engine.events import Change
    from fvbuild.engine.gc import GcReport
    from fvbuild.engine.verify import VerifyReport
    from fvbuild.project.money import Costs, OpenPurchase

_DEFAULTS = BuildOptions()
_FAR_BACK = 200


class Project(SharedFilm):
    """A film with its graph, store, state and lock. Open it with :meth:`open`.

    Everything that a command does to a film goes through here.
    """

    _looked: tuple[Judge, Verdicts]

    # --- plan and build -------------------------------------------------------------------------

    def plan(self, goals: Sequence[str] = (), options: BuildOptions = _DEFAULTS) -> Plan:
        """What a build of these goals would do, and why."""
        from fvbuild.project.beside import left_undone
        from fvbuild.project.hosted import hosted_notes
        from fvbuild.project.lost_lines import lost_lines
        from fvbuild.project.remarks import notes, remarks

        judge, verdicts = self.verdicts(goals, options)
        result = plan(self.title, self.profile, self.graph, verdicts)
        result.notes += [
            _renamed(line, node)
            for node, line in judge.decisions.renamed.items()
            if node in verdicts and verdicts[node].action is Act.HELD
        ]
        result.notes += [*self.state.notes, *notes(remarks(self, verdicts))]
        result.notes += [*hosted_notes(self, verdicts), *left_undone(self)]
        result.notes += lost_lines(self, self.graph)
        result.notes += self.shared_notes()
        self.judged.update((found.node, found) for found in result.steps)
        return result

    @cached_property
    def judged(self) -> dict[str, Step]:
        """The steps found so far, in which causes are looked up; a build empties it."""
        return {}

    def build(
        self,
        goals: Sequence[str] = (),
        options: BuildOptions = _DEFAULTS,
        listener: Listener = silent,
        cancel: threading.Event | None = None,
    ) -> Report:
        """Make the goals and all they need; everything finished is durable when it returns."""
        from fvbuild.project.building import run_build
        from fvbuild.project.writable import check_writable

        check_writable(self, goals, options)
        self.judged.clear()
        before = self.lock
        report = run_build(self, goals, options, listener, cancel or threading.Event())
        held = [result.node for result in report.results if result.action is Did.HELD]
        report.notes += self._brought_along(before, held)
        return report

    def _brought_along(self, before: Lock, held: Sequence[str]) -> list[str]:
        """Which held nodes have their approval from another name, as the lock had it before."""
        fresh = [self.lock.get(node) for node in held if before.get(node) is None]
        return [
            _renamed(old, line.node)
            for line in fresh
            for old in (before.of_key(line.key) if line is not None else ())
            if line is not None and old.holding and old.node not in self.graph
        ]

    def draw(
        self,
        goal: str,
        count: int,
        options: BuildOptions = _DEFAULTS,
        listener: Listener = silent,
        cancel: threading.Event | None = None,
    ) -> Report:
        """Draw more takes of the goal's generated nodes, now."""
        from fvbuild.project.building import run_build
        from fvbuild.project.deciding import generated
        from fvbuild.project.writable import check_writable

        check_writable(self, [goal], replace(options, refresh=True))
        nodes = generated(self, [goal])
        wishes = Wishes(draws={node.id: count for node in nodes})
        ids = [node.id for node in nodes]
        self.judged.clear()
        return run_build(self, ids, options, listener, cancel or threading.Event(), wishes)

    def exit_code(self, report: Report) -> Exit:
        """The exit code that a report ends the program with."""
        codes: set[Exit] = {Exit.INTERRUPTED} if report.interrupted else set()
        for result in report.results:
            if result.exit is not None:
                codes.add(result.exit)
            elif result.action is Did.FAILED:
                codes.add(Exit.NODE_FAILED)
            elif result.action is Did.SKIPPED:
                codes.add(EXITS.get(result.reason, Exit.NODE_FAILED))
        return worst(codes)

    # --- looking --------------------------------------------------------------------------------

    def status(self, goals: Sequence[str] = ()) -> Plan:
        """Where the goals stand, without what they need; where all does, without goals."""
        found = self.plan(goals)
        if goals:
            asked = frozenset(self.goal_nodes(goals))
            found.steps = [one for one in found.steps if one.node in asked]
        return found

    def why(self, node: str) -> Step:
        """The verdict on one node, explained; when it is up to date, why it was made last."""
        ids = self.goal_nodes([node])
        judge = self.judge()
        verdicts = judge_all(judge, ids[:1])
        self._looked = judge, verdicts
        self.judged.update((name, step(self.graph[name], v)) for name, v in verdicts.items())
        found = step(self.graph[ids[0]], verdicts[ids[0]])
        return self.made_last(ids[0]) if found.action is Act.REUSE else found

    def made_last(self, node: str) -> Step:
        """A node that :meth:`why` has looked at, with what had changed when it was made last."""
        judge, verdicts = self._looked
        found = step(self.graph[node], verdicts[node])
        before, recipe = self.state.key_before(self.name, node), verdicts[node].recipe
        if found.changes or before is None or recipe is None:
            return found
        explanation = judge.explainer.against(before, recipe, self.graph[node], verdicts)
        if explanation is not None:
            found.changes = explanation.changes
            found.paths = tuple(change.path for change in explanation.changes)
            found.because = explanation.because
        return found

    def causes(self, found: Step) -> list[tuple[Step, Change]]:
        """The changed fields that a verdict comes from, with the steps whose fields they are."""
        from fvbuild.project.causes import causes

        return causes(self, found)

    def last_causes(self, found: Step) -> list[tuple[Step, Change]]:
        """The same of a node that :meth:`why` found up to date: why it was made last."""
        from fvbuild.project.causes import last_causes

        return last_causes(self, found)

    def log(self, limit: int = 50, node: str | None = None) -> list[LogEntry]:
        """The diary, newest first."""
        return self.state.diary.read(self.name, limit, node)

    def making(self, node: str) -> LogEntry | None:
        """When and why that was made which a node, looked at by :meth:`why`, has now."""
        known = self._looked[1][node].known
        shown = known.outputs[0].digest if known is not None and known.outputs else None
        entries = self.log(_FAR_BACK, node)
        return next((entry for entry in entries if entry.artifact == shown), None)

    def costs(self, by: str = "scene") -> Costs:
        """What the film has spent, by ``scene``, ``target`` or ``day``."""
        from fvbuild.project import money

        return money.costs(self, by)

    def unresolved(self) -> list[OpenPurchase]:
        """Purchases of which nobody knows whether they were made."""
        from fvbuild.project import money

        return money.unresolved(self)

    def resolve(self, node: str, *, retry: bool | None) -> list[OpenPurchase]:
        """Say what became of a node's unresolved purchases; with None, only which those are."""
        from fvbuild.project import money

        return money.resolve(self, node, retry=retry)

    def cancel(self, node: str) -> list[OpenPurchase]:
        """Have the jobs stopped that providers work at for a node."""
        from fvbuild.project import money

        return money.cancel(self, node)

    def verify(self) -> VerifyReport:
        """Read every artifact and name what is wrong."""
        from fvbuild.project.locked_takes import verified

        return verified(self)

    def gc(self, apply: bool = False) -> GcReport:
        """Find, and with ``apply`` remove, what no lock and no film needs."""
        from fvbuild.engine.gc import collect

        live, root = self.state.all_last_keys(), self.workspace.root
        films = {self.film_path, *(root / name.partition("#")[0] for name in self.state.films())}
        outside = {film.parent.resolve() for film in films if film.parent.is_dir()}
        others = [each for each in outside if not each.is_relative_to(root.resolve())]
        return collect(self.store, self.state, root, live, apply=apply, others=others)

    def watch_paths(self) -> list[Path]:
        """Files whose change may change the film."""
        from fvbuild.targets.templates import FOLDER as TEMPLATES

        files = [self.folder / source.path for source in self.loaded.sources]
        files += [Path(node.file) for node in self.graph if node.file is not None]
        if self.workspace.file is not None:
            files.append(self.workspace.file)
        files += self.targets.files()
        files += [path for path in (self.folder / TEMPLATES).rglob("*") if path.is_file()]
        return list(dict.fromkeys([*files, lock_path(self.film_path, self.profile)]))

    def out_paths(self, node: str) -> list[Path]:
        """Where a node's result is shown."""
        from fvbuild.project.building import shown_of

        return [self.out / name for name in shown_of(self, node)]

    # --- deciding -------------------------------------------------------------------------------

    def takes(self, goal: str, *, ask: bool = False) -> list[NodeTakes]:
        """The takes of the goal's generated nodes; ``ask``: the shared store as well, for what is
        known of them from the lock alone."""
        from fvbuild.project import deciding

        return deciding.takes(self, goal, ask=ask)

    def select(self, goal: str, n: int) -> NodeTakes:
        """Choose take ``n`` of a node."""
        from fvbuild.project import deciding

        return deciding.choose(self, goal, n)

    def approve(self, goals: Sequence[str]) -> list[NodeTakes]:
        """Approve the chosen takes of the goals: they stay, whatever changes."""
        from fvbuild.project import deciding

        return deciding.approve(self, goals)

    def reject(self, goals: Sequence[str], take: int | None = None) -> list[NodeTakes]:
        """Reject a take (the chosen one): the next build shows or draws another."""
        from fvbuild.project import deciding

        return deciding.reject(self, goals, take)

    def release(self, goals: Sequence[str]) -> list[NodeTakes]:
        """End an approval or adoption: the film decides again."""
        from fvbuild.project import deciding

        return deciding.release(self, goals)

    def adopt(self, goal: str, file: Path) -> NodeTakes:
        """Take a file of the user's as the result of a node; it is held like an approved one."""
        from fvbuild.project import deciding

        return deciding.adopt(self, goal, file)


def _renamed(line: LockLine, node: str) -> str:
    return f"{line.node} is {node} now: its {line.status} take {line.chosen} is kept"
