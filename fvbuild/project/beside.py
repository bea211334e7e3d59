"""What a film asks for that nothing can do yet, and that holds nothing up: its nodes hang beside
the film, so that no plan of its outputs would speak of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fvbuild.project.opened import OpenFilm

_BESIDE = "check"
"""The kind that nothing waits for."""


def left_undone(film: OpenFilm) -> list[str]:
    """In words, each once: ``nothing measures `checks.motion` yet; the film is built without``."""
    asked = any(
        v.checks.motion is not None or v.checks.safety != "off" for v in film.loaded.variants
    )
    if not asked:
        return []
    found = (node.blocked for node in film.graph if node.kind == _BESIDE)
    return list(dict.fromkeys(reason for reason in found if reason is not None))
