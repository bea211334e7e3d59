"""Trees as ordinary values."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """A tree as ordinary dicts, lists and numbers."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else value
