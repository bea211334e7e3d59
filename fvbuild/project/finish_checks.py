"""What is odd about a film's finishing: steps that nothing does, and steps with nothing to do."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fvbuild.timecode import parse_rate

if TYPE_CHECKING:
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.film.resolved import Film
    from fvbuild.project.opened import OpenFilm

CODE = "finish"


def finish_diagnostics(film: OpenFilm) -> list[Diagnostic]:
    """Warnings about `finish`, each once, where the film says it."""
    from fvbuild.film.diagnostics import Diagnostic

    found: dict[Diagnostic, None] = {}
    for variant in film.loaded.variants:
        steps = variant.finish.steps
        told = [_undone(film, step) for step in steps]
        if "interpolate" in steps:
            told.append(_no_rate_to_reach(film, variant))
        if "match" in steps and all(shot.mode == "direct" for shot in variant.shots()):
            told.append("`match: anchor` does nothing: no shot starts on a picture")
        place = variant.finish.loc
        for message in filter(None, told):
            found[Diagnostic(place, "warning", message, code=CODE)] = None
    return list(found)


def _undone(film: OpenFilm, step: str) -> str | None:
    """Why clips wait for a step for ever; a target that is not here is told where it is named."""
    why = (node.blocked for node in film.graph if node.kind == step and node.blocked is not None)
    absent = film.targets.absent.values()
    return next((each for each in why if not any(told in each for told in absent)), None)


def _no_rate_to_reach(film: OpenFilm, variant: Film) -> str | None:
    rates: set[Fraction] = set()
    for shot in variant.shots():
        for name in shot.use.get("segment", ()):
            target = film.targets.get(name)
            rate = target.capabilities.rate_fps if target is not None else None
            if rate is None:
                return None
            rates.add(parse_rate(rate))
    if not rates or any((rate / variant.fps).denominator != 1 for rate in rates):
        return None
    made_at = " and ".join(f"{float(rate):g}" for rate in sorted(rates))
    return (
        f"`interpolate: true` does nothing: clips are made at {made_at} frames a second, which "
        f"gives the film's {float(variant.fps):g} without new ones"
    )
