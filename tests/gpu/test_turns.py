"""Two builds at once do not share the memory of a device: the second waits, and says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fvbuild.errors import Interrupted
from fvbuild.targets.diffusers.turns import Turns

HOLD = """
import sys
from pathlib import Path
from fvbuild.targets.diffusers.turns import Turns
turns = Turns(Path(sys.argv[1]))
turns.take((0, 1), lambda done, note: None, lambda: False)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_device_is_waited_for_until_the_other_build_ends(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdin is not None and other.stdout is not None
    assert other.stdout.readline() == "held\n"
    turns, notes = Turns(tmp_path), list[str]()
    turns.take((2, "cpu"), lambda _done, note: notes.append(note), lambda: False)
    assert notes == []
    with pytest.raises(Interrupted):
        turns.take((0,), lambda _done, note: notes.append(note), lambda: bool(notes))
    assert notes == ["waits for GPU 0, which another build uses"]

    def told(_done: float, _note: str) -> None:
        other.kill()

    turns.take((0, 1), told, lambda: False)
    other.wait()
    turns.give_back((0, 1, 2))
