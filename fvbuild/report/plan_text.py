"""The plan as a person reads it: by scene, what would be made and why, totals last.

Short plans are told node by node. A plan of thousands is told by scene, and one of very many scenes
by kind; ``verbose`` tells all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fvbuild.engine.events import Act, Plan, Reason, Step
from fvbuild.report import words
from fvbuild.report.grouping import grouped
from fvbuild.report.style import Style, safe

_LINES_SHOWN = 60
_TOLD_WORDS = {
    Act.BUILD: "build",
    Act.MAYBE: "maybe",
    Act.HELD: "held",
    Act.BLOCKED: "blocked",
    Act.REUSE: "reuse",
}


def plan_text(
    plan: Plan, style: Style, causes: words.Causes, *, verbose: bool = False
) -> Iterator[str]:
    """The lines of a plan."""
    profile = f" ({safe(plan.profile)})" if plan.profile else ""
    yield style.bold(safe(plan.film)) + style.dim(profile)
    told = [step for step in plan.steps if verbose or step.action is not Act.REUSE]
    groups = grouped(told, lambda step: step.node)
    if verbose or len(told) <= _LINES_SHOWN:
        yield from _by_node(groups, style, causes)
    elif len(groups) <= _LINES_SHOWN:
        yield from _by_scene(groups, style, causes)
    else:
        yield from _by_kind("all scenes", told, style, causes)
    yield from _blocked_last(plan, groups, style, verbose)
    for note in plan.notes:
        yield style.yellow("note: ") + safe(note)
    yield ""
    yield from totals(plan, style)


# --- node by node ---------------------------------------------------------------------------------


def _by_node(groups: dict[str, list[Step]], style: Style, causes: words.Causes) -> Iterator[str]:
    width = min(44, max((len(s.node) for group in groups.values() for s in group), default=0))
    for name, steps in groups.items():
        yield ""
        yield style.bold(safe(name))
        for step in steps:
            yield _line(step, width, style, causes)


def _verdict(step: Step, style: Style) -> str:
    word = _TOLD_WORDS[step.action]
    paint = {Act.BUILD: style.cyan, Act.HELD: style.yellow, Act.BLOCKED: style.red}
    return paint.get(step.action, style.dim)(word)


def _line(step: Step, width: int, style: Style, causes: words.Causes) -> str:
    """``pier/ticket/segment  build: camera changed (dolly in -> pan left)  film.yaml:52``."""
    roots = causes(step) if step.action in (Act.BUILD, Act.HELD) else ()
    parts = [f"  {safe(step.node):<{width}}", f"{_verdict(step, style)}:"]
    parts.append(safe(words.reason(step, roots)))
    details = []
    if step.action in (Act.BUILD, Act.MAYBE):
        if step.takes > 1:
            details.append(words.count(step.takes, "take"))
        if step.cost.max:
            details.append(f"{step.target}, {words.price(step.cost)}")
    line = f"{parts[0]}  {parts[1]} {parts[2]}"
    if details:
        line += f" ({', '.join(details)})"
    where = words.root_place(step, roots)
    return f"{line}  {style.dim(safe(where))}" if where and step.action is not Act.REUSE else line


# --- in sums --------------------------------------------------------------------------------------


def _by_scene(groups: dict[str, list[Step]], style: Style, causes: words.Causes) -> Iterator[str]:
    if sum(len({s.action for s in steps}) for steps in groups.values()) > _LINES_SHOWN:
        everything = [step for steps in groups.values() for step in steps]
        yield from _by_kind("all scenes", everything, style, causes)
        return
    for name, steps in groups.items():
        yield from _by_kind(name, steps, style, causes)


def _by_kind(name: str, steps: Sequence[Step], style: Style, causes: words.Causes) -> Iterator[str]:
    """A heading and a line for each verdict: how many of which kinds, and a sample of the why."""
    yield ""
    yield style.bold(safe(name))
    for action in (Act.BUILD, Act.MAYBE, Act.HELD, Act.BLOCKED):
        these = [step for step in steps if step.action is action]
        if not these:
            continue
        kinds = Counter(step.kind for step in these)
        told = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common(8))
        more = f" and {len(kinds) - 8} other kinds" if len(kinds) > 8 else ""
        first = these[0]
        if all(step.reason is Reason.NO_TAKE for step in these):
            yield f"  {_verdict(first, style)}, not made yet: {told}{more}"
            continue
        yield f"  {_verdict(first, style)}: {told}{more}"
        if action is not Act.MAYBE:
            why = words.reason(first, causes(first) if action is Act.BUILD else ())
            yield style.dim(f"    as {safe(first.node)}: {safe(why)}")


def _blocked_last(
    plan: Plan, groups: dict[str, list[Step]], style: Style, verbose: bool
) -> Iterator[str]:
    """What stands in the way, said again where it is seen when the plan is told in sums."""
    told = sum(len(group) for group in groups.values())
    standing = [step for step in plan.steps if step.action in (Act.HELD, Act.BLOCKED)]
    if verbose or told <= _LINES_SHOWN or not standing:
        return
    yield ""
    for step in standing[:10]:
        yield f"  {safe(step.node)}  {_verdict(step, style)}: {safe(words.reason(step))}"
    if len(standing) > 10:
        yield style.dim(f"  and {len(standing) - 10:,} more (fvbuild plan -v lists them)")


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
    yield f"{', '.join(rest)}; {reuse:,} up to date."
    if plan.cost.max:
        yield f"Cost: {style.bold(words.price(plan.cost))}."


def _all(number: int) -> str:
    return f"all {number:,} nodes are" if number != 1 else "the one node is"
