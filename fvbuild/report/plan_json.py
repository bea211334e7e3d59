"""``plan --json`` and ``build --json``, a contract: one object, one step a line.

The keys, their order and their types are fixed; a consumer may rely on every key being there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fvbuild.engine.action import Money
from fvbuild.engine.digest import Json
from fvbuild.engine.events import Act, Did, Plan, Report, Result, Step
from fvbuild.engine.prices import total
from fvbuild.engine.target import Price

VERSION = 1

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def price_json(cost: Price) -> dict[str, Json]:
    """A range of money; amounts are null where no price is known. ``others``, where there are any,
    are amounts in further currencies."""
    amounts = (cost.min, cost.likely, cost.max)
    low, likely, most = (float(amount) if cost.known else None for amount in amounts)
    told: dict[str, Json] = {
        "currency": cost.currency, "min": low, "likely": likely, "max": most,
    }  # fmt: skip
    if cost.others:
        told["others"] = [price_json(other) for other in cost.others]
    return told


def paid(costs: Iterable[Money]) -> Price:
    """Amounts really spent, in the form of a range: all three ends are what was paid."""
    return total(Price(c.amount, c.amount, c.amount, c.currency) for c in costs)


def costs_of(result: Result) -> tuple[Money, ...]:
    """What a node cost, one amount a currency."""
    return () if result.cost is None else (result.cost, *result.other_costs)


def step_json(step: Step) -> dict[str, Json]:
    """One step of a plan."""
    return _step(step, step.cost)


def result_json(result: Result) -> dict[str, Json]:
    """One step of a build: the keys of a plan's step, and what came of it."""
    return {
        **_step(result, paid(costs_of(result))),
        "seconds": round(result.seconds, 3),
        "take": result.take,
        "artifact": result.artifact,
        "message": result.message,
    }


def _step(told: Step | Result, cost: Price) -> dict[str, Json]:
    return {
        "node": told.node,
        "kind": told.kind,
        "action": told.action.value,
        "reason": told.reason.value,
        "paths": list(told.paths),
        "because": list(told.because),
        "target": told.target,
        "takes": told.takes,
        "cost": price_json(cost),
        "loc": told.loc,
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
    return paid(cost for result in report.results for cost in costs_of(result))


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
