"""What a plan says of prompts and pictures that do not fit their models. Nothing is cut in silence.

A prompt that is too long in characters is refused by the build before anything is bought; one that
is too long in tokens, which can only be estimated, is sent whole, and its provider decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fvbuild.engine.graph import Node
from fvbuild.engine.target import Capabilities
from fvbuild.engine.verdict import Verdict

if TYPE_CHECKING:
    from fvbuild.project.opened import OpenFilm
    from fvbuild.targets.prompts import Prompts

_MOST_NAMED = 3
_MOST_READ_BYTES = 100_000
_MOST_ADDED_CHARS = 500
"""More than the shipped templates add to the texts they are made from."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know about how a node is made. ``model`` makes it; ``what`` is the trouble."""

    node: str
    place: str
    model: str
    trouble: str
    what: str

    @property
    def message(self) -> str:
        """The whole of it, for a message about one node."""
        return f"{self.node}: {self.what}; {self.trouble}"


def remarks(film: OpenFilm, verdicts: Mapping[str, Verdict] | None = None) -> list[Remark]:
    """Everything to know about the nodes judged (all nodes), in the order of the graph.

    Texts that a language model has not written yet are not known, and so not spoken of.
    """
    graph = film.graph
    nodes = graph if verdicts is None else (graph[name] for name in verdicts if name in graph)
    return list(_remarks(film, nodes, verdicts or {}))


def _remarks(
    film: OpenFilm, nodes: Iterable[Node], verdicts: Mapping[str, Verdict]
) -> Iterator[Remark]:
    limits: dict[str, tuple[Capabilities, str] | None] = {}
    prompts: Prompts | None = None
    for node in nodes:
        use = node.target
        if use is None:
            continue
        if use.name not in limits:
            limits[use.name] = _limited(film, use.name)
        limited = limits[use.name]
        if node.left_out:
            yield _left_out(film, node)
        if limited is None or node.kind in ("caption", "motion"):
            continue
        if prompts is None:
            from fvbuild.targets.prompts import Prompts

            prompts = Prompts(film.folder)
        remark = _too_long(film, node, *limited, prompts, verdicts)
        if remark is not None:
            yield remark


def _limited(film: OpenFilm, name: str) -> tuple[Capabilities, str] | None:
    """What a target can do and what its model is called; None where no prompt is too long."""
    target = film.targets.get(name)
    if target is None:
        return None
    can = target.capabilities
    if can.prompt_chars is None and can.prompt_tokens is None:
        return None
    return can, str(target.identity.get("model", name))


def _left_out(film: OpenFilm, node: Node) -> Remark:
    assert node.target is not None
    target = film.targets[node.target.name]
    room = target.capabilities.references
    return Remark(
        node.id,
        node.loc or "",
        node.target.name,
        f"'{node.target.name}' takes {room} reference picture{'' if room == 1 else 's'}",
        f"leaves out {', '.join(node.left_out)}",
    )


def _too_long(
    film: OpenFilm,
    node: Node,
    can: Capabilities,
    model: str,
    prompts: Prompts,
    verdicts: Mapping[str, Verdict],
) -> Remark | None:
    from fvbuild.targets.prompts import tokens_in

    assert node.target is not None
    texts = _texts(film, node, verdicts)
    if texts is None or _short(node, texts, can):
        return None
    roles = [edge.role for edge in node.inputs]
    prompt = prompts.prompt_of(node.kind, node.params, texts, roles)
    if can.prompt_chars is not None and len(prompt) > can.prompt_chars:
        trouble = f"{model} takes {can.prompt_chars:,}, and nothing is cut: the build will refuse"
        what = f"its prompt has {len(prompt):,} characters"
    elif can.prompt_tokens is not None and tokens_in(prompt) > can.prompt_tokens:
        trouble = f"{model} takes {can.prompt_tokens:,}, and may not read the rest"
        what = f"its prompt has about {tokens_in(prompt):,} tokens"
    else:
        return None
    return Remark(node.id, node.loc or "", node.target.name, trouble, what)


def _short(node: Node, texts: Mapping[str, str], can: Capabilities) -> bool:
    """True when a prompt cannot be too long: most are not, and filling it in takes longer."""
    if not texts or "dialogue" in node.params:
        return False
    chars = sum(map(len, texts.values())) + _MOST_ADDED_CHARS
    limits = [limit for limit in (can.prompt_chars, can.prompt_tokens) if limit is not None]
    return chars < min(limits)


def _texts(film: OpenFilm, node: Node, verdicts: Mapping[str, Verdict]) -> Mapping[str, str] | None:
    """The texts among a node's inputs, by role; None while one is unknown."""
    found: dict[str, str] = {}
    for edge in node.inputs:
        if edge.role in ("caption", "motion"):
            text = _text(film, film.graph.get(edge.node), verdicts.get(edge.node))
            if text is None:
                return None
            found[edge.role] = text
    if any(edge.role == "start" for edge in node.inputs):
        found.pop("caption", None)
    return found


def _text(film: OpenFilm, node: Node | None, verdict: Verdict | None) -> str | None:
    if node is not None and node.text is not None:
        return node.text
    known = verdict.known if verdict is not None else None
    if known is None or not known.outputs or known.outputs[0].size_bytes > _MOST_READ_BYTES:
        return None
    try:
        return film.store.path(known.outputs[0].digest).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def notes(found: Iterable[Remark]) -> list[str]:
    """Remarks as a plan tells them: those of one trouble together, the first few by name."""
    by_trouble: dict[str, list[Remark]] = {}
    for remark in found:
        by_trouble.setdefault(remark.trouble, []).append(remark)
    told = []
    for trouble, group in by_trouble.items():
        named = "; ".join(f"{remark.node}: {remark.what}" for remark in group[:_MOST_NAMED])
        more = len(group) - _MOST_NAMED
        rest = f"; and {more:,} more" if more > 0 else ""
        told.append(f"{trouble} ({named}{rest})")
    return told
