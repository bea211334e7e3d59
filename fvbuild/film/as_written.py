"""A shot's fields straight from its tree, where it is certain that the model would take them.

Importing the model takes longer than all else about an edited shot. It is not needed where an edit
leaves the shape of the shot as it was and only changes texts: what was right stays right.
"""

from __future__ import annotations

from typing import Any

from fvbuild.film.tree import Map

_TEXTS = frozenset(
    {
        *("size", "angle", "lens", "camera", "duration", "time", "lighting", "location"),
        *("first_frame", "action", "last_frame", "start", "caption", "motion", "transition"),
        *("negative", "id"),
    }
)
_NUMBERS = frozenset({"seed", "guidance", "motion_strength", "enhance", "takes"})
# Mappings below these have fields of their own.
_WITH_FIELDS = frozenset({"dialogue", "first_frame", "last_frame"})
# Their values are words of the language itself, which the model checks.
_CHOICES = frozenset({"mode", "strategy"})


class AsWritten:
    """The fields of a mapping as attributes; None for those which it leaves out."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        return self._fields.get(name)


def text_of(value: Any) -> Any:
    """A value of a text field as the model gives it: numbers as they were written."""
    return str(value) if isinstance(value, int | float) else value


def shot_as_written(tree: Map) -> AsWritten:
    """The fields of a shot that the model is known to take."""
    return AsWritten({key: _field(key, value) for key, value in tree.items()})


def _field(key: str, value: Any) -> Any:
    return value if key in _NUMBERS else _texts(value, of_field=key in _WITH_FIELDS)


def _texts(value: Any, *, of_field: bool) -> Any:
    """Texts all the way down; ``of_field``: mappings have fields, as attributes."""
    if isinstance(value, list):
        return [_texts(item, of_field=of_field) for item in value]
    if isinstance(value, dict):
        inner = {key: _texts(item, of_field=key == "voice") for key, item in value.items()}
        return AsWritten(inner) if of_field else inner
    return text_of(value)


def keeps_shape(old: Any, new: Any, name: str = "", depth: int = 0) -> bool:
    """Whether a shot that the model took is one it still takes, as far as can be told simply.

    Equal keys and lengths everywhere; texts in place of texts. A text field of the shot itself may
    also come and go.
    """
    if isinstance(old, Map) and isinstance(new, Map):
        if old.lone or new.lone:
            return False
        if depth == 0 and not (old.keys() ^ new.keys()) <= _TEXTS:
            return False
        if depth > 0 and list(old) != list(new):
            return False
        return all(
            keeps_shape(old[key], value, key, depth + 1) if key in old else isinstance(value, str)
            for key, value in new.items()
        )
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            keeps_shape(a, b, name, depth + 1) for a, b in zip(old, new, strict=True)
        )
    if old is None or isinstance(old, dict | list) or isinstance(new, dict | list):
        return False
    if isinstance(old, str) and isinstance(new, str):
        return old == new or name not in _CHOICES
    return type(old) is type(new) and str(old) == str(new)
