"""What is to be known of the models that a film uses: told by plans and checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from fvbuild.engine.digest import Json
from fvbuild.engine.events import Act
from fvbuild.engine.verdict import Verdict
from fvbuild.project.beside import left_undone
from fvbuild.project.executing import obstacles
from fvbuild.project.mask_checks import mask_notes

if TYPE_CHECKING:
    from fvbuild.engine.graph import Graph
    from fvbuild.engine.target import TargetUse
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.project.opened import OpenFilm

_ASKS = (Act.BUILD, Act.MAYBE)


def hosted_notes(film: OpenFilm, verdicts: Mapping[str, Verdict]) -> list[str]:
    """Warnings about the models that the nodes to build would be made by."""
    asked: dict[str, list[Mapping[str, Json]]] = {}
    for use, params in _to_make(film.graph, verdicts):
        asked.setdefault(use.name, []).append(params)
    used = _used(film.graph, verdicts)
    told = [(each.message, each.hint) for name, each in film.targets.remarks() if name in used]
    return [
        *(f"{message} ({hint})" if hint else message for message, hint in told),
        *_here(film, asked),
        *(f"{error.message} ({error.hint})" for error in obstacles(film, verdicts)),
        *_what_brings(film, verdicts),
        *mask_notes(film, (film.graph[name] for name in verdicts if _asks(verdicts[name]))),
    ]


def check_hosts(film: OpenFilm, graph: Graph, verdicts: Mapping[str, Verdict]) -> None:
    """Raise UntrustedHostError where a build would show a key to a host that nobody has allowed."""
    used = _used(graph, verdicts)
    for name, target in film.targets.hosted().items():
        if name in used and (error := target.situation.refusal()) is not None:
            file = film.workspace.file
            error.place = str(file) if file is not None else None
            raise error


def _asks(verdict: Verdict) -> bool:
    return verdict.action in _ASKS


def _to_make(
    graph: Graph, verdicts: Mapping[str, Verdict]
) -> Iterator[tuple[TargetUse, Mapping[str, Json]]]:
    """What nodes to build are made by, and of which parameters."""
    for name, verdict in verdicts.items():
        node = graph[name]
        if _asks(verdict) and node.target is not None:
            yield node.target, verdict.params if verdict.params is not None else node.params


def _used(graph: Graph, verdicts: Mapping[str, Verdict]) -> set[str]:
    """The targets that nodes to build are made by, also where another does not make them."""
    uses = (use for use, _ in _to_make(graph, verdicts))
    return {name for use in uses for name in (use.name, *use.fallbacks)}


def _what_brings(film: OpenFilm, verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    """What brings the targets for want of which a node cannot be made; no word of the others."""
    blocked = {each.message for each in verdicts.values() if each.action is Act.BLOCKED}
    for name, hint in film.targets.hints.items():
        if any(film.targets.absent[name] in message for message in blocked):
            yield f"target '{name}': {hint}"


def _here(film: OpenFilm, asked: Mapping[str, list[Mapping[str, Json]]]) -> Iterator[str]:
    """How models that run on this machine will be asked, a line each."""
    for name, params in asked.items():
        if callable(told := getattr(film.targets.get(name), "asked_in_words", None)):
            yield told(params)


def hosted_diagnostics(film: OpenFilm) -> list[Diagnostic]:
    """Warnings about models that are or will be switched off, and about targets that cannot be
    had here, where the film declares them.

    Keys are no matter of the film: they are told by plans, for the machine that would build.
    """
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.film.place import NOWHERE

    declared = {name: t.loc for v in film.loaded.variants for name, t in v.targets.items()}
    found = [
        Diagnostic(declared.get(name, NOWHERE), "warning", each.message, each.hint, each.code)
        for name, each in film.targets.remarks()
        if each.code == "retired"
    ]
    hints = film.targets.hints
    found += [
        Diagnostic(declared.get(name, NOWHERE), "warning", reason, hints.get(name, ""), "absent")
        for name, reason in film.targets.absent.items()
    ]
    for name, target in film.targets.items():
        if callable(looked_for := getattr(target, "absent_files", None)):
            error = looked_for()
            if error is not None:
                at = declared.get(name, NOWHERE)
                message = f"target '{name}': {error.message}"
                found.append(Diagnostic(at, "warning", message, error.hint or "", "absent"))
    found += [
        Diagnostic(NOWHERE, "warning", error.message, error.hint or "", "absent")
        for error in obstacles(film)
    ]
    found += [
        Diagnostic(film.loaded.variants[0].loc, "warning", reason, "", "unmade")
        for reason in left_undone(film)
    ]
    return found
