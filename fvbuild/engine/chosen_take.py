"""Verdicts on the takes of a recipe: what is there, what is wanted, what is lost, what is held."""

from __future__ import annotations

from fvbuild.engine.action import Artifact
from fvbuild.engine.decisions import Decision
from fvbuild.engine.digest import content
from fvbuild.engine.events import Act, Reason
from fvbuild.engine.graph import Node
from fvbuild.engine.lock import HOLDING, LockLine
from fvbuild.engine.store import Health, Store
from fvbuild.engine.takes import Choice, Take
from fvbuild.engine.verdict import Known, Verdict


def pure(text: str, decision: Decision) -> Verdict:
    """A text that is known: it is written down once."""
    data = text.encode()
    known = Known(content(data), (Artifact(content(data), len(data), "text/plain"),))
    if 1 in decision.takes:
        return Verdict(Act.REUSE, Reason.UP_TO_DATE, known=known, decision=decision)
    return Verdict(Act.BUILD, Reason.NO_TAKE, known=known, missing=(1,), decision=decision)


def drawn(decision: Decision, draws: int) -> Verdict:
    """So many more draws are wished for."""
    first = decision.next_number
    choice = decision.choice if decision.chosen is not None else Choice(first, "made")
    verdict = Verdict(Act.BUILD, Reason.REQUESTED, missing=tuple(range(first, first + draws)))
    verdict.decision = Decision(decision.takes, choice)
    return verdict


def wanted(node: Node, decision: Decision, store: Store, command: str) -> Verdict:
    """The takes that a recipe has, against those the film asks for. ``command`` begins the commands
    that are offered."""
    if decision.choice.chosen in decision.choice.rejected:
        decision, verdict = _replacement(decision)
        if verdict is not None:
            return verdict
    asked = [] if decision.choice.status == "adopted" else list(range(1, node.takes + 1))
    missing = [n for n in asked if n not in decision.takes]
    chosen = decision.chosen
    if chosen is None:
        if decision.choice.chosen not in missing:
            missing.append(decision.choice.chosen)
        return Verdict(Act.BUILD, Reason.NO_TAKE, missing=tuple(missing), decision=decision)
    return _present(node, decision, chosen, tuple(missing), store, command)


def held(
    node: Node,
    line: LockLine,
    decision: Decision,
    unknown: tuple[str, ...],
    store: Store,
    command: str,
) -> Verdict:
    """An approved or adopted take stays, whatever its recipe is now."""
    take = decision.chosen
    if take is None:
        return Verdict(
            Act.BLOCKED,
            Reason.ARTIFACT_LOST,
            message=f"its {line.status} take {line.chosen} is not known to the store",
        )
    health = _health(take, store)
    if not health.usable:
        return _lost(node, decision, take, health, command)
    return Verdict(
        Act.HELD,
        Reason.HELD_APPROVED,
        known=Known(take.content, take.outputs),
        decision=decision,
        because=unknown,
        message=f"take {take.n} is {line.status} and stays; to make it again: "
        f"{command} build --refresh {node.id}",
    )


def _present(
    node: Node,
    decision: Decision,
    chosen: Take,
    missing: tuple[int, ...],
    store: Store,
    command: str,
) -> Verdict:
    """The chosen take was made: are its bytes still there, and are other takes wanted?"""
    known = Known(chosen.content, chosen.outputs)
    health = _health(chosen, store)
    if not health.usable:
        return _lost(node, decision, chosen, health, command, missing)
    if missing:
        # The chosen content stays; what depends on it need not wait for more draws.
        return Verdict(Act.BUILD, Reason.NO_TAKE, known=known, missing=missing, decision=decision)
    return Verdict(Act.REUSE, Reason.UP_TO_DATE, known=known, decision=decision)


def _health(take: Take, store: Store) -> Health:
    worst = Health.WHOLE
    for output in take.outputs:
        health = store.health(output.digest)
        if not health.usable:
            return health
        if health is Health.AWAY:
            worst = health
    return worst


def _lost(
    node: Node,
    decision: Decision,
    take: Take,
    health: Health,
    command: str,
    missing: tuple[int, ...] = (),
) -> Verdict:
    """What cost nothing is made again; what was paid for or decided is asked about."""
    lost = Reason.ARTIFACT_LOST if health is Health.MISSING else Reason.ARTIFACT_CORRUPT
    paid = take.cost is not None and take.cost.amount > 0
    status = decision.choice.status if decision.choice.status in HOLDING else ""
    if not paid and not status and take.origin != "adopted":
        return Verdict(Act.BUILD, lost, missing=(take.n, *missing), decision=decision)
    worth = [status] if status else []
    worth += [f"{take.cost.amount:g} {take.cost.currency}"] if paid and take.cost else []
    told = f" ({', '.join(worth)})" if worth else ""
    word = "missing from" if health is Health.MISSING else "damaged in"
    ends = f", which is not {status} then" if status else ""
    return Verdict(
        Act.BLOCKED,
        lost,
        known=Known(take.content, take.outputs, usable=False),
        decision=decision,
        message=f"take {take.n}{told} is {word} the store, as {take.outputs[0].digest[:12]}..., "
        f"and nowhere else to be had; put the file back ({command} adopt {node.id} FILE), or have "
        f"another take made{ends}: {command} build --refresh {node.id}",
    )


def _replacement(decision: Decision) -> tuple[Decision, Verdict | None]:
    """For a rejected choice: another take that is there already, else a new draw."""
    rejected = decision.choice.rejected
    spare = decision.spare()
    if spare is not None:
        return Decision(decision.takes, Choice(spare, "made", rejected)), None
    first = decision.next_number
    redrawn = Decision(decision.takes, Choice(first, "made", rejected))
    return redrawn, Verdict(Act.BUILD, Reason.REJECTED, missing=(first,), decision=redrawn)
