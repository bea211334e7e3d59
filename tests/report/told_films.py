"""A plan and a build of a small film, as the engine would tell them."""

from __future__ import annotations

from collections.abc import Sequence

from fvbuild.engine.action import Money
from fvbuild.engine.events import (
    Act,
    BuildFinished,
    BuildStarted,
    Change,
    Did,
    Event,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Plan,
    Reason,
    Report,
    Result,
    Step,
)
from fvbuild.engine.target import Price

CAMERA = Change("camera", "dolly in", "pan left")


def small_plan() -> Plan:
    """One camera move changed, one shot new and paid for, one anchor approved, one part absent."""
    return Plan(
        "The Last Ferry",
        "draft",
        [
            Step("characters/teo/red", "reference", Act.REUSE, Reason.UP_TO_DATE),
            Step("pier/ticket/anchor", "anchor", Act.REUSE, Reason.UP_TO_DATE, target="sketch"),
            Step(
                "pier/ticket/motion",
                "motion",
                Act.BUILD,
                Reason.RECIPE_CHANGED,
                paths=("camera",),
                changes=(CAMERA,),
                target="template",
                loc="film.yaml:52:9",
            ),
            Step(
                "pier/ticket/segment",
                "segment",
                Act.BUILD,
                Reason.RECIPE_CHANGED,
                paths=("motion",),
                because=("pier/ticket/motion",),
                target="veo",
                takes=2,
                cost=Price(0.0, 1.2, 2.4),
                loc="film.yaml:48:7",
            ),
            Step(
                "pier/ticket/conform",
                "conform",
                Act.MAYBE,
                Reason.INPUT_CHANGED,
                because=("pier/ticket/segment",),
            ),
            Step(
                "boat/night/anchor",
                "anchor",
                Act.HELD,
                Reason.HELD_APPROVED,
                paths=("composition.lighting",),
                changes=(Change("composition.lighting", "moon", "lamps"),),
                loc="film.yaml:80:9",
            ),
            Step(
                "boat/night/upscale",
                "upscale",
                Act.BLOCKED,
                Reason.UNSUPPORTED,
                message="no target can upscale yet",
                loc="film.yaml:90:3",
            ),
            Step("cut", "cut", Act.MAYBE, Reason.INPUT_CHANGED, because=("pier/ticket/conform",)),
        ],
    )


def causes(step: Step) -> Sequence[tuple[Step, Change]]:
    """Every recipe change comes from the motion's camera, or from the step's own fields."""
    if step.node == "pier/ticket/segment":
        return [(small_plan().steps[2], CAMERA)]
    return [(step, change) for change in step.changes]


def long_plan(scenes: int, shots: int) -> Plan:
    """A film of which nothing is made yet."""
    steps = [
        Step(f"scene-{s}/shot-{n}/{kind}", kind, Act.BUILD, Reason.NO_TAKE, target="placeholder")
        for s in range(scenes)
        for n in range(shots)
        for kind in ("anchor", "segment", "conform")
    ]
    return Plan("A Long Film", None, [*steps, Step("cut", "cut", Act.BUILD, Reason.NO_TAKE)])


def results() -> list[Result]:
    """One of every ending."""
    return [
        Result("pier/ticket/anchor", "anchor", Did.REUSED, Reason.UP_TO_DATE, artifact="a" * 64),
        Result(
            "pier/ticket/segment",
            "segment",
            Did.BUILT,
            Reason.RECIPE_CHANGED,
            ("motion",),
            ("pier/ticket/motion",),
            "veo",
            take=1,
            seconds=12.3456,
            cost=Money(1.2),
            artifact="b" * 64,
            loc="film.yaml:48:7",
        ),
        Result("pier/ticket/conform", "conform", Did.CUTOFF, Reason.INPUT_CHANGED),
        Result("boat/night/anchor", "anchor", Did.HELD, Reason.HELD_APPROVED),
        Result(
            "boat/day/segment",
            "segment",
            Did.FAILED,
            Reason.NO_TAKE,
            target="veo",
            seconds=1.0,
            loc="film.yaml:99:7",
            message="the provider refused the prompt\n  hint: reword the action",
        ),
        Result(
            "boat/day/conform",
            "conform",
            Did.SKIPPED,
            Reason.UPSTREAM_FAILED,
            because=("boat/day/segment",),
        ),
        Result(
            "boat/dusk/segment",
            "segment",
            Did.SKIPPED,
            Reason.WAITS_FOR_APPROVAL,
            because=("boat/dusk/anchor",),
        ),
        Result(
            "boat/night/upscale",
            "upscale",
            Did.SKIPPED,
            Reason.UNSUPPORTED,
            message="no target can upscale yet",
        ),
    ]


def report() -> Report:
    """The end of that build."""
    return Report("The Last Ferry", None, results(), seconds=14.2, shown=["/films/ferry/out/a.mp4"])


def events() -> list[Event]:
    """That build, event by event."""
    todo = [r for r in results() if r.action in (Did.BUILT, Did.CUTOFF, Did.FAILED)]
    told: list[Event] = [BuildStarted("The Last Ferry", None, 8, len(todo) + 1)]
    for result in results():
        if result.action in (Did.BUILT, Did.FAILED):
            told.append(NodeStarted(result.node, result.kind, 1, result.target))
            told.append(NodeProgress(result.node, 0.5, "frame 48 of 96"))
        told.append(NodeFinished(result))
    return [*told, BuildFinished(report())]
