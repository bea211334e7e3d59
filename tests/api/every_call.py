"""Every call of every shipped provider: what is to be made so that it is the one which is asked."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from fvbuild.targets.api.description import Description
from fvbuild.targets.api.description_call import Call
from fvbuild.targets.api.description_model import Model
from fvbuild.targets.api.extract import facts_of, ways_of
from fvbuild.targets.api.facts import ModelFacts
from fvbuild.targets.api.load import load, shipped
from fvbuild.targets.api.values import holds

SERVED_BY = {"openai-compatible": "openai"}
"""Providers that are only a manner of speaking -> whose fake speaks it."""

_KINDS = ("segment", "anchor", "speech", "effect", "music", "caption")
_OF_CLIPS = (("start", "end"), ("start",), ("caption", "reference"), ("caption",))
_OF_STILLS = (
    ("caption", "reference"),
    ("caption",),
    ("caption", "edit", "mask"),
    ("caption", "edit", "reference"),
    ("caption", "edit"),
)
_OF_ANY_NAME: Mapping[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("fal", "*"): ("fal-ai/flux/dev", {"input": {"num_inference_steps": 20}}),
    ("huggingface", "*"): ("acme/painter", {}),
    ("openai-compatible", "*"): ("gpt-5.1", {}),
    ("replicate", "*"): ("acme/painter", {"input": {"steps": 20}}),
    ("together", "*"): ("Wan-AI/Wan2.2-I2V-A14B", {}),
    ("vercel", "*"): ("acme/clips", {}),
}
"""Models that stand for any name: a name, and what the model itself wants."""

_TURNS: Mapping[str, Any] = {"version": "5c7d5dc6" * 8, "protocol": "v3"}
"""Settings that turn a model to another call, and to what."""


@dataclass(frozen=True)
class Case:
    """One way in which a call is asked: by a model, for a kind, with these inputs."""

    provider: str
    call: str
    model: str
    kind: str
    roles: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def served_by(self) -> str:
        """The fake that speaks for it."""
        return SERVED_BY.get(self.provider, self.provider)

    @property
    def described(self) -> Call:
        """The call as the file has it."""
        return description(self.provider).calls[self.call]

    @property
    def is_job(self) -> bool:
        """Whether its result is asked for, until it is there."""
        return self.described.poll is not None

    @property
    def buys_once(self) -> bool:
        """Whether it may be sent again under the same id."""
        return (self.described.resubmit or description(self.provider).resubmit) == "safe"

    def __str__(self) -> str:
        return f"{self.provider}-{self.call}-{'+'.join(self.roles) or self.kind}"


@cache
def description(provider: str) -> Description:
    """A shipped description."""
    return load(provider).description


@cache
def all_cases() -> tuple[Case, ...]:
    """Every call of every provider, once for each set of inputs that it takes."""
    found: dict[tuple[str, str, tuple[str, ...]], Case] = {}
    for provider in sorted(shipped()):
        for case in _of_provider(provider):
            found.setdefault((case.provider, case.call, case.roles), case)
    return tuple(found.values())


@cache
def one_a_call() -> tuple[Case, ...]:
    """Every call of every provider once, with as much as it takes."""
    found: dict[tuple[str, str], Case] = {}
    for case in all_cases():
        found.setdefault((case.provider, case.call), case)
    return tuple(found.values())


def _of_provider(provider: str) -> Iterator[Case]:
    described = description(provider)
    facts = facts_of(described, shipped()[provider], own=False)
    # Those that can still be bought first.
    for name in sorted(facts.models, key=lambda each: facts.models[each].retired is not None):
        model = facts.models[name]
        for kind in (each for each in _KINDS if each in model.kinds):
            for roles in _roles(kind, model):
                yield from _of_model(provider, name, kind, roles)


def _of_model(provider: str, name: str, kind: str, roles: tuple[str, ...]) -> Iterator[Case]:
    model, settings = _OF_ANY_NAME.get((provider, name), (name, {}))
    if provider == "comfyui":
        graph, inputs = workflow(kind, roles)
        settings = {"workflow": json.dumps(graph), "inputs": inputs}
    described = description(provider).models[name]
    turned = [{key: to} for key, to in _TURNS.items() if key in described.settings]
    for more in ({}, *turned):
        chosen = {**settings, **more}
        known = {
            "start": "start" in roles,
            "end": "end" in roles,
            "edit": "edit" in roles,
            "references": ["a picture"] if _has_references(described, roles) else [],
            "settings": {**dict.fromkeys(described.settings), **chosen},
        }
        for way in ways_of(described, kind):
            if way.if_ is None or holds(way.if_, known):
                yield Case(provider, way.call, model, kind, roles, chosen)
                break


def _has_references(model: Model, roles: Collection[str]) -> bool:
    """Whether the call sees any: a picture that is changed may be the first of them."""
    leads = "edit" in roles and model.capabilities.edits == "reference"
    return leads or "reference" in roles


def _roles(kind: str, model: ModelFacts) -> Iterator[tuple[str, ...]]:
    takes = model.takes
    if kind not in ("segment", "anchor"):
        yield ()
        return
    for roles in _OF_CLIPS if kind == "segment" else _OF_STILLS:
        if "start" in roles and not takes["first_frame"]:
            continue
        if "end" in roles and not takes["last_frame"]:
            continue
        if "reference" in roles and takes["references"] <= ("edit" in roles):
            continue
        if ("edit" in roles and not takes["edits"]) or ("mask" in roles and not takes["masks"]):
            continue
        if "edit" not in roles and takes["edits"] == "required":
            continue
        if "edit" in roles and "mask" not in roles and takes["masks"] == "required":
            continue
        if "reference" not in roles and takes["references_required"]:
            continue
        if kind == "segment" and "start" not in roles and not takes["text_to_video"]:
            continue
        yield roles


# --- workflows of ComfyUI -------------------------------------------------------------------------


def _node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def workflow(kind: str, roles: Collection[str] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """A workflow in API form, and which of its inputs take what."""
    graph = {"6": _node("CLIPTextEncode", text="")}
    inputs = {"prompt": "6.text"}
    if kind not in ("segment", "anchor", "boundary"):
        return graph | {"10": _node("SaveAudio", audio=["6", 0])}, inputs
    saves = "SaveVideo" if kind == "segment" else "SaveImage"
    graph |= {
        "3": _node("KSampler", seed=1, positive=["6", 0]),
        "5": _node("EmptyLatent", width=640, height=360, length=48),
        "7": _node("CLIPTextEncode", text=""),
        "10": _node(saves, images=["3", 0]),
    }
    inputs |= {"negative": "7.text", "seed": "3.seed", "width": "5.width", "height": "5.height"}
    inputs |= {"frames": "5.length"} if kind == "segment" else {}
    shown = {"start": "start", "end": "end", "reference": "references.0"}
    shown |= {"edit": "edit", "mask": "mask"}
    for number, (role, name) in enumerate(shown.items(), 20):
        if role in roles:
            graph[str(number)] = _node("LoadImage", image="")
            inputs[name] = f"{number}.image"
    return graph, inputs
