"""The options that commands share, and how a command line is taken apart.

Options may stand before or after the verb: what stands before is moved behind it.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from fvbuild.cli.catalogue import Command
from fvbuild.cli.console import Console
from fvbuild.errors import UsageError

if TYPE_CHECKING:
    from fvbuild.project import BuildOptions

_TAKES_VALUE = frozenset(
    {"-f", "--film", "--profile", "-j", "--jobs", "--budget", "--events", "--materialize"}
)

_ORDER = {
    "take": "the node comes first: fvbuild take NODE -n N",
    "select": "the node comes first: fvbuild select NODE N",
}
"""What to say of commands whose words are easily swapped."""


def split(words: list[str]) -> tuple[str | None, list[str]]:
    """The verb, and all the other words in order."""
    at = 0
    while at < len(words):
        word = words[at]
        if not word.startswith("-") or word == "-":
            return word, words[:at] + words[at + 1 :]
        at += 2 if word in _TAKES_VALUE else 1
    return None, words


class Parser(argparse.ArgumentParser):
    """argparse, but its complaints are ours: one line, a next step, and a suggestion."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        verb = self.prog.removeprefix("fvbuild ")
        unknown = re.match(r"unrecognized arguments: (\S+)", message)
        if unknown:
            word = unknown[1].partition("=")[0]
            close = difflib.get_close_matches(word, self._option_string_actions, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"fvbuild {verb} --help lists all"
            kind = "option" if word.startswith("-") else "argument"
            if kind == "argument":
                hint = _ORDER.get(verb, hint)
            raise UsageError(f"'{verb}' has no {kind} '{unknown[1]}'", hint=hint)
        hint = f"fvbuild {verb} --help tells how"
        if message.startswith("argument N: '"):
            hint = _ORDER.get(verb, hint)
        raise UsageError(f"'{verb}': {message}", hint=hint)


def parse(command: Command, words: list[str]) -> int:
    """Import the command's module, parse its words and run it."""
    module = importlib.import_module(f"fvbuild.cli.{command.module}")
    parser = Parser(
        prog=f"fvbuild {command.verb}",
        usage=f"fvbuild {command.verb} {command.arguments} [options]".replace("  ", " "),
        description=module.__doc__,
        epilog="examples:\n" + "\n".join(f"  {line}" for line in module.EXAMPLES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="say only what matters")
    parser.add_argument("-v", "--verbose", action="store_true", help="say more")
    parser.add_argument("--no-color", action="store_true", help="no colours (also: NO_COLOR=1)")
    module.arguments(parser)
    args = parser.parse_intermixed_args(words)
    console = Console(no_color=args.no_color, quiet=args.quiet)
    if args.quiet or getattr(args, "json", False):
        console.for_programs()
    return int(module.run(args, console))


# --- groups of options ----------------------------------------------------------------------------


def film_options(parser: argparse.ArgumentParser) -> None:
    """Which film, and how it is told."""
    parser.add_argument(
        "-f", "--film", type=Path, metavar="FILM", help="the film's folder or file (film.yaml)"
    )
    parser.add_argument("--profile", metavar="NAME", help="a profile of the film, like draft")
    parser.add_argument(
        "--untrusted",
        action="store_true",
        help="believe nothing of the film: buy nothing, use no secret, stay in its folder "
        "(also: FVBUILD_UNTRUSTED=1)",
    )
    json_option(parser)


def json_option(parser: argparse.ArgumentParser) -> None:
    """Results as JSON."""
    parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")


def goals_argument(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """GOAL..."""
    parser.add_argument(
        "goals",
        nargs="+" if required else "*",
        metavar="GOAL",
        help="node, scene, shot, glob (pier/*/anchor), x+, kind:segment, status:held"
        + ("" if required else "; none: all outputs"),
    )


def node_argument(parser: argparse.ArgumentParser) -> None:
    """NODE."""
    parser.add_argument("node", metavar="NODE", help="a node, as plan and graph name it")


def build_options(parser: argparse.ArgumentParser, *, refresh: bool = True) -> None:
    """How to run; ``refresh``: whether results may be made again on purpose."""
    parser.add_argument(
        "-j", "--jobs", type=_jobs, metavar="N", help="how many at once (default: processors)"
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "-k",
        "--keep-going",
        action="store_true",
        dest="keep_going",
        default=True,
        help="after a failure make all that does not need it (default)",
    )
    group.add_argument(
        "--fail-fast",
        action="store_false",
        dest="keep_going",
        help="stop at the first failure",
    )
    if refresh:
        parser.add_argument(
            "--refresh", action="store_true", help="make the goals again, approved ones too"
        )
    parser.add_argument(
        "--budget", type=_money, metavar="AMOUNT", help='spend at most this: "12 USD"'
    )


def materialize_option(parser: argparse.ArgumentParser) -> None:
    """--materialize, for what is in the shared store alone."""
    from fvbuild.project.records import LEVELS

    parser.add_argument(
        "--materialize",
        choices=LEVELS,
        metavar="WHAT",
        default="",
        help="what of the shared store is brought to be seen: none, final (the goals), review "
        "(and all that was generated), all",
    )


def chosen(args: argparse.Namespace) -> BuildOptions:
    """What :func:`build_options` read, as a project takes it."""
    from dataclasses import replace

    from fvbuild.project import BuildOptions

    options = BuildOptions(
        keep_going=args.keep_going,
        refresh=getattr(args, "refresh", False),
        budget=args.budget,
        # The JSON form lists every node of the goals.
        every_node=args.json,
        materialize=getattr(args, "materialize", ""),
    )
    return options if args.jobs is None else replace(options, jobs=args.jobs)


def events_option(parser: argparse.ArgumentParser) -> None:
    """--events FILE."""
    parser.add_argument(
        "--events", type=Path, metavar="FILE", help="write one JSON event a line while it runs"
    )


def _jobs(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of jobs (1, 2, 8)")
    return int(text)


def _money(text: str) -> Any:
    """``12 USD``, ``12USD``, ``USD 12`` or ``12`` (USD)."""
    from fvbuild.engine.action import Money

    currency = "[A-Za-z]{3}|credits"
    match = re.fullmatch(
        rf"(?:(?P<before>{currency})\s*)?(?P<amount>\d+(?:\.\d+)?)\s*(?P<after>{currency})?",
        text.strip(),
    )
    if match is None or (match["before"] and match["after"]):
        raise argparse.ArgumentTypeError(f"'{text}' is not an amount of money (\"12 USD\")")
    named = match["before"] or match["after"] or "USD"
    return Money(float(match["amount"]), named if named == "credits" else named.upper())
