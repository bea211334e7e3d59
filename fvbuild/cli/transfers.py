"""The ending of the commands that send and bring."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from fvbuild.cli.console import Console
from fvbuild.cli.opening import command_prefix
from fvbuild.errors import Exit
from fvbuild.report import ending, words
from fvbuild.report.style import safe

if TYPE_CHECKING:
    from fvbuild.project.transferring import Transferred


SENT, BROUGHT = "sent to", "brought from"
_IDLE = {SENT: "it has all that is here", BROUGHT: "all of it that was asked for is here"}


def tell(
    verb: str, done: Transferred, stopped: bool, args: argparse.Namespace, console: Console
) -> int:
    """What was sent or brought, where it can be opened, and what is nowhere."""
    if args.json:
        from fvbuild.cli.documents import document

        console.out(
            document(
                "absent",
                [{"node": node} for node in done.absent],
                place=done.place,
                count=done.count,
                there=done.there,
                size_bytes=done.size_bytes,
                shown=list(done.shown),
            )
        )
    else:
        console.out([_sum(verb, done)])
        console.out(f"  {ending.nearby(path)}" for path in done.shown)
    for note in done.notes:
        console.warning(note)
    if done.absent and not stopped:
        nodes = words.count(len(done.absent), "node")
        console.tell(f"{nodes} not made, or nowhere to be found: {words.some(done.absent)}")
        plan = f"{command_prefix(args)} plan"
        console.tell(f"  next: {plan} says which can be made, and what that costs")
    return Exit.INTERRUPTED if stopped else done.exit


def _sum(verb: str, done: Transferred) -> str:
    """``3 sent to s3://films, 1.2 MB; 6 were there already``."""
    if not done.count:
        return f"nothing {verb} {safe(done.place)}: {_IDLE[verb]}"
    there = f"; {done.there:,} were there already" if done.there else ""
    return f"{done.count:,} {verb} {safe(done.place)}, {words.size(done.size_bytes)}{there}"
