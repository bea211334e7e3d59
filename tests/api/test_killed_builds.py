"""A build is killed while its provider is at any request; the next one buys nothing twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from acme import CANARY, DESCRIPTION, Acme, png
from odd_server import Got, Say

FILM = """\
film: {title: Killed, size: 320x180}
targets: {hosted: {provider: ./acme.yaml, model: m}}
use: {anchor: hosted}
shots: [{id: one, action: a keeper climbs}]
"""
GOAL = "main/one/anchor"


class Killing:
    """A provider that kills the build at one of its requests: before or after it acted on it."""

    def __init__(self, folder: Path, call: str = "job") -> None:
        self.film = folder / "film"
        self.film.mkdir()
        self.acme = Acme()
        self.acme.looks = 1
        makes = {"models": {"m": {"makes": {"still": call}}}}
        place = {"base_url": f"{self.acme.server.url}/v1", "poll_every_s": 0.05}
        (self.film / "film.yaml").write_text(FILM)
        (self.film / "acme.yaml").write_text(json.dumps({**DESCRIPTION, **makes}))
        (self.film / "fvbuild.yaml").write_text(json.dumps({"providers": {"acme": place}}))
        self.process: subprocess.Popen[str] | None = None

    def run(self, *arguments: str) -> int:
        """The exit code of a command; -9 when it was killed."""
        home = str(self.film.parent / "home")
        environment = {**os.environ, "ACME_KEY": CANARY, "HOME": home, "XDG_CACHE_HOME": home}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fvbuild", *arguments],
            cwd=self.film,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        _, self.told = self.process.communicate(timeout=120)
        return self.process.returncode

    def kill(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        time.sleep(0.05)

    def kill_before(self, got: Got) -> Say:
        self.kill()
        return Say(hang_up=True)

    def kill_after(self, got: Got) -> Say:
        self.acme.plainly(got)
        self.kill()
        return Say(hang_up=True)

    def is_made(self) -> bool:
        made = self.film / "out/main/one/anchor.png"
        return made.is_file() and made.read_bytes() == png()


@pytest.mark.parametrize("at", ["GET jobs", "GET media"])
def test_a_job_that_was_written_down_is_gone_on_with(tmp_path: Path, at: str) -> None:
    killing = Killing(tmp_path)
    killing.acme.surprise(at, killing.kill_before)
    assert killing.run("build", GOAL) == -signal.SIGKILL
    assert killing.run("build", GOAL) == 0, killing.told
    assert killing.is_made()
    assert len(killing.acme.bill) == 1


def test_an_answer_that_came_at_once_is_gone_on_with(tmp_path: Path) -> None:
    killing = Killing(tmp_path, "at_once")
    url = f"{killing.acme.server.url}/v1/media/x.png"

    def with_url(got: Got) -> Say:
        killing.acme.plainly(got)
        body = json.dumps({"url": url}).encode()
        return Say(body=body, headers={"content-type": "application/json"})

    killing.acme.surprise("POST at-once", with_url)
    killing.acme.surprise("GET media", killing.kill_before)
    assert killing.run("build", GOAL) == -signal.SIGKILL
    assert killing.run("build", GOAL) == 0, killing.told
    assert killing.is_made()
    assert len(killing.acme.bill) == 1


@pytest.mark.parametrize("call", ["job", "at_once"])
@pytest.mark.parametrize("billed", [False, True])
def test_a_submit_of_which_nobody_knows_is_asked_about(
    tmp_path: Path, call: str, billed: bool
) -> None:
    killing = Killing(tmp_path, call)
    path = "POST jobs" if call == "job" else "POST at-once"
    killing.acme.surprise(path, killing.kill_after if billed else killing.kill_before)
    assert killing.run("build", GOAL) == -signal.SIGKILL
    for _ in range(2):
        assert killing.run("build", GOAL) == 5
        assert "resolve" in killing.told
    assert len(killing.acme.bill) == billed
    assert killing.run("resolve", GOAL, "--retry") == 0, killing.told
    assert killing.run("build", GOAL) == 0, killing.told
    assert killing.is_made()
    assert len(killing.acme.bill) == 1 + billed, "once more, because a person said so"


def test_a_build_that_is_killed_while_it_waits_leaves_no_question(tmp_path: Path) -> None:
    killing = Killing(tmp_path)

    def busy(got: Got) -> Say:
        threading.Timer(0.5, killing.kill).start()
        return Say(429, headers={"retry-after": "2"})

    killing.acme.surprise("POST jobs", busy)
    assert killing.run("build", GOAL) == -signal.SIGKILL
    assert killing.run("build", GOAL) == 0, killing.told
    assert len(killing.acme.bill) == 1
