"""The context of a call: what templates see of an action, and which way makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fvbuild.engine.action import Action, InputFile
from fvbuild.errors import RejectedInputError
from fvbuild.targets.api.extract import ways_of
from fvbuild.targets.api.masks import fitted_mask
from fvbuild.targets.api.media import Media
from fvbuild.targets.api.prices import seconds_of
from fvbuild.targets.api.scope import CALL
from fvbuild.targets.api.values import holds
from fvbuild.targets.api.ways import size_for
from fvbuild.targets.prompts import ASKED, Asked

if TYPE_CHECKING:
    from fvbuild.engine.target import Capabilities
    from fvbuild.targets.api.chosen import Chosen
    from fvbuild.targets.api.description import Description
    from fvbuild.targets.api.description_call import Way
    from fvbuild.targets.prompts import Prompts

_SEEDS = 2**31
"""Providers take seeds of 31 bits, or more."""

_USUAL_CANVAS = (1280, 720)
_TIMED = frozenset({"segment", "ambience", "effect", "music"})


class _Voice(dict[str, Any]):
    """A voice as the film gives it; what it leaves open is nothing, and so left out of requests."""

    def __missing__(self, name: str) -> None:
        return None


Fit = Callable[[InputFile, tuple[int, int] | None], Media]
"""Makes a medium of a picture, in a size."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a call is told: the way, its context, and what was asked of a language model."""

    way: Way
    context: Mapping[str, Any]
    seconds: float | None
    asked: Asked | None


class Contexts:
    """Makes contexts for the calls of one target."""

    def __init__(
        self, description: Description, chosen: Chosen, can: Capabilities, prompts: Prompts
    ) -> None:
        self._chosen = chosen
        self._described = description.models[chosen.like]
        self._can = can
        self._prompts = prompts
        self._extra = {name: None for m in description.models.values() for name in m.extra}
        self._settings = {name: None for m in description.models.values() for name in m.settings}

    def tell(self, action: Action, fit: Fit) -> Told:
        """The way and context of an action. Raises RejectedInputError when no way is open."""
        kind = "caption" if action.kind in ASKED else action.kind
        asked = self._prompts.asked(action.kind, action.params) if action.kind in ASKED else None
        words, files = self._words(action, asked), self._pictures(action)
        as_they_are = {name: [_as_it_is(each) for each in found] for name, found in files.items()}
        if self._chosen.model.takes["edits"] == "reference":
            as_they_are["references"] = [*as_they_are["edit"], *as_they_are["references"]]
        kind = kind if kind in self._can.kinds else action.kind
        way = self._way(kind, {**words, **_by_name(as_they_are)})
        canvas = action.params.get("canvas", _USUAL_CANVAS)
        size = size_for(self._chosen.model, _pair(canvas), self._chosen.values, way.sizes)
        fitted = {
            # First and last frames have the clip's own shape; references keep theirs.
            name: [
                fit(each, None if name == "references" else (size.width, size.height))
                for each in found
            ]
            for name, found in files.items()
            if name != "mask"
        }
        fitted["mask"] = [
            self._mask(action, each, fitted["edit"][0], fit) for each in files["mask"]
        ]
        if self._chosen.model.takes["edits"] == "reference":
            fitted["references"] = [*fitted["edit"], *fitted["references"]]
        context = {**words, **_by_name(fitted), "size": size.as_context()}
        return Told(way, context, context["seconds"], asked)

    def _words(self, action: Action, asked: Asked | None) -> dict[str, Any]:
        params, model, can = action.params, self._chosen.model, self._can
        prompt = asked.prompt if asked is not None else self._prompts.prompt(action)
        timed = action.kind in _TIMED and (
            "frames" in params or "seconds" in params or bool(model.lengths)
        )
        return {
            "kind": action.kind,
            "prompt": prompt,
            "text": str(params.get("text", prompt)),
            "system": asked.system if asked is not None else None,
            "schema": asked.schema if asked is not None else None,
            "most_tokens": asked.most_tokens if asked is not None else None,
            "negative": params.get("negative") if can.negative else None,
            "guidance": params.get("guidance") if can.guidance else None,
            "motion_strength": params.get("motion_strength"),
            "seed": action.seed % _SEEDS if can.seed else None,
            "seconds": seconds_of(model, action.kind, params).likely if timed else None,
            "frames": params.get("frames"),
            "fps": model.fps,
            "voice": _Voice(_mapping(params.get("voice"))),
            "language": params.get("language"),
            "delivery": params.get("delivery"),
            "settings": {**self._settings, **self._chosen.values},
            "model": self._of_model(),
        }

    def of_target(self) -> dict[str, Any]:
        """What a template knows of a target without an action: the rest is nothing."""
        settings = {**self._settings, **self._chosen.values}
        return {**dict.fromkeys(CALL), "settings": settings, "model": self._of_model()}

    def _of_model(self) -> dict[str, Any]:
        model = self._chosen.model
        return {
            "id": self._chosen.id,
            "wire": model.wire or self._chosen.id,
            "title": model.title or self._chosen.id,
            "extra": {**self._extra, **self._described.extra},
        }

    def _pictures(self, action: Action) -> dict[str, list[InputFile]]:
        """The pictures that the model is given: start, end, one to change and its mask, and
        references as far as they fit."""
        start, end = action.one("start"), action.one("end")
        edit, mask = action.one("edit"), action.one("mask")
        if (edit is not None and not self._can.edits) or (mask is not None and not self._can.masks):
            raise RejectedInputError(
                f"{self._chosen.id} changes no picture" + (" by a mask" if mask else ""),
                hint="use another model for this shot",
            )
        room = max(0, self._can.references - (edit is not None))
        references = self._prompts.pictures(action)[:room]
        takes = self._chosen.model.takes
        if takes["frames_or_references"] and (start is not None or end is not None):
            references = []
        if takes["references_required"] and not references:
            raise RejectedInputError(
                f"{self._chosen.id} needs at least one reference picture",
                hint="show a character, location or prop, or use another model for this shot",
            )
        return {
            "start": [start] if start is not None else [],
            "end": [end] if end is not None else [],
            "edit": [edit] if edit is not None else [],
            "mask": [mask] if mask is not None and edit is not None else [],
            "references": references,
        }

    def _mask(self, action: Action, mask: InputFile, sent: Media, fit: Fit) -> Media:
        """The mask as the model takes it, of the size in which its picture is sent."""
        edit = action.one("edit")
        assert edit is not None, "a mask is of a picture"
        form, folder = self._described.pictures.mask, action.folder / "sent"
        return fit(fitted_mask(mask, edit, sent, form, folder), None)

    def _way(self, kind: str, context: Mapping[str, Any]) -> Way:
        ways = ways_of(self._described, kind)
        for way in ways:
            if way.if_ is None or holds(way.if_, context):
                return way
        conditions = " or ".join(way.if_ or "" for way in ways)
        raise RejectedInputError(
            f"{self._chosen.id} makes a {kind} only of what was not given: {conditions}",
            hint="use another model for this shot",
        )


def _by_name(media: Mapping[str, list[Media]]) -> dict[str, Any]:
    """Media as templates name them."""
    single = {name: media[name] for name in ("start", "end", "edit", "mask")}
    return {
        **{name: found[0] if found else None for name, found in single.items()},
        "references": media["references"],
    }


def _as_it_is(given: InputFile) -> Media:
    assert given.path is not None, "a picture is a file"
    return Media(given.path, given.media_type, given.digest)


def _pair(canvas: Any) -> tuple[int, int]:
    width, height = canvas
    return int(width), int(height)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
