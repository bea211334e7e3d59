"""Random toy films, and random edits of them that a person could make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hypothesis import strategies as st
from toys import GENERATED, Film, Toy

from fvbuild.engine.digest import Json

_FILES = ("left", "right")
_WORDS = st.sampled_from(["", "red", "blue"])
_KINDS = ("file", "caption", "joined", "timed", "picture", "clip")


@dataclass(frozen=True)
class Draft:
    """A film with its input files, as they are on disk at one moment."""

    film: Film
    files: dict[str, str]


def _params() -> st.SearchStrategy[Mapping[str, Json]]:
    return st.fixed_dictionaries(
        {}, optional={"look": _WORDS, "n": st.integers(0, 2), "coarse": st.booleans()}
    )


@st.composite
def toys(draw: st.DrawFn, earlier: tuple[tuple[str, str], ...]) -> Toy:
    """A node that may need earlier ones, given as (name, kind)."""
    kind = draw(st.sampled_from(_KINDS))
    if kind == "file":
        return Toy("file", text=draw(st.sampled_from(_FILES)))
    if kind == "caption":
        return Toy("caption", text=draw(_WORDS))
    edges = []
    for name, needed in draw(st.lists(st.sampled_from(earlier), max_size=3)) if earlier else []:
        fact = draw(st.sampled_from([None, "seconds"])) if needed != "caption" else None
        edges.append((draw(st.sampled_from("ab")), name, fact))
    takes = draw(st.integers(1, 2)) if kind in GENERATED else 1
    return Toy(kind, draw(_params()), tuple(dict.fromkeys(edges)), takes)


@st.composite
def drafts(draw: st.DrawFn, most: int = 7) -> Draft:
    """A film of one to ``most`` nodes."""
    film: dict[str, Toy] = {}
    for number in range(draw(st.integers(1, most))):
        known: tuple[tuple[str, str], ...] = tuple((name, toy.kind) for name, toy in film.items())
        film[f"n{number}"] = draw(toys(known))
    return Draft(film, {name: draw(_WORDS) for name in _FILES})


def dependents(film: Film, name: str) -> set[str]:
    """A node and all that need it, directly or not."""
    found = {name}
    while True:
        more = {n for n, toy in film.items() if any(edge[1] in found for edge in toy.inputs)}
        if more <= found:
            return found
        found |= more


def removed(film: Film, name: str) -> dict[str, Toy]:
    """The film without a node, and without what pointed to it."""
    return {
        other: replace(toy, inputs=tuple(e for e in toy.inputs if e[1] != name))
        for other, toy in film.items()
        if other != name
    }


def renamed(film: Film, old: str, new: str) -> dict[str, Toy]:
    """The film with a node called otherwise."""
    return {
        new if other == old else other: replace(
            toy, inputs=tuple((r, new if n == old else n, f) for r, n, f in toy.inputs)
        )
        for other, toy in film.items()
    }


def _fresh(film: Film) -> str:
    return next(name for n in range(99) if (name := f"m{n}") not in film)


def _edit_file(draw: st.DrawFn, draft: Draft) -> Draft:
    name = draw(st.sampled_from(_FILES))
    return replace(draft, files={**draft.files, name: draw(_WORDS)})


def _edit_own(draw: st.DrawFn, draft: Draft) -> Draft:
    """One field of one node."""
    film = dict(draft.film)
    name = draw(st.sampled_from(sorted(film)))
    toy = film[name]
    if toy.kind == "file":
        film[name] = replace(toy, text=draw(st.sampled_from(_FILES)))
    elif toy.kind == "caption":
        film[name] = replace(toy, text=draw(_WORDS))
    else:
        change = draw(st.sampled_from(["params", "seed", "model", "takes", "version"]))
        if change == "params":
            film[name] = replace(toy, params=draw(_params()))
        elif change == "seed":
            film[name] = replace(toy, seed=draw(st.integers(1, 3)))
        elif change == "model":
            film[name] = replace(toy, model=draw(st.sampled_from(["one", "two"])))
        elif change == "takes":
            film[name] = replace(toy, takes=draw(st.integers(1, 3)))
        else:
            version = draw(st.integers(1, 2))
            film = {
                other: replace(t, version=version) if t.kind == toy.kind else t
                for other, t in film.items()
            }
    return replace(draft, film=film)


def _edit_edges(draw: st.DrawFn, draft: Draft) -> Draft:
    film = dict(draft.film)
    users = [name for name, toy in sorted(film.items()) if toy.kind not in ("file", "caption")]
    if not users:
        return draft
    name = draw(st.sampled_from(users))
    toy, remove = film[name], draw(st.booleans())
    if toy.inputs and remove:
        edges = list(toy.inputs)
        edges.pop(draw(st.integers(0, len(edges) - 1)))
        film[name] = replace(toy, inputs=tuple(edges))
    elif possible := sorted(film.keys() - dependents(film, name)):
        needed = draw(st.sampled_from(possible))
        edge = (draw(st.sampled_from("ab")), needed, None)
        film[name] = replace(toy, inputs=tuple(dict.fromkeys([*toy.inputs, edge])))
    return replace(draft, film=film)


def _edit_nodes(draw: st.DrawFn, draft: Draft) -> Draft:
    film = dict(draft.film)
    if len(film) > 1 and draw(st.booleans()):
        return replace(draft, film=removed(film, draw(st.sampled_from(sorted(film)))))
    known: tuple[tuple[str, str], ...] = tuple(
        (name, toy.kind) for name, toy in sorted(film.items())
    )
    return replace(draft, film={**film, _fresh(film): draw(toys(known))})


def _edit_name(draw: st.DrawFn, draft: Draft) -> Draft:
    name = draw(st.sampled_from(sorted(draft.film)))
    return replace(draft, film=renamed(draft.film, name, _fresh(draft.film)))


def cosmetic(draw: st.DrawFn, draft: Draft) -> Draft:
    """An edit that no key may notice: titles, order, the names given to nodes."""
    names = draw(st.permutations(sorted(draft.film)))
    title = draw(_WORDS)
    film = {name: replace(draft.film[name], title=title) for name in names}
    return (
        _edit_name(draw, replace(draft, film=film))
        if draw(st.booleans())
        else Draft(film, draft.files)
    )


_EDITS: tuple[Callable[[st.DrawFn, Draft], Draft], ...] = (
    _edit_file, _edit_own, _edit_own, _edit_edges, _edit_nodes, _edit_name, cosmetic,
)  # fmt: skip


def edit(draw: st.DrawFn, draft: Draft) -> Draft:
    """Any one edit."""
    return draw(st.sampled_from(_EDITS))(draw, draft)


@st.composite
def histories(draw: st.DrawFn, most: int = 4) -> list[Draft]:
    """A film as it is edited, version after version."""
    found = [draw(drafts())]
    for _ in range(draw(st.integers(1, most))):
        found.append(edit(draw, found[-1]))
    return found


@st.composite
def cosmetic_edits(draw: st.DrawFn) -> tuple[Draft, Draft]:
    """A film before and after an edit that changes nothing."""
    draft = draw(drafts())
    return draft, cosmetic(draw, draft)
