"""Build again on every save: first what would be made is shown, then it is made.

What costs money is never made unasked: such steps are named and left, unless --spend is given.
A mistake in the film is shown and waited out, and so is a film that is gone. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import film_path, open_project
from fvbuild.errors import Exit, FilmBuildError
from fvbuild.report import words
from fvbuild.report.style import safe

if TYPE_CHECKING:
    from fvbuild.cli.saves import Saves
    from fvbuild.project import Project

EXAMPLES = (
    "fvbuild watch",
    "fvbuild watch --profile draft pier    # one scene, small and quick",
    'fvbuild watch --spend --budget "2 USD"',
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL..., and how to run."""
    options.goals_argument(parser)
    options.film_options(parser)
    options.build_options(parser, refresh=False)
    parser.add_argument(
        "--spend", action="store_true", help="also make what costs money, at every save"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Watch until interrupted."""
    from fvbuild.cli.saves import Saves

    saves = Saves(film_path(args.film))
    with saves.watching():
        while True:
            _once(args, console, saves)
            if console.gone:
                return Exit.DONE
            console.say(console.err_style.dim("waiting for a save (Ctrl-C ends)"))
            if not _saved(console, saves):
                console.say("watching ended")
                return Exit.INTERRUPTED


def _saved(console: Console, saves: Saves) -> bool:
    """Wait until something is saved while the film is there; False when interrupted instead."""
    while (changed := saves.wait()) is not None:
        saves.about_to_load()  # before the look: what happens after it is another save
        if saves.film.exists():
            verb = "saved" if changed.exists() else "gone"
            console.say(f"\n{verb}: {safe(changed.name)}")
            return True
        console.say(f"\ngone: {safe(saves.film.name)}; going on when it is back")
    return False


def _once(args: argparse.Namespace, console: Console, saves: Saves) -> None:
    """Load, show and build once; whatever is wrong is told, and nothing ends the watch."""
    saves.about_to_load()
    try:
        project = open_project(args, console)
        saves.follow(project)
        _show_and_build(project, args, console, saves)
    except FilmBuildError as error:
        if error.exit_code is Exit.INTERRUPTED:
            raise
        saves.follow(None)
        console.error(error)


def _show_and_build(
    project: Project, args: argparse.Namespace, console: Console, saves: Saves
) -> None:
    from fvbuild.cli.building import running, tell
    from fvbuild.engine.action import Money
    from fvbuild.engine.events import Act
    from fvbuild.engine.lock import lock_path
    from fvbuild.report.plan_json import plan_json
    from fvbuild.report.plan_text import plan_text

    wishes = options.chosen(args)
    plan = project.plan(args.goals, wishes)
    made = (Act.BUILD, Act.MAYBE)  # what is blocked costs nothing, and tells why by itself
    paid = [step.node for step in plan.steps if step.action in made and not step.cost.free]
    if paid and not args.spend:
        console.warning(
            f"{words.some(paid)} would cost {words.price(plan.cost)}: "
            "not made, as --spend was not given"
        )
        wishes = replace(wishes, budget=Money(0.0, plan.cost.currency))
        plan = project.plan(args.goals, wishes)
    if args.json:
        console.out(plan_json(plan))
    else:
        console.out(plan_text(plan, console.style, project.causes, verbose=args.verbose))
    if not plan.changes:
        return
    with running(args, console) as build, saves.during_build(project, build.cancel):
        report = project.build(args.goals, wishes, saves.hearing(build.hear), build.cancel)
    saves.written_by_us(lock_path(project.film_path, project.profile))
    if report.interrupted and not saves.stopped_for_save:
        raise KeyboardInterrupt
    if report.interrupted:
        console.say("stopped: the film was saved meanwhile")
        return
    tell(project, report, build, args, console)
