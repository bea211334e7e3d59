"""The plan: a verdict and a reason for every node of the goals, before anything runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from fvbuild.engine.budget import Budget, beyond_budget
from fvbuild.engine.events import Act, Plan, Step
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.judge import Judge
from fvbuild.engine.verdict import Verdict, Verdicts, Wishes


def judge_all(judge: Judge, goals: Iterable[str]) -> Verdicts:
    """Verdicts on the goals and all they need, in topological order."""
    verdicts = Verdicts(judge.settled)
    for node_id in judge.graph.closure(goals):
        verdicts[node_id] = judge.judge(judge.graph[node_id], verdicts)
    return verdicts


def within_budget(
    judge: Judge,
    goals: Iterable[str],
    budgets: Sequence[Budget],
    given: Verdicts | None = None,
) -> Verdicts:
    """Verdicts with all blocked that the budgets do not cover; ``judge`` knows it after.

    ``given`` are those that the judge gave just now, where they are known.
    """
    goals = list(goals)
    verdicts = judge_all(judge, goals) if given is None else given
    if not budgets:
        return verdicts
    beyond = beyond_budget(verdicts, budgets)
    if not beyond:
        return verdicts
    if (bought := judge.bought) is not None:
        beyond = {name: bought.in_full(judge.graph[name], why) for name, why in beyond.items()}
    over_budget = {**judge.wishes.over_budget, **beyond}
    judge.wishes = replace(judge.wishes, over_budget=over_budget)
    return judge_all(judge, goals)


def step(node: Node, verdict: Verdict) -> Step:
    """The plan's line for one verdict."""
    explanation = verdict.explanation
    return Step(
        node=node.id,
        kind=node.kind,
        action=verdict.action,
        reason=verdict.reason,
        paths=_paths(node, verdict),
        because=verdict.because or (explanation.because if explanation else ()),
        changes=explanation.changes if explanation else (),
        target=node.target.name if node.target is not None else None,
        takes=len(verdict.missing) or node.takes,
        cost=verdict.cost,
        loc=node.loc,
        message=verdict.message,
        key=verdict.key,
    )


def _paths(node: Node, verdict: Verdict) -> tuple[str, ...]:
    if verdict.explanation is not None:
        return tuple(change.path for change in verdict.explanation.changes)
    if verdict.action is Act.MAYBE:
        roles = [edge.role for edge in node.inputs if edge.node in verdict.because]
        return tuple(dict.fromkeys(roles))
    return ()


def plan(film: str, profile: str | None, graph: Graph, verdicts: Mapping[str, Verdict]) -> Plan:
    """The plan of some verdicts."""
    steps = [step(graph[node_id], verdict) for node_id, verdict in verdicts.items()]
    return Plan(film, profile, steps)


__all__ = ["Wishes", "judge_all", "plan", "step", "within_budget"]
