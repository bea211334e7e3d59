"""Builds killed at every step of the ledger, for every manner in which providers are asked.

A build dies as soon as its intent, its job, its answer or its take is written down; and once more
when the request was accepted, and its job is not written down yet. Whatever the next build then
knows, a take is on the bill once at most, or once more where a person said so.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from every_call import workflow
from fake import FakeProviders

from fvbuild.cli.main import entry
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.purchase_table import PurchaseTable
from fvbuild.errors import Exit
from fvbuild.targets.api import connect, http

assert connect and http, "imported once, before anything is forked"

STEPS = ((Ledger, "begin"), (Ledger, "change"), (PurchaseTable, "commit"), (Ledger, "committed"))


@dataclass(frozen=True)
class Pattern:
    """A manner of asking: a model that is asked so, and the node that it makes."""

    provider: str
    model: str
    kind: str
    shot: dict[str, Any] = field(default_factory=lambda: {"mode": "direct"})
    more: dict[str, Any] = field(default_factory=dict)


SHOWN = {"characters": ["ann"]}
PATTERNS = {
    "a job that is asked for": Pattern("runway", "gen4.5", "segment"),
    "an answer of JSON": Pattern("stability", "core", "anchor", {}),
    "an answer of bytes": Pattern("huggingface", "black-forest-labs/FLUX.1-dev", "anchor", {}),
    "pictures uploaded first": Pattern(
        "replicate", "black-forest-labs/flux-kontext-pro", "anchor", SHOWN
    ),
    "one more hop to the result": Pattern("minimax", "MiniMax-Hailuo-02", "segment"),
    "addresses that the server gives": Pattern("fal", "fal-ai/flux-pro/v1.1", "anchor", {}),
    "an id that buys once": Pattern("kling", "kling-v2-6", "segment"),
    "a server of one's own": Pattern("comfyui", "workflow", "anchor", {}),
    "a stream of events": Pattern(
        "vercel", "acme/clips", "segment", more={"like": "*", "protocol": "v3"}
    ),
}


class Killing:
    """A film of one hosted node, built in processes that may be killed."""

    def __init__(self, folder: Path, fake: FakeProviders, pattern: Pattern) -> None:
        self.fake = fake
        self.pattern = pattern
        self.folder = folder
        self.goal = f"main/one/{pattern.kind}"
        target = {"provider": pattern.provider, "model": pattern.model, **pattern.more}
        if pattern.provider == "comfyui":
            graph, inputs = workflow(pattern.kind)
            (folder / "workflow.json").write_text(json.dumps(graph))
            target |= {"workflow": "workflow.json", "inputs": inputs}
        film = {
            "film": {"title": "Killed", "size": "64x36"},
            "targets": {"hosted": target},
            "use": {"segment": "placeholder", pattern.kind: "hosted", "reference": "placeholder"},
            "characters": {"ann": {"look": "woman of 30"}},
            "shots": [{"id": "one", "duration": "2s", "action": "she waits", **pattern.shot}],
        }
        (folder / "film.yaml").write_text(json.dumps(film))
        quick = {"poll_every_s": 0.01, "requests_per_minute": 100_000}
        place = {**fake.base_urls()[pattern.provider], **quick}
        (folder / "fvbuild.yaml").write_text(json.dumps({"providers": {pattern.provider: place}}))

    def run(self, *arguments: str, kill_at: int = 0, after: bool = False) -> int:
        """The exit code of a command in a process of its own; -9 when it was killed."""
        child = os.fork()
        if not child:
            status = 1
            try:
                silent = os.open(self.folder.parent / "told.txt", os.O_RDWR | os.O_CREAT)
                os.dup2(silent, 1)
                os.dup2(silent, 2)
                with _killed_at(kill_at, after=after):
                    status = entry([*arguments, "-f", str(self.folder)])
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(ended)

    def told(self) -> str:
        return (self.folder.parent / "told.txt").read_text()


def _killed_at(nth: int, *, after: bool) -> Any:
    """Kill this process at the nth step of the ledger."""
    count = 0
    patches = []

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*words: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count == nth and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            done = real(*words, **more)
            if count == nth:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return step

    for owner, name in STEPS:
        patches.append(patch.object(owner, name, dying(getattr(owner, name))))
    return _All(patches)


class _All:
    """Several patches as one."""

    def __init__(self, patches: list[Any]) -> None:
        self._patches = patches

    def __enter__(self) -> None:
        for each in self._patches:
            each.start()

    def __exit__(self, *_: object) -> None:
        for each in self._patches:
            each.stop()


@pytest.fixture(scope="module")
def spawned() -> Iterator[FakeProviders]:
    """The fakes in a process of their own, which outlives all that is killed."""
    with FakeProviders.spawn() as fake:
        yield fake


@pytest.mark.parametrize("manner", PATTERNS)
def test_a_take_is_bought_once_wherever_its_build_is_killed(
    tmp_path: Path, spawned: FakeProviders, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    pattern = PATTERNS[manner]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    for name, key in spawned.environment().items():
        monkeypatch.setenv(name, key)
    kills = asked = 0
    for nth, after in ((1, True), (2, False), *((nth, True) for nth in range(2, 20))):
        folder = tmp_path / f"{nth}-{after}" / "film"
        folder.mkdir(parents=True)
        spawned.reset()
        killing = Killing(folder, spawned, pattern)
        code = killing.run("build", killing.goal, kill_at=nth, after=after)
        if code == Exit.DONE:
            break
        assert code == -signal.SIGKILL, killing.told()
        kills += 1
        code = killing.run("build", killing.goal)
        answered = code == Exit.UNRESOLVED
        if answered:
            asked += 1
            assert killing.run("resolve", killing.goal, "--retry") == 0, killing.told()
            code = killing.run("build", killing.goal)
        assert code == Exit.DONE, killing.told()
        assert list((folder / "out").rglob(f"{pattern.kind}.*")), "it is complete"
        jobs = {line["job"] for line in spawned.bill(pattern.provider)}
        assert 1 <= len(jobs) <= 1 + answered
    assert kills >= 5, "intent, acceptance, job, answer and commit"
    assert asked == (0 if pattern.provider in ("kling", "comfyui") else 2)
