"""Whose takes count, from outside: a team's CI, a fork's pull request, what a merge lets out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fvbuild.cli.main import entry
from fvbuild.stores.signing import new_signing_key, signer_of

FILM = """\
film: {title: Tiny, size: 320x180}
use: {anchor: placeholder, segment: placeholder, speech: placeholder}
shots:
  - {id: one, action: a boat, duration: 1s}
  - {id: two, action: a gull, duration: 1s}
"""
CI, STRANGER = new_signing_key(), new_signing_key()


class Told(NamedTuple):
    """What a command said, and the object that it printed."""

    code: int
    found: dict[str, Any]
    err: str
    out: str


class Machine(NamedTuple):
    """A checkout somewhere, and the program run in it as somebody."""

    folder: Path
    run: Callable[..., Told]

    def made(self) -> set[str]:
        """What a build makes here with takes: nodes by name."""
        told = self.run("build", "--json")
        assert told.code == 0, told.err
        steps = told.found["steps"]
        return {
            each["node"]
            for each in steps
            if each["action"] == "built" and each["kind"] in ("anchor", "segment")
        }

    def edit(self, old: str, new: str) -> None:
        """Change the film's text."""
        film = self.folder / "film.yaml"
        assert old in film.read_text()
        film.write_text(film.read_text().replace(old, new))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def machine(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Machine]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def checkout(
        name: str,
        of: Machine | None = None,
        *,
        key: str | None = None,
        untrusted: bool = False,
        **said: object,
    ) -> Machine:
        """A fresh checkout, of the film or of what another one has committed; ``said`` is what the
        workspace file outside of it says of the store."""
        folder = tmp_path / name / "film"
        folder.mkdir(parents=True)
        for file in ("film.yaml", "film.lock"):
            if of is not None and (of.folder / file).exists():
                shutil.copy(of.folder / file, folder / file)
        if of is None:
            (folder / "film.yaml").write_text(FILM)
        place = folder.parent / "fvbuild.yaml"
        trust = {"trust": {"ci": signer_of(CI)}}
        place.write_text(json.dumps({"store": {"remote": store.as_uri(), **trust, **said}}))

        def run(*words: str) -> Told:
            monkeypatch.chdir(folder)
            monkeypatch.setenv("FVBUILD_WORKSPACE", str(place))
            monkeypatch.setenv("FVBUILD_UNTRUSTED", "1" if untrusted else "")
            monkeypatch.setenv("FVBUILD_SIGNING_KEY", key or "")
            capsys.readouterr()
            code = int(entry(list(words)))
            both = capsys.readouterr()
            found = json.loads(both.out) if "--json" in words and both.out else {}
            return Told(code, found, both.err, both.out)

        return Machine(folder, run)

    return checkout


Checkout = Callable[..., Machine]
ALL = {f"main/{shot}/{kind}" for shot in ("one", "two") for kind in ("anchor", "segment")}
CHANGED = {"main/two/anchor", "main/two/segment"}


def objects(store: Path) -> set[str]:
    return {str(file.relative_to(store)) for file in store.rglob("*") if file.is_file()}


def test_what_ci_made_counts_for_the_team(machine: Checkout) -> None:
    ci = machine("ci", key=CI)
    assert ci.made() == ALL
    assert machine("team", of=ci).made() == set()


def test_what_a_stranger_made_is_a_miss_and_told(machine: Checkout) -> None:
    machine("stranger", key=STRANGER).made()
    team = machine("team")
    told = team.run("build", "--json")
    assert {s["node"] for s in told.found["steps"] if s["action"] == "built"} >= ALL
    assert f"signed by {signer_of(STRANGER)} (not in `trust:` of fvbuild.yaml)" in told.err


def test_what_is_not_signed_is_a_miss_and_told(machine: Checkout) -> None:
    machine("nobody").made()
    team = machine("team")
    told = team.run("build", "--json")
    assert {s["node"] for s in told.found["steps"] if s["action"] == "built"} >= ALL
    assert "takes that nobody signed did not count" in told.err


def test_a_clone_is_told_why_what_the_store_has_does_not_count(machine: Checkout) -> None:
    nobody = machine("nobody")
    nobody.made()
    plan = machine("team", of=nobody).run("plan", "-v").out
    why = "the shared store has it among takes that nobody signed, which do not count"
    assert plan.count(why) == 2 and "its file" not in plan, "segments wait for their anchors"


def test_a_strangers_take_is_no_obstacle_to_one_that_counts(machine: Checkout) -> None:
    machine("stranger", key=STRANGER).made()
    ci = machine("ci", key=CI)
    assert ci.made() == ALL
    assert machine("team").made() == set()


def test_a_pull_request_reads_and_writes_aside_until_it_is_merged(
    machine: Checkout, store: Path
) -> None:
    ci = machine("ci", key=CI)
    ci.made()
    before = objects(store)
    fork = machine("fork", of=ci, untrusted=True, write="quarantine pr-17")
    fork.edit("a gull", "two gulls")
    assert fork.made() == CHANGED
    fresh = objects(store) - before
    assert fresh and all(name.startswith("quarantine/pr-17/") for name in fresh)
    assert machine("early", of=fork).made() == CHANGED

    merged = machine("merged", of=fork, key=CI)
    listed = merged.run("promote", "--json")
    assert [each["name"] for each in listed.found["quarantines"]] == ["pr-17"]
    told = merged.run("promote", "pr-17", "--drop", "--json")
    assert told.code == 0, told.err
    assert {each["node"] for each in told.found["takes"]} == CHANGED
    assert {each["did"] for each in told.found["takes"]} == {"promoted"}
    assert not any(name.startswith("quarantine/") for name in objects(store))
    assert machine("team", of=fork).made() == set()


def test_a_fork_publishes_no_take_even_where_it_could_write(machine: Checkout, store: Path) -> None:
    fork = machine("fork", key=CI, untrusted=True, write=True)
    assert fork.made() == ALL
    assert objects(store) == set()


def test_a_fork_names_neither_the_store_nor_whom_to_trust(
    machine: Checkout, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ci = machine("ci", key=CI)
    ci.made()
    evil = tmp_path / "evil"
    evil.mkdir()
    fork = machine("fork", of=ci, untrusted=True)
    said = {"store": {"remote": evil.as_uri(), "trust": {"me": signer_of(STRANGER)}}}
    (fork.folder / "fvbuild.yaml").write_text(json.dumps(said))
    assert fork.made() == set()
    assert objects(evil) == set()


def test_a_lock_of_a_fork_brings_out_only_what_is_what_it_says(
    machine: Checkout, store: Path
) -> None:
    ci = machine("ci", key=CI)
    ci.made()
    fork = machine("fork", of=ci, untrusted=True, write="quarantine pr-18")
    fork.edit("a gull", "two gulls")
    fork.made()
    for file in (store / "quarantine" / "pr-18" / "cas").iterdir():
        file.chmod(0o644)
        file.write_bytes(b"something else")
    merged = machine("merged", of=fork, key=CI)
    told = merged.run("promote", "pr-18", "--drop", "--json")
    assert told.code == 1
    assert {each["did"] for each in told.found["takes"]} == {"failed"}
    assert any(name.startswith("quarantine/pr-18/") for name in objects(store))
    assert machine("team", of=fork).made() == CHANGED


def test_nobody_promotes_without_a_key_or_from_a_fork(machine: Checkout) -> None:
    fork = machine("fork", untrusted=True, write="quarantine pr-19")
    fork.made()
    told = machine("keyless", of=fork).run("promote", "pr-19")
    assert told.code == 2 and "fvbuild keys new" in told.err
    told = fork.run("promote", "pr-19")
    assert told.code == 2 and "after the merge" in told.err


@pytest.mark.parametrize("name", ["../../cas", "a/b", ""])
def test_a_quarantines_name_leads_nowhere_else(machine: Checkout, name: str) -> None:
    assert machine("ci", key=CI).run("promote", name).code == 2


# --- stores that are gone -------------------------------------------------------------------------


def test_a_store_whose_folder_is_gone_is_told_of_and_not_begun_anew(
    machine: Checkout, store: Path
) -> None:
    ci = machine("ci", key=CI)
    ci.made()
    store.rename(store.with_name("elsewhere"))
    ci.edit("a gull", "two gulls")
    told = ci.run("build", "--json")
    assert told.code == 0
    assert "the folder is gone" in told.err and "went on without it" in told.err
    assert not store.exists()
    assert ci.run("push").code == 1 and not store.exists()
    store.with_name("elsewhere").rename(store)
    ci.run("push")
    assert machine("team", of=ci).made() == set()


def test_a_store_that_cannot_be_opened_is_one_warning(machine: Checkout, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    told = machine("ci", key=CI, remote=file.as_uri()).run("build", "--json")
    assert told.code == 0
    assert told.err.count("cannot be opened") == 1


def test_a_take_that_only_the_lock_tells_of_is_pushed(machine: Checkout) -> None:
    alone = machine("alone", key=CI, read=False, write=False)
    alone.made()
    again = machine("again", of=alone, key=CI)
    shutil.copytree(
        alone.folder.parent / "cache" / "artifacts", again.folder.parent / "cache" / "artifacts"
    )
    assert again.made() == set()
    assert again.run("push").code == 0
    assert machine("team", of=again).made() == set()


def test_who_sends_what_nobody_believes_is_told(machine: Checkout) -> None:
    told = machine("nobody").run("build", "--json")
    assert told.code == 0 and "fvbuild keys new" in told.err
    assert "keys new" not in machine("ci", key=CI).run("build", "--json").err


def test_a_quarantine_that_is_not_there_is_told(machine: Checkout) -> None:
    machine("fork", untrusted=True, write="quarantine pr-20").made()
    told = machine("merged", key=CI).run("promote", "pr-21")
    assert told.code == 2 and "there are: pr-20" in told.err
