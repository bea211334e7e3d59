"""One film opened: what every command works on."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.action import Money
from fvbuild.engine.clock import SystemClock, iso
from fvbuild.engine.decisions import Decisions
from fvbuild.engine.diary import LogEntry
from fvbuild.engine.disk import make_folder
from fvbuild.engine.events import Act, Did, Event, Listener, Plan, Reason, Report, Step
from fvbuild.engine.explain import Explainer
from fvbuild.engine.graph import Graph
from fvbuild.engine.judge import Judge
from fvbuild.engine.lock import Lock, LockLine, lock_path
from fvbuild.engine.plan import judge_all, plan, step, within_budget
from fvbuild.engine.select import select
from fvbuild.engine.state import State
from fvbuild.engine.stats import stat_of
from fvbuild.engine.store import DiskStore
from fvbuild.engine.verdict import Verdict, Verdicts, Wishes
from fvbuild.errors import Exit, worst
from fvbuild.project import workspace
from fvbuild.project.inputs import InputFiles
from fvbuild.project.records import BuildOptions, NodeTakes
from fvbuild.project.targets import FilmTargets

if TYPE_CHECKING:
    from fvbuild.engine.events import Change
    from fvbuild.engine.gc import GcReport
    from fvbuild.engine.verify import VerifyReport
    from fvbuild.film.load import Loaded
    from fvbuild.project.settled import Part

# For so few nodes, rows are read one by one rather than all at once.
_FEW = 2000
_DEFAULTS = BuildOptions()


def _silent(_event: Event) -> None:
    return None


class Project:
    """A film with its graph, store, state and lock. Open it with :meth:`open`.

    Everything that a command does to a film goes through here.
    """

    def __init__(self, loaded: Loaded, film: Path, place: workspace.Workspace) -> None:
        self.loaded = loaded
        self.film_path = film
        self.folder = film.parent
        self.workspace = place
        first = loaded.variants[0]
        self.profile = first.profile
        self.title = first.title.text
        self.warnings = list(loaded.warnings)
        self.clock = SystemClock()
        settings = {name: t.settings for v in loaded.variants for name, t in v.targets.items()}
        self.targets = FilmTargets(settings, _used(loaded))
        self.name = self._name()
        self.budget = (
            Money(first.budget.max, first.budget.currency) if first.budget is not None else None
        )

    @classmethod
    def open(cls, film: Path | None = None, profile: str | None = None) -> Project:
        """Load a film (a folder's ``film.yaml``, or the file itself) and make its graph.

        Raises ManifestError, UsageError and StateError.
        """
        from fvbuild.film.load import load
        from fvbuild.project.unchanged import film_file

        path = Path(film_file(str(film or "")))
        place = workspace.find(path)
        return cls(load(path, profile, place.cache / "film"), path, place)

    def _name(self) -> str:
        """What the state calls this film and profile; it survives moving the whole workspace."""
        path = self.film_path.relative_to(self.workspace.root).as_posix()
        return f"{path}#{self.profile}" if self.profile else path

    @cached_property
    def graph(self) -> Graph:
        """The whole graph of the film."""
        return self.expand()

    def expand(self, focus: Set[tuple[str, str]] | None = None) -> Graph:
        """The graph of the film, or the part that belongs to some shots and to none."""
        from fvbuild.rules import expand

        return expand(
            self.loaded.variants,
            self.targets,
            folder=self.folder,
            absent=self.targets.absent,
            focus=focus,
        )

    # --- the parts, opened when needed ----------------------------------------------------------

    @cached_property
    def state(self) -> State:
        """The state file; made with the first command that needs it."""
        cache = self.workspace.cache
        make_folder(cache)
        return State(cache / "state.sqlite3")

    @cached_property
    def store(self) -> DiskStore:
        """The artifacts."""
        stats = self.state.stats
        return DiskStore(self.workspace.cache, {}, self.clock, stats.artifact_stat)

    @cached_property
    def lock(self) -> Lock:
        """The decisions, as the working tree has them."""
        return self.read_lock()

    def read_lock(self) -> Lock:
        """The lock as it is on disk now."""
        path = lock_path(self.film_path, self.profile)
        understood = self.state.stats.file_digest(str(path))
        return Lock.read(path, understood[0] if understood else None)

    def write_lock(self, lock: Lock) -> None:
        """Write a lock; it is the project's from now on."""
        assert lock.path is not None
        digest = lock.write()
        stat = stat_of(lock.path)
        if stat is not None:
            with self.state.transaction():
                self.state.stats.set_file_digest(str(lock.path), digest, stat)
        self.lock = lock

    @cached_property
    def inputs(self) -> InputFiles:
        """The film's own files."""
        return InputFiles(self.state, self.store, self.clock)

    @property
    def out(self) -> Path:
        """``out/`` beside the film; a profile has its own folder in it."""
        out = self.folder / "out"
        return out / self.profile if self.profile else out

    def judge(self, wishes: Wishes | None = None, part: Part | None = None) -> Judge:
        """A judge of this film's nodes, or of a part's, over state and lock as they are now."""
        graph = self.graph if part is None else part.graph
        if len(graph) > _FEW:
            self.store.learn(self.state.stats.artifact_stats())
        decisions = Decisions(graph, self.state, self.store, self.lock, self.name)
        explainer = Explainer(graph, self.state, self.name)
        settled = part.settled if part is not None else None
        return Judge(graph, self.store, decisions, explainer, self.inputs.content, wishes, settled)

    # --- plan and build -------------------------------------------------------------------------

    def goal_nodes(self, goals: Sequence[str]) -> list[str]:
        """The node ids that goals mean. Raises UsageError."""
        return select(self.graph, goals, self._statuses)

    def _statuses(self) -> Mapping[str, frozenset[str]]:
        verdicts = judge_all(self.judge(), [node.id for node in self.graph])
        words: dict[str, frozenset[str]] = {}
        for node_id, verdict in verdicts.items():
            line = self.lock.get(node_id)
            locked = {line.status} if line is not None else set()
            words[node_id] = frozenset({verdict.action.value, verdict.reason.value, *locked})
        return words

    def verdicts(
        self, goals: Sequence[str], options: BuildOptions, wishes: Wishes | None = None
    ) -> tuple[Judge, Verdicts]:
        """The verdicts on some goals, and the judge who gave them."""
        ids = self.goal_nodes(goals)
        if wishes is None and options.refresh:
            wishes = Wishes(refresh=frozenset(ids)) if goals else Wishes(refresh_held=True)
        judge = self.judge(wishes)
        return judge, within_budget(judge, ids, self.budget_of(options))

    def budget_of(self, options: BuildOptions) -> Money | None:
        """The smaller of the film's budget and the command's."""
        asked, own = options.budget, self.budget
        if asked is None or own is None or asked.currency != own.currency:
            return asked or own
        return min(asked, own, key=lambda money: money.amount)

    def plan(self, goals: Sequence[str] = (), options: BuildOptions = _DEFAULTS) -> Plan:
        """What a build of these goals would do, and why."""
        _, verdicts = self.verdicts(goals, options)
        result = plan(self.title, self.profile, self.graph, verdicts)
        result.notes += self.state.notes
        return result

    def build(
        self,
        goals: Sequence[str] = (),
        options: BuildOptions = _DEFAULTS,
        listener: Listener = _silent,
        cancel: threading.Event | None = None,
    ) -> Report:
        """Make the goals and all they need; everything finished is durable when it returns."""
        from fvbuild.project.building import run_build

        return run_build(self, goals, options, listener, cancel or threading.Event())

    def draw(
        self,
        goal: str,
        count: int,
        options: BuildOptions = _DEFAULTS,
        listener: Listener = _silent,
        cancel: threading.Event | None = None,
    ) -> Report:
        """Draw more takes of the goal's generated nodes, now."""
        from fvbuild.project.building import run_build
        from fvbuild.project.deciding import generated

        nodes = generated(self, [goal])
        wishes = Wishes(draws={node.id: count for node in nodes})
        ids = [node.id for node in nodes]
        return run_build(self, ids, options, listener, cancel or threading.Event(), wishes)

    def exit_code(self, report: Report) -> Exit:
        """The exit code that a report ends the program with."""
        codes: set[Exit] = {Exit.INTERRUPTED} if report.interrupted else set()
        for result in report.results:
            if result.action is Did.FAILED:
                codes.add(Exit.NODE_FAILED)
            elif result.action is Did.SKIPPED:
                codes.add(_CODES.get(result.reason, Exit.NODE_FAILED))
        return worst(codes)

    # --- looking --------------------------------------------------------------------------------

    def status(self, goals: Sequence[str] = ()) -> Plan:
        """Where every node stands: the plan, without a build in mind."""
        return self.plan(goals)

    def lock_line(self, node: str) -> LockLine | None:
        """What was decided for a node."""
        return self.lock.get(node)

    def why(self, node: str) -> Step:
        """The verdict on one node, explained; when it is up to date, why it was made last."""
        ids = self.goal_nodes([node])
        judge = self.judge()
        verdicts = judge_all(judge, ids[:1])
        found = step(self.graph[ids[0]], verdicts[ids[0]])
        if found.action is Act.REUSE and not found.changes:
            found = self._why_last(found, judge, verdicts)
        return found

    def _why_last(self, found: Step, judge: Judge, verdicts: Mapping[str, Verdict]) -> Step:
        before = self.state.key_before(self.name, found.node)
        recipe = verdicts[found.node].recipe
        if before is not None and recipe is not None:
            node = self.graph[found.node]
            explanation = judge.explainer.against(before, recipe, node, verdicts)
            if explanation is not None:
                found.changes = explanation.changes
                found.paths = tuple(change.path for change in explanation.changes)
                found.because = explanation.because
        return found

    def causes(self, found: Step) -> list[tuple[Step, Change]]:
        """The changed fields that a verdict comes from, with the steps whose fields they are."""
        from fvbuild.project.causes import causes

        return causes(self, found)

    def log(self, limit: int = 50, node: str | None = None) -> list[LogEntry]:
        """The diary, newest first."""
        return self.state.diary.read(self.name, limit, node)

    def verify(self) -> VerifyReport:
        """Read every artifact and name what is wrong."""
        from fvbuild.engine.verify import verify

        return verify(self.store, self.state, self.lock, self.state.last_keys(self.name))

    def gc(self, apply: bool = False) -> GcReport:
        """Find, and with ``apply`` remove, what no lock and no film needs."""
        from fvbuild.engine.gc import collect

        live = self.state.all_last_keys()
        return collect(self.store, self.state, self.workspace.root, live, apply=apply)

    def out_paths(self, node: str) -> list[Path]:
        """Where a node's result is shown."""
        from fvbuild.project.building import shown_of

        return [self.out / name for name in shown_of(self, node)]

    def watch_paths(self) -> list[Path]:
        """Files whose change may change the film."""
        files = [self.folder / source.path for source in self.loaded.sources]
        files += [Path(node.file) for node in self.graph if node.file is not None]
        if self.workspace.file is not None:
            files.append(self.workspace.file)
        return list(dict.fromkeys([*files, lock_path(self.film_path, self.profile)]))

    # --- deciding -------------------------------------------------------------------------------

    def takes(self, goal: str) -> list[NodeTakes]:
        """The takes of the goal's generated nodes."""
        from fvbuild.project import deciding

        return deciding.takes(self, goal)

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

    def now(self) -> str:
        """The time, as records hold it."""
        return iso(self.clock.now_ns())


_CODES = {
    Reason.OVER_BUDGET: Exit.BUDGET,
    Reason.WAITS_FOR_APPROVAL: Exit.WAITS_FOR_APPROVAL,
}


def _used(loaded: Loaded) -> list[str]:
    """Names of all targets that some shot, scene or film uses."""
    names: list[str] = []
    for film in loaded.variants:
        uses = [film.use, *(scene.use for scene in film.scenes), *(s.use for s in film.shots())]
        names += [name for use in uses for targets in use.values() for name in targets]
        names += film.targets
    return names
