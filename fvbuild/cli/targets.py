"""List what can make which kinds of node: the film's targets, and what is installed here."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import FILM, open_project
from fvbuild.errors import Exit, FilmBuildError
from fvbuild.report import words
from fvbuild.report.changes import identity
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.engine.target import Capabilities, Target
    from fvbuild.project import Project

EXAMPLES = (
    "fvbuild targets",
    "fvbuild targets --installed       # without a film",
    "fvbuild targets --json",
)


@dataclass(slots=True)
class _Listed:
    """A target as it is listed. ``missing`` says why it cannot be used here."""

    name: str
    provider: str
    makes: dict[str, int] = field(default_factory=dict)
    identity: Mapping[str, Json] = field(default_factory=dict)
    pool: str = ""
    capabilities: Capabilities | None = None
    missing: str = ""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of the film, or installed."""
    options.film_options(parser)
    parser.add_argument(
        "--installed", action="store_true", help="what is installed here, whatever the film uses"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """List them."""
    from pathlib import Path

    of_film = not args.installed and (args.film is not None or Path(FILM).is_file())
    listed = _of_film(open_project(args, console)) if of_film else _installed()
    if args.json:
        from fvbuild.cli.documents import document

        console.out(document("targets", [_json(one) for one in listed]))
    else:
        console.out(_text(listed, console.style))
    return Exit.DONE


def _of_film(project: Project) -> list[_Listed]:
    """Every target that some node of the film is made by."""
    listed: dict[str, _Listed] = {}
    for node in project.graph:
        use = node.target
        if use is None:
            continue
        one = listed.get(use.name)
        if one is None:
            one = listed[use.name] = _described(use.name, use.settings)
            one.identity = use.identity
        one.makes[node.kind] = one.makes.get(node.kind, 0) + 1
    return list(listed.values())


def _installed() -> list[_Listed]:
    from fvbuild.targets.registry import providers

    return [_described(name, {}) for name in providers()]


def _described(name: str, settings: Mapping[str, Json]) -> _Listed:
    from fvbuild.targets.registry import create_target

    one = _Listed(name, str(settings.get("provider", name)))
    try:
        target: Target = create_target(name, settings)
    except FilmBuildError as error:
        one.missing = error.message
        return one
    one.identity, one.pool, one.capabilities = target.identity, target.pool, target.capabilities
    return one


def _json(one: _Listed) -> dict[str, Json]:
    told: dict[str, Json] = {
        "target": one.name,
        "provider": one.provider,
        "identity": dict(one.identity),
        "pool": one.pool or None,
        "nodes": {**one.makes},
        "missing": one.missing or None,
        "capabilities": None,
    }
    can = one.capabilities
    if can is not None:
        told["capabilities"] = {
            "kinds": [*sorted(can.kinds)],
            "first_frame": can.first_frame,
            "last_frame": can.last_frame,
            "text_to_video": can.text_to_video,
            "references": can.references,
            "hears_dialogue": can.hears_dialogue,
            "rate_fps": can.rate_fps,
            "frames": [*can.frames],
        }
    return told


def _text(listed: list[_Listed], style: Style) -> Iterator[str]:
    for at, one in enumerate(listed):
        if at:
            yield ""
        provider = f"  {one.provider}" if one.provider != one.name else ""
        yield style.bold(safe(one.name)) + style.dim(safe(provider))
        if one.makes:
            made = ", ".join(words.count(n, kind, kind) for kind, n in sorted(one.makes.items()))
            yield f"  in this film  {made}"
        if one.identity:
            yield f"  model         {safe(identity(one.identity))}"
        if one.missing:
            yield f"  {style.yellow('not here')}      {safe(one.missing)}"
        if one.capabilities is not None:
            yield f"  can make      {', '.join(sorted(one.capabilities.kinds))}"
            yield from _clips(one.capabilities)


def _clips(can: Capabilities) -> Iterator[str]:
    if "segment" not in can.kinds:
        return
    starts = [
        name
        for name, able in (
            ("a first frame", can.first_frame),
            ("a last frame", can.last_frame),
            ("text alone", can.text_to_video),
        )
        if able
    ]
    rate = f" at {can.rate_fps} fps" if can.rate_fps else ""
    least, most, step = can.frames
    yield (
        f"  clips         from {', '.join(starts) or 'nothing'}; {least} to {most:,} frames{rate}"
        + (f", in steps of {step}" if step > 1 else "")
    )
