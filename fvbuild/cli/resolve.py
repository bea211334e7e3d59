"""Say what became of a request whose fate is not known. Without NODE: list those requests.

A build that is killed between a request and its answer cannot know whether the take was bought, and
buys nothing in its place until a person says. Look at the provider's own list of jobs. --retry: buy
it again (the first request counts as possibly spent). --forget: it was not bought; the next build
buys it.

A job that a provider has accepted goes on when a build is stopped, and the next build fetches what
comes of it. --cancel asks the provider to stop it instead, where it can. Most charge for what they
have begun, so its likely price counts as spent.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.documents import document, money_json
from fvbuild.cli.opening import command_prefix, open_project
from fvbuild.errors import Exit, UsageError
from fvbuild.report import words
from fvbuild.report.style import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fvbuild.engine.digest import Json
    from fvbuild.project.money import OpenPurchase
    from fvbuild.report.style import Style

EXAMPLES = (
    "fvbuild resolve                         # what must be decided",
    "fvbuild resolve pier/ticket/segment --retry",
    "fvbuild resolve pier/ticket/segment --forget",
    "fvbuild resolve pier/ticket/segment --cancel   # stop the job that is under way",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """[NODE] and what became of it."""
    parser.add_argument("node", nargs="?", metavar="NODE", help="a node, as the list names it")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--retry", action="store_true", help="the next build asks for it again")
    choice.add_argument("--forget", action="store_true", help="it was not bought: drop it")
    choice.add_argument("--cancel", action="store_true", help="have the provider stop the job")
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """List, or decide. Ends with 5 while something is unresolved."""
    project = open_project(args, console)
    if args.node is None:
        if args.retry or args.forget or args.cancel:
            raise UsageError(
                "no node is named", hint="fvbuild resolve NODE --retry|--forget|--cancel"
            )
        return _list(project.unresolved(), args, console)
    if not (args.retry or args.forget or args.cancel):
        # First of all, that there is such a node, and something to say of it.
        node = project.resolve(args.node, retry=None)[0].node
        raise UsageError(f"what became of {node}?", hint="say --retry to buy it again, or --forget")
    if args.cancel:
        resolved = project.cancel(args.node)
    else:
        resolved = project.resolve(args.node, retry=args.retry)
    left = project.unresolved()
    if args.json:
        _print_json(left, console, resolved)
        return Exit.DONE
    for each in resolved:
        did = "asked for again by the next build" if args.retry else "forgotten"
        if args.cancel:
            did = f"{safe(each.target)} stops it; {_counted(each)}"
        console.out([f"{safe(each.node)} take {each.take}: {did}"])
    console.say(console.err_style.dim(f"next: {command_prefix(args)} build"))
    return Exit.DONE


def _counted(each: OpenPurchase) -> str:
    """What of a stopped job counts as spent."""
    if each.cost is None:
        return "what it cost is not known"
    cost = words.money(each.cost.amount, each.cost.currency)
    return f"{cost}, its likely price, counts as spent"


def _list(found: Sequence[OpenPurchase], args: argparse.Namespace, console: Console) -> int:
    if args.json:
        _print_json(found, console)
    else:
        console.out(_text(found, console.style, command_prefix(args)))
    return Exit.UNRESOLVED if found else Exit.DONE


def _text(found: Sequence[OpenPurchase], style: Style, command: str) -> Iterator[str]:
    if not found:
        yield "nothing is unresolved"
        return
    for each in found:
        amount = each.reserved
        price = words.money(amount.amount, amount.currency) if amount else "an unknown price"
        when = words.moment(each.began_at)
        yield f"{style.bold(safe(each.node))}  take {each.take}, at most {price}"
        yield f"  asked of {safe(each.target)} ({safe(each.model)}) at {when}: {safe(each.message)}"
        yield style.dim(f"  request {each.id}")
    node = found[0].node
    yield ""
    again = "buy it again (the first counts as possibly spent):"
    yield f"{again} {command} resolve {safe(node)} --retry"
    yield f"it was not bought, nothing was spent: {command} resolve {safe(node)} --forget"


def _print_json(
    found: Sequence[OpenPurchase], console: Console, resolved: Sequence[OpenPurchase] = ()
) -> None:
    items = [_json(each) for each in found]
    console.out(document("unresolved", items, resolved=[_json(each) for each in resolved]))


def _json(each: OpenPurchase) -> dict[str, Json]:
    return {
        "id": each.id,
        "node": each.node,
        "take": each.take,
        "target": each.target,
        "model": each.model,
        "began_at": each.began_at,
        "reserved": money_json(each.reserved),
        "message": each.message,
    }
