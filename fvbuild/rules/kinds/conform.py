"""``conform``: a clip as the film joins it: its rate, its size, its exact number of frames.

It reads one of three things: ``source``, the finished clip of a shot; ``picture``, a still that is
held; ``clip``, a conformed clip that gets the slate burnt in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.film.resolved import Output
from fvbuild.media.profile import JoiningProfile
from fvbuild.rules.kinds.titles import TITLES, start_fact
from fvbuild.rules.making import form, needed, profile_of
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage, is_film, own_clips
from fvbuild.rules.timeline import Rate, settle_frames
from fvbuild.rules.view import View

if TYPE_CHECKING:
    from fvbuild.media.still import Slate


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    shot = view.shot
    params = {"frames": _frames(stage, view), **form(stage.film.size, stage.film.fps)}
    source = Input("source", stage.finished(shot))
    yield Node(
        stage.of_shot(shot, "conform"),
        "conform",
        params,
        (source, *stage.lengths(view)),
        loc=view.loc,
        title=shot.action,
    )


def _of_output(stage: Stage, output: Output) -> Iterable[Node]:
    if not is_film(output) or output.reframe or not own_clips(output, stage.film):
        return
    for view in stage.views:
        yield shown_clip(stage, output, view, "conform")


def shown_clip(stage: Stage, output: Output, view: View, kind: str) -> Node:
    """The clip of a shot in an output that shows other clips than the master."""
    shot, film = view.shot, stage.film
    params: dict[str, Any] = dict(form(output.size or film.size, film.fps))
    lengths = stage.lengths(view)
    if output.made_from == "anchor":
        source = Input("picture", view.still)
    elif output.size in (None, film.size):
        source = Input("clip", stage.of_shot(shot, "conform"))
    else:
        source = Input("source", stage.finished(shot))
    if source.role == "clip":
        lengths = []
    else:
        params["frames"] = _frames(stage, view)
    if output.slate:
        params["slate"] = {"scene": shot.scene, "shot": shot.id}
        shown = view.still if source.role == "picture" else stage.of_shot(shot, "segment")
        if not shown.startswith("files/"):
            lengths.append(Input("take", shown, fact="take"))
        if (start := stage.timeline.start(view.number)) is not None:
            params["slate"]["start_frame"] = start
        else:
            # One node waits for all the speech before, so that not every slate has to.
            lengths.append(Input("start", stage.of_film(TITLES), fact=start_fact(view.number)))
    return Node(
        stage.clip(output, view),
        kind,
        params,
        (source, *lengths),
        loc=view.loc,
        title=shot.action,
    )


def _frames(stage: Stage, view: View) -> Any:
    """The frames of a shot, or the lines they are counted from."""
    span = stage.timeline.spans[view.number]
    return span if isinstance(span, int) else Rate(stage.film.fps).open(span)


def make(action: Action) -> Outcome:
    """Write the clip, from whichever of the three it is made."""
    params: Mapping[str, Any] = action.params
    profile = profile_of(params)
    path = action.folder / "clip.mp4"
    if (ready := _ready(action, profile)) is not None:
        return Outcome((ready,))
    if action.one("picture") is not None:
        frames = _hold(action, profile, path)
    elif action.one("clip") is not None:
        frames = _slate(action, profile, needed(action, "clip"), path)
    else:
        frames = _conform(action, profile, path)
    facts = {"frames": frames, "width": profile.width, "height": profile.height}
    return Outcome((Made("video/mp4", path, facts=facts),))


def _ready(action: Action, profile: JoiningProfile) -> Made | None:
    """The source itself, where it is a clip of the profile already."""
    from fvbuild.media.conform import is_joinable

    source, frames = action.one("source"), action.params.get("frames")
    if source is None or source.path is None or "slate" in action.params:
        return None
    if not isinstance(frames, int) or not is_joinable(source.path, profile, frames):
        return None
    facts = {"frames": frames, "width": profile.width, "height": profile.height}
    return Made("video/mp4", same_as=source.digest, facts=facts)


def _hold(action: Action, profile: JoiningProfile, path: Path) -> int:
    from fvbuild.media.still import hold_picture

    frames = int(str(action.params["frames"]))
    hold_picture(
        needed(action, "picture"),
        path,
        profile,
        frames,
        fit=_fit(action),
        slate=_slate_of(action),
        check=action.check_cancelled,
    )
    return frames


def _fit(action: Action) -> Literal["crop", "pad"]:
    return "pad" if action.params.get("reframe") == "letterbox" else "crop"


def _conform(action: Action, profile: JoiningProfile, path: Path) -> int:
    from fvbuild.media.conform import conform

    frames = int(str(action.params["frames"]))
    slated = "slate" in action.params
    plain = action.folder / "plain.mp4" if slated else path
    source, check = needed(action, "source"), action.check_cancelled
    conform(source, plain, profile, frames, fit=_fit(action), check=check)
    if slated:
        _slate(action, profile, plain, path)
        plain.unlink()
    return frames


def _slate(action: Action, profile: JoiningProfile, source: Path, path: Path) -> int:
    from fvbuild.media.still import Slate, burn_slate

    slate = _slate_of(action) or Slate()
    return burn_slate(source, path, profile, slate, check=action.check_cancelled)


def _slate_of(action: Action) -> Slate | None:
    from fvbuild.media.still import Slate

    words: Any = action.params.get("slate")
    return Slate(**words) if isinstance(words, dict) else None


def settle(params: Mapping[str, Json], facts: Mapping[str, tuple[Json, ...]]) -> Mapping[str, Json]:
    """The frames; and what a slate can only tell from what was made: the number of the take, and
    where in the film the shot begins."""
    settled = settle_frames(params, facts)
    slate = settled.get("slate")
    if not isinstance(slate, dict):
        return settled
    told: dict[str, Json] = dict(slate)
    for take in facts.get("take", ()):
        if take is not None:
            told["take"] = str(take)
    for start in facts.get("start", ()):
        told["start_frame"] = start
    return {**settled, "slate": told}


RULES = (
    Rule(
        Kind("conform", make=make, settle=settle),
        of_shot=_of_shot,
        of_output=_of_output,
    ),
)
