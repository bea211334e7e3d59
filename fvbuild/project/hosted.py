"""What is to be known of the hosted models that a film uses: told by plans and checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fvbuild.engine.events import Act
from fvbuild.engine.verdict import Verdict

if TYPE_CHECKING:
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.project.opened import OpenFilm

_ASKS = (Act.BUILD, Act.MAYBE)


def hosted_notes(film: OpenFilm, verdicts: Mapping[str, Verdict]) -> list[str]:
    """Warnings about the models that the nodes to build would be made by."""
    asked = {
        node.target.name
        for name, verdict in verdicts.items()
        if verdict.action in _ASKS and (node := film.graph[name]).target is not None
    }
    return [
        f"{remark.message} ({remark.hint})" if remark.hint else remark.message
        for name, remark in film.targets.remarks()
        if name in asked
    ]


def hosted_diagnostics(film: OpenFilm) -> list[Diagnostic]:
    """Warnings about models that are or will be switched off, where the film declares them.

    Keys are no matter of the film: they are told by plans, for the machine that would build.
    """
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.film.place import NOWHERE

    declared = {name: t.loc for v in film.loaded.variants for name, t in v.targets.items()}
    return [
        Diagnostic(declared.get(name, NOWHERE), "warning", each.message, each.hint, each.code)
        for name, each in film.targets.remarks()
        if each.code == "retired"
    ]
