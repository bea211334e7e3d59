"""How the values of settings are spelled in rate cards."""

from __future__ import annotations

from typing import Any, Final

BY_OTHERS: Final = ("kind", "size")
"""What a price may depend on beside settings."""


def key_of(value: Any) -> str:
    """A value as a key of YAML: ``true``, ``5``, ``720p``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
