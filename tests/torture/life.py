"""A film's life on a disk, where machines are killed, disks fail, and takes cost money.

What always holds: no committed take is lost, nothing is served whose digest is another, nothing is
bought twice, what was approved stays, and what an edited film shows is what a clean build gives.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import cast

import sqlite_boundary
from boundaries import KILLED, Fault, Watch, watched
from edits import Draft, drafts, edit
from faults import in_child
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from scenarios import damaged_files
from shops import Shop
from studio import PRICE, Studio
from toys import Toy, made, oracle

from fvbuild.engine.events import Act, Did
from fvbuild.engine.gc import collect
from fvbuild.engine.lock import Lock, LockLine, LockTake
from fvbuild.engine.lock_merge import merge
from fvbuild.engine.store import DiskStore
from fvbuild.errors import Exit, FilmBuildError
from fvbuild.project import deciding

assert sqlite_boundary, "imported once, before anything is forked"

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
MOST_CALLS = 300
HOLDING = ("approved", "adopted")

FILM = {
    "shot": Toy("picture", {"look": "red"}),
    "clip": Toy("clip", {}, (("a", "shot", None),)),
    "cut": Toy("joined", {}, (("a", "clip", None),)),
}
"""What every film begins with, beside what is drawn."""


class Life(RuleBasedStateMachine):
    """One film, on one machine after another. ``held`` are the texts that must not change."""

    @initialize(draft=drafts(most=3))
    def begin(self, draft: Draft) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="fvbuild-life-", dir=MEMORY))
        self.shop = Shop(self.folder / "shop")
        self.machines = self.clones = 0
        self.power_failed = False
        self.studio = self.new_machine()
        self.lock_text, self.lock_lines = b"", dict[str, LockLine]()
        self.draft = Draft({**FILM, **draft.film}, draft.files)
        self.past: list[Draft] = []
        self.allowed: Counter[str] = Counter()
        self.held: dict[str, str] = {}
        self.go_on()

    def new_machine(self) -> Studio:
        self.machines += 1
        folder = self.folder / f"machine-{self.machines}" / "film"
        folder.mkdir(parents=True)
        return Studio(folder, self.shop, str(self.machines))

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        try:
            self.the_next_build_makes_nothing()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- what people do --------------------------------------------------------------------------

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        self.past.append(self.draft)
        self.change_to(edit(cast(st.DrawFn, data.draw), self.draft))

    @precondition(lambda self: self.past)
    @rule()
    def undo(self) -> None:
        self.change_to(self.past.pop())

    def change_to(self, draft: Draft) -> None:
        self.draft = draft
        self.held = {node: text for node, text in self.held.items() if node in draft.film}
        self.go_on()

    @precondition(lambda self: self.lines())
    @rule(data=st.data(), count=st.integers(1, 2))
    def take(self, data: st.DataObject, count: int) -> None:
        node = data.draw(st.sampled_from(self.lines())).node
        self.studio.build(self.draft, node, count)
        self.go_on()

    @precondition(lambda self: self.lines())
    @rule(data=st.data())
    def select(self, data: st.DataObject) -> None:
        line = data.draw(st.sampled_from(self.lines()))
        n = data.draw(st.sampled_from([take.n for take in line.takes]))
        with self.studio.project(self.draft) as project:
            rows = deciding.takes(project, line.node)[0]
            if n in {row.n for row in rows.takes if row.path is not None}:
                self.decide(lambda: deciding.choose(project, line.node, n), line.node)
        self.go_on()

    @precondition(lambda self: self.lines())
    @rule(data=st.data())
    def approve(self, data: st.DataObject) -> None:
        node = data.draw(st.sampled_from(self.lines())).node
        with self.studio.project(self.draft) as project:
            self.decide(lambda: deciding.approve(project, [node]), node, holds=True)
        self.go_on()

    @precondition(lambda self: self.lines())
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        node = data.draw(st.sampled_from(self.lines())).node
        with self.studio.project(self.draft) as project:
            self.decide(lambda: deciding.reject(project, [node], None), node)
        self.go_on()

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        node = data.draw(st.sampled_from(sorted(self.held)))
        with self.studio.project(self.draft) as project:
            self.decide(lambda: deciding.release(project, [node]), node, holds=False)
        self.go_on()

    @precondition(lambda self: self.lines())
    @rule(data=st.data(), text=st.sampled_from(["mine", "yours"]))
    def adopt(self, data: st.DataObject, text: str) -> None:
        node = data.draw(st.sampled_from(self.lines())).node
        file = self.folder / "adopted.txt"
        file.write_text(text)
        with self.studio.project(self.draft) as project:
            self.decide(lambda: deciding.adopt(project, node, file), node)
        self.go_on()

    def decide(self, work: object, node: str, holds: bool | None = None) -> None:
        """Do it, and learn what is held now; ``holds``: whether this node is, where it was done."""
        try:
            work()  # type: ignore[operator]
        except FilmBuildError as error:
            assert error.hint, error
            holds = None
        self.learn(node)
        assert holds is None or holds == (node in self.held), "what was decided is in the lock"

    @precondition(lambda self: self.lines())
    @rule()
    def gc(self) -> None:
        with self.studio.opened(self.draft) as world:
            assert isinstance(world.store, DiskStore)
            takes = list(world.state.all_takes())
            live = world.state.all_last_keys()
            report = collect(world.store, world.state, self.studio.folder, live, apply=True)
        gone = {item.digest for item in report.items}
        for key, take in takes:
            if any(output.digest in gone for output in take.outputs):
                self.allow(f"{key}:{take.n}")
        self.go_on(buys=False)

    # --- what machines do ------------------------------------------------------------------------

    @rule(
        data=st.data(),
        nth=st.integers(1, MOST_CALLS),
        fault=st.sampled_from(sorted(Fault)),
        edited=st.booleans(),
    )
    def crash(self, data: st.DataObject, nth: int, fault: Fault, edited: bool) -> None:
        """A build, perhaps of an edited film, is killed, or its disk fails, at any call."""
        if edited:
            self.past.append(self.draft)
            self.draft = edit(cast(st.DrawFn, data.draw), self.draft)
            self.held = {n: text for n, text in self.held.items() if n in self.draft.film}
        self.power_failed |= fault is Fault.POWER
        before = self.committed() if fault is not Fault.POWER else {}

        def build() -> None:
            with watched(Watch(self.studio.folder, None, fault, nth=nth)):
                try:
                    self.studio.build(self.draft)
                except FilmBuildError as error:
                    assert error.hint

        assert in_child(build) in (0, KILLED)
        assert before.items() <= self.committed().items(), "a committed take is lost"
        self.go_on()

    @precondition(lambda self: self.lines() and self.clones < 2)
    @rule()
    def clone(self) -> None:
        """Another machine has the film, its lock and the artifacts, and nothing else."""
        if not self.whole():
            return
        self.clones += 1
        old, self.studio = self.studio, self.new_machine()
        if old.disk.lock_path.exists():
            shutil.copy(old.disk.lock_path, self.studio.disk.lock_path)
        if (old.disk.cache / "artifacts").exists():
            shutil.copytree(old.disk.cache / "artifacts", self.studio.disk.cache / "artifacts")
        self.go_on(buys=False)

    @precondition(lambda self: self.lines())
    @rule(data=st.data(), approved=st.booleans())
    def merge(self, data: st.DataObject, approved: bool) -> None:
        """On a branch takes are drawn and one is chosen; then the branches are one again."""
        if not self.whole():
            return
        node = data.draw(st.sampled_from(self.lines())).node
        base = self.studio.lock()
        branch = self.new_machine()
        shutil.copytree(self.studio.folder, branch.folder, dirs_exist_ok=True)
        branch.build(self.draft, node, 1)
        if approved and node not in self.held:
            with branch.project(self.draft) as project:
                deciding.approve(project, [node])
        self.settle(branch)
        ours, theirs = self.studio.lock(), branch.lock()
        merged = merge(base.lines.values(), ours.lines.values(), theirs.lines.values())
        assert not merged.conflicts, "one side did nothing"
        Lock(merged.lines, self.studio.disk.lock_path).write()
        artifacts = branch.disk.cache / "artifacts"
        shutil.copytree(artifacts, self.studio.disk.cache / "artifacts", dirs_exist_ok=True)
        self.learn(node)
        self.go_on(buys=False)

    @rule(data=st.data())
    def evict(self, data: st.DataObject) -> None:
        """An artifact is gone. One that costs nothing is made again; of one that was paid for it
        is told what it would cost, and nothing is bought."""
        there = sorted(self.committed().values())
        if not there:
            return
        digest = data.draw(st.sampled_from(there))
        path = self.studio.disk.cache / "artifacts" / digest[:2] / digest[2:]
        if not path.exists():
            return
        kept = path.read_bytes()
        path.unlink()
        if digest not in self.dear():
            self.go_on(buys=False)
            return
        bill = self.bill()
        self.studio.build(self.draft)
        assert self.bill() == bill, "what is lost is not bought again without being asked"
        path.write_bytes(kept)
        self.go_on(buys=False)

    # --- what the rules need ---------------------------------------------------------------------

    def lines(self) -> list[LockLine]:
        if not hasattr(self, "studio"):
            return []
        path = self.studio.disk.lock_path
        text = path.read_bytes() if path.exists() else b""
        if text != self.lock_text:  # Hypothesis asks after every step which rules there are
            self.lock_text, self.lock_lines = text, self.studio.lock().lines
        found = (self.lock_lines.get(name) for name in sorted(self.draft.film))
        return [line for line in found if line is not None]

    def text_of(self, take: LockTake) -> str:
        digest = take.artifact
        return (self.studio.disk.cache / "artifacts" / digest[:2] / digest[2:]).read_text()

    def chosen(self, line: LockLine) -> LockTake:
        found = line.take(line.chosen)
        assert found is not None
        return found

    def learn(self, node: str) -> None:
        line = self.studio.lock().get(node)
        if line is not None and line.status in HOLDING:
            self.held[node] = self.text_of(self.chosen(line))
        else:
            self.held.pop(node, None)

    def committed(self) -> dict[tuple[str, int], str]:
        with self.studio.opened(self.draft) as world:
            takes = world.state.all_takes()
            return {(key, t.n): t.outputs[0].digest for key, t in takes if t.outputs}

    def dear(self) -> set[str]:
        """Artifacts that nobody makes again for nothing: what was bought, and people's own."""
        lock = self.studio.lock()
        listed = {take.artifact for line in lock.lines.values() for take in line.takes}
        with self.studio.opened(self.draft) as world:
            paid = [take for _, take in world.state.all_takes() if take.origin != "fvbuild"]
        return listed | {output.digest for take in paid for output in take.outputs}

    def whole(self) -> bool:
        """True when all takes that the lock lists are there: gc leaves nothing else."""
        root = self.studio.disk.cache / "artifacts"
        takes = [take for line in self.studio.lock().lines.values() for take in line.takes]
        return all((root / take.artifact[:2] / take.artifact[2:]).exists() for take in takes)

    def bill(self) -> Counter[str]:
        return Counter(order.what for order in self.shop.bill())

    def allow(self, slot: str) -> None:
        """A person knows that this may be bought once more."""
        self.allowed[f"{self.studio.machine} {slot}"] += 1

    # --- what must hold after everything ---------------------------------------------------------

    def settle(self, studio: Studio) -> None:
        """Build until it is complete, as a person would."""
        report = studio.build(self.draft)
        if any(result.exit is Exit.UNRESOLVED for result in report.results):
            for slot in studio.resolve(self.draft):
                self.allow(slot)
            report = studio.build(self.draft)
        wrong = [r for r in report.results if r.action in (Did.FAILED, Did.SKIPPED)]
        assert not wrong, wrong

    def go_on(self, *, buys: bool = True) -> None:
        """A normal build; then everything that must hold. ``buys``: it may buy something."""
        before = self.bill()
        self.settle(self.studio)
        bill = self.bill()
        assert buys or bill == before, "bought again"
        twice = {slot: n for slot, n in bill.items() if n > 1 + self.allowed[slot]}
        assert not twice, f"charged twice: {twice}"
        self.it_shows_what_the_film_and_the_decisions_say()

    def it_shows_what_the_film_and_the_decisions_say(self) -> None:
        film = self.draft.film
        chosen, given = {}, {}
        for line in self.lines():
            take = self.chosen(line)
            chosen[line.node] = take.drawn or take.n
            if line.status in HOLDING or take.origin == "adopted":
                given[line.node] = self.text_of(take)
            if line.status in HOLDING:
                assert self.held.setdefault(line.node, given[line.node]) == given[line.node]
        assert self.held.keys() <= given.keys(), "what was approved is held"
        truth = oracle(film, self.draft.files, given, chosen)
        plain = {name for name, toy in film.items() if toy.kind in ("file", "caption")}
        texts = self.studio.disk.texts()
        if self.power_failed:  # what was torn under out/ might be somebody's own, and is kept
            texts = {name: text for name, text in texts.items() if ".kept" not in name}
        assert texts == {name: text for name, text in truth.items() if name not in plain}

    def the_next_build_makes_nothing(self) -> None:
        verdicts = self.studio.plan(self.draft)
        assert {verdict.action for verdict in verdicts.values()} <= {Act.REUSE, Act.HELD}
        path = self.studio.disk.lock_path
        before = path.read_bytes() if path.exists() else b""
        assert made(self.studio.build(self.draft)) == set()
        assert (path.read_bytes() if path.exists() else b"") == before
        assert damaged_files(self.studio.disk) == []
        with self.studio.opened(self.draft) as world:
            assert world.ledger is not None
            spent = sum(entry.cost or 0.0 for entry in world.ledger.entries())
        mine = sum(n for slot, n in self.bill().items() if slot.startswith(self.studio.machine))
        assert spent <= mine * PRICE + 1e-9
