"""Texts of takes that came from a shared store: whoever made those takes had these very texts.

Pure texts are not sent, since everyone works them out while planning. But a recipe holds the
content of every input, so a take that is found for it proves that its texts are nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator

from fvbuild.engine.events import Act
from fvbuild.engine.jobs import origin_of
from fvbuild.engine.judge import Judge
from fvbuild.engine.state import State
from fvbuild.engine.takes import Take, Trace
from fvbuild.engine.verdict import Verdicts


def keep_texts(judge: Judge, verdicts: Verdicts, state: State) -> None:
    """Record the texts that takes which are up to date were made from."""
    texts = list(_texts(judge, verdicts))
    with state.transaction():
        state.record(texts)
    for trace in texts:
        judge.decisions.look_again(trace.key)


def _texts(judge: Judge, verdicts: Verdicts) -> Iterator[Trace]:
    """Traces of the texts that have none, and that a take which is up to date was made from."""
    made_at: dict[str, str] = {}
    for node_id, verdict in verdicts.items():
        chosen = verdict.decision.chosen if verdict.decision is not None else None
        if verdict.action is Act.REUSE and chosen is not None:
            made_at |= {edge.node: chosen.made_at for edge in judge.graph[node_id].inputs}
    for node_id, verdict in verdicts.items():
        node = judge.graph[node_id]
        if node.text is None or node_id not in made_at or verdict.action is not Act.BUILD:
            continue
        if verdict.key is not None and verdict.recipe is not None:
            take = Take(1, (), origin_of(node), made_at=made_at[node_id])
            yield Trace(verdict.key, verdict.recipe, take)
