"""What a user gets from the wheel alone, in an empty environment and without the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def run(*command: object, folder: Path) -> str:
    """The output of a command that succeeds, run away from the checkout and its packages."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    }
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_alone_builds_lighthouse(tmp_path: Path) -> None:
    run(
        *(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, CHECKOUT),
        folder=tmp_path,
    )
    (wheel,) = tmp_path.glob("fvbuild-*.whl")
    _check_contents(wheel)

    run(sys.executable, "-m", "venv", tmp_path / "venv", folder=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", wheel, folder=tmp_path)
    where = run(python, "-c", "import fvbuild; print(fvbuild.__file__)", folder=tmp_path)
    assert where.startswith(str(tmp_path))

    film = tmp_path / "lighthouse"
    shutil.copytree(
        CHECKOUT / "projects" / "lighthouse",
        film,
        ignore=shutil.ignore_patterns("out", "cache", "*.lock"),
    )
    run(tmp_path / "venv" / "bin" / "fvbuild", "-f", "lighthouse", "build", folder=tmp_path)
    movie = film / "out" / "the-lighthouse.mp4"
    assert movie.stat().st_size > 10_000
    decode = (
        "import av, sys\n"
        "with av.open(sys.argv[1]) as film:\n"
        "    print(sum(1 for _ in film.decode(film.streams.video[0])))\n"
    )
    assert int(run(python, "-c", decode, movie, folder=tmp_path)) > 24


def _check_contents(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("templates", "schemas"):
        tracked = subprocess.run(
            ["git", "ls-files", folder], cwd=CHECKOUT, capture_output=True, text=True
        ).stdout.split()
        beside = tracked or [
            str(file.relative_to(CHECKOUT))
            for file in (CHECKOUT / folder).rglob("*")
            if file.is_file()
        ]
        assert beside
        assert {f"fvbuild/{file}" for file in beside} <= names
    providers = (CHECKOUT / "fvbuild/targets/api/providers").glob("*.yaml")
    assert {f"fvbuild/targets/api/providers/{path.name}" for path in providers} <= names
    assert "fvbuild/targets/api/providers/runway.yaml" in names
    assert "fvbuild/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "projects/")) for name in names)
