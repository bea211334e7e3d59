"""Which names a template may use, by where it stands, and which attributes they have.

What a request cannot know yet, it may not name: a submit knows no job. A poll knows no earlier
answer either, for it may be asked by a build that did not submit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fvbuild.targets.api.description import Description
from fvbuild.targets.api.description_call import Call
from fvbuild.targets.api.sandbox import OF_MEDIA

CALL = frozenset(
    {
        *("kind", "prompt", "negative", "guidance", "motion_strength", "seed"),
        *("seconds", "frames", "fps", "size", "start", "end", "edit", "mask"),
        "references",
        *(
            "text",
            "voice",
            "language",
            "delivery",
            "system",
            "schema",
            "most_tokens",
            "settings",
            "model",
        ),
        "purchase",
    }
)
"""What every request of a call knows."""

JOB = CALL | {"job"}
FETCH = JOB | {"answer", "saved"}
UPLOAD = frozenset({"media", "saved", "settings", "model"})

_OF_SIZE = frozenset({"width", "height", "ratio", "name"})
_OF_MODEL = frozenset({"id", "wire", "title", "extra"})
_MEDIA = ("start", "end", "edit", "mask", "media")


@dataclass(frozen=True, slots=True)
class Scope:
    """names: what may be named. parts: of some names, the attributes they have; others are free."""

    names: frozenset[str] = frozenset()
    parts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def with_names(self, *names: str) -> Scope:
        """The same with more names."""
        return Scope(self.names | set(names), self.parts)


class Scopes:
    """The scopes of one description, by the path of a text in it."""

    def __init__(self, description: Description) -> None:
        self._description = description
        settings = {name for model in description.models.values() for name in model.settings}
        extra = {name for model in description.models.values() for name in model.extra}
        self._parts = {
            "settings": frozenset(settings),
            "model": _OF_MODEL,
            "model.extra": frozenset(extra),
            "size": _OF_SIZE,
            "purchase": frozenset({"id"}),
            "secrets": frozenset(description.auth.secrets),
            **dict.fromkeys(_MEDIA, OF_MEDIA),
        }

    def at(self, path: Sequence[str | int]) -> Scope:
        """What a text at a path may name."""
        match path:
            case ["auth", *_]:
                return Scope(frozenset({"secrets"}), self._parts)
            case ["uploads", "steps", int(step), *_]:
                return self._upload(step)
            case ["uploads", *_]:
                return self._upload(None)
            case ["calls", str(name), str(request), *_]:
                return self._call(self._description.calls[name], request)
            case ["models", *_]:
                return Scope(CALL - {"purchase"}, self._parts)
        return Scope()

    def _upload(self, step: int | None) -> Scope:
        """Step by step more is saved."""
        uploads = self._description.uploads
        before = uploads.steps[:step] if uploads is not None else []
        saved = {name for each in before for name in (*each.save, *each.save_headers)}
        return Scope(UPLOAD, {**self._parts, "saved": frozenset(saved)})

    def _call(self, call: Call, request: str) -> Scope:
        names = {"submit": CALL, "job_named": CALL, "fetch": FETCH}.get(request, JOB)
        before = [each for each in (call.submit, call.poll) if each is not None]
        saved = {name for each in before for name in (*each.save, *each.save_headers)}
        parts = {**self._parts, "job": frozenset(call.job), "saved": frozenset(saved)}
        return Scope(names, parts)
