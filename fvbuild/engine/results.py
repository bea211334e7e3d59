"""What is told of a node when it ended."""

from __future__ import annotations

from fvbuild.engine.action import Money
from fvbuild.engine.events import Did, Result
from fvbuild.engine.graph import Node
from fvbuild.engine.verdict import Verdict


def result_of(node: Node, verdict: Verdict, did: Did, seconds: float, cost: Money | None) -> Result:
    """The result of a node: its last verdict, what was done, how long it took and what it cost."""
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
        target=node.target.name if node.target is not None else None,
        takes=len(verdict.missing) or node.takes,
        take=chosen.n if chosen is not None else None,
        seconds=seconds,
        cost=cost,
        artifact=outputs[0].digest if outputs else None,
        loc=node.loc,
        message=verdict.message,
    )
