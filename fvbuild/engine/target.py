"""What a target declares and does. The engine runs any object of this shape and knows no model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from fvbuild.engine.action import Action, Outcome
from fvbuild.engine.digest import Json
from fvbuild.values import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a target can do, so that the plan refuses before any cost what it cannot.

    ``kinds`` are node kinds. ``wants`` are groups of structured fields that enter the recipes made
    for it: ``composition``, ``move``. ``rate_fps`` is the native rate of clips as a fraction's text
    (None: the film's). ``frames`` is (smallest, largest, step): counts are smallest + k * step.
    ``canvas_pixels`` is the area pictures and clips are drawn at, ``size_multiple`` what both sides
    are a multiple of. ``edits``: a still can be made by changing a picture, ``masks``: where a mask
    is white; ``only_edits`` and ``only_masks``: not without. ``needs_references``: nor without a
    reference picture. ``controls``: a still can follow the lines, depths or poses of a picture.
    ``pure`` text is worked out while planning and costs nothing. ``dialect`` is how a video model
    wants to be told of motion ("" for plainly). ``prompt_chars`` and ``prompt_tokens`` are the
    longest prompt it takes (None: none is known); tokens are estimated.
    """

    kinds: frozenset[str]
    wants: frozenset[str] = frozenset()
    first_frame: bool = True
    last_frame: bool = True
    text_to_video: bool = True
    references: int = 8
    edits: bool = False
    masks: bool = False
    only_edits: bool = False
    only_masks: bool = False
    needs_references: bool = False
    controls: bool = False
    hears_dialogue: bool = False
    negative: bool = False
    guidance: bool = False
    seed: bool = True
    rate_fps: str | None = None
    frames: tuple[int, int, int] = (1, 1_000_000, 1)
    canvas_pixels: int = 1280 * 720
    size_multiple: int = 2
    pure: bool = False
    dialect: str = ""
    prompt_chars: int | None = None
    prompt_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What one take may cost: a range in one currency; all zero for what runs here for nothing.

    ``known`` is False where no rate card says it; the amounts then mean nothing. ``refusal`` is
    what a request costs that is refused, where that is billed. ``listed`` is what the rate card
    alone calls likely, before receipts were heard (None: ``likely``). ``others`` are what it may
    cost besides in other currencies; amounts of different currencies are never added.
    """

    min: float = 0.0
    likely: float = 0.0
    max: float = 0.0
    currency: str = "USD"
    known: bool = True
    refusal: float = 0.0
    listed: float | None = None
    others: tuple[Price, ...] = ()

    @property
    def free(self) -> bool:
        """True when it is known to cost nothing."""
        return self.known and not self.max and not self.refusal and not self.others


class Target(Protocol):
    """A model at a place. Built-ins and plug-ins are made by ``factory(name, settings)``."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    @property
    def identity(self) -> Mapping[str, Json]:
        """Model identity for keys: model, revision and every setting that changes the result."""
        ...

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        """The same for one kind, where kinds are made by different things; else ``identity``."""
        ...

    @property
    def pool(self) -> str:
        """The pool whose slots limit it: ``cpu``, ``gpu`` or a provider's name."""
        ...

    def price(self, kind: str, params: Mapping[str, Json]) -> Price:
        """What one take of this would cost."""
        ...

    def make(self, action: Action) -> Outcome:
        """Make one take. Raises TargetError with the reason and the next step."""
        ...


class TextTarget(Target, Protocol):
    """A target without a model: its text is worked out while planning (``capabilities.pure``)."""

    def text(self, kind: str, params: Mapping[str, Json]) -> str:
        """The text of a ``caption`` or ``motion`` node; the same for equal params, always."""
        ...


@dataclass(frozen=True, slots=True)
class TargetUse:
    """A configured target as a node refers to it. Only ``identity`` enters a key."""

    name: str
    identity: Mapping[str, Json]
    pool: str = "cpu"
    fallbacks: tuple[str, ...] = ()
    settings: Mapping[str, Json] = field(default_factory=dict)
