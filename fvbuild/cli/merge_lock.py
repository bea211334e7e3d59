"""Merge locks that went different ways: takes of both sides stay, a real choice is left to you.

As a merge driver of git (--install tells git so) it is given the three versions of a lock. Without
words it merges what git left in the film's lock, and lists the choices that are open; --ours and
--theirs settle them. No take is lost either way: what was not chosen can be selected later.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import command_prefix, film_path
from fvbuild.errors import Exit, StateError, UsageError
from fvbuild.report.style import safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.engine.lock_merge import Conflict

EXAMPLES = (
    "fvbuild merge-lock --install          # git asks fvbuild from now on, in this clone",
    "fvbuild merge-lock                    # after a merge that left something open",
    "fvbuild merge-lock --ours pier/arrival/anchor",
    "fvbuild merge-lock --theirs           # all that is open",
)

# Git takes it for a merge that left a conflict.
_LEFT_OPEN = Exit.NODE_FAILED


def arguments(parser: argparse.ArgumentParser) -> None:
    """BASE OURS THEIRS [PATH], or NODE... with --ours or --theirs."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="FILE|NODE",
        help="BASE OURS THEIRS [PATH], as git gives them (%%O %%A %%B %%P); nodes to settle",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--ours", action="store_true", help="settle open choices our way")
    way.add_argument("--theirs", action="store_true", help="settle open choices their way")
    way.add_argument("--install", action="store_true", help="tell git to merge this film's locks")
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Merge, settle or install."""
    if args.install:
        return _install(args, console)
    if args.ours or args.theirs:
        return _settle(args, console)
    if not args.words:
        return _again(args, console)
    if len(args.words) not in (3, 4):
        raise UsageError(
            "a merge has three versions: BASE OURS THEIRS",
            hint="to settle a choice: fvbuild merge-lock --ours NODE, or --theirs NODE",
        )
    return _drive(args, console)


def _drive(args: argparse.Namespace, console: Console) -> int:
    """What git runs."""
    from fvbuild.project import merging

    base, ours, theirs = (Path(word) for word in args.words[:3])
    place = args.words[3] if len(args.words) > 3 else str(ours)
    missing = next((path for path in (ours, theirs) if not path.is_file()), None)
    if missing is not None:
        raise UsageError(
            f"there is no file '{missing}'", hint="BASE OURS THEIRS, as git gives them"
        )
    try:
        merged = merging.merge_files(base, ours, theirs, place)
    except StateError as error:
        console.error(error)
        console.tell("the lock is merged line by line, as git does it")
        return Exit.DONE if merging.merge_as_text(base, ours, theirs) else _LEFT_OPEN
    if not merged.conflicts:
        return Exit.DONE
    console.tell(f"{safe(place)}: {_count(len(merged.conflicts))}")
    for each in merged.conflicts:
        console.tell(f"  {_told(each)}")
    console.tell("  fvbuild merge-lock tells how to settle it")
    return _LEFT_OPEN


def _again(args: argparse.Namespace, console: Console) -> int:
    from fvbuild.project import merging

    path = _lock(args)
    merged = merging.merge_again(path)
    return _report(args, console, path, merged.conflicts)


def _settle(args: argparse.Namespace, console: Console) -> int:
    from fvbuild.project import merging

    path = _lock(args)
    chosen, left = merging.settle(path, args.words, ours=args.ours)
    if not args.json:
        from fvbuild.engine.lock_marks import told

        console.out(f"{safe(line.node)}  {told(line)}" for line in chosen)
    return _report(args, console, path, left.conflicts)


def _report(
    args: argparse.Namespace, console: Console, path: Path, conflicts: tuple[Conflict, ...]
) -> int:
    """What is open, and the next step."""
    if args.json:
        from fvbuild.cli.documents import document

        console.out(document("open", [_json(each) for each in conflicts], lock=str(path)))
        return _LEFT_OPEN if conflicts else Exit.DONE
    command = command_prefix(args)
    if not conflicts:
        console.out([f"Nothing is open in {safe(str(path))}."])
        console.say(f"next: {command} build, then git add {shlex.quote(str(path))} and git commit")
        return Exit.DONE
    console.out([f"{safe(str(path))}: {_count(len(conflicts))}"])
    console.out(f"  {_told(each)}" for each in conflicts)
    console.out(
        [
            f"To settle one: {command} merge-lock --ours {shlex.quote(conflicts[0].node)}",
            "           or: --theirs; without a node all that is open is settled so",
        ]
    )
    return _LEFT_OPEN


def _install(args: argparse.Namespace, console: Console) -> int:
    from fvbuild.project import merging

    if args.words:
        raise UsageError("--install takes no file", hint="-f names the film")
    film = film_path(args.film)
    done = merging.install(film)
    if done.attributes is not None:
        console.out([f"{safe(str(done.attributes))} names the film's locks: commit it."])
    told = "asks fvbuild" if done.configured else "asked fvbuild already"
    console.out([f"git {told} to merge them in this clone; each clone is told once."])
    return Exit.DONE


def _lock(args: argparse.Namespace) -> Path:
    from fvbuild.engine.lock import lock_path

    path = lock_path(film_path(args.film), args.profile)
    if not path.exists():
        raise UsageError(f"there is no lock '{path}'", hint="a build writes it")
    return path


def _count(many: int) -> str:
    return f"{many} choice is open" if many == 1 else f"{many} choices are open"


def _told(each: Conflict) -> str:
    from fvbuild.engine.lock_marks import told

    return f"{safe(each.node)}  ours: {told(each.ours)}; theirs: {told(each.theirs)}"


def _json(each: Conflict) -> dict[str, Json]:
    return {
        "node": each.node,
        "ours": {"key": each.ours.key, "chosen": each.ours.chosen, "status": each.ours.status},
        "theirs": {
            "key": each.theirs.key,
            "chosen": each.theirs.chosen,
            "status": each.theirs.status,
        },
    }
