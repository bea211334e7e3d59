"""The plan as a person reads it: by scene, what would be made and why, totals last.

Short plans are told node by node. A plan of thousands is told by scene, and one of very many scenes
by kind; ``verbose`` tells all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fvbuild.engine.events import Act, Plan, Reason, Step
from fvbuild.report import words
from fvbuild.report.grouping import gathered, grouped, name_of
from fvbuild.report.reasons import Causes, reason, root_place, roots_of
from fvbuild.report.style import Style, safe

_LINES_SHOWN = 60
_SUMS_SHOWN = 16
_REASONS_SHOWN = 10
_TOLD_WORDS = {
    Act.BUILD: "build",
    Act.MAYBE: "maybe",
    Act.HELD: "held",
    Act.BLOCKED: "blocked",
    Act.REUSE: "reuse",
}


def plan_text(plan: Plan, style: Style, causes: Causes, *, verbose: bool = False) -> Iterator[str]:
    """The lines of a plan."""
    profile = f" ({safe(plan.profile)})" if plan.profile else ""
    yield style.bold(safe(plan.film)) + style.dim(profile)
    told = [step for step in plan.steps if verbose or step.action is not Act.REUSE]
    groups = grouped(told, lambda step: step.node)
    if verbose or _lines_of(groups) <= _LINES_SHOWN:
        yield from _by_node(groups, style, causes, verbose)
    else:
        yield from _by_scene(groups, style, causes)
        yield from _standing(plan, style)
    for note in plan.notes:
        yield style.yellow("note: ") + safe(note)
    yield ""
    yield from totals(plan, style)


# --- node by node ---------------------------------------------------------------------------------


def _by_node(
    groups: dict[str, list[Step]], style: Style, causes: Causes, verbose: bool
) -> Iterator[str]:
    parts = {
        name: [[step] for step in steps] if verbose else list(gathered(steps))
        for name, steps in groups.items()
    }
    names = [safe(name_of(steps)) for lines in parts.values() for steps in lines]
    width = min(44, max(map(len, names), default=0))
    for heading, lines in parts.items():
        yield ""
        yield style.bold(safe(heading))
        for steps in lines:
            if len(steps) == 1:
                yield _line(steps[0], width, style, causes)
            else:
                yield _new_line(steps, width, style)


def _lines_of(groups: dict[str, list[Step]]) -> int:
    return sum(len(list(gathered(steps))) for steps in groups.values())


def _new_line(steps: Sequence[Step], width: int, style: Style) -> str:
    """``pier/ticket  build, not made yet: caption, anchor (2 takes), segment  film.yaml:40``."""
    told = []
    for step in steps:
        details = _details(step)
        name = safe(step.node.rpartition("/")[2])
        told.append(f"{name} ({', '.join(details)})" if details else name)
    where = style.dim(safe(min((words.place(step.loc) for step in steps), key=_line_number)))
    name = f"{safe(name_of(steps)):<{width}}"
    line = f"  {name}  {_verdict(steps[0], style)}, not made yet: {', '.join(told)}"
    return f"{line}  {where}" if where else line


def _verdict(step: Step, style: Style) -> str:
    word = _TOLD_WORDS[step.action]
    paint = {Act.BUILD: style.cyan, Act.HELD: style.yellow, Act.BLOCKED: style.red}
    return paint.get(step.action, style.dim)(word)


def _line_number(place: str) -> int:
    number = place.rpartition(":")[2]
    return int(number) if number.isdigit() else 0


def _details(step: Step) -> list[str]:
    if step.action not in (Act.BUILD, Act.MAYBE):
        return []
    details = [words.count(step.takes, "take")] if step.takes > 1 else []
    if step.cost.free:
        return details
    return [*details, f"{step.target}, {words.price(step.cost)}"]


def _line(step: Step, width: int, style: Style, causes: Causes) -> str:
    """``pier/ticket/segment  build: camera changed (dolly in -> pan left)  film.yaml:52``."""
    roots = roots_of(step, causes)
    parts = [f"  {safe(step.node):<{width}}", f"{_verdict(step, style)}:"]
    parts.append(safe(reason(step, roots)))
    details = _details(step)
    line = f"{parts[0]}  {parts[1]} {parts[2]}"
    if details:
        line += f" ({', '.join(details)})"
    where = root_place(step, roots)
    return f"{line}  {style.dim(safe(where))}" if where and step.action is not Act.REUSE else line


# --- in sums --------------------------------------------------------------------------------------


def _by_scene(groups: dict[str, list[Step]], style: Style, causes: Causes) -> Iterator[str]:
    if sum(len({step.action for step in steps}) for steps in groups.values()) > _SUMS_SHOWN:
        everything = [step for steps in groups.values() for step in steps]
        yield from _by_kind("all scenes", everything, style, causes)
        return
    for name, steps in groups.items():
        yield from _by_kind(name, steps, style, causes)


def _by_kind(name: str, steps: Sequence[Step], style: Style, causes: Causes) -> Iterator[str]:
    """A heading and a line for each verdict: how many of which kinds, and a sample of the why."""
    yield ""
    yield style.bold(safe(name))
    for action in (Act.BUILD, Act.MAYBE, Act.HELD, Act.BLOCKED):
        these = [step for step in steps if step.action is action]
        if not these:
            continue
        kinds = Counter(step.kind for step in these)
        told = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common(8))
        more = f" and {words.count(len(kinds) - 8, 'other kind')}" if len(kinds) > 8 else ""
        first = these[0]
        if all(step.reason is Reason.NO_TAKE for step in these):
            yield f"  {_verdict(first, style)}, not made yet: {told}{more}"
            continue
        yield f"  {_verdict(first, style)}: {told}{more}"
        if action is Act.BUILD:
            why = reason(first, roots_of(first, causes))
            yield style.dim(f"    as {safe(first.node)}: {safe(why)}")


def _standing(plan: Plan, style: Style) -> Iterator[str]:
    """What is held or stands in the way, by reason; not what is blocked only because that is."""
    blocked = {step.node for step in plan.steps if step.action is Act.BLOCKED}
    groups: dict[tuple[Act, str], list[Step]] = {}
    for step in plan.steps:
        held = step.action is Act.HELD
        if held or (step.action is Act.BLOCKED and not blocked.intersection(step.because)):
            groups.setdefault((step.action, reason(step)), []).append(step)
    if groups:
        yield ""
    for (_action, why), steps in list(groups.items())[:_REASONS_SHOWN]:
        names = words.some([step.node for step in steps])
        yield f"  {safe(names)}  {_verdict(steps[0], style)}: {safe(why)}"
    if len(groups) > _REASONS_SHOWN:
        more = words.count(len(groups) - _REASONS_SHOWN, "other reason")
        yield style.dim(f"  and {more} (fvbuild plan -v tells all)")


# --- totals ---------------------------------------------------------------------------------------


def totals(plan: Plan, style: Style) -> Iterator[str]:
    """The last lines: how many of each verdict, and what it may cost."""
    counts = {action: plan.count(action) for action in Act}
    reuse = counts[Act.REUSE]
    rest = [
        f"{counts[action]:,} {word}"
        for action, word in (
            (Act.BUILD, "to build"),
            (Act.MAYBE, "maybe"),
            (Act.HELD, "held"),
            (Act.BLOCKED, "blocked"),
        )
        if counts[action]
    ]
    if not rest:
        yield f"Nothing to do: {_all(reuse)} up to date."
        return
    yield ", ".join(rest) + (f"; {reuse:,} up to date." if reuse else ".")
    if not plan.cost.free:
        yield f"Cost: {style.bold(words.price(plan.cost))}."


def _all(number: int) -> str:
    return f"all {number:,} nodes are" if number != 1 else "the one node is"
