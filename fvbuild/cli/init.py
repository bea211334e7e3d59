"""Write a small film that builds at once: three shots, a line of dialogue, every file explained."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from fvbuild.cli.console import Console
from fvbuild.cli.opening import FILM
from fvbuild.errors import Exit, UsageError
from fvbuild.report.style import safe
from fvbuild.resources import schema, template

EXAMPLES = (
    "fvbuild init my-film",
    "fvbuild init .                    # in this folder",
)

_WORKSPACE = "fvbuild.yaml"
# Where the film's parts come from, and what they are called in the film's folder.
_PARTS = {
    "film.yaml": FILM,
    _WORKSPACE: _WORKSPACE,
    "gitignore": ".gitignore",
    "gitattributes": ".gitattributes",
}
_SCHEMA = "film.schema.json"


def arguments(parser: argparse.ArgumentParser) -> None:
    """DIR."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="made when it is not there")


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the film; nothing that exists is overwritten."""
    folder: Path = args.folder
    parts = {template(f"init/{source}"): folder / name for source, name in _PARTS.items()}
    parts[schema(_SCHEMA)] = folder / "schemas" / _SCHEMA
    _refuse(folder)
    if any((above / _WORKSPACE).exists() for above in folder.resolve().parents):
        del parts[template(f"init/{_WORKSPACE}")]  # the film joins that workspace, and its store
    texts = {target: source.read_bytes() for source, target in parts.items()}
    # The film comes last: where it stands, all of it stands.
    for target in sorted(texts, key=lambda path: path.name == FILM):
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():  # a .gitignore, workspace or schema of the user's own stays
            target.write_bytes(texts[target])
    here = folder.resolve() == Path.cwd()
    console.out([f"{console.style.bold(safe(str(folder / FILM)))} is a film in three shots."])
    cd = "" if here else f"cd {shlex.quote(str(folder))} && "
    if any((above / ".git").exists() for above in (folder.resolve(), *folder.resolve().parents)):
        console.say(f"once in this clone: {cd}fvbuild merge-lock --install (git merges takes then)")
    console.say(f"next: {cd}fvbuild build")
    return Exit.DONE


def _refuse(folder: Path) -> None:
    """Raise UsageError when there is a film already, or something that is no folder."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"'{folder}' is a file, not a folder")
    if (folder / FILM).exists():
        raise UsageError(
            f"there is a film in '{folder}' already",
            hint=f"fvbuild build -f {shlex.quote(str(folder))} builds it; nothing was overwritten",
        )
