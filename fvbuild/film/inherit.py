"""What shots inherit: targets, takes and prompt controls, film under scene under shot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from fvbuild.film.resolved_shot import Controls
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.film.known import Known

TEXT_KINDS = ("caption", "motion")
_FOLLOW_ANCHOR = ("boundary", "reference", "plate", "prop")
_SOUND_KINDS = ("speech", "music", "ambience", "effect")
_STEP_KINDS = ("upscale", "interpolate")
"""Steps of finishing that a target may do; what nobody names for them does not make them."""
_DRAWN = ("anchor", "boundary", "segment")

AS_EVER = Controls()
"""The prompt controls of a film that says nothing of them."""

Use = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a scene hands to its shots. ``use`` holds only what was written, film and scene."""

    id: str
    time: str = ""
    lighting: str = ""
    location: str | None = None
    wardrobe: Mapping[str, str] = field(default_factory=dict)
    controls: Controls = AS_EVER
    takes: Mapping[str, int] = field(default_factory=dict)
    use: Use = field(default_factory=dict)
    full_use: Use = field(default_factory=dict)


def written_use(known: Known, above: Use, written: object, tree: Any) -> Use:
    """What ``use`` says on this level and above it."""
    if not isinstance(written, dict) or not written:
        return above
    places = getattr(tree.get("use"), "marks", {}) if tree is not None else {}
    merged = dict(above)
    for kind, value in written.items():
        at = places[kind][1] if kind in places else 0
        marks = getattr(tree["use"][kind], "marks", None) if tree is not None else None
        merged[kind] = known.target_names(value, at, marks)
    return merged


def full_use(written: Use) -> Use:
    """Every kind's targets, with the defaults and what follows ``anchor``."""
    sketch = ("sketch",)
    use: dict[str, tuple[str, ...]] = {
        kind: written.get(kind, ("template",)) for kind in TEXT_KINDS
    }
    use["anchor"] = written.get("anchor", sketch)
    for kind in _FOLLOW_ANCHOR:
        use[kind] = written.get(kind, use["anchor"])
    for kind in ("segment", *_SOUND_KINDS):
        use[kind] = written.get(kind, sketch)
    use |= {kind: written[kind] for kind in _STEP_KINDS if kind in written}
    return use


def takes(above: Mapping[str, int], written: object) -> Mapping[str, int]:
    """Takes a kind; a bare number is for every picture and clip of the shot."""
    if written is None:
        return above
    if isinstance(written, int):
        more = dict.fromkeys(_DRAWN, written)
    else:
        assert isinstance(written, dict)
        more = written
    return {kind: int(n) for kind, n in {**above, **more}.items() if n != 1}


_CONTROLS: Mapping[str, Callable[[Any], Any]] = {
    "strategy": str,
    "enhance": bool,
    "negative": str,
    "seed": int,
    "guidance": float,
    "motion_strength": float,
}


def controls(above: Controls, part: object) -> Controls:
    """The prompt controls of a part, over those above it."""
    written = {
        name: kind(value)
        for name, kind in _CONTROLS.items()
        if (value := getattr(part, name, None)) is not None
    }
    return replace(above, **written) if written else above
