"""Takes, choices and gates: what people decide stays decided."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toys import Toy, World, chosen_text, decide, did, made, oracle

from fvbuild.engine.events import Act, Did, Reason
from fvbuild.engine.lock import Lock, LockTake, parse, with_status
from fvbuild.engine.plan import Wishes
from fvbuild.engine.state import State

FILM = {
    "a": Toy("picture", {"look": "red"}),
    "b": Toy("clip", {}, (("start", "a", None),)),
    "cut": Toy("joined", {}, (("clip", "b", None),)),
}
EDITED = {**FILM, "a": Toy("picture", {"look": "blue"})}


@pytest.fixture
def world() -> World:
    world = World()
    world.run(FILM)
    return world


def test_takes_are_drawn_with_seeds_that_follow_each_other(world: World) -> None:
    three = {**FILM, "a": Toy("picture", {"look": "red"}, takes=3)}
    plan = world.plan(three)
    assert plan["a"].action is Act.BUILD and plan["a"].missing == (2, 3)
    assert plan["b"].action is Act.REUSE, "the chosen take stays"
    assert made(world.run(three)) == {"a"}
    line = world.lock.get("a")
    assert line is not None and [take.n for take in line.takes] == [1, 2, 3]
    for n in (1, 2, 3):
        assert world.text_of(line.takes[n - 1].artifact) == oracle(FILM, {}, chosen={"a": n})["a"]
    assert made(world.run(FILM)) == set(), "fewer takes forget none"
    assert world.lock.get("a") == line


def test_selecting_a_take_remakes_what_depends_on_it_and_back_is_free(world: World) -> None:
    world.run(FILM, ["a"], wishes=Wishes(draws={"a": 2}))
    assert world.texts()["a"] == oracle(FILM, {})["a"], "a draw chooses nothing"
    decide(world, "a", "chosen", 3)
    assert made(world.run(FILM)) == {"b", "cut"}
    assert world.texts() == oracle(FILM, {}, chosen={"a": 3})
    decide(world, "a", "chosen", 1)
    assert made(world.run(FILM)) == set()
    assert world.texts() == oracle(FILM, {})


def test_a_choice_comes_back_with_an_undone_edit(world: World) -> None:
    world.run(FILM, ["a"], wishes=Wishes(draws={"a": 1}))
    decide(world, "a", "chosen", 2)
    world.run(FILM)
    world.run(EDITED)
    assert made(world.run(FILM)) == set()
    assert chosen_text(world, "a") == oracle(FILM, {}, chosen={"a": 2})["a"]


@pytest.mark.parametrize("status", ["approved", "adopted"])
def test_what_is_approved_is_held_and_the_rest_goes_on(world: World, status: str) -> None:
    before = world.texts()
    decide(world, "a", status)
    plan = world.plan(EDITED)
    assert plan["a"].action is Act.HELD and plan["a"].reason is Reason.HELD_APPROVED
    assert [change.path for change in plan["a"].explanation.changes] == ["look"]  # type: ignore[union-attr]
    report = world.run(EDITED)
    assert did(report) == {"a": Did.HELD, "b": Did.REUSED, "cut": Did.REUSED}
    assert world.texts() == before
    line = world.lock.get("a")
    assert line is not None and line.status == status


def test_refresh_makes_what_is_held_again_and_nothing_else(world: World) -> None:
    decide(world, "a", "approved")
    report = world.run(EDITED, wishes=Wishes(refresh_held=True))
    assert made(report) == {"a", "b", "cut"}
    assert world.texts() == oracle(EDITED, {})
    line = world.lock.get("a")
    assert line is not None and line.status == "made"


def test_refresh_of_a_goal_draws_another_take_and_chooses_it(world: World) -> None:
    report = world.run(FILM, ["a"], wishes=Wishes(refresh=frozenset({"a"})))
    assert made(report) == {"a"} and report.results[0].reason is Reason.REQUESTED
    assert chosen_text(world, "a") == oracle(FILM, {}, chosen={"a": 2})["a"]
    assert made(world.run(FILM)) == {"b", "cut"}


def test_a_released_node_follows_the_film_again(world: World) -> None:
    decide(world, "a", "approved")
    world.run(EDITED)
    decide(world, "a", "made")
    assert made(world.run(EDITED)) == {"a", "b", "cut"}


def test_a_rejected_take_gives_way_to_another_then_to_a_new_draw(world: World) -> None:
    world.run(FILM, ["a"], wishes=Wishes(draws={"a": 1}))
    decide(world, "a", "rejected", 1)
    assert made(world.run(FILM)) == {"b", "cut"}, "take 2 was there"
    assert chosen_text(world, "a") == oracle(FILM, {}, chosen={"a": 2})["a"]
    decide(world, "a", "rejected", 2)
    plan = world.plan(FILM)
    assert plan["a"].reason is Reason.REJECTED and plan["a"].missing == (3,)
    assert made(world.run(FILM)) == {"a", "b", "cut"}
    assert chosen_text(world, "a") == oracle(FILM, {}, chosen={"a": 3})["a"]
    assert made(world.run(FILM)) == set()
    line = world.lock.get("a")
    assert line is not None
    assert [take.status for take in line.takes] == ["rejected", "rejected", "made"]


def test_a_rejected_take_stays_rejected_after_an_undone_edit(world: World) -> None:
    decide(world, "a", "rejected", 1)
    world.run(FILM)
    world.run(EDITED)
    assert made(world.run(FILM)) == set()
    assert chosen_text(world, "a") == oracle(FILM, {}, chosen={"a": 2})["a"]


@pytest.mark.parametrize("status", ["chosen", "approved"])
def test_a_rename_loses_no_decision_even_without_the_state(world: World, status: str) -> None:
    world.run(FILM, ["a"], wishes=Wishes(draws={"a": 1}))
    decide(world, "a", status, 2)
    world.run(FILM)
    new = {
        "z": FILM["a"],
        "b": Toy("clip", {}, (("start", "z", None),)),
        "cut": FILM["cut"],
    }
    clone = World(store=world.store, state=State(None), lock=Lock(parse(world.lock.text(), "l")))
    for place in (world, clone):
        place.run(new)
        line = place.lock.get("z")
        assert line is not None and (line.chosen, line.status) == (2, status)
        assert place.lock.get("a") is None
    assert clone.target.asked == []


def test_a_rename_onto_the_name_of_a_removed_node_keeps_its_decision(world: World) -> None:
    """Shot b is cut from the film and shot a takes over its name, in one edit."""
    two = {"a": Toy("picture", {"look": "red"}), "b": Toy("picture", {"look": "blue"})}
    world.run(two)
    world.run(two, ["a"], wishes=Wishes(draws={"a": 1}))
    decide(world, "a", "approved", 2)
    after = {"b": two["a"]}
    clone = World(store=world.store, state=State(None), lock=Lock(parse(world.lock.text(), "l")))
    for place in (world, clone):
        place.run(after)
        line = place.lock.get("b")
        assert line is not None and (line.chosen, line.status) == (2, "approved")
    assert clone.target.asked == []


def test_a_node_waits_until_its_gate_is_approved(world: World) -> None:
    gated = {**FILM, "b": Toy("clip", {"n": 2}, (("start", "a", None),), gates=frozenset({"a"}))}
    report = world.run(gated)
    assert did(report)["b"] is Did.SKIPPED and did(report)["cut"] is Did.SKIPPED
    waiting = report.results[1]
    assert waiting.reason is Reason.WAITS_FOR_APPROVAL and waiting.because == ("a",)
    decide(world, "a", "approved")
    assert made(world.run(gated)) == {"b", "cut"}
    edited = {**gated, "a": EDITED["a"]}
    assert did(world.run(edited))["a"] is Did.HELD
    assert made(world.run(edited)) == set()


def test_what_no_target_can_make_blocks_only_what_needs_it(world: World) -> None:
    film = {**FILM, "x": Toy("clip", blocked="no target makes this"), "y": Toy("picture")}
    film["late"] = Toy("joined", {}, (("clip", "x", None),))
    report = world.run(film)
    found = {r.node: (r.action, r.reason) for r in report.results}
    assert found["x"] == (Did.SKIPPED, Reason.UNSUPPORTED)
    assert found["late"] == (Did.SKIPPED, Reason.UNSUPPORTED)
    assert made(report) == {"y"}


def test_an_approved_node_does_not_need_what_is_blocked(world: World) -> None:
    decide(world, "b", "approved")
    film = {**FILM, "a": Toy("picture", {"look": "new"}, blocked="gone")}
    assert did(world.run(film)) == {"a": Did.SKIPPED, "b": Did.HELD, "cut": Did.REUSED}


def test_length_follows_speech_and_an_equal_length_stops_the_rebuild() -> None:
    world = World()

    def film(line: str) -> dict[str, Toy]:
        return {
            "speech": Toy("picture", {"line": line}),
            "clip": Toy("clip", {}, (("voice", "speech", "seconds"),)),
            "mix": Toy("joined", {}, (("voice", "speech", None), ("clip", "clip", None))),
        }

    world.run(film("0"))
    truth = oracle(film("0"), {})
    lines = {str(n): oracle(film(str(n)), {}) for n in range(1, 12)}
    same = next(n for n, t in lines.items() if t["clip"] == truth["clip"])
    other = next(n for n, t in lines.items() if t["clip"] != truth["clip"])
    assert world.plan(film(same))["clip"].action is Act.MAYBE
    report = world.run(film(same))
    assert did(report) == {"speech": Did.BUILT, "clip": Did.CUTOFF, "mix": Did.BUILT}
    assert made(world.run(film(other))) == {"speech", "clip", "mix"}
    assert world.texts() == oracle(film(other), {})


def test_early_cutoff_stops_the_rebuild() -> None:
    world = World()

    def film(n: int) -> dict[str, Toy]:
        return {**FILM, "a": Toy("picture", {"n": n, "coarse": True})}

    world.run(film(0))
    same = next(n for n in range(1, 20) if oracle(film(n), {})["b"] == world.texts()["b"])
    plan = world.plan(film(same))
    assert [plan[n].action for n in FILM] == [Act.BUILD, Act.MAYBE, Act.MAYBE]
    assert plan["b"].because == ("a",)
    assert did(world.run(film(same))) == {"a": Did.BUILT, "b": Did.CUTOFF, "cut": Did.CUTOFF}
    assert made(world.run(film(same))) == set()


@pytest.mark.parametrize("status", ["approved", "adopted", "chosen"])
def test_a_lost_decision_is_told_and_never_made_again(world: World, status: str) -> None:
    """An approved take, or a file of the user's, cannot be made again by drawing."""
    line = world.lock.get("a")
    assert line is not None and world.memory is not None
    digest, _ = world.store.add_bytes(b"mine")
    taken = LockTake(2, digest, "adopted", None, "adopted", {"seconds": 1})
    if status != "approved":
        line = replace(line, takes=(*line.takes, taken))
        world.lock.put(with_status(line, 2, status))
    else:
        world.lock.put(with_status(line, 1, status))
        digest = line.takes[0].artifact
    world.run(FILM)
    world.memory.lose(digest)
    asked = list(world.target.asked)
    for film in (FILM, EDITED) if status != "chosen" else (FILM,):
        plan = world.plan(film)
        assert (plan["a"].action, plan["a"].reason) == (Act.BLOCKED, Reason.ARTIFACT_LOST)
        assert "put the file back" in plan["a"].message
        world.run(film)
    assert world.target.asked == asked
