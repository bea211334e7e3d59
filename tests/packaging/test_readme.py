"""The README's commands are the ones that are run, and it points at nothing that is not there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
README = (CHECKOUT / "README.md").read_text()
CI = (CHECKOUT / ".ci" / "run").read_text()


def commands() -> list[str]:
    """Every shell line of the README's ``sh`` blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.S)
    joined = "".join(blocks).replace("\\\n", " ")
    return [re.sub(r"\s+", " ", line) for line in joined.splitlines() if line.strip()]


def test_one_command_builds_lighthouse_and_one_passes_the_tests() -> None:
    build, test = commands()[:2]
    assert build.startswith("python3 -m venv")
    assert build.endswith("-f projects/lighthouse build")
    assert test.startswith("python3 -m venv")
    assert test.endswith("-m pytest -n 2")


def test_ci_runs_what_the_readme_says() -> None:
    for step in commands()[1].split("&&")[1:]:
        words = shlex.split(step)[1:]
        assert " ".join(words) in CI.replace("'", ""), words


def test_linked_files_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    missing = [link for link in links if not (CHECKOUT / link).exists()]
    assert missing == []
