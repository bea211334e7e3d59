"""Merges two locks that went different ways: takes of both sides are kept, and only a real choice
is left to a person.

What is merged is what each side says of a node: one line for each recipe (key) that it lists takes
of. A line that one side left as it was takes the other side's place, as in every merge of three
versions. Of lines that both changed, all takes are kept, and decisions merge one by one: a decision
that one side left alone is the other side's. A merge cannot know which recipe the merged film has.
So where the sides have different ones, the second line is kept beside the first, as a spare, under
a name that no node has; the build finds it by its key, as it finds the takes of a renamed node.

The rules are a table in ``docs/merging.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fvbuild.engine.lock_line import HOLDING, LockLine, with_status
from fvbuild.engine.lock_union import default_take, number_of, rejected_by, union

_MARK = "~"
_KEY_DIGITS = 12
_STRENGTH = ("made", "rejected", "chosen", "approved", "adopted")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A choice that only a person can make. Either line lists the takes of both sides, if they are
    of one recipe."""

    node: str
    ours: LockLine
    theirs: LockLine


@dataclass(frozen=True, slots=True)
class Merged:
    """The lines that are settled, and the choices that are open."""

    lines: tuple[LockLine, ...]
    conflicts: tuple[Conflict, ...]


def spare_name(node: str, key: str) -> str:
    """Under which name the takes of another recipe of a node are kept: no node has it."""
    return f"{node}{_MARK}{key[:_KEY_DIGITS] or 'adopted'}"


def node_of(name: str) -> str:
    """The node that a line is about, be it the node's own or a spare."""
    return name.partition(_MARK)[0]


def spared(line: LockLine) -> LockLine:
    """A line as a spare: a hold is of the node's own line alone."""
    status = "chosen" if line.holding else line.status
    line = with_status(line, line.chosen, status) if line.holding else line
    return replace(line, node=spare_name(node_of(line.node), line.key))


@dataclass(frozen=True, slots=True)
class _Side:
    """What one side says of a node: its own line, and spares of other recipes by key."""

    own: LockLine | None
    lines: Mapping[tuple[str, str], LockLine]

    @property
    def recipe(self) -> tuple[str, str] | None:
        return None if self.own is None else (self.own.kind, self.own.key)

    def of(self, recipe: tuple[str, str]) -> LockLine | None:
        return self.lines.get(recipe)


_NOTHING = _Side(None, {})


def merge(base: Iterable[LockLine], ours: Iterable[LockLine], theirs: Iterable[LockLine]) -> Merged:
    """Merge two locks that were one, ``base``. The order of the lines is that of their nodes."""
    before, here, there = _by_node(base), _by_node(ours), _by_node(theirs)
    lines: list[LockLine] = []
    conflicts: list[Conflict] = []
    gone: set[str] = set()
    for node in sorted(here.keys() | there.keys()):
        b, o, t = (side.get(node, _NOTHING) for side in (before, here, there))
        if o == t:
            lines += _written(node, o)
        elif b in (o, t):
            kept, left = (t, o) if o == b else (o, t)
            found = Merged(tuple(_with_paid(kept, left)), ())
            gone |= set() if kept.lines else {line.node for line in found.lines}
            lines += found.lines
        else:
            found = _merge_node(node, b, o, t)
            lines += found.lines
            conflicts += found.conflicts
    lines = sorted(_listed_once(lines, gone), key=lambda line: line.node)
    return Merged(tuple(lines), tuple(conflicts))


def _by_node(lines: Iterable[LockLine]) -> dict[str, _Side]:
    owns: dict[str, LockLine] = {}
    groups: dict[str, dict[tuple[str, str], LockLine]] = {}
    for line in lines:
        node = node_of(line.node)
        recipe = (line.kind, line.key)
        group = groups.setdefault(node, {})
        if line.node == node:
            owns[node] = line
        elif recipe in group:
            continue  # the node's own line says it already
        group[recipe] = replace(line, node=node)
    return {node: _Side(owns.get(node), group) for node, group in groups.items()}


def _written(node: str, side: _Side) -> list[LockLine]:
    return [
        line if recipe == side.recipe else replace(line, node=spare_name(node, line.key))
        for recipe, line in side.lines.items()
    ]


def _with_paid(kept: _Side, left: _Side) -> list[LockLine]:
    """What one side says, and what was paid for of what it dropped and the other left alone."""
    found = dict(kept.lines)
    for recipe, line in left.lines.items():
        mine = found.get(recipe)
        if mine is None and _paid(line):
            found[recipe] = line
        elif mine is not None and not _paid(line) <= {take.artifact for take in mine.takes}:
            takes = union(None, mine, line)
            shown = mine.take(mine.chosen)
            n = number_of(takes, shown.artifact) if shown is not None else default_take(takes)
            line = replace(mine, takes=takes)
            found[recipe] = with_status(line, n, mine.status)
    return [line if recipe == kept.recipe else spared(line) for recipe, line in found.items()]


def _listed_once(lines: list[LockLine], gone: set[str]) -> list[LockLine]:
    """Without the spares of nodes that one side has no more, if their takes are listed elsewhere
    too: under the name that the node has now."""
    elsewhere = {t.artifact for line in lines if line.node not in gone for t in line.takes}
    return [line for line in lines if line.node not in gone or not _paid(line) <= elsewhere]


def _paid(line: LockLine) -> set[str]:
    return {take.artifact for take in line.takes if take.cost is not None and take.cost.amount > 0}


def _merge_node(node: str, base: _Side, ours: _Side, theirs: _Side) -> Merged:
    """Both sides changed what they say of a node."""
    found: dict[tuple[str, str], LockLine] = {}
    open_choice: Conflict | None = None
    for recipe in sorted(ours.lines.keys() | theirs.lines.keys()):
        b, o, t = base.of(recipe), ours.of(recipe), theirs.of(recipe)
        if o is None or t is None:
            there = o or t
            if there is not None and (there != b or _paid(there)):
                found[recipe] = there
        else:
            merged = _merge_recipe(b, o, t)
            if isinstance(merged, Conflict):
                if ours.recipe == theirs.recipe == recipe:
                    open_choice = merged
                merged = max(merged.ours, merged.theirs, key=_firmness)
            found[recipe] = merged
    if open_choice is None:
        open_choice = _different_holds(node, base, ours, theirs)
    if open_choice is not None:
        taken = {(line.kind, line.key) for line in (open_choice.ours, open_choice.theirs)}
        rest = [spared(line) for recipe, line in found.items() if recipe not in taken]
        return Merged(tuple(rest), (open_choice,))
    own = _own_recipe(base, ours, theirs, found)
    lines = [line if recipe == own else spared(line) for recipe, line in found.items()]
    return Merged(tuple(lines), ())


def _firmness(line: LockLine) -> tuple[int, int]:
    return _STRENGTH.index(line.status), -line.chosen


# --- one recipe -----------------------------------------------------------------------------------


def _merge_recipe(base: LockLine | None, ours: LockLine, theirs: LockLine) -> LockLine | Conflict:
    """Lines of one recipe: takes unite, rejections and the choice merge each on its own."""
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    takes = union(base, ours, theirs)
    line = replace(ours, takes=takes, status="made", chosen=takes[0].n)
    said, agreed = _settled(_said(base), _said(ours), _said(theirs))
    if agreed and said is None:
        n = default_take(takes)
        taken = line.take(n)
        rejected = taken is not None and taken.status == "rejected"
        return replace(line, chosen=n, status="rejected" if rejected else "made")
    if agreed and said is not None and not _refused(said, base, ours, theirs):
        n = number_of(takes, said)
        return with_status(line, n, _status(said, base, ours, theirs))
    return Conflict(ours.node, _as_said(line, ours), _as_said(line, theirs))


def _said(line: LockLine | None) -> str | None:
    """The artifact that a person chose, approved or adopted; None where nobody did."""
    if line is None or line.status not in (*HOLDING, "chosen"):
        return None
    take = line.take(line.chosen)
    return None if take is None else take.artifact


def _settled(base: str | None, ours: str | None, theirs: str | None) -> tuple[str | None, bool]:
    """The decision of three versions, and whether the sides agree. Where one takes a decision back
    and the other makes another, that other stands."""
    if ours == theirs or theirs == base:
        return ours, True
    if ours == base:
        return theirs, True
    if ours is None or theirs is None:
        return ours or theirs, True
    return None, False


def _status(artifact: str, base: LockLine | None, ours: LockLine, theirs: LockLine) -> str:
    """How firmly an artifact is chosen, by those who chose it."""
    was, here, there = (
        line.status if line is not None and _said(line) == artifact else None
        for line in (base, ours, theirs)
    )
    if here is None or there is None:
        return here or there or "made"
    if there == was:
        return here
    if here == was:
        return there
    return max(here, there, key=_STRENGTH.index)


def _refused(artifact: str, base: LockLine | None, ours: LockLine, theirs: LockLine) -> bool:
    """True when one side rejects what the other chose."""
    return any(
        _said(line) != artifact and rejected_by(line, artifact) and not rejected_by(base, artifact)
        for line in (ours, theirs)
    )


def _as_said(line: LockLine, side: LockLine) -> LockLine:
    """The united line with the choice of one side, and its rejections of what it lists."""
    mine = side.take(side.chosen)
    takes = tuple(
        replace(take, status="rejected" if rejected_by(side, take.artifact) else "made")
        if any(own.artifact == take.artifact for own in side.takes)
        else take
        for take in line.takes
    )
    n = number_of(takes, mine.artifact) if mine is not None else default_take(takes)
    line = replace(line, takes=takes)
    if side.status in ("made", "rejected"):
        return replace(line, chosen=n, status=side.status)
    return with_status(line, n, side.status)


# --- different recipes ----------------------------------------------------------------------------


def _held(line: LockLine | None) -> str | None:
    return _said(line) if line is not None and line.holding else None


def _different_holds(node: str, base: _Side, ours: _Side, theirs: _Side) -> Conflict | None:
    """A conflict when both sides hold results of different recipes: a hold outlives every edit, so
    the film cannot decide between them."""
    o, t = ours.own, theirs.own
    if o is None or t is None or ours.recipe == theirs.recipe:
        return None
    _, agreed = _settled(_held(base.own), _held(o), _held(t))
    return None if agreed else Conflict(node, o, t)


def _own_recipe(
    base: _Side, ours: _Side, theirs: _Side, found: Mapping[tuple[str, str], LockLine]
) -> tuple[str, str] | None:
    """Whose recipe the node's own line is of: the one that is held; else the one that was edited;
    else either, since the film decides."""
    held, _ = _settled(_held(base.own), _held(ours.own), _held(theirs.own))
    sides: list[tuple[str, str] | None]
    sides = [side.recipe for side in (ours, theirs) if held and _held(side.own) == held]
    if not sides:
        both = [ours.recipe, theirs.recipe]
        sides = [recipe for recipe in both if recipe not in (None, base.recipe)] or both
    known = [recipe for recipe in sides if recipe is not None and recipe in found]
    return min(known or found, default=None)
