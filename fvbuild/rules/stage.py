"""One variant of a film while it is expanded: what all rules share, and how nodes are named."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Input, Node
from fvbuild.engine.target import Capabilities, Target
from fvbuild.film.ids import slug
from fvbuild.film.resolved import Film, Line, Output, Shot, Worn
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.transition import Mix, plan_pieces
from fvbuild.rules.canvas import canvas_of
from fvbuild.rules.choice import Choice, Choices
from fvbuild.rules.timeline import Rate, Timeline, around, estimated_length_s
from fvbuild.rules.view import View
from fvbuild.timecode import Length

MASTER = "master"


class Files:
    """The files a film refers to, as nodes which all its variants share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.nodes: dict[str, Node] = {}

    def add(self, path: str, loc: str) -> str:
        """The id of the node of a file, given relative to the film."""
        node_id = f"files/{path}"
        if node_id not in self.nodes:
            whole = str(self._folder / path)
            self.nodes[node_id] = Node(node_id, "file", file=whole, loc=loc, title=path)
        return node_id


class Stage:
    """A variant of a film, its targets, its timeline, and its shots as views."""

    def __init__(
        self, film: Film, targets: Mapping[str, Target], absent: Mapping[str, str], files: Files
    ) -> None:
        self.film = film
        self.files = files
        self.choices = Choices(film, targets, absent)
        self.suffix = f"@{film.variant}" if film.variant else ""
        self.timeline = Timeline(film)
        self.style = _style(film)
        self.outputs = _outputs(film)
        self.steps = film.finish.steps
        self.needs_stills = any(o.made_from == "anchor" or o.sheet for o in self.outputs)
        self._worn: dict[Worn, dict[str, Json]] = {}
        self._views_by_shot: dict[tuple[str, str], View] = {}
        self._rates: dict[int, Rate] = {}
        self._frames: dict[tuple[Length, int], int] = {}
        self.views: list[View] = []
        for scene in film.scenes:
            before = None
            for shot in scene.shots:
                before = View(shot, scene, len(self.views), before)
                self.views.append(before)
                self._views_by_shot[shot.scene, shot.id] = before
        for view in self.views:
            self._see(view)

    # --- names ------------------------------------------------------------------------------------

    def of_shot(self, shot: Shot, name: str) -> str:
        """The id of a shot's node: ``pier/arrival/anchor@fr``."""
        return f"{shot.scene}/{shot.id}/{name}{self.suffix}"

    def of_film(self, name: str) -> str:
        """The id of a node that belongs to no shot: ``characters/mara/oilskin@fr``."""
        return name + self.suffix

    def shown(self, name: str) -> str:
        """Where such a node is shown: the last folder carries the variant, else the name."""
        folder, slash, last = name.rpartition("/")
        return f"{folder}{self.suffix}{slash}{last}" if slash else name + self.suffix

    def of_output(self, output: Output) -> str:
        """The id of an output's node: ``cut`` for the master, ``cut/<name>`` for the others."""
        return self.of_film("cut" if output.name == MASTER else f"cut/{output.name}")

    def of_worn(self, worn: Worn) -> str:
        """The id of the reference of a character in an outfit."""
        return self.of_film(f"characters/{worn.character}/{worn.outfit or 'default'}")

    def speech(self, shot: Shot, at: int) -> str:
        """The id of the speech of a shot's line, counted from 0."""
        return self.of_shot(shot, numbered("speech", at))

    # --- looks ------------------------------------------------------------------------------------

    def look(self, worn: Worn) -> dict[str, Json]:
        """A visible character: its look and its outfit's, in words."""
        known = self._worn.get(worn)
        if known is None:
            character = self.film.characters[worn.character]
            outfit = character.wardrobe[worn.outfit].look if worn.outfit else ""
            known = self._worn[worn] = {"look": character.look, "outfit": outfit}
        return known

    def canvas(self, can: Capabilities) -> list[Json]:
        """The canvas a target draws this film on, as params carry it."""
        return list(canvas_of(self.film.size, can.canvas_pixels, can.size_multiple))

    def voice(self, line: Line) -> tuple[Mapping[str, Any], str | None]:
        """The voice of a line: its settings, and the target it asks for."""
        voice = line.voice
        if voice is None and line.speaker is not None:
            voice = self.film.characters[line.speaker].voice
        return (voice.settings, voice.target) if voice is not None else ({}, None)

    # --- lengths ----------------------------------------------------------------------------------

    def seconds(self, shot: Shot) -> Fraction:
        """A shot's length; where it follows its lines, about as long as they take."""
        return estimated_length_s(shot, self.film.fps)

    def rate(self, can: Capabilities) -> Rate:
        """The frame counts in which a target makes clips."""
        known = self._rates.get(id(can))
        if known is None:
            fps = self.film.fps if can.rate_fps is None else Fraction(can.rate_fps)
            known = self._rates[id(can)] = Rate(fps, *can.frames)
        return known

    def native_frames(self, shot: Shot, can: Capabilities) -> int:
        """The frames a target makes of a shot: enough that conform only trims."""
        length = shot.duration
        if length is None:
            return self.rate(can).frames(self.seconds(shot))
        known = self._frames.get((length, id(can)))
        if known is None:
            known = self.rate(can).frames(self.seconds(shot))
            self._frames[length, id(can)] = known
        return known

    def lengths(self, *views: View) -> list[Input]:
        """The measured seconds that the lengths of shots wait for; none where they are known."""
        return [
            Input("length", self.speech(view.shot, at), fact="seconds")
            for view in views
            if view.shot.duration is None
            for at in range(len(view.shot.dialogue))
        ]

    @cached_property
    def mixes(self) -> dict[int, Mix]:
        """The joins that are made, by the number of their first shot."""
        layout = self.timeline.layout
        gop = JoiningProfile(1280, 720, self.film.fps).gop
        pieces = plan_pieces(layout.lengths, layout.joins, gop)
        return {piece.shot: piece for piece in pieces if isinstance(piece, Mix)}

    # --- clips ------------------------------------------------------------------------------------

    def finished(self, shot: Shot) -> str:
        """The clip of a shot after the last step of finishing."""
        return self.of_shot(shot, self.steps[-1] if self.steps else "segment")

    def clip(self, output: Output, view: View) -> str:
        """The conformed clip of a shot as an output shows it."""
        if not own_clips(output, self.film):
            return self.of_shot(view.shot, "conform")
        return self.of_film(f"cut/{output.name}/{view.shot.path}")

    def clips(self, output: Output) -> list[str]:
        """The conformed clips of all shots as an output shows them."""
        if own_clips(output, self.film):
            return [self.clip(output, view) for view in self.views]
        return [self.of_shot(view.shot, "conform") for view in self.views]

    def join(self, output: Output, view: View) -> str:
        """The transition after a shot, between the clips that an output shows."""
        if not own_clips(output, self.film):
            return self.of_shot(view.shot, "transition")
        return self.of_film(f"cut/{output.name}/{view.shot.path}/transition")

    def is_joined(self, view: View) -> bool:
        """True when the join after a shot is a node: it is made, or cannot be told to be none."""
        return view.number in self.mixes or any(self.timeline.open[around(view.number)])

    def delivered(self, output: Output) -> str:
        """Where an output is shown: ``the-last-ferry-animatic@fr``."""
        name = slug(self.film.title.text) or "film"
        return (name if output.name == MASTER else f"{name}-{output.name}") + self.suffix

    def dialect(self, choice: Choice) -> str:
        """How the target of a clip wants to be told of motion; "" for plainly.

        What the film's target says goes before what is known of the model.
        """
        declared = choice.use.settings.get("dialect") if choice.use is not None else None
        return choice.can.dialect if declared is None else str(declared)

    # --- pictures ---------------------------------------------------------------------------------

    def view(self, scene: str, shot: str) -> View:
        """The view of a shot."""
        return self._views_by_shot[scene, shot]

    def _see(self, view: View) -> None:
        """Find the pictures of a shot; those of the shots before it are known."""
        shot = view.shot
        own = self.of_shot(shot, "anchor")
        view.end = self._boundary(shot)
        view.start = self._start(view, own)
        chained = shot.mode == "chain" and view.before is not None
        view.draws_anchor = view.start == own or (shot.mode == "direct" and self.needs_stills)
        if chained and view.before is not None:
            view.still = view.before.end or view.before.still
        else:
            view.still = view.start or own

    def _start(self, view: View, own: str) -> str | None:
        shot = view.shot
        if shot.start is not None:
            return self._boundary(self.view(*shot.start).shot)
        if shot.mode == "direct":
            return None
        if shot.mode == "chain" and view.before is not None:
            return self.of_shot(view.before.shot, "tail")
        if shot.first_frame is not None and shot.first_frame.picture:
            return self.files.add(shot.first_frame.picture, str(shot.at("first_frame")))
        return own

    def _boundary(self, shot: Shot) -> str | None:
        frame = shot.last_frame
        if frame is None:
            return None
        if frame.picture:
            return self.files.add(frame.picture, str(shot.at("last_frame")))
        return self.of_shot(shot, "boundary")

    def composition(self, view: View) -> Mapping[str, Any]:
        """The structured fields for targets that want them. No ids: looks alone."""
        if view.composition is None:
            view.composition = self._composed(view)
        return view.composition

    def _composed(self, view: View) -> dict[str, Any]:
        film, shot = self.film, view.shot
        place = film.locations[shot.location].look if shot.location else None
        return {
            **{name: view.framed(name) for name in ("size", "angle", "lens")},
            "time": shot.time,
            "lighting": shot.lighting,
            "style": film.style.preset,
            "look": film.style.look,
            "location": None if place is None else {"look": place},
            "characters": [self.look(worn) for worn in shot.characters],
            "props": [{"look": film.props[prop].look} for prop in shot.props],
            "overlay": True,
        }


def _style(film: Film) -> dict[str, Json]:
    """The style as captions carry it; what the vocabulary says of the preset only if it differs."""
    style: dict[str, Json] = {"preset": film.style.preset}
    if film.style.phrase and film.style.phrase != film.style.preset:
        style["phrase"] = film.style.phrase
    if film.style.look:
        style["look"] = film.style.look
    return style


def _outputs(film: Film) -> tuple[Output, ...]:
    """The outputs, the master first; it is there even where the film delivers only others."""
    master = film.outputs.get(MASTER) or Output(MASTER, loc=film.loc)
    return (master, *(output for name, output in film.outputs.items() if name != MASTER))


def own_clips(output: Output, film: Film) -> bool:
    """True when an output shows other clips than the master: stills, a slate, another size."""
    return output.made_from != "segment" or output.slate or output.size not in (None, film.size)


def is_film(output: Output) -> bool:
    """True for what plays: not for contact sheets and edit lists."""
    return not output.sheet and not output.formats


def numbered(name: str, at: int) -> str:
    """The name of the first, second, ... of several: ``speech``, ``speech-2``."""
    return name if at == 0 else f"{name}-{at + 1}"
