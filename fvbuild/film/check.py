"""The film as an assistant director reads it: what is no fault, and yet likely a mistake.

Every finding has a stable code. Those of film grammar follow ``checks: {grammar: off|warn|error}``;
what is merely left over or missing (``unused``, ``subtitles``) is always a warning.

axis            the 180-degree line of the scene is crossed
jump-cut        neighbours of equal size and angle show the same characters
chain           more than three shots are chained, each losing a little of the picture
same-frames     a shot begins and ends on the same frame
speech          what is said takes longer than its shot, the next narration or the film
speaker         someone speaks who is not visible
length          a shot is shorter or longer than its target can make
unused          a character, outfit, location, prop or target that no shot uses
subtitles       a line has no text in a language of subtitles
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fvbuild.film.check_cuts import check_cuts
from fvbuild.film.check_speech import check_speech
from fvbuild.film.check_unused import check_subtitles, check_unused
from fvbuild.film.diagnostics import Diagnostic, lines_of, ordered
from fvbuild.film.finding import Finding
from fvbuild.film.resolved import Film

Limits = Mapping[str, tuple[float, float, float]]
"""Target name -> shortest and longest clip it makes, and the step between lengths; in seconds."""

_ALWAYS_WARNINGS = frozenset({"unused", "subtitles"})


def check(film: Film, limits: Limits | None = None, folder: Path | None = None) -> list[Diagnostic]:
    """Every finding of a film, by place.

    limits: what the targets in use can make; without them lengths are not looked at.
    folder: the film's; with it every finding shows the line it is about.
    """
    findings = [*check_cuts(film), *check_speech(film), *_check_lengths(film, limits or {})]
    found = [*_graded(film, findings), *_graded(film, check_unused(film))]
    found += _graded(film, check_subtitles(film))
    return ordered(_with_lines(found, folder) if folder is not None else found)


def check_variants(
    films: Sequence[Film], limits: Limits | None = None, folder: Path | None = None
) -> list[Diagnostic]:
    """Every finding of a film's variants, each once; unused is what none of them uses."""
    found = [check(film, limits, folder) for film in films]
    unused = [{each for each in part if each.code == "unused"} for part in found]
    by_all = set.intersection(*unused) if unused else set()
    return ordered(
        each for part in found for each in part if each.code != "unused" or each in by_all
    )


def _graded(film: Film, findings: Iterable[Finding]) -> Iterator[Diagnostic]:
    grammar = film.checks.grammar
    for place, code, message, hint in findings:
        if code in _ALWAYS_WARNINGS or grammar == "warn":
            yield Diagnostic(place, "warning", message, hint, code)
        elif grammar == "error":
            yield Diagnostic(place, "error", message, hint, code)


def _with_lines(found: Iterable[Diagnostic], folder: Path) -> Iterator[Diagnostic]:
    texts: dict[str, list[str]] = {}
    for each in found:
        name = each.place.file
        if name not in texts:
            try:
                texts[name] = lines_of((folder / name).read_text("utf-8-sig"))
            except (OSError, UnicodeDecodeError):
                texts[name] = []
        lines = texts[name]
        there = each.place.line <= len(lines)
        yield replace(each, source=lines[each.place.line - 1] if there else "")


def _check_lengths(film: Film, limits: Limits) -> Iterator[Finding]:
    """Shots that the target of their segment cannot make at their length."""
    for shot in film.shots():
        target = shot.use["segment"][0] if shot.use else ""
        if target not in limits or shot.duration is None:
            continue
        shortest, longest, _ = limits[target]
        seconds = float(shot.duration.in_seconds(film.fps))
        if seconds > longest:
            yield Finding(
                shot.at("duration"),
                "length",
                f"shot '{shot.id}' lasts {seconds:g}s; {target} makes {longest:g}s at most",
                "split it into two shots, the second one with `mode: chain`",
            )
        elif seconds < shortest:
            yield Finding(
                shot.at("duration"),
                "length",
                f"shot '{shot.id}' lasts {seconds:g}s; {target} makes {shortest:g}s at least",
                "the rest of the clip would be paid for and cut off: make the shot longer",
            )
