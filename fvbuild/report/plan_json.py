"""``plan --json`` and ``build --json``, a contract: one object, one step a line.

The keys, their order and their types are fixed; a consumer may rely on every key being there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from fvbuild.engine.action import Money
from fvbuild.engine.digest import Json
from fvbuild.engine.events import Act, Did, Plan, Report, Result, Step
from fvbuild.engine.target import Price

VERSION = 1

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def price_json(cost: Price) -> dict[str, Json]:
    """A range of money."""
    return {
        "currency": cost.currency,
        "min": float(cost.min),
        "likely": float(cost.likely),
        "max": float(cost.max),
    }


def money_json(cost: Money | None) -> dict[str, Json]:
    """An amount really spent, in the form of a range: all three ends are what was paid."""
    paid = cost or Money(0.0)
    return price_json(Price(paid.amount, paid.amount, paid.amount, paid.currency))


def step_json(step: Step) -> dict[str, Json]:
    """One step of a plan."""
    return {
        "node": step.node,
        "kind": step.kind,
        "action": step.action.value,
        "reason": step.reason.value,
        "paths": list(step.paths),
        "because": list(step.because),
        "target": step.target,
        "takes": step.takes,
        "cost": price_json(step.cost),
        "loc": step.loc,
    }


def result_json(result: Result) -> dict[str, Json]:
    """One step of a build: the keys of a plan's step, and what came of it."""
    return {
        "node": result.node,
        "kind": result.kind,
        "action": result.action.value,
        "reason": result.reason.value,
        "paths": list(result.paths),
        "because": list(result.because),
        "target": result.target,
        "takes": result.takes,
        "cost": money_json(result.cost),
        "loc": result.loc,
        "seconds": round(result.seconds, 3),
        "take": result.take,
        "artifact": result.artifact,
        "message": result.message,
    }


def plan_json(plan: Plan) -> Iterator[str]:
    """The lines of ``plan --json``."""
    totals: dict[str, Json] = {action.value: plan.count(action) for action in _PLAN_ORDER}
    totals["cost"] = price_json(plan.cost)
    yield from _document(plan.film, plan.profile, [step_json(step) for step in plan.steps], totals)


_PLAN_ORDER = (Act.REUSE, Act.BUILD, Act.MAYBE, Act.HELD, Act.BLOCKED)


def report_json(report: Report) -> Iterator[str]:
    """The lines of ``build --json``."""
    totals: dict[str, Json] = {did.value: report.count(did) for did in Did}
    totals["cost"] = price_json(spent(report))
    totals["seconds"] = round(report.seconds, 3)
    steps = [result_json(result) for result in report.results]
    yield from _document(report.film, report.profile, steps, totals)


def spent(report: Report) -> Price:
    """What a build cost."""
    paid = [result.cost for result in report.results if result.cost and result.cost.amount]
    total = round(sum(cost.amount for cost in paid), 6)
    return Price(total, total, total, paid[0].currency if paid else "USD")


def _document(
    film: str,
    profile: str | None,
    steps: Sequence[Mapping[str, Json]],
    totals: Mapping[str, Json],
) -> Iterator[str]:
    head = f'{{"version": {VERSION}, "film": {_encode(film)}, "profile": {_encode(profile)},'
    if not steps:
        yield head + ' "steps": [],'
    else:
        yield head
        for at, step in enumerate(steps):
            start = ' "steps": [' if at == 0 else "           "
            yield start + _encode(step) + ("," if at < len(steps) - 1 else "],")
    yield f' "totals": {_encode(totals)}}}'
