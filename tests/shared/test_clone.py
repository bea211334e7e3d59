"""The headline: with its lock and a store to read, a clone replays the film.

No provider answers, no key is known, nothing was ever built there; the same artifacts come out, and
nothing is generated.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fake import FakeProviders

from fvbuild.engine.digest import content_of_file

FERRY = Path(__file__).parents[2] / "projects" / "last-ferry"
pytest.importorskip("obstore", reason="needs the extra 'shared'")
HOSTED: dict[str, Any] = {
    "film": {"title": "Hosted", "size": "320x180"},
    "targets": {
        "claude": {"provider": "anthropic", "model": "claude-sonnet-5"},
        "banana": {"provider": "google", "model": "gemini-3.1-flash-image"},
        "veo": {"provider": "runway", "model": "veo3.1_fast"},
        "cello": {"provider": "elevenlabs", "model": "music", "price": "0.5 USD"},
    },
    "use": {
        "caption": "claude", "motion": "claude", "anchor": "banana", "segment": "veo",
        "music": "cello",
    },
    "scenes": [
        {
            "id": "pier",
            "shots": [
                {"id": "wide", "duration": "4s", "action": "a keeper climbs a stair"},
                {"id": "close", "duration": "4s", "action": "she lights the lamp"},
            ],
        }
    ],
    "sound": {"music": {"make": "slow solo cello", "over": "wide..close"}},
}  # fmt: skip


def run(folder: Path, environment: Mapping[str, str], *words: str) -> dict[str, Any]:
    """A command in a folder; what it printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "fvbuild", *words, "--json"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def bare(home: Path) -> dict[str, str]:
    """An environment that knows no key of anybody."""
    words = ("KEY", "TOKEN", "SECRET", "FVBUILD")
    kept = {name: v for name, v in os.environ.items() if not any(word in name for word in words)}
    return {**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home), "NO_COLOR": "1"}


def files(folder: Path) -> dict[str, str]:
    """Digests of all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): content_of_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def clone(folder: Path, name: str) -> Path:
    """What git carries of a film: not its cache, and nothing that was made."""
    other = folder.with_name(name)
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns("cache", "out"))
    return other


def check_replay(first: Path, home: Path) -> None:
    """A clone of a built film gives the same, and generates nothing; nor does a plan want to."""
    other = clone(first, "clone")
    plan = run(other, bare(home), "plan")
    assert {step["action"] for step in plan["steps"]} <= {"reuse", "held"}
    report = run(other, bare(home), "build", "--materialize", "all")
    assert {step["action"] for step in report["steps"]} <= {"reused", "held"}
    assert files(other / "out") == files(first / "out")
    assert files(first / "out")
    assert (other / "film.lock").read_bytes() == (first / "film.lock").read_bytes()


def test_a_clone_replays_the_last_ferry(tmp_path: Path) -> None:
    """Small, and its clips with it: to draw thousands of frames shows nothing of a replay."""
    first = tmp_path / "first"
    shutil.copytree(FERRY, first, ignore=shutil.ignore_patterns("cache", "out", "*.lock"))
    film = (first / "film.yaml").read_text()
    for said, instead in (
        ("  size: 1280x720\n", "  size: 480x270\n"),
        ("\ntargets:\n", "\nuse: {segment: placeholder}\n\ntargets:\n"),
    ):
        assert film.count(said) == 1
        film = film.replace(said, instead)
    (first / "film.yaml").write_text(film)
    store = {"remote": f"file://{tmp_path}/store"}
    (first / "fvbuild.yaml").write_text(json.dumps({"store": store}))
    run(first, bare(tmp_path / "home"), "build")
    check_replay(first, tmp_path / "home")


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeProviders]:
    with FakeProviders.spawn(bill=tmp_path / "bill.jsonl") as fake:
        yield fake


def test_a_clone_replays_a_film_that_was_bought(tmp_path: Path, fake: FakeProviders) -> None:
    first = tmp_path / "first"
    first.mkdir()
    (first / "film.yaml").write_text(json.dumps(HOSTED))
    quick = {"poll_every_s": 0.05, "requests_per_minute": 100_000}
    places = {name: {**urls, **quick} for name, urls in fake.base_urls().items()}
    store = {"remote": f"file://{tmp_path}/store"}
    (first / "fvbuild.yaml").write_text(json.dumps({"providers": places, "store": store}))
    run(first, {**bare(tmp_path / "home"), **fake.environment()}, "build")
    bought = fake.bill()
    assert len(bought) >= 9
    fake.close()
    check_replay(first, tmp_path / "home")


def test_two_machines_at_once_buy_each_take_once(tmp_path: Path, fake: FakeProviders) -> None:
    quick = {"poll_every_s": 0.05, "requests_per_minute": 100_000}
    places = {name: {**urls, **quick} for name, urls in fake.base_urls().items()}
    store = {"remote": f"file://{tmp_path}/store"}
    machines = [tmp_path / name for name in ("ann", "ben")]
    for folder in machines:
        folder.mkdir()
        (folder / "film.yaml").write_text(json.dumps(HOSTED))
        (folder / "fvbuild.yaml").write_text(json.dumps({"providers": places, "store": store}))
    environment = {**bare(tmp_path / "home"), **fake.environment()}
    with ThreadPoolExecutor(2) as threads:
        reports = list(threads.map(lambda folder: run(folder, environment, "build"), machines))
    generated = [step for step in reports[0]["steps"] if step["kind"] in HOSTED["use"]]
    bought = {(line["provider"], line["job"]) for line in fake.bill()}
    assert len(bought) == len(generated) == 9
    ran = [{s["node"] for s in report["steps"] if s["action"] == "built"} for report in reports]
    assert not {s["node"] for s in generated} & ran[0] & ran[1], "nobody made what the other made"
    for folder in machines:
        run(folder, environment, "build", "--materialize", "all")
    assert files(machines[0] / "out") == files(machines[1] / "out")
