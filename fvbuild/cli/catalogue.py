"""Which commands there are. Each is a module of its own under ``fvbuild.cli``.

A command's module gives ``EXAMPLES`` (for its help), ``arguments(parser)`` and
``run(args, console) -> int``. This table is all that is read to print the help or to notice a typo.
"""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """A verb, the module that carries it out, and one line on what it does."""

    verb: str
    module: str
    arguments: str
    summary: str


GROUPS: tuple[tuple[str, tuple[Command, ...]], ...] = (
    (
        "Begin",
        (
            Command("init", "init", "DIR", "write a small film that builds at once"),
            Command("draft", "draft", "DIR STORY", "have a language model draft a film"),
            Command("check", "check", "", "find every mistake in the film, and doubtful cuts"),
        ),
    ),
    (
        "Build",
        (
            Command("plan", "plan", "[GOAL...]", "what a build would make, why, and its cost"),
            Command("build", "build", "[GOAL...]", "make what changed, and the film"),
            Command("watch", "watch", "[GOAL...]", "build again on every save"),
        ),
    ),
    (
        "Look",
        (
            Command("status", "status", "[GOAL...]", "what is made, chosen, approved and waiting"),
            Command("why", "why", "NODE", "why a node would be made again, or is not"),
            Command("graph", "graph", "[GOAL...]", "the nodes and what each is made from"),
            Command("log", "log", "[NODE]", "what was made, when and at what cost"),
            Command("costs", "costs", "", "what was spent, and what may have been"),
        ),
    ),
    (
        "Decide",
        (
            Command("takes", "takes", "NODE", "the takes of a node"),
            Command("take", "take", "NODE -n 2", "draw more takes of a node"),
            Command("select", "select", "NODE N", "use take N"),
            Command("approve", "approve", "GOAL...", "keep the chosen takes, whatever changes"),
            Command("reject", "reject", "GOAL...", "refuse the chosen takes: they are made again"),
            Command("adopt", "adopt", "NODE FILE", "use a file of your own as a take"),
            Command("release", "release", "GOAL...", "take an approval back"),
            Command("resolve", "resolve", "[NODE]", "say what became of a lost request"),
        ),
    ),
    (
        "Keep house",
        (
            Command("targets", "targets", "", "what can make which kinds of node"),
            Command("schema", "schema", "", "write the manifest's JSON schema for editors"),
            Command("verify", "verify", "", "find missing and damaged artifacts"),
            Command("keys", "keys", "[new]", "the key that signs your takes for others"),
            Command("push", "push", "[GOAL...]", "send takes to the shared store"),
            Command("pull", "pull", "[GOAL...]", "bring results from the shared store"),
            Command("promote", "promote", "[NAME]", "bring takes out of a merged quarantine"),
            Command("gc", "gc", "[--apply]", "free the space of what nothing needs"),
            Command("merge-lock", "merge_lock", "", "merge locks of two branches, for git and you"),
        ),
    ),
)

COMMANDS: dict[str, Command] = {
    command.verb: command for _title, commands in GROUPS for command in commands
}


def overview() -> str:
    """The text of ``fvbuild --help``."""
    lines = [
        "fvbuild builds films the way Make builds programs.",
        "",
        "usage: fvbuild [-f FILM] COMMAND [options]",
    ]
    for title, commands in GROUPS:
        lines += ["", title]
        for command in commands:
            called = f"{command.verb} {command.arguments}".strip()
            lines.append(f"  {called:<18} {command.summary}")
    lines += [
        "",
        "The film is film.yaml in the current folder, or what -f names (a folder or a file).",
        "A GOAL is a node (pier/ticket/anchor), a scene or shot (pier, pier/ticket), a glob",
        "(pier/*/anchor, **/segment), x+ (x and all that depends on it), kind:segment or",
        "status:held.",
        "",
        "fvbuild COMMAND --help tells more, with examples.",
    ]
    return "\n".join(lines)


# Words people bring from neighbouring tools, and what they mean here.
_MEANT = {
    "make": "build",
    "run": "build",
    "render": "build",
    "new": "init",
    "create": "init",
    "lint": "check",
    "validate": "check",
    "explain": "why",
    "ls": "status",
    "list": "status",
    "history": "log",
    "spent": "costs",
    "bill": "costs",
    "clean": "gc",
    "prune": "gc",
    "choose": "select",
    "pick": "select",
    "retake": "take",
    "providers": "targets",
    "models": "targets",
    "dry-run": "plan",
    "fsck": "verify",
    "merge": "merge-lock",
    "mergetool": "merge-lock",
}


def meant(word: str) -> str | None:
    """The command that a wrong word was probably meant to be."""
    if word.lower() in COMMANDS:
        return word.lower()
    if word.lower() in _MEANT:
        return _MEANT[word.lower()]
    from difflib import get_close_matches

    close = get_close_matches(word.lower(), COMMANDS, n=1, cutoff=0.6)
    return close[0] if close else None
