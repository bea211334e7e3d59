"""Everything that people and disks do to a film, in any order, against what must always hold."""

from __future__ import annotations

from typing import cast

from edits import Draft, drafts, edit
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from toys import GENERATED, World, decide, made, oracle, seconds_of

from fvbuild.engine.digest import Json, content
from fvbuild.engine.events import Act
from fvbuild.engine.lock import HOLDING, Lock, LockLine, LockTake, parse, with_status
from fvbuild.engine.plan import Wishes
from fvbuild.engine.state import State
from fvbuild.engine.store import Health


class Life(RuleBasedStateMachine):
    """A film's life. ``approved`` are the texts that must not change whatever is edited."""

    @initialize(draft=drafts(most=5))
    def begin(self, draft: Draft) -> None:
        self.world = World()
        self.draft = draft
        self.past: list[Draft] = []
        self.approved: dict[str, str] = {}
        self.build()

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
        self.approved = {n: t for n, t in self.approved.items() if n in draft.film}
        self.build()
        # What was renamed or came back brings its approval along.
        for name in draft.film:
            line = self.world.lock.get(name)
            if line is not None and line.holding and name not in self.approved:
                self.approved[name] = self.text_of(line)

    @precondition(lambda self: self.lines())
    @rule(data=st.data(), count=st.integers(1, 2))
    def draw(self, data: st.DataObject, count: int) -> None:
        line = data.draw(st.sampled_from(self.lines()))
        self.world.run(self.draft.film, [line.node], wishes=Wishes(draws={line.node: count}))
        self.build()

    @precondition(lambda self: self.lines())
    @rule(data=st.data(), status=st.sampled_from(["chosen", "approved", "made"]))
    def decide(self, data: st.DataObject, status: str) -> None:
        line = data.draw(st.sampled_from(self.lines()))
        takes = [take.n for take in line.takes if take.status != "rejected" and self.there(take)]
        if takes:
            n = data.draw(st.sampled_from(takes))
            decide(self.world, line.node, status, n)
            self.note(line.node)
            self.build()

    @precondition(lambda self: self.lines())
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        line = data.draw(st.sampled_from(self.lines()))
        decide(self.world, line.node, "rejected")
        self.note(line.node)
        self.build()

    @precondition(lambda self: self.lines())
    @rule(data=st.data(), text=st.sampled_from(["mine", "yours"]))
    def adopt(self, data: st.DataObject, text: str) -> None:
        line = data.draw(st.sampled_from(self.lines()))
        digest, _ = self.world.store.add_bytes(text.encode())
        n = max(take.n for take in line.takes) + 1
        facts: dict[str, Json] = {"seconds": seconds_of(text)}
        taken = LockTake(n, digest, "adopted", None, "adopted", facts)
        line = LockLine(line.node, line.kind, line.key, n, "adopted", (*line.takes, taken))
        self.world.lock.put(with_status(line, n, "adopted"))
        self.note(line.node)
        self.build()

    @rule()
    def refresh(self) -> None:
        self.world.files = self.draft.files
        self.world.run(self.draft.film, wishes=Wishes(refresh_held=True))
        self.approved = {}
        for line in self.lines():
            self.note(line.node)
        self.build()

    # --- what machines do ------------------------------------------------------------------------

    @precondition(lambda self: self.perishable())
    @rule(data=st.data(), lose=st.booleans())
    def damage(self, data: st.DataObject, lose: bool) -> None:
        digest = data.draw(st.sampled_from(self.perishable()))
        assert self.world.memory is not None
        (self.world.memory.lose if lose else self.world.memory.corrupt)(digest)
        self.build()

    @rule()
    def clone(self) -> None:
        """The state is gone; lock and store are there."""
        lock = Lock(parse(self.world.lock.text(), "film.lock"))
        fresh = World(store=self.world.store, state=State(None), lock=lock)
        fresh.memory = self.world.memory
        fresh.files = self.draft.files
        fresh.run(self.draft.film)
        present = {line.node for line in self.lines() if self.whole(line)}
        assert not present & {name for name, _ in fresh.target.asked}
        self.world = fresh

    # --- what the rules need ---------------------------------------------------------------------

    def build(self) -> None:
        self.world.files = self.draft.files
        self.world.run(self.draft.film)

    def lines(self) -> list[LockLine]:
        found = (self.world.lock.get(name) for name in sorted(self.draft.film))
        return [line for line in found if line is not None]

    def whole(self, line: LockLine) -> bool:
        assert self.world.memory is not None
        return all(take.artifact in self.world.memory.artifacts for take in line.takes)

    def there(self, take: LockTake) -> bool:
        """A spare take may have been lost; nobody would choose what nobody can look at."""
        return self.world.store.health(take.artifact) is Health.WHOLE

    def text_of(self, line: LockLine) -> str:
        taken = line.take(line.chosen)
        assert taken is not None
        return self.world.text_of(taken.artifact)

    def note(self, node: str) -> None:
        line = self.world.lock.get(node)
        assert line is not None
        if line.holding:
            self.approved[node] = self.text_of(line)
        else:
            self.approved.pop(node, None)

    def perishable(self) -> list[str]:
        """Artifacts that can be made again for nothing: no approved one, none of the user's."""
        assert self.world.memory is not None
        kept = {content(b"mine"), content(b"yours")}
        kept |= {content(text.encode()) for text in self.approved.values()}
        kept |= {content(text.encode()) for text in self.draft.files.values()}
        for line in self.world.lock.lines.values():
            if line.status in HOLDING:
                kept |= {take.artifact for take in line.takes}
        return sorted(self.world.memory.artifacts.keys() - kept)

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def what_is_shown_is_what_the_film_and_the_decisions_say(self) -> None:
        if not hasattr(self, "world"):
            return
        texts = self.world.texts()
        assert texts.keys() == self.draft.film.keys()
        for name, text in self.approved.items():
            assert texts[name] == text, "approved is held"
        chosen, given = {}, dict(self.approved)
        for line in self.lines():
            taken = line.take(line.chosen)
            assert taken is not None
            chosen[line.node] = line.chosen
            if line.holding or taken.origin == "adopted":
                given[line.node] = self.text_of(line)
        assert texts == oracle(self.draft.film, self.draft.files, given, chosen)

    @invariant()
    def a_further_build_runs_nothing(self) -> None:
        if not hasattr(self, "world"):
            return
        verdicts = self.world.plan(self.draft.film)
        assert {v.action for v in verdicts.values()} <= {Act.REUSE, Act.HELD}
        before = self.world.lock.text()
        assert made(self.world.run(self.draft.film)) == set()
        assert self.world.lock.text() == before

    @invariant()
    def the_lock_names_the_generated_nodes_and_can_be_read(self) -> None:
        if not hasattr(self, "world"):
            return
        lock = self.world.lock
        assert {line.node: line for line in parse(lock.text(), "film.lock")} == lock.lines
        generated = {name for name, toy in self.draft.film.items() if toy.kind in GENERATED}
        assert set(lock.nodes()) >= generated
        left_over = [lock.get(name) for name in set(lock.nodes()) - generated]
        assert all(line is not None and line.holding for line in left_over), "only approvals stay"


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=settings().max_examples // 4, stateful_step_count=12)
