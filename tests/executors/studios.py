"""Where takes are made for tests: a folder, an executor, and what makers write down."""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import makers
import pytest

from fvbuild.engine.action import Action, InputFile
from fvbuild.engine.executor import Executor
from fvbuild.executors.place import RayPlace

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")


@dataclass
class Studio:
    """A folder to make takes in."""

    folder: Path
    executor: Executor
    told: list[tuple[float, str]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def action(self, node: str = "pier/arrival/anchor", text: str = "", **params: Any) -> Action:
        """An action with params of its own; ``text`` is in a file among its inputs, if given."""
        folder = self.folder / "work" / str(next(self.numbers))
        folder.mkdir(parents=True)
        inputs = {"words": (InputFile("words", "0" * 64, None, "text/plain", "some words"),)}
        if text:
            inputs["source"] = (self.file(text),)
        params.setdefault("log", str(self.log))
        return Action(
            node, "anchor", params, inputs, folder, {"look": "dry"}, seed=7, take=2,
            progress=lambda done, words: self.told.append((done, words)),
            cancelled=self.stop.is_set,
        )  # fmt: skip

    def file(self, text: str) -> InputFile:
        """A stored text as an input."""
        digest = hashlib.sha256(text.encode()).hexdigest()
        path = self.folder / digest
        path.write_text(text)
        return InputFile("source", digest, path, "text/plain")

    @property
    def log(self) -> Path:
        """What makers write down."""
        return self.folder / "log"

    def ran(self) -> list[list[str]]:
        """Node, word and process of every line that makers wrote."""
        return [line.split() for line in self.log.read_text().splitlines()]


class Executors:
    """Executors on one cluster; their workers are as few as a test needs."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address = address
        self._folder = folder
        self._numbers = itertools.count()
        self.opened: list[Executor] = []

    def open(self, **more: Any) -> Executor:
        """One more. What is given is for the place."""
        from fvbuild.executors.ray_executor import RayExecutor

        place = RayPlace(**{"address": self._address, "slots": {"cpu": 2, "gpu": 1}, **more})
        made = RayExecutor(place, lambda name, _: makers.Opening(name), self._home)
        self.opened.append(made)
        return made

    def _home(self) -> Path:
        folder = self._folder / f"home-{os.getpid()}-{next(self._numbers)}"
        folder.mkdir()
        return folder

    def close(self) -> None:
        """Close all of them."""
        for executor in self.opened:
            executor.close()
