"""What models are told: the prompts of pictures and clips, and what language models are asked.

All of it is written from ``templates/prompts``, a film's own templates in front; the digests of
those that a kind of node uses are part of its identity.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action, InputFile
from fvbuild.engine.digest import Json, of_value
from fvbuild.engine.target import Capabilities
from fvbuild.errors import JobFailedError, RejectedInputError, TargetError
from fvbuild.targets.answer import read_answer
from fvbuild.targets.template import TemplateTarget
from fvbuild.targets.templates import Templates, own_folder

ASKED = frozenset({"caption", "motion", "reword", "draft"})
"""What language models are asked for. ``reword`` and ``draft`` are no kinds of nodes."""

_LLM = "prompts/llm"
_PICTURES = "prompts/pictures.j2"
_TOLD: Mapping[str, tuple[str, ...]] = {
    "anchor": ("prompts/still.j2", _PICTURES),
    "boundary": ("prompts/still.j2", _PICTURES),
    "segment": ("prompts/clip.j2", _PICTURES),
    "reference": ("prompts/reference.j2",),
    "plate": ("prompts/plate.j2",),
    "prop": ("prompts/prop.j2",),
}
"""Node kind -> the template of its prompt, and what that includes."""

_ROLES = {"reference": "character", "plate": "place", "prop": "prop"}
"""Roles of reference pictures in the order in which models get them, and what they show."""

_MOST_TOKENS = {"caption": 2_000, "motion": 2_000, "reword": 2_000, "draft": 16_000}
_LIKELY_TOKENS = {"caption": 160, "motion": 100, "reword": 160, "draft": 2_500}
_CHARS_A_TOKEN = 4
"""What tokenizers of English text come to; a rough figure, for estimates only."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a language model is asked: instructions, the request, and the form of the answer.

    ``most_tokens`` is the longest answer that is waited for.
    """

    kind: str
    system: str
    prompt: str
    schema: Mapping[str, Json]
    most_tokens: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """An estimate of what a question takes: tokens sent, and likely and at most received."""

    input: int
    output_likely: int
    output_max: int


class Prompts:
    """The prompts of one film."""

    def __init__(self, film_folder: Path | None = None) -> None:
        """``film_folder``: its ``templates`` folder, if it has one, holds templates of its own."""
        self._templates = Templates(own_folder(film_folder))

    @cached_property
    def _template_target(self) -> TemplateTarget:
        return TemplateTarget(self._templates)

    def identity(self, kind: str) -> Mapping[str, Json]:
        """What of the templates decides the result of a kind: to be part of its identity."""
        if kind in ASKED:
            names = [n for n in self._templates.group(_LLM) if n.startswith(f"{_LLM}/{kind}.")]
            digest = self._templates.digest_of(names)
            if kind not in ("caption", "motion"):
                return {"prompts": digest}
            # The draft that is sent along is the template target's.
            draft = dict(self._template_target.identity_of(kind))
            return {"prompts": of_value([digest, draft])}
        names = list(_TOLD.get(kind, ()))
        return {"prompts": self._templates.digest_of(names)} if names else {}

    # --- language models ---------------------------------------------------------------------

    def asked(self, kind: str, params: Mapping[str, Json]) -> Asked:
        """What a language model is asked for one of :data:`ASKED`.

        ``params`` are a caption's or motion's; of ``reword`` text, what (it is the prompt of) and
        why (it was refused); of ``draft`` what ``draft.*.j2`` names.
        """
        fields: dict[str, Any] = dict(params)
        if kind in ("caption", "motion"):
            fields = {**_NOTHING_SAID, **params, **self._template_target.fields(kind, params)}
            fields["draft"] = self._template_target.text(kind, params)
        schema = self._filled(kind, "schema", fields)
        try:
            form = json.loads(schema)
        except ValueError as error:
            raise TargetError(
                f"templates/{_LLM}/{kind}.schema.j2 gives no JSON: {error}"
            ) from error
        return Asked(
            kind,
            self._filled(kind, "system", fields),
            self._filled(kind, "user", fields),
            form,
            _MOST_TOKENS[kind],
        )

    def _filled(self, kind: str, part: str, fields: Mapping[str, Any]) -> str:
        return self._templates.fill(f"{_LLM}/{kind}.{part}.j2", fields).strip()

    def read(self, asked: Asked, answer: str) -> str:
        """The node's text from a model's answer; of ``draft``, its JSON.

        Raises JobFailedError when the answer is not of the form that was asked for.
        """
        value = read_answer(asked.schema, answer)
        if asked.kind == "draft":
            return json.dumps(value, ensure_ascii=False, indent=1)
        text = value.get("text") if isinstance(value, dict) else None
        words = " ".join(text.split()) if isinstance(text, str) else ""
        if not words:
            raise JobFailedError("the model's answer is empty", hint="build again")
        return words

    def tokens(self, kind: str, params: Mapping[str, Json]) -> Tokens:
        """About how many tokens a question and its answer take."""
        asked = self.asked(kind, params)
        chars = len(asked.system) + len(asked.prompt) + len(json.dumps(asked.schema))
        return Tokens(chars // _CHARS_A_TOKEN + 1, _LIKELY_TOKENS[kind], asked.most_tokens)

    # --- picture, clip and sound models ------------------------------------------------------

    def prompt(self, action: Action) -> str:
        """What a picture, clip or sound model is told of an action."""
        texts = {role: text for role in ("caption", "motion") if (text := _text(action, role))}
        if "start" in action.inputs:
            texts.pop("caption", None)  # the picture shows it
        roles = [role for role, files in action.inputs.items() for _ in files]
        return self.prompt_of(action.kind, action.params, texts, roles)

    def prompt_of(
        self,
        kind: str,
        params: Mapping[str, Json],
        texts: Mapping[str, str],
        roles: Sequence[str],
    ) -> str:
        """The same from its parts: texts by role, and the role of every input."""
        template = _TOLD.get(kind)
        if template is None:
            return str(params.get("text", ""))
        pictures = [shows for role, shows in _ROLES.items() for given in roles if given == role]
        fields = {
            **_NOTHING_DRAWN,
            **params,
            "caption": texts.get("caption", ""),
            "motion": texts.get("motion", ""),
            "pictures": pictures,
            "given": roles.count("given"),
            "edit": "edit" in roles,
            "mask": "mask" in roles,
        }
        return self._templates.line(template[0], fields)

    def pictures(self, action: Action) -> list[InputFile]:
        """The reference pictures of an action, in the order in which models get them."""
        roles = ("given", *_ROLES)
        return [picture for role in roles for picture in action.inputs.get(role, ())]


_NOTHING_SAID: Mapping[str, Json] = {
    **dict.fromkeys(("action", "first_frame", "last_frame", "camera"), ""),
    "enhance": False,
    "characters": [],
}
_NOTHING_DRAWN: Mapping[str, Json] = {
    **dict.fromkeys(("look", "outfit", "style", "style_look", "time", "lighting"), ""),
    "dialogue": [],
}


def _text(action: Action, role: str) -> str:
    found = action.one(role)
    return found.text or "" if found is not None else ""


def tokens_in(text: str) -> int:
    """About how many tokens a text is: no model's own count, for warnings only."""
    return max(len(text) // _CHARS_A_TOKEN, round(len(text.split()) * 1.3))


def check_length(prompt: str, can: Capabilities, node: str, model: str) -> None:
    """Raise RejectedInputError, before anything is bought, for a prompt the model cannot take.

    Nothing is ever cut. A limit in tokens is not held against an estimate of them: the plan warns,
    and the provider decides.
    """
    if can.prompt_chars is not None and len(prompt) > can.prompt_chars:
        raise RejectedInputError(
            f"{node}: its prompt has {len(prompt):,} characters, and {model} takes "
            f"{can.prompt_chars:,}",
            hint="shorten what the shot says, or give `caption:` and `motion:` by hand",
        )
