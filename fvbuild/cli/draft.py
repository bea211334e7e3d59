"""Draft a film from a story: a language model writes the shot list, and `check` looks at it.

STORY is a text, a file, or - for what is piped in. What it may cost is told and confirmed before
anything is asked. A draft with faults is sent back with them once. No film is ever overwritten.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.cli.console import Console
from fvbuild.errors import Exit, UsageError
from fvbuild.report import words
from fvbuild.report.style import safe

if TYPE_CHECKING:
    from fvbuild.project.drafting import Drafting

EXAMPLES = (
    'fvbuild draft my-film "A keeper lights the lamp for the last time."',
    "fvbuild draft my-film story.txt --by openai/gpt-5.1",
    "fvbuild draft my-film notes.md --by openai-compatible/qwen3 --yes",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """DIR and STORY."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="where film.yaml is written")
    parser.add_argument("story", metavar="STORY", help="the story: a text, a file, or -")
    parser.add_argument(
        "--by",
        metavar="PROVIDER[/MODEL]",
        help="who writes it; else the first of anthropic, openai and google whose key is set",
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before it costs")


def run(args: argparse.Namespace, console: Console) -> int:
    """Tell the price, ask, draft, write."""
    from fvbuild.project.drafting import Drafting

    drafting = Drafting(args.folder, _story(args.story), args.by)
    if not args.yes and not _confirmed(drafting, console):
        console.say("nothing was asked, and nothing spent")
        return Exit.DONE
    console.say(f"{drafting.model} writes ...")
    drafted = drafting.write(console.say)
    if drafted.faults:
        console.diagnostics(drafted.faults)
        raise UsageError(
            f"the draft still has faults after it was put right once; it is in {drafted.path}",
            hint="mend it, and rename it to film.yaml",
        )
    shown = safe(str(args.folder / drafted.path.name))
    console.out([f"{console.style.bold(shown)} is drafted."])
    console.say(f"next: cd {shlex.quote(str(args.folder))} && fvbuild build")
    return Exit.DONE


def _story(given: str) -> str:
    """The text of a story that is given as itself, as a file, or piped in."""
    if given == "-":
        return sys.stdin.read()
    try:
        path = Path(given)
        if path.is_file():
            return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        if " " not in given:
            raise UsageError(f"'{given}' cannot be read: {error}") from error
    return given


def _confirmed(drafting: Drafting, console: Console) -> bool:
    """Whether the user wants to pay for it; asked on a terminal alone."""
    price = drafting.price()
    cost = words.price(price) if price.known else "an unknown amount"
    question = f"{drafting.model} would be asked, for {cost}"
    if not sys.stdin.isatty():
        raise UsageError(question, hint="add --yes to go on without being asked")
    console.tell(f"{question}. Go on? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
