"""The ``template`` target: captions and motions written from a shot's fields, without a model.

The shipped templates lie under ``templates/prompts`` and ``templates/styles``; a film's own folder
of the same form takes precedence, file by file. Their digests are the target's identity.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json, of_value, quick
from fvbuild.engine.target import Capabilities
from fvbuild.errors import TargetError
from fvbuild.resources import template as shipped
from fvbuild.targets.base import LocalTarget, check_settings

if TYPE_CHECKING:
    from jinja2 import Template

_VERSION = 1
"""Raised whenever the same templates and fields would give another text."""

_KINDS = frozenset({"caption", "motion"})
_ENDS = (".", "!", "?", "…", ":")


def create(name: str, settings: Mapping[str, Json]) -> TemplateTarget:
    """The entry point. ``templates`` is the folder of the film's own templates, if it has one.

    Raises UsageError for a setting that is not known.
    """
    check_settings(name, settings, ("templates",))
    own = settings.get("templates")
    return TemplateTarget(Path(str(own)) if own else None)


class TemplateTarget(LocalTarget):
    """Pure text. ``folder`` holds ``prompts/*.j2`` and ``styles/*.json`` of the film's own."""

    capabilities = Capabilities(kinds=_KINDS, pure=True, seed=False)

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._compiled: dict[str, Template] = {}

    @cached_property
    def identity(self) -> Mapping[str, Json]:
        """Digests of all that its texts depend on: prompts, styles, and how they are filled."""
        folders: dict[str, Json] = {}
        for folder in ("prompts", "styles"):
            own = {name: self._digests[name] for name in self._digests if name.startswith(folder)}
            folders[folder] = of_value(own)
        return {"provider": "template", "version": _VERSION, **folders}

    def text(self, kind: str, params: Mapping[str, Json]) -> str:
        """The text of a ``caption`` or ``motion`` from its fields, in one line.

        ``dialect`` chooses ``motion.<dialect>.j2`` where there is one. Raises TargetError when a
        film's own template cannot be filled.
        """
        name = self._template_name(kind, params.get("dialect"))
        terms = self._added(kind, params) if params.get("enhance") else ""
        written = _WRITTEN.get(name)
        if written is not None and self._digests[name] == written[0]:
            return written[1](params, terms)
        return self._fill(name, fields_of(kind, params, terms))

    def make(self, action: Action) -> Outcome:
        """The same text as a file, for whoever asks for it while building."""
        text = self.text(action.kind, action.params)
        return Outcome((Made("text/plain", text=text),))

    @cached_property
    def _sources(self) -> dict[str, bytes]:
        """Every template's bytes by its path within the folder, the film's own in front."""
        found: dict[str, bytes] = {}
        for pattern in ("prompts/*.j2", "styles/*.json"):
            for root in (shipped("."), self._folder):
                for path in sorted(root.glob(pattern)) if root is not None else ():
                    found[f"{path.parent.name}/{path.name}"] = path.read_bytes()
        return found

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {name: quick(data) for name, data in self._sources.items()}

    @cached_property
    def _terms(self) -> Mapping[str, Mapping[str, str]]:
        """Style -> kind -> what ``enhance`` adds to it."""
        terms = {}
        for name, data in self._sources.items():
            if name.startswith("styles/"):
                try:
                    terms[Path(name).stem] = json.loads(data)
                except ValueError as error:
                    raise TargetError(f"templates/{name} is not JSON: {error}") from error
        return terms

    def _added(self, kind: str, params: Mapping[str, Any]) -> str:
        """What ``enhance`` adds to a text, by the style's preset."""
        return self._terms.get(params.get("style", {}).get("preset", ""), {}).get(kind, "")

    def _template_name(self, kind: str, dialect: Json) -> str:
        spoken = f"prompts/{kind}.{dialect}.j2"
        return spoken if dialect and spoken in self._digests else f"prompts/{kind}.j2"

    def _fill(self, name: str, fields: Mapping[str, Any]) -> str:
        from jinja2 import TemplateError

        try:
            if name not in self._compiled:
                self._compiled[name] = _compile(self._sources[name].decode())
            return " ".join(self._compiled[name].render(fields).split())
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise TargetError(
                f"templates/{name} cannot be filled: {error}",
                hint="compare it with the one that fvbuild ships",
            ) from error


def _compile(source: str) -> Template:
    """A template in a sandbox: a film's templates come from its repository, like any input."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.filters["sentence"] = sentence
    return environment.from_string(source)


def sentence(clauses: str | Sequence[str | None]) -> str:
    """Words as a sentence: the clauses that say something, a capital, a full stop; or ""."""
    if not isinstance(clauses, str):
        clauses = ", ".join([clause for clause in clauses if clause])
    words = clauses.strip()
    if not words:
        return ""
    words = words[0].upper() + words[1:]
    return words if words.endswith(_ENDS) else words + "."


def fields_of(kind: str, params: Mapping[str, Any], terms: str) -> dict[str, Any]:
    """What a template sees: every field, those which the shot leaves out as empty texts."""
    style = {"phrase": "", "look": "", **params.get("style", {})}
    style["phrase"] = style["phrase"] or style.get("preset", "")
    if kind == "motion":
        return {
            "action": params.get("action", ""),
            "camera": params.get("camera", ""),
            "delivery": params.get("delivery", []),
            "style": style,
            "terms": terms,
        }
    words = {name: params.get(name, "") for name in ("size", "angle", "lens", "time", "lighting")}
    return {
        **words,
        "frame": params.get("last_frame") or params.get("first_frame") or params.get("action", ""),
        "location": params.get("location", ""),
        "characters": params.get("characters", []),
        "props": params.get("props", []),
        "style": style,
        "terms": terms,
    }


def _caption(params: Mapping[str, Any], terms: str) -> str:
    get = params.get
    lens, style = get("lens"), get("style", {})
    frame = get("last_frame") or get("first_frame") or get("action")
    parts: list[str | tuple[str | None, ...] | None] = [
        (get("size"), get("angle"), lens and f"{lens} lens"),
        frame,
        (get("location"), get("time"), get("lighting")),
    ]
    for who in get("characters", ()):
        outfit = who["outfit"]
        parts.append((who["look"], outfit and f"wearing {outfit}"))
    parts += get("props", ())
    parts += [(style.get("phrase") or style.get("preset"), style.get("look")), terms]
    return _line(parts)


def _motion(params: Mapping[str, Any], terms: str) -> str:
    get = params.get
    delivery = get("delivery")
    spoken = delivery and "spoken " + ", ".join(delivery)
    return _line([get("action"), get("camera"), spoken, get("style", {}).get("look"), terms])


def _line(parts: Sequence[str | tuple[str | None, ...] | None]) -> str:
    return " ".join(" ".join([_known(part) for part in parts if part]).split())


_known = lru_cache(maxsize=4096)(sentence)
"""Looks, styles and lenses come again in shot after shot."""


_WRITTEN: Mapping[str, tuple[str, Callable[[Mapping[str, Any], str], str]]] = {
    "prompts/caption.j2": ("3ff13da3f30cb1075c34f39bcc6321c9", _caption),
    "prompts/motion.j2": ("f29f24ecc4858d1bb810f2922e0d1476", _motion),
}
"""The shipped templates by their digests, written out as functions of equal text.

Ten thousand shots take half a second in Jinja; and most films need not import it at all.
"""
