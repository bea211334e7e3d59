"""The Last Ferry made by hosted models alone: refused, failed and killed on the way, paid once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake import FakeProviders

FERRY = Path(__file__).parents[2] / "projects" / "last-ferry"
TARGETS = """\
targets:
  claude: {provider: anthropic, model: claude-sonnet-5}
  banana: {provider: google, model: gemini-3.1-flash-image}
  veo: {provider: runway, model: veo3.1_fast}
  kling: {provider: kling, model: kling-v2-1, price: {per_second: 0.1 USD}}
  eleven: {provider: elevenlabs, model: eleven_v4}
  foley: {provider: elevenlabs, model: sound-effects, price: 0.05 USD}
  cello: {provider: elevenlabs, model: music, price: 0.5 USD}

use:
  {caption: claude, motion: claude, reference: banana, plate: banana, prop: banana, anchor: banana,
   boundary: banana, segment: [veo, kling], speech: eleven, ambience: foley, effect: foley,
   music: cello}

"""
HOSTED = ("claude", "banana", "veo", "kling", "eleven", "foley", "cello")
KINDS = {
    "caption", "motion", "reference", "plate", "prop", "anchor", "boundary", "segment", "speech",
    "ambience", "effect", "music",
}  # fmt: skip


class Ferry:
    """The film beside the fakes."""

    def __init__(self, folder: Path, fake: FakeProviders) -> None:
        self.fake = fake
        self.folder = folder / "ferry"
        self.folder.mkdir()
        text = (FERRY / "film.yaml").read_text()
        head, _, rest = text.partition("targets:\n")
        shots = rest[rest.index("scenes:") :]
        head = head.replace("size: 1280x720", "size: 320x180")
        (self.folder / "film.yaml").write_text(head + TARGETS + shots)
        cast = (FERRY / "cast.yaml").read_text()
        cast = cast.replace("voice: low-alto", "voice: {id: 21m00Tcm4TlvDq8ikWAM}")
        (self.folder / "cast.yaml").write_text(
            cast.replace("voice: boy", "voice: {id: AZnzlk1XvdvUeBnDmlld}")
        )
        quick = {"poll_every_s": 0.05, "requests_per_minute": 100_000}
        places = {name: {**urls, **quick} for name, urls in fake.base_urls().items()}
        (self.folder / "fvbuild.yaml").write_text(json.dumps({"providers": places}))
        home = str(folder / "home")
        self.environment = {**os.environ, **fake.environment(), "HOME": home, "NO_COLOR": "1"}
        self.environment["XDG_CACHE_HOME"] = home

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "fvbuild", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        told, _ = process.communicate(timeout=300)
        return process.returncode, told

    def killed_after(self, bought: int) -> None:
        """Start a build, and kill it as soon as so much was bought."""
        process = self.start("build")
        while len(self.fake.bill()) < bought and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, "it was to be killed in the middle"

    def answered(self) -> int:
        """Tell the build to buy again whatever nobody can know of; how many those were."""
        _, told = self.run("resolve", "--json")
        nodes = [each["node"] for each in json.loads(told)["unresolved"]]
        for node in set(nodes):
            code, told = self.run("resolve", node, "--retry")
            assert code == 0, told
        return len(nodes)

    def takes(self) -> list[tuple[str, Any]]:
        """Every take that a hosted model made: its kind and its steps."""
        from fvbuild.project import Project

        project = Project.open(self.folder)
        kinds = {node.id: node.kind for node in project.graph}
        try:
            return [(node, take) for node, take in _takes(project, kinds) if take.origin in HOSTED]
        finally:
            project.state.close()


def _takes(project: Any, kinds: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for node, kind in kinds.items():
        key = project.state.last_key(project.name, node)
        for take in project.state.takes(key).values() if key is not None else ():
            yield kind, take


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeProviders]:
    with FakeProviders.spawn(bill=tmp_path / "bill.jsonl") as fake:
        yield fake


def test_the_last_ferry_is_bought_once(tmp_path: Path, fake: FakeProviders) -> None:
    ferry = Ferry(tmp_path, fake)
    # A picture is refused until it is asked for in other words, and a clip fails for good. Each is
    # built alone: else another node might get a part of it, or the kill fall in its middle.
    fake.script("google", "refusal", shape="IMAGE_SAFETY", times=2, match="torn pink ticket")
    code, said = ferry.run("build", "props/ticket")
    assert code == 0, said
    fake.script("runway", "failure", shape="INTERNAL.BAD_OUTPUT.CODE01")
    code, said = ferry.run("build", "pier/arrival/segment")
    assert code == 0, said
    assert fake.pending_faults() == []
    _, said = ferry.run("why", "props/ticket")
    assert said.count("banana refused: refused by Google") == 2, said
    assert "banana reworded by" in said
    _, said = ferry.run("why", "pier/arrival/segment")
    assert "made by kling" in said, said
    assert "veo failed: failed at Runway" in said
    _, said = ferry.run("takes", "pier/arrival/segment")
    assert "veo failed\n" in said, said

    ferry.killed_after(len(fake.bill()) + 15)
    unknown = ferry.answered()
    code, said = ferry.run("build")
    assert code == 0, said
    assert fake.pending_faults() == []

    takes = ferry.takes()
    assert {kind for kind, _ in takes} == KINDS
    steps = [step["did"] for _, take in takes for step in take.provenance.get("attempts", [])]
    told = Counter(steps)
    assert (told["refused"], told["reworded"], told["failed"]) == (2, 1, 1)
    assert "kling" in {take.origin for _, take in takes}

    # Each line of the bill is a take, or one of: refused, failed, other words, lost with the kill.
    spent_elsewhere = told["refused"] + told["failed"] + told["reworded"]
    bought = len({(line["provider"], line["job"]) for line in fake.bill()})
    assert len(takes) + spent_elsewhere <= bought <= len(takes) + spent_elsewhere + unknown

    film = (ferry.folder / "out/the-last-ferry.mp4").read_bytes()
    # Nobody answers any more, and nobody is asked.
    fake.close()
    shutil.rmtree(ferry.folder / "out")
    code, said = ferry.run("build")
    assert code == 0, said
    assert (ferry.folder / "out/the-last-ferry.mp4").read_bytes() == film
