"""The ``template`` target: captions and motions written from a shot's fields, without a model.

The shipped templates lie under ``templates/prompts`` and ``templates/styles``; a film's own folder
of the same form takes precedence, file by file. Their digests are the target's identity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.target import Capabilities
from fvbuild.targets.base import LocalTarget, check_settings
from fvbuild.targets.first_frame import FirstFrame
from fvbuild.targets.templates import Templates, sentence

_VERSION = 2
"""Raised whenever the same templates and fields would give another text."""

_KINDS = frozenset({"caption", "motion"})
_STILL = "prompts/still.json"


def create(name: str, settings: Mapping[str, Json]) -> TemplateTarget:
    """The entry point. ``templates`` is the folder of the film's own templates, if it has one.

    Raises UsageError for a setting that is not known.
    """
    check_settings(name, settings, ("templates",))
    own = settings.get("templates")
    return TemplateTarget(Templates(Path(str(own)) if own else None))


class TemplateTarget(LocalTarget):
    """Pure text, from shipped templates and a film's own."""

    capabilities = Capabilities(kinds=_KINDS, pure=True, seed=False)

    def __init__(self, templates: Templates) -> None:
        self.templates = templates

    @cached_property
    def identity(self) -> Mapping[str, Json]:
        """Digests of all that its texts depend on: prompts, styles, and how they are filled."""
        return self._identity(_KINDS)

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        """The same for one kind: its own templates alone."""
        return self._identity({kind}) if kind in _KINDS else self.identity

    def _identity(self, kinds: Set[str]) -> Mapping[str, Json]:
        prompts = [
            name
            for name in self.templates.group("prompts")
            if name.removeprefix("prompts/").partition(".")[0] in kinds
        ]
        if "caption" in kinds:
            prompts.append(_STILL)
        return {
            "provider": "template",
            "version": _VERSION,
            "prompts": self.templates.digest_of(prompts),
            "styles": self.templates.digest_of(list(self.templates.group("styles"))),
        }

    def text(self, kind: str, params: Mapping[str, Json]) -> str:
        """The text of a ``caption`` or ``motion`` from its fields, in one line.

        ``dialect`` chooses ``motion.<dialect>.j2`` where there is one; ``move`` is then the camera
        move as the vocabulary calls it, where ``camera`` is what it says of it. Raises TargetError
        when a film's own template cannot be filled.
        """
        name = self.template_name(kind, params.get("dialect"))
        fields = self.fields(kind, params)
        written = _WRITTEN.get(name)
        if written is not None and self.templates.digest(name) == written[0]:
            return written[1](fields)
        return self.templates.line(name, fields)

    def make(self, action: Action) -> Outcome:
        """The same text as a file, for whoever asks for it while building."""
        text = self.text(action.kind, action.params)
        return Outcome((Made("text/plain", text=text),))

    def fields(self, kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """What a template sees: every field, those which the shot leaves out as empty texts."""
        style = {"phrase": "", "look": "", **params.get("style", {})}
        style["phrase"] = style["phrase"] or style.get("preset", "")
        terms = self._added(kind, params) if params.get("enhance") else ""
        get = params.get
        if kind == "motion":
            return {
                "action": get("action", ""),
                "camera": get("camera", ""),
                "move": get("move", ""),
                "delivery": get("delivery", []),
                "style": style,
                "terms": terms,
            }
        given = get("last_frame") or get("first_frame")
        words = {name: get(name, "") for name in ("size", "angle", "lens", "time", "lighting")}
        return {
            **words,
            "frame": given or self._first_frame.of(get("action", "")),
            "location": get("location", ""),
            "characters": get("characters", []),
            "props": get("props", []),
            "style": style,
            "terms": terms,
        }

    @cached_property
    def _first_frame(self) -> FirstFrame:
        return FirstFrame(self.templates.data(_STILL))

    @cached_property
    def _terms(self) -> Mapping[str, Mapping[str, str]]:
        """Style -> kind -> what ``enhance`` adds to it."""
        names = self.templates.group("styles")
        return {Path(name).stem: self.templates.data(name) for name in names}

    def _added(self, kind: str, params: Mapping[str, Any]) -> str:
        """What ``enhance`` adds to a text, by the style's preset."""
        return self._terms.get(params.get("style", {}).get("preset", ""), {}).get(kind, "")

    def template_name(self, kind: str, dialect: Json) -> str:
        """The template of a kind in a dialect; the plain one where the dialect has none."""
        spoken = f"prompts/{kind}.{dialect}.j2"
        return spoken if dialect and spoken in self.templates else f"prompts/{kind}.j2"


def _caption(fields: Mapping[str, Any]) -> str:
    lens, style = fields["lens"], fields["style"]
    parts: list[str | tuple[str | None, ...] | None] = [
        (fields["size"], fields["angle"], lens and f"{lens} lens"),
        fields["frame"],
        (fields["location"], fields["time"], fields["lighting"]),
    ]
    for who in fields["characters"]:
        outfit = who["outfit"]
        parts.append((who["look"], outfit and f"wearing {outfit}"))
    parts += fields["props"]
    parts += [(style["phrase"], style["look"]), fields["terms"]]
    return _line(parts)


def _motion(fields: Mapping[str, Any]) -> str:
    delivery = fields["delivery"]
    spoken = delivery and "spoken " + ", ".join(delivery)
    parts = [fields["action"], fields["camera"], spoken, fields["style"]["look"], fields["terms"]]
    return _line(parts)


def _line(parts: Sequence[str | tuple[str | None, ...] | None]) -> str:
    return " ".join(" ".join([_known(part) for part in parts if part]).split())


_known = lru_cache(maxsize=4096)(sentence)
"""Looks, styles and lenses come again in shot after shot."""


_WRITTEN: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "prompts/caption.j2": ("3ff13da3f30cb1075c34f39bcc6321c9", _caption),
    "prompts/motion.j2": ("f29f24ecc4858d1bb810f2922e0d1476", _motion),
}
"""The shipped templates by their digests, written out as functions of equal text.

Ten thousand shots take half a second in Jinja; and most films need not import it at all.
"""
