"""A film opened: its graph, targets, state, store and lock, each made when it is first needed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from fvbuild.engine.action import Money
from fvbuild.engine.bought import Bought
from fvbuild.engine.clock import SystemClock, iso
from fvbuild.engine.decisions import Decisions
from fvbuild.engine.disk import make_folder
from fvbuild.engine.explain import Explainer
from fvbuild.engine.graph import Graph
from fvbuild.engine.judge import Judge
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.lock import Lock, LockLine, lock_path
from fvbuild.engine.plan import judge_all, within_budget
from fvbuild.engine.prices import TakePrices
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.select import select
from fvbuild.engine.state import State
from fvbuild.engine.stats import stat_of
from fvbuild.engine.store import DiskStore
from fvbuild.engine.verdict import Verdicts, Wishes
from fvbuild.project import money, workspace
from fvbuild.project.inputs import InputFiles
from fvbuild.project.media_facts import measured
from fvbuild.project.records import BuildOptions
from fvbuild.project.targets import FilmTargets, used_targets

if TYPE_CHECKING:
    from fvbuild.engine.shared_work import SharedWork
    from fvbuild.film.load import Loaded
    from fvbuild.project.settled import Part
    from fvbuild.targets.api.place import Place

# For so few nodes, rows are read one by one rather than all at once.
_FEW = 2000


class OpenFilm:
    """The parts that every command works with."""

    def __init__(
        self, loaded: Loaded, film: Path, place: workspace.Workspace, *, untrusted: bool = False
    ) -> None:
        """``untrusted``: nothing of the film is believed; see
        :mod:`fvbuild.project.untrusted`."""
        self.loaded = loaded
        self.untrusted = untrusted
        self.film_path = film
        self.folder = film.parent
        self.workspace = place
        first = loaded.variants[0]
        self.profile = first.profile
        self.title = first.title.text
        self.warnings = list(loaded.warnings)
        self.clock = SystemClock()
        settings = {name: t.settings for v in loaded.variants for name, t in v.targets.items()}
        self.targets = FilmTargets(
            settings,
            used_targets(loaded),
            self.folder,
            self._place,
            declared={name: t for v in loaded.variants for name, t in v.targets.items()},
            untrusted=untrusted,
        )
        self.name = self._name()
        self.budget = (
            Money(first.budget.max, first.budget.currency) if first.budget is not None else None
        )

    @classmethod
    def open(
        cls,
        film: Path | None = None,
        profile: str | None = None,
        plugged: Set[str] = frozenset(),
        *,
        untrusted: bool = False,
    ) -> Self:
        """Load a film (a folder's ``film.yaml``, or the file itself) and make its graph.

        plugged: targets that plug-ins bring, where they were looked for already. untrusted: believe
        nothing of the film; so it is also where ``FVBUILD_UNTRUSTED`` is set.
        Raises ManifestError, UsageError and StateError.
        """
        from fvbuild.film.diagnostics import FilmFaults
        from fvbuild.film.load import BUILT_IN_TARGETS, load
        from fvbuild.project.unchanged import film_file, is_untrusted
        from fvbuild.targets.registry import providers

        path = Path(film_file(str(film or "")))
        untrusted = is_untrusted(untrusted)
        if untrusted:
            from fvbuild.project.untrusted import check_folder

            check_folder(path.parent)
        place = workspace.find(path, untrusted=untrusted)
        cache = place.cache / "film"
        known = BUILT_IN_TARGETS | plugged
        try:
            loaded = load(path, profile, cache, targets=known)
        except FilmFaults as faults:
            # Plug-ins may be used by name alone; to look for them costs more than a load.
            told = [fault.message for fault in faults.diagnostics]
            missed = {name for name in providers() if any(f"'{name}'" in one for one in told)}
            if missed <= known:
                raise
            loaded = load(path, profile, cache, targets=known | frozenset(providers()))
        return cls(loaded, path, place, untrusted=untrusted)

    def _place(self) -> Place:
        """The surroundings of hosted models."""
        from fvbuild.project.surroundings import place_of

        return place_of(
            self.folder,
            self.workspace,
            lambda *of: self.ledger.ratio(*of),
            untrusted=self.untrusted,
        )

    def _name(self) -> str:
        """What the state calls this film and profile; it survives moving the whole workspace."""
        path = self.workspace.name_of(self.film_path)
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
        """The state file; made with the first command that needs it.

        Where it cannot be made, the film can be looked at all the same.
        """
        cache = self.workspace.cache
        if not cache.exists() and not os.access(cache.parent, os.W_OK | os.X_OK):
            return State(None)
        make_folder(cache)
        return State(cache / "state.sqlite3")

    @cached_property
    def store(self) -> DiskStore:
        """The artifacts."""
        stats = self.state.stats
        store = DiskStore(self.workspace.cache, {}, self.clock, stats.artifact_stat)
        if self.workspace.store is not None:
            store.elsewhere = self.state.shared.away(self.workspace.store.address.url)
            store.is_shared = bool(store.elsewhere)
        return store

    @cached_property
    def sharing(self) -> SharedWork | None:
        """The shared store as this command works with it, if the workspace file names one."""
        if self.workspace.store is None:
            return None
        from fvbuild.project.sharing import sharing_of

        return sharing_of(self)

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

    def keep_artifacts(self) -> None:
        """Make durable what was added to the store, and record that it is whole."""
        if stats := self.store.flush():
            with self.state.transaction():
                self.state.stats.set_artifact_stats(stats)

    @cached_property
    def inputs(self) -> InputFiles:
        """The film's own files."""
        return InputFiles(self.state, self.store, self.clock)

    @cached_property
    def ledger(self) -> Ledger:
        """What was bought; nothing is opened before it is asked for something."""
        film = self.name.partition("#")[0]
        files = PurchaseFiles(self.workspace.cache)
        return Ledger(self.state, files, self.clock, film, self.profile)

    @cached_property
    def take_prices(self) -> TakePrices:
        """What one take of a node may cost at most."""
        return TakePrices(self.targets.find, money.RewordingPrice(self.targets))

    @property
    def command(self) -> str:
        """How a command about this film begins: ``fvbuild -f projects/ferry --profile draft``."""
        from fvbuild.project.naming import command_of

        return command_of(self.film_path, self.profile)

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
        decisions = Decisions(graph, self.state, self.store, self.lock, self.name, measure=measured)
        explainer = Explainer(graph, self.state, self.name)
        if self.untrusted:
            from fvbuild.project.untrusted import unaffordable

            beyond = unaffordable(graph, self.targets.hosted())
            wishes = replace(wishes or Wishes(), over_budget=beyond)
        settled = part.settled if part is not None else None
        bought = Bought(self.take_prices, money.open_purchases(self))
        return Judge(
            graph, self.store, decisions, explainer, self.inputs.content, wishes, settled, bought,
            self.command,
        )  # fmt: skip

    # --- verdicts ---------------------------------------------------------------------------------

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
        return judge, self.look(judge, ids, options)

    def look(self, judge: Judge, ids: Sequence[str], options: BuildOptions) -> Verdicts:
        """The verdicts on nodes within the budgets, with what the shared store has."""
        given = self.sharing.ask(judge, ids) if self.sharing is not None else None
        verdicts = within_budget(judge, ids, money.budgets(self, options), given)
        if self.sharing is not None:
            self.sharing.explain(judge, verdicts)
        return verdicts

    def lock_line(self, node: str) -> LockLine | None:
        """What was decided for a node."""
        return self.lock.get(node)

    def now(self) -> str:
        """The time, as records hold it."""
        return iso(self.clock.now_ns())
