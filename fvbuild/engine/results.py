"""What is told of nodes when they ended, and what their takes took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fvbuild.engine.action import Money
from fvbuild.engine.events import Did, Report, Result
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.takes import Take
from fvbuild.engine.verdict import Verdict


class Results:
    """The results of one build by node id, each from the node's last verdict."""

    def __init__(self) -> None:
        self._ended: dict[str, Result] = {}
        self._seconds: dict[str, float] = {}
        self._costs: dict[str, dict[str, float]] = {}
        self._ran: set[str] = set()

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._ended

    def count(self, node: Node, take: Take, *, paid: bool) -> None:
        """Count what a take took. Of nodes that share it, the first alone ran and paid."""
        self._seconds[node.id] = self._seconds.get(node.id, 0.0) + take.seconds
        if paid:
            self._ran.add(node.id)

    def pay(self, node: Node, costs: Iterable[Money]) -> None:
        """Count what was spent on a node, also where nothing came of it."""
        sums = self._costs.setdefault(node.id, {})
        for cost in costs:
            sums[cost.currency] = round(sums.get(cost.currency, 0.0) + cost.amount, 6)

    def ran(self, node: Node) -> bool:
        """True when a take was made for this very node."""
        return node.id in self._ran

    def end(self, node: Node, verdict: Verdict, did: Did) -> Result:
        """The result of a node that ended."""
        seconds = round(self._seconds.get(node.id, 0.0), 3)
        costs = tuple(Money(a, name) for name, a in self._costs.get(node.id, {}).items())
        result = _result(node, verdict, did, seconds, costs)
        self._ended[node.id] = result
        return result

    def report(
        self,
        film: str,
        profile: str | None,
        graph: Graph,
        verdicts: Mapping[str, Verdict],
        *,
        seconds: float,
        interrupted: bool,
        notes: list[str],
    ) -> Report:
        """The end of a build; nodes that did not end were skipped."""
        for node_id, verdict in verdicts.items():
            if node_id not in self._ended:
                self.end(graph[node_id], verdict, Did.SKIPPED)
        results = [self._ended[node_id] for node_id in verdicts]
        return Report(film, profile, results, seconds=seconds, interrupted=interrupted, notes=notes)


def _result(
    node: Node, verdict: Verdict, did: Did, seconds: float, costs: tuple[Money, ...]
) -> Result:
    explanation = verdict.explanation
    chosen = verdict.decision.chosen if verdict.decision is not None else None
    outputs = verdict.known.outputs if verdict.known is not None else ()
    return Result(
        node=node.id,
        kind=node.kind,
        action=did,
        reason=verdict.reason,
        paths=tuple(c.path for c in explanation.changes) if explanation else (),
        because=verdict.because or (explanation.because if explanation else ()),
        target=_maker(node, chosen, did),
        takes=len(verdict.missing) or node.takes,
        take=chosen.n if chosen is not None else None,
        seconds=seconds,
        cost=costs[0] if costs else None,
        other_costs=costs[1:],
        artifact=outputs[0].digest if outputs else None,
        loc=node.loc,
        message=verdict.message,
        exit=verdict.exit,
    )


def _maker(node: Node, chosen: Take | None, did: Did) -> str | None:
    """Who made what was just built, which may be a fallback; else who would."""
    if node.target is None:
        return None
    return chosen.origin if did is Did.BUILT and chosen is not None else node.target.name
