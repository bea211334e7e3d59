"""The same frames give the same bytes: again, beside other work, elsewhere, on less of a CPU."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import make_clips
import pytest


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return make_clips.make(tmp_path_factory.mktemp("made"))


def test_on_several_threads_at_once(made: dict[str, str], tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(4)]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(make_clips.make, folders)) == [made] * 4


def elsewhere(folder: Path, *words: str) -> dict[str, str]:
    folder.mkdir()
    command = [sys.executable, make_clips.__file__, str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    digests: dict[str, str] = json.loads(done.stdout)
    return digests


def test_in_another_process(made: dict[str, str], tmp_path: Path) -> None:
    assert elsewhere(tmp_path / "again") == made


@pytest.mark.skipif(
    not list(Path(av.__file__).parent.with_name("av.libs").glob("libavutil*")),
    reason="FFmpeg's libraries do not lie beside PyAV here",
)
def test_on_a_processor_without_vector_instructions(made: dict[str, str], tmp_path: Path) -> None:
    assert elsewhere(tmp_path / "plain", "plain") == made
