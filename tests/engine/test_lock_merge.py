"""Two locks that went different ways become one: every paid take stays, and only a real choice is
left open."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.engine import lock_marks
from fvbuild.engine.action import Money
from fvbuild.engine.digest import content, quick
from fvbuild.engine.lock import Lock, LockLine, LockTake, parse, with_status
from fvbuild.engine.lock_merge import Conflict, Merged, merge, node_of
from fvbuild.errors import StateError

K1, K2, K3 = (quick(name.encode()) for name in ("one", "two", "three"))
NODE = "pier/arrival/anchor"


def take(n: int, name: str, *, cost: float = 0.5, status: str = "made", drawn: int = 0) -> LockTake:
    return LockTake(n, content(name.encode()), "flux", Money(cost, "USD"), status, {}, drawn)


def line(
    *takes: LockTake, chosen: int = 1, status: str = "made", key: str = K1, node: str = NODE
) -> LockLine:
    rejected = {each.n for each in takes if each.status == "rejected"}
    found = with_status(LockLine(node, "anchor", key, chosen, status, takes), chosen, status)
    marked = tuple(
        replace(each, status="rejected") if each.n in rejected else each for each in found.takes
    )
    return replace(found, takes=marked)


def names(found: LockLine) -> dict[int, str]:
    known = {content(name.encode()): name for name in "abcdefgh"}
    return {each.n: known[each.artifact] for each in found.takes}


def merged(base: LockLine | None, ours: LockLine | None, theirs: LockLine | None) -> Merged:
    sides = ([each] if each is not None else [] for each in (base, ours, theirs))
    return merge(*sides)


def one(found: Merged) -> LockLine:
    assert not found.conflicts and len(found.lines) == 1
    return found.lines[0]


def choice(found: Merged) -> Conflict:
    assert len(found.conflicts) == 1
    return found.conflicts[0]


A = take(1, "a")
BASE = line(A)


# --- takes ----------------------------------------------------------------------------------------


def test_both_drew_a_second_take_and_both_stay() -> None:
    found = one(merged(BASE, line(A, take(2, "b")), line(A, take(2, "c"))))
    assert sorted(names(found).values()) == ["a", "b", "c"]
    assert [(each.n, each.drawn) for each in found.takes] == [(1, 0), (2, 0), (3, 2)]
    assert found.chosen == 1 and found.status == "made"
    again = parse(Lock([found]).text(), "film.lock")
    assert again == [found]


def test_a_take_that_was_numbered_anew_keeps_its_number_from_then_on() -> None:
    first = one(merged(BASE, line(A, take(2, "b")), line(A, take(2, "c"))))
    more = replace(first, takes=(*first.takes, take(4, "d")))
    other = replace(first, takes=(*first.takes, take(4, "e")))
    found = one(merged(first, more, other))
    assert {n: names(found)[n] for n in (1, 2, 3)} == names(first)
    assert [(each.n, each.drawn) for each in found.takes[3:]] == [(4, 0), (5, 4)]


def test_a_shot_new_on_both_sides_with_one_recipe_has_both_first_takes() -> None:
    found = one(merged(None, line(take(1, "b")), line(take(1, "c"))))
    assert sorted(names(found).values()) == ["b", "c"] and found.status == "made"
    assert found.chosen == 1


# --- decisions about one recipe -------------------------------------------------------------------

TWO = (A, take(2, "b"))
DRAWN = line(*TWO)


@pytest.mark.parametrize("status", ["chosen", "approved", "adopted"])
def test_what_one_side_decided_counts(status: str) -> None:
    decided = line(*TWO, chosen=2, status=status)
    found = one(merged(DRAWN, decided, line(*TWO, take(3, "c"))))
    assert (found.chosen, found.status) == (2, status) and len(found.takes) == 3
    assert one(merged(DRAWN, DRAWN, decided)) == decided


def test_of_one_take_the_firmer_decision_counts() -> None:
    found = one(
        merged(
            DRAWN, line(*TWO, chosen=2, status="chosen"), line(*TWO, chosen=2, status="approved")
        )
    )
    assert (found.chosen, found.status) == (2, "approved")


def test_an_approval_taken_back_on_one_side_is_taken_back() -> None:
    approved = line(*TWO, chosen=2, status="approved")
    drew = line(*approved.takes, take(3, "c"), chosen=2, status="approved")
    found = one(merged(approved, line(*TWO, chosen=1), drew))
    assert found.status == "made" and len(found.takes) == 3


@pytest.mark.parametrize("ours", ["chosen", "approved"])
@pytest.mark.parametrize("theirs", ["chosen", "approved"])
def test_different_choices_are_left_to_a_person(ours: str, theirs: str) -> None:
    here = line(A, take(2, "b"), chosen=2, status=ours)
    there = line(A, take(2, "c"), chosen=2, status=theirs)
    found = choice(merged(BASE, here, there))
    assert found.ours.takes[0].artifact == found.theirs.takes[0].artifact == A.artifact
    for side, name, status in ((found.ours, "b", ours), (found.theirs, "c", theirs)):
        assert names(side)[side.chosen] == name and side.status == status
        assert sorted(names(side).values()) == ["a", "b", "c"]


def test_chosen_here_and_rejected_there_is_left_to_a_person() -> None:
    here = line(*TWO, chosen=2, status="approved")
    there = line(A, take(2, "b", status="rejected"))
    found = choice(merged(DRAWN, here, there))
    assert names(found.ours)[found.ours.chosen] == "b" and found.ours.status == "approved"
    assert found.theirs.takes[1].status == "rejected" and found.theirs.chosen == 1


def test_rejections_add_up_and_the_next_take_is_shown() -> None:
    three = (A, take(2, "b"), take(3, "c"))
    first = line(take(1, "a", status="rejected"), *three[1:], chosen=2)
    second = line(A, take(2, "b", status="rejected"), three[2])
    found = one(merged(line(*three), first, second))
    assert [each.status for each in found.takes] == ["rejected", "rejected", "made"]
    assert found.chosen == 3
    all_gone = line(*(replace(each, status="rejected") for each in three), status="rejected")
    assert one(merged(line(*three), first, all_gone)).status == "rejected"


# --- different recipes ----------------------------------------------------------------------------


def test_the_recipe_that_one_side_edited_counts_and_new_takes_of_the_old_one_stay() -> None:
    drew = line(A, take(2, "b"))
    edited = line(take(1, "c"), key=K2)
    found = merged(BASE, drew, edited)
    own, spare = found.lines
    assert own == edited and not found.conflicts
    assert node_of(spare.node) == NODE != spare.node
    assert spare == replace(drew, node=spare.node)


def test_paid_takes_that_one_side_left_behind_stay_as_well() -> None:
    edited = line(take(1, "c"), key=K2)
    found = merged(BASE, BASE, edited)
    assert {each.key for each in found.lines} == {K1, K2} and found.lines[0] == edited
    free = replace(BASE, takes=(replace(A, cost=None),))
    assert merged(free, free, edited).lines == (edited,)


def test_both_edited_and_the_film_decides() -> None:
    here, there = line(take(1, "b"), key=K2), line(take(1, "c"), key=K3)
    found = merged(BASE, here, there)
    assert not found.conflicts
    assert {(node_of(each.node), each.key) for each in found.lines} == {(NODE, K2), (NODE, K3)}
    assert [each.node for each in found.lines].count(NODE) == 1
    assert merged(BASE, there, here) == found


def test_a_hold_counts_before_an_edit() -> None:
    held = line(A, chosen=1, status="approved")
    edited = line(take(1, "c"), key=K2)
    for found in (merged(BASE, held, edited), merged(BASE, edited, held)):
        assert found.lines[0] == held and found.lines[1].key == K2 and not found.conflicts
    released = merged(held, line(*held.takes, take(2, "b"), status="approved"), edited)
    assert released.lines[0] == edited and released.lines[1].status == "chosen"


def test_two_holds_of_different_recipes_are_left_to_a_person() -> None:
    here = line(take(1, "b"), key=K2, status="approved")
    there = line(take(1, "c"), key=K3, status="adopted")
    found = choice(merged(BASE, here, there))
    assert (found.ours, found.theirs) == (here, there)


def test_a_removed_line_goes_unless_it_holds_what_was_paid_for() -> None:
    free = replace(BASE, takes=(replace(A, cost=None),))
    assert merged(free, free, None) == Merged((), ())
    assert merged(free, None, free) == Merged((), ())
    kept = one(merged(BASE, None, BASE))
    assert kept.takes == BASE.takes and kept.node != NODE
    renamed = replace(BASE, node="pier/landing/anchor")
    assert merge([BASE], [BASE], [renamed]).lines == (renamed,)
    changed = line(A, take(2, "b"))
    assert one(merged(BASE, None, changed)) == changed


# --- as text --------------------------------------------------------------------------------------


def _open_text() -> str:
    here = line(A, take(2, "b"), chosen=2, status="approved")
    there = line(A, take(2, "c"), chosen=2, status="chosen")
    other = line(take(1, "d"), node="a")
    return lock_marks.text_of(merge([BASE, other], [here, other], [there, other]))


def test_an_open_choice_is_written_so_that_the_reader_tells_what_to_do() -> None:
    text = _open_text()
    assert text.count("\n") == 6
    with pytest.raises(StateError, match=f"merge conflict about {NODE}") as caught:
        parse(text, "film.lock")
    assert caught.value.place == "film.lock:2:1"
    assert "fvbuild merge-lock" in (caught.value.hint or "")
    assert "<<<<<<< ours: take" in text and "approved" in text


def test_an_open_choice_is_read_and_merged_again_as_it_was() -> None:
    text = _open_text()
    assert lock_marks.is_marked(text) and not lock_marks.is_marked_by_git(text)
    sides = lock_marks.sides_of(text, "film.lock")
    assert not sides.has_base
    again = merge(*sides.parsed("film.lock"))
    assert lock_marks.text_of(again) == text


@pytest.mark.parametrize(
    "marks",
    ["<<<<<<< a\n<<<<<<< b\n", "=======\n", ">>>>>>> b\n", "<<<<<<< a\n>>>>>>> b\n", "<<<<<<< a\n",
     "<<<<<<< a\n=======\n||||||| c\n>>>>>>> b\n"],
)  # fmt: skip
def test_marks_that_do_not_fit_are_an_error(marks: str) -> None:
    with pytest.raises(StateError, match="conflict") as caught:
        lock_marks.sides_of(f"{BASE.text()}\n{marks}", "film.lock")
    assert caught.value.hint


# --- whatever was done ----------------------------------------------------------------------------


@st.composite
def _line(draw: st.DrawFn, node: str) -> LockLine:
    takes = tuple(
        LockTake(
            n,
            content(draw(st.sampled_from("abcd")).encode()),
            draw(st.sampled_from(["flux", "adopted"])),
            draw(st.sampled_from([None, Money(0.0, "USD"), Money(1.0, "USD")])),
            draw(st.sampled_from(["made", "made", "rejected"])),
        )
        for n in sorted(draw(st.sets(st.integers(1, 4), min_size=1, max_size=3)))
    )
    chosen = draw(st.sampled_from(takes))
    found = LockLine(
        node, "anchor", draw(st.sampled_from([K1, K1, K2, K3])), chosen.n, "made", takes
    )
    if chosen.status == "rejected":
        return replace(found, status="rejected")
    status = draw(st.sampled_from(["made", "made", "chosen", "approved", "adopted"]))
    return with_status(found, chosen.n, status) if status != "made" else found


_nodes = ("a", "b")
_lock = st.tuples(*(st.none() | _line(node) for node in _nodes)).map(
    lambda lines: [each for each in lines if each is not None]
)


@st.composite
def _grown(draw: st.DrawFn, lock: list[LockLine]) -> list[LockLine]:
    """A lock after some work: takes are drawn and decisions made, and nothing is taken away."""
    found = []
    for each in lock:
        drawn = draw(st.integers(0, 2))
        n = max(take.n for take in each.takes)
        new = tuple(
            LockTake(n + 1 + i, content(draw(st.binary(min_size=1, max_size=1))), "flux",
                     Money(1.0, "USD"))
            for i in range(drawn)
        )  # fmt: skip
        grown = replace(each, takes=(*each.takes, *new))
        status = draw(st.sampled_from(["", "", "chosen", "approved"]))
        if status:
            grown = with_status(grown, draw(st.sampled_from(grown.takes)).n, status)
        found.append(grown)
    return found


def _takes(lines: list[LockLine], *, paid: bool) -> set[tuple[str, str, str]]:
    return {
        (node_of(each.node), each.key, take.artifact)
        for each in lines
        for take in each.takes
        if not paid or (take.cost is not None and take.cost.amount > 0)
    }


def _all(found: Merged) -> list[LockLine]:
    return [*found.lines, *(x for each in found.conflicts for x in (each.ours, each.theirs))]


@given(_lock, _lock, _lock)
def test_no_paid_take_is_ever_lost(
    base: list[LockLine], ours: list[LockLine], theirs: list[LockLine]
) -> None:
    found = merge(base, ours, theirs)
    here, there = _takes(ours, paid=True), _takes(theirs, paid=True)
    listed = _takes(_all(found), paid=False)
    artifacts = {artifact for _, _, artifact in listed}
    for node, key, artifact in here | there:
        assert (node, key, artifact) in listed or artifact in artifacts
    for each in found.conflicts:
        if each.ours.key == each.theirs.key:
            known = {take.artifact for take in each.ours.takes}
            assert known == {take.artifact for take in each.theirs.takes}
    assert listed <= _takes(ours, paid=False) | _takes(theirs, paid=False)


@given(_lock, _lock, _lock)
def test_the_sides_may_be_exchanged(
    base: list[LockLine], ours: list[LockLine], theirs: list[LockLine]
) -> None:
    one_way, other_way = merge(base, ours, theirs), merge(base, theirs, ours)
    assert one_way.lines == other_way.lines
    turned = tuple(Conflict(each.node, each.theirs, each.ours) for each in other_way.conflicts)
    assert one_way.conflicts == turned


@given(_lock, _lock)
def test_merging_what_is_equal_changes_nothing(base: list[LockLine], ours: list[LockLine]) -> None:
    assert list(merge(base, ours, ours).lines) == ours
    again = merge(base, ours, base)
    assert not again.conflicts
    own = [each for each in again.lines if node_of(each.node) == each.node]
    assert {each.node: (each.key, each.status) for each in own} == {
        each.node: (each.key, each.status) for each in ours
    }


@given(st.data())
def test_what_was_merged_is_merged(data: st.DataObject) -> None:
    base = data.draw(_lock)
    ours, theirs = data.draw(_grown(base)), data.draw(_grown(base))
    found = merge(base, ours, theirs)
    if not found.conflicts:
        lines = list(found.lines)
        assert merge(base, lines, theirs) == found == merge(theirs, lines, theirs)
        assert merge(base, lines, lines) == found


@given(st.data())
def test_three_branches_merge_in_any_order(data: st.DataObject) -> None:
    base = data.draw(_lock)
    a, b, c = (data.draw(_grown(base)) for _ in range(3))
    first, last = merge(base, a, b), merge(base, b, c)
    if first.conflicts or last.conflicts:
        return
    left, right = merge(base, [*first.lines], c), merge(base, a, [*last.lines])
    if not left.conflicts and not right.conflicts:
        assert left == right


@given(_lock, _lock, _lock)
def test_the_text_of_a_merge_is_a_lock_or_says_what_is_open(
    base: list[LockLine], ours: list[LockLine], theirs: list[LockLine]
) -> None:
    found = merge(base, ours, theirs)
    text = lock_marks.text_of(found)
    if not found.conflicts:
        assert parse(text, "film.lock") == list(found.lines)
        return
    sides = lock_marks.sides_of(text, "film.lock").parsed("film.lock")
    assert merge(*sides).conflicts
