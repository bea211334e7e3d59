"""Which placement worked for a model on a device: kept on this machine, in no key."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fvbuild.targets.diffusers import memory
from fvbuild.targets.diffusers.worker.messages import ModelSpec


class Rungs:
    """What worked, in a file that may be missing, or broken: then it is found out again."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[str, str] = _read(file)

    def known(self, model: ModelSpec, device: Mapping[str, Any]) -> str | None:
        """The rung that worked last, or None."""
        with self._lock:
            rung = self._known.get(_name(model, device))
        return rung if rung in memory.RUNGS else None

    def keep(self, model: ModelSpec, device: Mapping[str, Any], rung: str) -> None:
        """Remember what worked, for the next build too. That it cannot be written harms nobody."""
        name = _name(model, device)
        with self._lock:
            if self._known.get(name) == rung:
                return
            self._known[name] = rung
            if self._file is None:
                return
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                part = self._file.with_name(self._file.name + ".part")
                part.write_text(json.dumps(self._known, indent=1, sort_keys=True), "utf-8")
                part.replace(self._file)
            except OSError:
                return


def _name(model: ModelSpec, device: Mapping[str, Any]) -> str:
    told = device.get("name", device.get("device", "cpu"))
    words = [told, model.folder, model.dtype, model.quantization or "whole"]
    count = device.get("devices", 1)
    return " | ".join(str(word) for word in [*words, *([f"over {count}"] if count > 1 else [])])


def _read(file: Path | None) -> dict[str, str]:
    try:
        known = json.loads(file.read_text(encoding="utf-8")) if file is not None else {}
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in known.items()} if isinstance(known, dict) else {}
