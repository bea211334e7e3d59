"""Which takes a look at a film leaves to be asked for: those that would be made, or are lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fvbuild.engine.events import Act, Reason
from fvbuild.engine.graph import Node
from fvbuild.engine.judge import Judge
from fvbuild.engine.shared_look import Want
from fvbuild.engine.verdict import Verdict, Verdicts

_LOST = (Reason.ARTIFACT_LOST, Reason.ARTIFACT_CORRUPT)


def wants(judge: Judge, verdicts: Verdicts) -> Iterator[Want]:
    """What somebody else may have made of what these verdicts have no artifact for.

    A lock names takes exactly, so all of its lines that may still hold are asked for at once,
    however deep in the film they are; for the rest the key must be known.
    """
    for node_id, verdict in verdicts.items():
        node = judge.graph[node_id]
        if verdict.action in (Act.REUSE, Act.HELD) or node.text is not None:
            continue
        if verdict.reason is not Reason.REQUESTED:
            yield from _decided(judge, node, verdict)
            yield from _missing(verdict)


def explain_refused(judge: Judge, verdicts: Verdicts, refused: Mapping[str, str]) -> None:
    """Say of what is not here that the shared store has it, though by nobody who is believed.

    ``refused`` are such takes, by the names of their records, with whose they are.
    """
    for node_id, verdict in verdicts.items() if refused else ():
        if verdict.reason not in _LOST:
            continue
        node = judge.graph[node_id]
        names = (want.name for want in (*_decided(judge, node, verdict), *_missing(verdict)))
        whose = next((refused[name] for name in names if name in refused), None)
        if whose is not None:
            rest = f"; {verdict.message}" if verdict.message else ""
            verdict.message = (
                f"the shared store has it among takes {whose}, which do not count{rest}"
            )


def _decided(judge: Judge, node: Node, verdict: Verdict) -> Iterator[Want]:
    """The take that the lock says is chosen, if its recipe may still be the node's."""
    line = judge.decisions.line(node) if node.target is not None else None
    if line is None or not (line.holding or verdict.key in (None, line.key)):
        return
    chosen = line.take(line.chosen)
    if chosen is not None and not judge.store.health(chosen.artifact).usable:
        yield Want(line.key, chosen.n, chosen.artifact, chosen.drawn)


def _missing(verdict: Verdict) -> Iterator[Want]:
    key, decision = verdict.key, verdict.decision
    if key is None or decision is None:
        return
    for n in verdict.missing:
        take = decision.takes.get(n)
        yield Want(key, n) if take is None else Want(key, n, take.outputs[0].digest, take.drawn)
    chosen = decision.chosen
    if verdict.reason in _LOST and chosen is not None and chosen.n not in verdict.missing:
        yield Want(key, chosen.n, chosen.outputs[0].digest, chosen.drawn)
