"""The one predicate of plan and build: what must happen to a node, given its inputs.

A plan asks it with what is known beforehand, a build asks it again as inputs become known; so the
two can differ only where the plan said ``maybe``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fvbuild.engine import chosen_take
from fvbuild.engine.bought import Bought
from fvbuild.engine.decisions import Decision, Decisions
from fvbuild.engine.digest import Json
from fvbuild.engine.events import Act, Reason
from fvbuild.engine.explain import Explainer
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.ingredients import contents, facts_of, known_contents
from fvbuild.engine.key import key_of, recipe_text
from fvbuild.engine.lock import LockLine
from fvbuild.engine.prices import times
from fvbuild.engine.store import Store
from fvbuild.engine.takes import Choice
from fvbuild.engine.target import Price
from fvbuild.engine.verdict import Known, Verdict, Wishes


class Judge:
    """Judges the nodes of one graph against one store, state and lock."""

    def __init__(
        self,
        graph: Graph,
        store: Store,
        decisions: Decisions,
        explainer: Explainer,
        file_content: Callable[[Node], Known],
        wishes: Wishes | None = None,
        settled: Mapping[str, Verdict] | None = None,
        bought: Bought | None = None,
        command: str = "fvbuild",
    ) -> None:
        """``command`` begins the commands that messages offer."""
        self.graph = graph
        self.store = store
        self.decisions = decisions
        self.explainer = explainer
        self.wishes = wishes or Wishes()
        self.settled = {} if settled is None else settled
        self.bought = bought
        self._file_content = file_content
        self._command = command

    def judge(self, node: Node, inputs: Mapping[str, Verdict]) -> Verdict:
        """The verdict on a node; ``inputs`` holds those of all its inputs, by node id."""
        if node.blocked is not None:
            return Verdict(Act.BLOCKED, Reason.UNSUPPORTED, message=node.blocked)
        if node.file is not None:
            return Verdict(Act.REUSE, Reason.UP_TO_DATE, known=self._file_content(node))
        # What is settled is known and stops nothing: a film has ten thousand such inputs.
        settled = self.graph.settled
        own = {
            e.node: inputs[e.node]
            for e in node.inputs
            if e.node not in settled or e.node in node.gates
        }
        line = self.decisions.line(node) if node.target is not None else None
        if stopped := self._stopped(node, own, line):
            return stopped
        unknown = tuple(name for name, needed in own.items() if needed.known is None)
        if unknown:
            return self._without_key(node, unknown, inputs, line)
        if settled:
            own = {e.node: inputs[e.node] for e in node.inputs}
        return self._with_key(node, own, line)

    # --- what stops a node before its key matters ------------------------------------------------

    def _stopped(
        self, node: Node, inputs: Mapping[str, Verdict], line: LockLine | None
    ) -> Verdict | None:
        for name, needed in inputs.items():
            if needed.action is Act.BLOCKED and needed.known is None:
                if line is not None and line.holding:
                    return self._hold(node, line, ())
                return Verdict(
                    Act.BLOCKED,
                    needed.reason,
                    because=(name,),
                    message=f"needs {name}, which cannot be made",
                )
        waits = [gate for gate in sorted(node.gates) if not self._approved(gate, inputs)]
        if waits and not (line is not None and line.holding):
            return Verdict(
                Act.BLOCKED,
                Reason.WAITS_FOR_APPROVAL,
                because=tuple(waits),
                message=f"waits until {', '.join(waits)} is approved",
            )
        return None

    def _approved(self, gate: str, inputs: Mapping[str, Verdict]) -> bool:
        verdict = inputs.get(gate)
        if verdict is None or verdict.known is None:
            return False
        if self.graph[gate].target is None:
            return True
        if verdict.action is Act.HELD:
            return True
        return verdict.decision is not None and verdict.decision.choice.status in (
            "approved",
            "adopted",
        )

    # --- inputs not known yet -------------------------------------------------------------------

    def _without_key(
        self,
        node: Node,
        unknown: tuple[str, ...],
        inputs: Mapping[str, Verdict],
        line: LockLine | None,
    ) -> Verdict:
        if line is not None and line.holding and not self._refreshed(node, held=True):
            return self._hold(node, line, unknown)
        verdict = Verdict(Act.MAYBE, Reason.INPUT_CHANGED, because=unknown)
        count = self.wishes.draws.get(node.id, node.takes)
        verdict.cost = times(self._price(node), count, least=0)
        if node.id in self.wishes.over_budget:
            return _over_budget(verdict, self.wishes.over_budget[node.id])
        if not self.explainer.seen(node):
            verdict.action, verdict.reason = Act.BUILD, Reason.NO_TAKE
            return verdict
        known = known_contents(node, inputs, frozenset(unknown))
        recipe = self._known_recipe(node, inputs, known)
        explanation = self.explainer.known_changes(node, recipe, known.keys())
        if explanation is not None:
            verdict.explanation = explanation
            verdict.action, verdict.reason = Act.BUILD, explanation.reason
            verdict.because = explanation.because
        return verdict

    def _known_recipe(
        self, node: Node, inputs: Mapping[str, Verdict], known: Mapping[str, list[Json]]
    ) -> str | None:
        kind = self.graph.kinds[node.kind]
        params = node.params
        if kind.settle is not None:
            facts = facts_of(node, inputs)
            if facts is None:
                return None
            params = kind.settle(params, facts)
        return recipe_text(node, kind, params, known)

    # --- inputs known ---------------------------------------------------------------------------

    def _with_key(
        self, node: Node, inputs: Mapping[str, Verdict], line: LockLine | None
    ) -> Verdict:
        kind = self.graph.kinds[node.kind]
        params = node.params
        if kind.settle is not None:
            facts = facts_of(node, inputs)
            assert facts is not None, "inputs are known"
            params = kind.settle(params, facts)
        recipe = recipe_text(node, kind, params, contents(node, inputs, kind.settle is not None))
        key = key_of(recipe)
        if (
            line is not None
            and line.holding
            and line.key not in (key, "")
            and not self._refreshed(node, held=True)
        ):
            held = self._hold(node, line, ())
            held.explanation = self.explainer.against(line.key, recipe, node, inputs)
            return held
        decision = self.decisions.of(node, key)
        verdict = self._takes(node, key, decision)
        verdict.key, verdict.recipe, verdict.params = key, recipe, params
        if verdict.action is Act.BUILD:
            self._complete(node, verdict, inputs)
        return verdict

    def _complete(self, node: Node, verdict: Verdict, inputs: Mapping[str, Verdict]) -> None:
        """Price and explain a verdict to build; block it where it must not or cannot run."""
        assert verdict.key is not None and verdict.recipe is not None
        verdict.cost = times(self._price(node), len(verdict.missing))
        if verdict.reason is Reason.NO_TAKE:
            explanation = self.explainer.explain(node, verdict.key, verdict.recipe, inputs)
            if explanation is not None:
                verdict.explanation = explanation
                verdict.reason = explanation.reason
                verdict.because = explanation.because
        if self.bought is not None:
            self.bought.look(node, verdict)
        for refused in (self.wishes.over_budget, self.wishes.withheld):
            if node.id in refused:
                _over_budget(verdict, refused[node.id])
        for edge in node.inputs:
            needed = inputs[edge.node].known
            if needed is not None and not needed.usable:
                verdict.action, verdict.reason = Act.BLOCKED, Reason.ARTIFACT_LOST
                verdict.because, verdict.missing = (edge.node,), ()
                verdict.message = f"needs {edge.node}, whose artifact is lost"

    def _price(self, node: Node) -> Price | None:
        return node.price if self.bought is None else self.bought.price(node)

    def _refreshed(self, node: Node, *, held: bool) -> bool:
        return node.id in self.wishes.refresh or (held and self.wishes.refresh_held)

    def _takes(self, node: Node, key: str, decision: Decision) -> Verdict:
        if node.text is not None:
            return chosen_take.pure(node.text, decision)
        if draws := self.wishes.draws.get(node.id, 0):
            return chosen_take.drawn(decision, draws)
        if self._refreshed(node, held=False):
            first = decision.next_number if node.target is not None else 1
            choice = Choice(first, "made", decision.choice.rejected)
            return Verdict(
                Act.BUILD,
                Reason.REQUESTED,
                missing=(first,),
                decision=Decision(decision.takes, choice),
            )
        return chosen_take.wanted(node, decision, self.store, self._command)

    def _hold(self, node: Node, line: LockLine, unknown: tuple[str, ...]) -> Verdict:
        decision = self.decisions.held(line)
        return chosen_take.held(node, line, decision, unknown, self.store, self._command)


def _over_budget(verdict: Verdict, why: str) -> Verdict:
    verdict.action, verdict.reason, verdict.missing = Act.BLOCKED, Reason.OVER_BUDGET, ()
    verdict.message = why
    return verdict
