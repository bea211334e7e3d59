"""The ``sketch`` target: an animatic drawn on the CPU, with scratch sound; no model, no key.

Importing this costs nothing: a plan asks only for capabilities and identity, and the libraries
that draw are loaded when something is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from fvbuild.engine.action import Action, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.target import Capabilities
from fvbuild.errors import SettingError, TargetError
from fvbuild.targets.base import LocalTarget, check_settings

_SOUNDS = frozenset({"speech", "ambience", "effect", "music"})
_PICTURES = frozenset({"reference", "plate", "prop", "anchor", "boundary", "segment"})
_SETTINGS = ("overlay",)


def create(name: str, settings: Mapping[str, Json]) -> SketchTarget:
    """The entry point. ``overlay: false`` leaves out the burn-in of size, lens, move and timecode.

    Raises SettingError for a setting that is not known or has a wrong value.
    """
    check_settings(name, settings, _SETTINGS)
    overlay = settings.get("overlay", True)
    if not isinstance(overlay, bool):
        raise SettingError(
            f"target '{name}': overlay is true or false, not {overlay!r}",
            "overlay",
            hint="write `overlay: false` to leave the burn-in out",
        )
    return SketchTarget(overlay=overlay)


class SketchTarget(LocalTarget):
    """Draws pictures and clips, and hands sound to its own maker."""

    capabilities = Capabilities(
        kinds=_PICTURES | _SOUNDS,
        wants=frozenset({"composition", "move"}),
        edits=True,
        masks=True,
        negative=True,
        guidance=True,
        rate_fps="24",
        canvas_pixels=1280 * 720,
        size_multiple=2,
    )

    def __init__(self, *, overlay: bool = True) -> None:
        self._overlay = overlay

    @cached_property
    def identity(self) -> Mapping[str, Json]:
        """Renderer, its data, and the libraries whose pixels and bytes it passes on."""
        from fvbuild.targets.sketch.identity import of_pictures

        return {"provider": "sketch", "overlay": self._overlay, **of_pictures()}

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        """Sounds do not depend on what draws, and speech depends on the voice that is there."""
        if kind not in _SOUNDS:
            return self.identity
        from fvbuild.targets.sketch.sound import sound_identity

        return {"provider": "sketch", **sound_identity(kind)}

    def make(self, action: Action) -> Outcome:
        """Draw or sound one node."""
        maker = _maker(action.kind)
        if maker is None:
            raise TargetError(
                f"{action.node}: the sketch target makes no {action.kind}",
                hint=f"it makes {', '.join(sorted(self.capabilities.kinds))}",
            )
        return maker(action)


def _maker(kind: str) -> Callable[[Action], Outcome] | None:
    if kind in _SOUNDS:
        from fvbuild.targets.sketch.sound import make_sound

        return make_sound
    if kind not in _PICTURES:
        return None
    if kind == "segment":
        from fvbuild.targets.sketch.clips import make_segment

        return make_segment
    from fvbuild.targets.sketch import stills

    return {
        "reference": stills.make_reference,
        "plate": stills.make_plate,
        "prop": stills.make_prop,
    }.get(kind, stills.make_still)
