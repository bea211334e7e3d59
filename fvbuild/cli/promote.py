"""Bring takes out of a quarantine of the shared store, once the lock that names them is merged.

Without NAME: what there is in quarantine. With it: every take that film.lock names is read,
measured, signed with your key and put where all builds look. What no lock names stays inside.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.errors import Exit, UsageError
from fvbuild.report import words
from fvbuild.report.style import safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.engine.shared_promote import Promotion
    from fvbuild.project.promoting import Waiting

EXAMPLES = (
    "fvbuild promote                   # which quarantines there are",
    "fvbuild promote pr-17             # bring out what film.lock names",
    "fvbuild promote pr-17 --drop      # and remove what is left inside",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """[NAME] [--drop]."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the quarantine: pr-17")
    parser.add_argument(
        "--drop", action="store_true", help="then remove the quarantine with what is left in it"
    )
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Promote, or list."""
    from fvbuild.engine.shared_quarantine import is_quarantine
    from fvbuild.project import promoting

    project = open_project(args, console)
    if args.name is None:
        if args.drop:
            raise UsageError("--drop removes one quarantine", hint="fvbuild promote NAME --drop")
        return _list(promoting.quarantines(project), args, console)
    if not is_quarantine(args.name):
        raise UsageError(
            f"'{args.name}' is no quarantine's name", hint="fvbuild promote lists them"
        )
    done = promoting.promote(project, args.name, lambda each: _tell(each, args, console))
    if not done:
        _check_there(args.name, promoting.quarantines(project))
    failed = [each for each in done if each.problem]
    # What was refused stays where it can be looked at.
    dropped = promoting.drop(project, args.name) if args.drop and not failed else None
    if args.json:
        _print_json(done, dropped, console)
    else:
        console.out(_summary(args.name, done, dropped))
    return Exit.NODE_FAILED if failed else Exit.DONE


def _check_there(name: str, found: list[Waiting]) -> None:
    names = [each.name for each in found]
    if name not in names:
        there = f"there are: {', '.join(names)}" if names else "nothing is in quarantine"
        raise UsageError(f"there is no quarantine '{name}'", hint=there)


def _list(found: list[Waiting], args: argparse.Namespace, console: Console) -> int:
    if args.json:
        from fvbuild.cli.documents import document

        rows: list[dict[str, Json]] = [
            {"name": each.name, "objects": each.objects, "size_bytes": each.size_bytes}
            for each in found
        ]
        console.out(document("quarantines", rows))
    elif not found:
        console.out(["Nothing is in quarantine."])
    else:
        console.out(
            f"{safe(each.name)}  {words.count(each.objects, 'object')}, "
            f"{words.size(each.size_bytes)}"
            for each in found
        )
    return Exit.DONE


def _tell(done: Promotion, args: argparse.Namespace, console: Console) -> None:
    if done.problem:
        console.warning(f"{done.node} take {done.n} stays in quarantine: {done.problem}")
    elif not args.json and not done.there:
        console.say(f"{done.node} take {done.n}")


def _print_json(done: list[Promotion], dropped: Waiting | None, console: Console) -> None:
    from fvbuild.cli.documents import document

    rows: list[dict[str, Json]] = [
        {
            "node": each.node,
            "take": each.n,
            "artifact": each.artifact,
            "did": "failed" if each.problem else "there" if each.there else "promoted",
            "message": each.problem or None,
        }
        for each in done
    ]
    console.out(document("takes", rows, dropped=dropped.objects if dropped is not None else 0))


def _summary(name: str, done: list[Promotion], dropped: Waiting | None) -> Iterator[str]:
    out = sum(not each.problem and not each.there for each in done)
    there = sum(each.there for each in done)
    failed = len(done) - out - there
    if not done:
        yield f"No take of {safe(name)} is named by the lock."
    else:
        parts = [f"{words.count(out, 'take')} promoted"]
        parts += [f"{there} already there"] if there else []
        parts += [f"{failed} refused"] if failed else []
        yield ", ".join(parts)
    if dropped is not None:
        what = f"{words.count(dropped.objects, 'object')}, {words.size(dropped.size_bytes)}"
        yield f"{safe(name)} is removed ({what})"
