"""The ending of the commands that send and bring."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from fvbuild.cli.console import Console
from fvbuild.errors import Exit
from fvbuild.report import ending, words
from fvbuild.report.style import safe

if TYPE_CHECKING:
    from fvbuild.project.transferring import Transferred


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
                size_bytes=done.size_bytes,
                shown=list(done.shown),
            )
        )
    else:
        console.out([f"{done.count:,} {verb} {safe(done.place)}, {words.size(done.size_bytes)}"])
        console.out(f"  {ending.nearby(path)}" for path in done.shown)
    for note in done.notes:
        console.warning(note)
    if done.absent:
        nodes = words.count(len(done.absent), "node")
        console.tell(f"{nodes} not made, or nowhere to be found: {words.some(done.absent)}")
    return Exit.INTERRUPTED if stopped else Exit.DONE
