"""Find every mistake in the film at once, and what an assistant director would doubt.

The film itself is checked, and each of its profiles laid over it. Mistakes end with exit code 2;
doubts (jump cuts, crossed axes, speech too long for its shot) are told and end with 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import film_path
from fvbuild.errors import Exit
from fvbuild.report import words
from fvbuild.report.style import safe
from fvbuild.timecode import parse_rate

if TYPE_CHECKING:
    from fvbuild.film.check import Limits
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.project import Project

EXAMPLES = (
    "fvbuild check",
    "fvbuild check -f projects/last-ferry",
    "fvbuild check --profile draft     # as this profile makes it, no other",
    "fvbuild check --json | jq '.diagnostics[].message'",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The film."""
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print every diagnostic, by its place."""
    from fvbuild.project.unchanged import is_untrusted
    from fvbuild.project.untrusted import check_folder
    from fvbuild.targets.registry import providers

    plugged = frozenset(providers())
    path = film_path(args.film)
    if is_untrusted(args.untrusted):
        check_folder(path.parent)
    profiles = [args.profile] if args.profile is not None else [None, *_profiles(path)]
    found: dict[Diagnostic, None] = {}
    for profile in profiles:
        found |= dict.fromkeys(_diagnostics(path, profile, plugged, untrusted=args.untrusted))
    told = sorted(found, key=lambda one: (one.place, one.severity, one.message))
    errors = sum(one.severity == "error" for one in told)
    if args.json:
        from fvbuild.cli.documents import document

        sums = {"errors": errors, "warnings": len(told) - errors}
        console.out(document("diagnostics", [one.as_json() for one in told], **sums))
    for one in told:
        console.diagnostics(one.render())
    if not args.json and not console.quiet:
        console.out([_summary(path, errors, len(told) - errors, console)])
    return Exit.USAGE if errors else Exit.DONE


def _profiles(path: Path) -> list[str]:
    """The names of the film's profiles, as far as it can be read."""
    from fvbuild.film.include import Files
    from fvbuild.film.source import Sources
    from fvbuild.film.tree import Map

    root = Files(Sources(path.parent)).tree(path.name)
    profiles = root.get("profiles") if root is not None else None
    return [str(name) for name in profiles] if isinstance(profiles, Map) else []


def _diagnostics(
    path: Path, profile: str | None, plugged: Set[str], *, untrusted: bool
) -> list[Diagnostic]:
    """All that is wrong or doubtful in the film with a profile laid over it."""
    from fvbuild.film.check import check_variants
    from fvbuild.film.diagnostics import FilmFaults
    from fvbuild.project import Project
    from fvbuild.project.file_checks import file_diagnostics
    from fvbuild.project.finish_checks import finish_diagnostics
    from fvbuild.project.hosted import hosted_diagnostics
    from fvbuild.project.mask_checks import mask_diagnostics

    found: list[Diagnostic] = []
    try:
        project = Project.open(path, profile, plugged, untrusted=untrusted)
        found += project.warnings
        found += check_variants(project.loaded.variants, _limits(project), project.folder)
        found += [*_remarks(project), *hosted_diagnostics(project), *file_diagnostics(project)]
        found += [*mask_diagnostics(project), *finish_diagnostics(project)]
    except FilmFaults as faults:
        found += faults.diagnostics
    return found


def _remarks(project: Project) -> list[Diagnostic]:
    """Prompts and reference pictures that do not fit the models which get them."""
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.film.place import NOWHERE, Place
    from fvbuild.project.remarks import remarks

    found = []
    for remark in remarks(project):
        file, _, position = remark.place.partition(":")
        line, _, column = position.partition(":")
        known = file and line.isdigit() and column.isdigit()
        place = Place(file, int(line), int(column)) if known else NOWHERE
        found.append(Diagnostic(place, "warning", remark.message, code="prompt"))
    return found


def _limits(project: Project) -> Limits:
    """The lengths of clips that the film's targets make, in seconds."""
    limits: dict[str, tuple[float, float, float]] = {}
    for name, target in project.targets.items():
        can = target.capabilities
        if "segment" in can.kinds and can.rate_fps is not None:
            rate = float(parse_rate(can.rate_fps))
            least, most, step = can.frames
            limits[name] = (least / rate, most / rate, step / rate)
    return limits


def _summary(path: Path, errors: int, warnings: int, console: Console) -> str:
    style = console.style
    counts = [words.count(errors, "error")] if errors else []
    counts += [words.count(warnings, "warning")] if warnings else []
    if not counts:
        return style.green(f"{safe(str(path))}: nothing to remark")
    told = f"{safe(str(path))}: {', '.join(counts)}"
    return style.red(told) if errors else style.yellow(told)
