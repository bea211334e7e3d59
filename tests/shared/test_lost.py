"""What is lost in the shared store, from outside: made again where that is free, told where not."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fake import FakeProviders

from fvbuild.cli.main import entry
from fvbuild.engine.shared import MOST_RECORD_BYTES
from fvbuild.errors import Exit
from fvbuild.targets import placeholder

pytest.importorskip("obstore", reason="needs the extra 'shared'")
FILM: dict[str, Any] = {
    "film": {"title": "Tiny", "size": "320x180"},
    "targets": {"veo": {"provider": "runway", "model": "veo3.1_fast"}},
    "use": {"anchor": "placeholder", "segment": "veo", "speech": "placeholder"},
    "shots": [{"id": "one", "duration": "4s", "action": "a boat", "first_frame": "a grey sea"}],
    "profiles": {"draft": {"use": {"anchor": "placeholder", "segment": "placeholder"}}},
}
ANCHOR, SEGMENT = "main/one/anchor", "main/one/segment"


class Told(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def did(self) -> dict[str, str]:
        """What a build that was told as JSON did with each node."""
        return {step["node"]: step["action"] for step in json.loads(self.out)["steps"]}


class Machine(NamedTuple):
    """A clone, and the program run in it."""

    folder: Path
    run: Callable[..., Told]

    def take(self, node: str, lock: str = "film.lock") -> dict[str, Any]:
        """What the lock says of a node."""
        lines = map(json.loads, (self.folder / lock).read_text().splitlines())
        return next(line for line in lines if line["node"] == node)

    def artifact(self, node: str, lock: str = "film.lock") -> str:
        """The digest of a node's first take."""
        return str(self.take(node, lock)["takes"][0]["artifact"])


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeProviders]:
    with FakeProviders.spawn(bill=tmp_path / "bill.jsonl") as fake:
        yield fake


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def machine(
    tmp_path: Path,
    store: Path,
    fake: FakeProviders,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Machine]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    for name, value in fake.environment().items():
        monkeypatch.setenv(name, value)
    quick = {"poll_every_s": 0.02, "requests_per_minute": 100_000}
    places = {name: {**urls, **quick} for name, urls in fake.base_urls().items()}

    def checkout(name: str, of: Machine | None = None) -> Machine:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "film.yaml").write_text(json.dumps(FILM, indent=1))
        said = {"providers": places, "store": {"remote": store.as_uri()}}
        (folder / "fvbuild.yaml").write_text(json.dumps(said))
        for lock in of.folder.glob("*.lock") if of is not None else ():
            shutil.copy(lock, folder)

        def run(*words: str, at: Path = folder) -> Told:
            monkeypatch.chdir(at)
            capsys.readouterr()
            code = int(entry(list(words)))
            return Told(code, *capsys.readouterr())

        return Machine(folder, run)

    return checkout


Checkout = Callable[..., Machine]


def damage(store: Path, digest: str) -> None:
    path = store / "cas" / digest
    path.chmod(0o644)
    path.write_bytes(b"other bytes")


@pytest.fixture
def first(machine: Checkout) -> Machine:
    first = machine("first")
    assert first.run("build").code == 0
    return first


def test_what_is_free_is_made_again_and_nothing_is_bought(
    first: Machine, machine: Checkout, store: Path, fake: FakeProviders
) -> None:
    bought = fake.bill()
    damage(store, first.artifact(ANCHOR))
    told = machine("clone", first).run("build", "--materialize", "all", "--json")
    assert told.code == 0 and fake.bill() == bought
    assert told.did[ANCHOR] == "built" and set(told.did.values()) <= {"built", "reused", "cutoff"}
    assert [node for node, did in told.did.items() if did == "built"] == [ANCHOR]
    assert "does not give out, 1 artifact of main/one/anchor; what costs nothing" in told.err
    assert machine("other", first).run("build", "--materialize", "all").err.count("warning") == 0


@pytest.mark.parametrize("lost", [False, True])
def test_what_was_bought_is_never_bought_again_unasked(
    first: Machine, machine: Checkout, store: Path, fake: FakeProviders, lost: bool
) -> None:
    bought = fake.bill()
    digest = first.artifact(SEGMENT)
    (store / "cas" / digest).unlink() if lost else damage(store, digest)
    clone = machine("clone", first)
    for _ in range(2):
        told = clone.run("build", "--materialize", "all", "--json")
        assert told.code == Exit.NODE_FAILED and fake.bill() == bought
        assert told.did[SEGMENT] == "skipped"
        assert f"fvbuild build --refresh {SEGMENT}" in told.err
        assert f"{digest[:12]}..., and nowhere else to be had" in told.err
    plan = json.loads(clone.run("plan", "--json").out)
    step = next(step for step in plan["steps"] if step["node"] == SEGMENT)
    assert (step["action"], step["reason"]) == ("blocked", "artifact_lost")
    assert clone.run("build", "--refresh", SEGMENT).code == 0
    assert len(fake.bill()) == len(bought) + 1


def test_what_follows_from_something_made_differently_is_not_bought_unasked(
    first: Machine,
    machine: Checkout,
    store: Path,
    fake: FakeProviders,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bought = fake.bill()
    damage(store, first.artifact(ANCHOR))
    clone = machine("clone", first)
    # The same recipe comes out differently, as it does with models.
    monkeypatch.setattr(placeholder, "recipe_digest", lambda _action: secrets.token_hex(32))
    told = clone.run("build", "--materialize", "all", "--json")
    assert told.code == Exit.BUDGET and fake.bill() == bought
    assert (told.did[ANCHOR], told.did[SEGMENT]) == ("built", "skipped")
    assert "would have to be bought" in told.err and "'fvbuild plan' says what it costs" in told.err
    assert clone.run("build").code == 0
    assert len(fake.bill()) == len(bought) + 1


@pytest.mark.parametrize("profile", ["", "draft"])
def test_the_loss_of_an_approved_take_is_told_with_the_whole_command(
    first: Machine, machine: Checkout, store: Path, profile: str
) -> None:
    words = ["--profile", profile] if profile else []
    lock = f"film.{profile}.lock" if profile else "film.lock"
    assert first.run("build", *words).code == 0
    assert first.run("approve", ANCHOR, *words).code == 0
    digest = first.artifact(ANCHOR, lock)
    clone = machine("clone", first)
    (store / "cas" / digest).unlink()
    command = " ".join(["fvbuild", "-f", "clone", *words])
    above = clone.folder.parent
    whole = f"take 1 (approved) is missing from the store, as {digest[:12]}..."
    for verb in ("build", "plan"):
        goals = ["--materialize", "all"] if verb == "build" else []
        told = clone.run(verb, "-f", "clone", *words, *goals, at=above)
        assert whole in told.out + told.err
        assert f"{command} build --refresh {ANCHOR}" in told.out + told.err
        assert "which is not approved then" in told.out + told.err
    again = clone.run("build", "-f", "clone", *words, "--refresh", ANCHOR, at=above)
    assert again.code == 0
    assert f"{ANCHOR}: take 1 was approved, and is so no more" in again.err
    assert f"{command} approve {ANCHOR}" in again.err
    assert clone.take(ANCHOR, lock)["status"] != "approved"
    log = clone.run("log", ANCHOR, *words).out
    assert "released" in log and "was approved; take 2 was made in its place" in log
    entries = json.loads(clone.run("log", ANCHOR, *words, "--json").out)["entries"]
    assert [e["artifact"] for e in entries if e["did"] == "released"] == [digest]
    assert "is so no more" not in clone.run("build", *words).err, "it is told once"


def test_an_approval_that_is_refreshed_away_is_told(first: Machine) -> None:
    assert first.run("approve", ANCHOR).code == 0
    told = first.run("build", "--refresh", ANCHOR)
    assert told.code == 0 and "was approved, and is so no more" in told.err
    assert first.run("approve", ANCHOR).code == 0
    assert "is so no more" not in first.run("build", "--refresh", SEGMENT).err
    assert first.take(ANCHOR)["status"] == "approved"


# --- finding and mending it on purpose ------------------------------------------------------------


def problems(told: Told) -> dict[str, tuple[str, bool]]:
    """What a check that was told as JSON found: the problem and whether it is here, by node."""
    rows = json.loads(told.out)["problems"]
    return {node: (row["problem"], row["here"]) for row in rows for node in row["nodes"]}


def test_a_check_of_the_store_names_all_that_a_clone_would_not_get(
    first: Machine, machine: Checkout, store: Path
) -> None:
    told = first.run("verify", "--remote")
    assert told.code == 0 and "all whole" in told.out
    damage(store, first.artifact(ANCHOR))
    (store / "cas" / first.artifact(SEGMENT)).unlink()
    told = first.run("verify", "--remote", "--json")
    found = problems(told)
    assert told.code == Exit.NODE_FAILED
    assert (found[ANCHOR], found[SEGMENT]) == (("damaged", True), ("missing", True))
    words = first.run("verify", "--remote").out
    assert "Next: fvbuild push --repair sends again what is here" in words
    clone = machine("clone", first)
    told = clone.run("verify", "--remote", "--json")
    assert {here for _, here in problems(told).values()} == {False}
    assert "not here either" in clone.run("verify", "--remote").out


def test_a_push_that_repairs_sends_again_what_is_damaged(
    first: Machine, machine: Checkout, store: Path, fake: FakeProviders
) -> None:
    bought = fake.bill()
    clone = machine("clone", first)
    damage(store, first.artifact(ANCHOR))
    damage(store, first.artifact(SEGMENT))
    assert clone.run("build", "--materialize", "all").code == Exit.NODE_FAILED
    assert "nothing sent" in first.run("push").out, "there is something of each name"
    told = first.run("push", "--repair")
    assert told.code == 0 and "were there already" in told.out and " sent to file://" in told.out
    assert "all whole" in first.run("verify", "--remote").out
    told = clone.run("pull")
    assert told.code == 0 and told.err == "", "it looks once more"
    assert clone.run("build").code == 0 and fake.bill() == bought
    assert "all whole" in clone.run("verify", "--remote").out


@pytest.mark.parametrize("nonsense", [b"no record", b" " * (MOST_RECORD_BYTES + 1)])
def test_records_that_are_gone_or_make_no_sense_are_found_and_mended(
    first: Machine, store: Path, nonsense: bytes
) -> None:
    for number, record in enumerate(sorted((store / "ac").iterdir())):
        record.chmod(0o644)
        record.unlink() if number % 2 else record.write_bytes(nonsense)
    found = problems(first.run("verify", "--remote", "--json"))
    assert found[ANCHOR] == found[SEGMENT] == ("unnamed", True)
    assert first.run("push", "--repair").code == 0
    assert "all whole" in first.run("verify", "--remote").out


def test_records_under_the_names_of_others_are_mended(first: Machine, store: Path) -> None:
    """What was said of another take, and is believed there, stands in nobody's way here."""
    records = sorted((store / "ac").iterdir())
    texts = [record.read_bytes() for record in records]
    for record, text in zip(records, texts[1:] + texts[:1], strict=True):
        record.chmod(0o644)
        record.write_bytes(text)
    assert problems(first.run("verify", "--remote", "--json"))[ANCHOR] == ("unnamed", True)
    assert first.run("push", "--repair").code == 0
    assert "all whole" in first.run("verify", "--remote").out


def test_what_nobody_has_is_told_by_a_push_and_a_pull(
    first: Machine, machine: Checkout, store: Path
) -> None:
    clone = machine("clone", first)
    assert clone.run("build", "--materialize", "none").code == 0
    (store / "cas" / first.artifact(SEGMENT)).unlink()
    told = clone.run("pull")
    assert told.code == Exit.NODE_FAILED
    assert f"not made, or nowhere to be found: {SEGMENT}" in told.err
    assert "fvbuild plan says which can be made" in told.err
    told = clone.run("push", "--repair")
    assert told.code == Exit.NODE_FAILED and SEGMENT in told.err


def test_a_push_and_a_pull_tell_once_what_they_did(first: Machine, machine: Checkout) -> None:
    told = first.run("push")
    assert told.out.startswith("nothing sent to file://") and told.err == ""
    assert json.loads(first.run("push", "--json").out)["there"] > 3
    clone = machine("clone", first)
    told = clone.run("pull")
    assert (told.code, told.err) == (0, "") and "brought from file://" in told.out
    assert clone.run("pull").out.startswith("nothing brought from file://")
    film = clone.folder / "film.yaml"
    film.write_text(film.read_text().replace("a grey sea", "a blue sea"))
    told = clone.run("pull")
    assert told.code == Exit.NODE_FAILED and ANCHOR in told.err, "nobody has made it"
    assert clone.run("pull", "--materialize", "none").code == 0
    assert clone.run("build", ANCHOR).code == 0
    assert clone.run("pull", ANCHOR).code == 0


def test_who_may_not_write_sends_and_mends_nothing(
    first: Machine, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = first.folder / "fvbuild.yaml"
    own = first.folder.parent / "own.yaml"
    said = json.loads(place.read_text())
    damage(store, first.artifact(ANCHOR))
    before = sorted(store.rglob("*"))
    monkeypatch.setenv("FVBUILD_WORKSPACE", str(own))
    for words, write, why in (
        (["push", "--untrusted"], True, "an untrusted build writes to a quarantine alone"),
        (["push", "--repair"], "quarantine pr-1", "the quarantine pr-1 alone"),
        (["push"], False, "is not to be written"),
        (["gc", "--remote", "--apply"], "quarantine pr-1", "the quarantine pr-1 alone"),
    ):
        own.write_text(json.dumps({"store": {**said["store"], "write": write}}))
        told = first.run(*words)
        assert told.code == Exit.USAGE and why in told.err and "hint:" in told.err
    assert sorted(store.rglob("*")) == before
