"""The engine against an oracle that makes everything anew, over random films and edits."""

from __future__ import annotations

from edits import Draft, cosmetic_edits, drafts, histories
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import GENERATED, World, did, graph_of, made, oracle

from fvbuild.engine.events import Act, Did
from fvbuild.engine.lock import Lock, parse
from fvbuild.engine.state import State


def _build(world: World, draft: Draft) -> set[str]:
    world.files = draft.files
    return made(world.run(draft.film))


@settings(max_examples=settings().max_examples // 2)
@given(histories())
def test_incremental_equals_clean_and_a_second_build_runs_nothing(history: list[Draft]) -> None:
    world = World()
    for draft in history:
        _build(world, draft)
        assert world.texts() == oracle(draft.film, draft.files)
        assert all(v.action is Act.REUSE for v in world.plan(draft.film).values())
        assert _build(world, draft) == set()
        assert world.texts() == oracle(draft.film, draft.files)


@settings(max_examples=settings().max_examples // 2)
@given(histories())
def test_undoing_edits_runs_nothing(history: list[Draft]) -> None:
    world = World()
    for draft in history:
        _build(world, draft)
    for draft in reversed(history):
        assert _build(world, draft) == set()
        assert world.texts() == oracle(draft.film, draft.files)


@settings(max_examples=settings().max_examples // 2)
@given(histories(most=3))
def test_nothing_is_asked_of_a_target_twice(history: list[Draft]) -> None:
    world = World()
    for draft in [*history, *history]:
        _build(world, draft)
    generated = [t for _, t in world.state.all_takes() if t.outputs and t.origin != "fvbuild"]
    assert len(world.target.asked) == len(generated)


@settings(max_examples=settings().max_examples // 2)
@given(cosmetic_edits())
def test_no_key_depends_on_names_order_or_titles(pair: tuple[Draft, Draft]) -> None:
    before, after = pair
    world = World()
    _build(world, before)
    keys = sorted(v.key or "" for v in world.plan(before.film).values())
    assert sorted(v.key or "" for v in world.plan(after.film).values()) == keys
    assert _build(world, after) == set()


@settings(max_examples=settings().max_examples // 2)
@given(histories())
def test_a_clone_with_lock_and_store_generates_nothing(history: list[Draft]) -> None:
    world = World()
    for draft in history:
        _build(world, draft)
    last = history[-1]
    shown = world.texts()
    lock = Lock(parse(world.lock.text(), "film.lock"))
    clone = World(store=world.store, state=State(None), lock=lock)
    _build(clone, last)
    assert clone.target.asked == []
    assert clone.texts() == shown
    assert clone.lock.text() == world.lock.text()


@settings(max_examples=settings().max_examples // 2)
@given(histories(), st.data())
def test_a_failure_stops_only_what_depends_on_it(history: list[Draft], data: st.DataObject) -> None:
    world = World()
    for draft in history[:-1]:
        _build(world, draft)
    last = history[-1]
    generated = [name for name, toy in last.film.items() if toy.kind in GENERATED]
    world.target.fail = set(data.draw(st.lists(st.sampled_from(generated)))) if generated else set()
    world.files = last.files
    report = world.run(last.film)
    failed = {name for name, what in did(report).items() if what is Did.FAILED}
    assert failed <= world.target.fail
    skipped = {name for name, what in did(report).items() if what is Did.SKIPPED}
    for name in skipped:
        assert any(edge[1] in failed | skipped for edge in last.film[name].inputs)
    truth = oracle(last.film, last.files)
    texts = world.texts()
    for name in last.film.keys() - failed - skipped:
        assert texts[name] == truth[name]
    world.target.fail = set()
    again = made(world.run(last.film))
    assert again <= failed | skipped
    assert world.texts() == truth


@settings(max_examples=settings().max_examples // 2)
@given(histories(), st.booleans())
def test_random_results_are_kept_once_made(history: list[Draft], again: bool) -> None:
    """With a target that never gives the same twice, an undo still shows the first results."""
    world = World()
    world.target.random = True
    first = []
    for draft in history:
        _build(world, draft)
        first.append(world.texts())
    for draft, texts in reversed(list(zip(history, first, strict=True))):
        assert not _build(world, draft) & {n for n, t in draft.film.items() if t.kind in GENERATED}
        assert world.texts() == texts


@settings(max_examples=settings().max_examples // 2)
@given(drafts(), st.floats(0, 6))
def test_no_budget_is_exceeded(draft: Draft, budget: float) -> None:
    world = World()
    world.target.cost = 1.0
    world.files = draft.files
    world.run(draft.film, budget=budget)
    world.run(draft.film, budget=budget)
    for _ in range(len(draft.film)):
        world.run(draft.film, budget=3.0)
    assert world.texts() == oracle(draft.film, draft.files)


@settings(max_examples=settings().max_examples // 2)
@given(drafts(), st.integers(1, 3))
def test_threads_change_nothing(draft: Draft, jobs: int) -> None:
    world = World()
    world.files = draft.files
    world.run(draft.film, jobs=jobs)
    assert world.texts() == oracle(draft.film, draft.files)
    order = list(graph_of(draft.film).closure(draft.film))
    assert list(did(world.run(draft.film))) == order
