"""``transition``: the clip of a join, encoded from the groups of pictures that it touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.film.resolved import Output
from fvbuild.media.transition import Mix, fit_transitions, plan_pieces
from fvbuild.rules.making import form, needed, profile_of
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import MASTER, Stage, is_film, own_clips
from fvbuild.rules.timeline import around, read_joins, read_lengths
from fvbuild.rules.view import View


def _of_film(stage: Stage) -> Iterable[Node]:
    return _joins(stage, Output(MASTER))


def _of_output(stage: Stage, output: Output) -> Iterable[Node]:
    if is_film(output) and own_clips(output, stage.film):
        yield from _joins(stage, output)


def _joins(stage: Stage, output: Output) -> Iterable[Node]:
    size = output.size or stage.film.size
    for view in stage.views:
        if stage.timeline.joins[view.number] is None:
            continue
        params, lengths = _params(stage, view)
        if params is None:
            continue
        inputs = [Input("first", stage.clip(output, view))]
        if view.number + 1 < len(stage.views):
            inputs.append(Input("second", stage.clip(output, stage.views[view.number + 1])))
        yield Node(
            stage.join(output, view),
            "transition",
            {**params, **form(size, stage.film.fps)},
            (*inputs, *lengths),
            loc=str(view.shot.at("transition")),
            title=f"{view.shot.action} ->",
        )


def _params(stage: Stage, view: View) -> tuple[dict[str, Any] | None, list[Input]]:
    """What the join takes of its shots; None where there is no room for it."""
    timeline, at = stage.timeline, view.number
    shots = around(at)
    if any(timeline.open[shots]):
        stretch: dict[str, Any] = {**timeline.written(shots), "at": at - shots.start}
        if shots.stop < len(timeline.shots):
            # The last shot's own join belongs to what comes after this stretch.
            stretch["joins"] = stretch["joins"][:-1]
        return {"stretch": stretch}, stage.lengths(*stage.views[shots])
    mix = stage.mixes.get(at)
    return (None if mix is None else _taken(mix)), []


def _taken(mix: Mix) -> dict[str, Any]:
    return {"kind": mix.kind, "length": mix.length, "from": mix.a_from, "to": mix.b_to}


def _settle(
    params: Mapping[str, Json], facts: Mapping[str, tuple[Json, ...]]
) -> Mapping[str, Json]:
    stretch: Any = params.get("stretch")
    if not isinstance(stretch, dict):
        return params
    rest: dict[str, Any] = {name: value for name, value in params.items() if name != "stretch"}
    lengths = read_lengths(stretch, facts.get("length", ()))
    fitted = fit_transitions(lengths, read_joins(stretch))
    for piece in plan_pieces(lengths, fitted, profile_of(rest).gop):
        if isinstance(piece, Mix) and piece.shot == stretch["at"]:
            return {**rest, **_taken(piece)}
    return {**rest, "kind": "cut"}


def _make(action: Action) -> Outcome:
    from fvbuild.media.transition import make_transition

    params: Mapping[str, Any] = action.params
    if params["kind"] == "cut":
        return Outcome((Made("text/plain", text="The shots leave no room for a transition.\n"),))
    profile, path = profile_of(params), action.folder / "transition.mp4"
    frames = make_transition(
        needed(action, "first"),
        needed(action, "second") if action.one("second") is not None else None,
        path,
        profile,
        a_from=params["from"],
        b_to=params["to"],
        kind=params["kind"],
        length=params["length"],
        check=action.check_cancelled,
    )
    facts: dict[str, Json] = {
        "frames": frames,
        "width": profile.width,
        "height": profile.height,
    }
    return Outcome((Made("video/mp4", path, facts=facts),))


RULES = (
    Rule(
        Kind("transition", make=_make, settle=_settle),
        of_film=_of_film,
        of_output=_of_output,
    ),
)
