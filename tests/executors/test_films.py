"""Films built on a cluster: the same artifacts, and nothing that a build without one has not."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from studios import needs_ray

from fvbuild.cli.main import entry
from fvbuild.errors import Exit, ManifestError
from fvbuild.executors.parcels import SMALL_BYTES
from fvbuild.executors.place import RayPlace
from fvbuild.project.executing import StoreOfMachines
from fvbuild.project.workspace import find
from fvbuild.stores.address import Address

FILM = {
    "film": {"title": "Ferry", "size": "320x180", "fps": 24},
    "use": {"anchor": "placeholder", "segment": "placeholder"},
    "shots": [
        {"id": "pier", "action": "a figure waits", "duration": "1s", "size": "wide"},
        {"id": "boat", "action": "a boat comes in", "duration": "1s", "transition": "dissolve 6f"},
        {"id": "sea", "action": "the sea is empty", "duration": "1s"},
    ],
}


def _film(folder: Path, workspace: str = "", **more: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "film.yaml").write_text(json.dumps({**FILM, **more}))
    if workspace:
        (folder / "fvbuild.yaml").write_text(workspace)
    return folder


def _run(*words: str | Path) -> int:
    return entry([str(word) for word in words])


def _artifacts(folder: Path) -> dict[str, bytes]:
    out = folder / "out"
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def _decided(folder: Path) -> list[tuple[str, str, list[str]]]:
    lines = (folder / "film.lock").read_text().splitlines()
    found = [line for line in map(json.loads, lines) if "node" in line]
    return [(one["node"], one["key"], [t["artifact"] for t in one["takes"]]) for one in found]


@needs_ray
@pytest.mark.parametrize("files", ["auto", "sent"])
def test_a_film_comes_out_the_same(
    cluster: Any, tmp_path: Path, files: str, capfd: pytest.CaptureFixture[str]
) -> None:
    use = {"anchor": "sketch", "segment": "sketch"} if files == "sent" else FILM["use"]
    here = _film(tmp_path / "here", use=use)
    assert _run("build", "-f", here) == 0
    there = _film(
        tmp_path / "there",
        f"executor: {{ray: {{address: '{cluster.address}', files: {files}}}}}\npools: {{cpu: 2}}\n",
        use=use,
    )
    capfd.readouterr()
    assert _run("build", "-f", there, "--json") == 0
    out, err = capfd.readouterr()
    assert {step["action"] for step in json.loads(out)["steps"]} == {"built"}
    assert "ray" not in err.lower()
    assert _artifacts(there) == _artifacts(here)
    assert _decided(there) == _decided(here)


@needs_ray
def test_a_log_says_what_a_build_waits_for(cluster: Any, tmp_path: Path) -> None:
    """Once, though all takes wait for it; progress alone would be seen on a terminal only."""
    folder = _film(
        tmp_path / "film",
        f"executor: {{ray: {{address: '{cluster.address}', resources: {{cpu: {{CPU: 64}}}}}}}}\n"
        "pools: {cpu: 3}\n",
    )
    command = [sys.executable, "-m", "fvbuild", "build", "-f", str(folder)]
    build = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert build.stderr is not None
    line = next(line for line in build.stderr if "waits" in line or "failed" in line)
    assert line == "note: the build waits for a machine with 64 CPU to join the cluster\n"
    build.send_signal(signal.SIGINT)
    _, rest = build.communicate(timeout=60)
    assert build.returncode == Exit.INTERRUPTED
    assert "the build waits" not in rest


@needs_ray
def test_nothing_in_the_films_folder_is_run(cluster: Any, tmp_path: Path) -> None:
    """Ray would have workers import from the folder that the build was called in, before all
    others: a film that somebody sent could bring a library of its own."""
    folder = _film(
        tmp_path / "film", f"executor: {{ray: {{address: '{cluster.address}', files: sent}}}}\n"
    )
    for name in ("fvbuild", "av", "numpy"):
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / name)!r}, 'w')\nraise OSError")
    program = shutil.which("fvbuild", path=str(Path(sys.executable).parent))
    assert program is not None
    done = subprocess.run(
        [program, "build"], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["film"]


@needs_ray
def test_an_edit_makes_what_it_makes_here(cluster: Any, tmp_path: Path) -> None:
    shots = [dict(shot) for shot in FILM["shots"]]  # type: ignore[attr-defined]
    shots[1]["action"] = "a ship comes in"
    built: list[list[str]] = []
    for workspace in ("", f"executor: {{ray: {{address: '{cluster.address}'}}}}\n"):
        folder = _film(tmp_path / f"film-{len(built)}", workspace)
        assert _run("build", "-f", folder) == 0
        _film(folder, shots=shots)
        assert _run("build", "-f", folder, "--events", folder / "events") == 0
        events = map(json.loads, (folder / "events").read_text().splitlines())
        built.append(sorted(e["node"] for e in events if e.get("action") == "built"))
    assert built[0] == built[1] != []


def test_nothing_to_do_needs_no_cluster(tmp_path: Path) -> None:
    """Nor does it import Ray, connect, or even look whether there is one."""
    folder = _film(tmp_path / "film")
    assert _run("build", "-f", folder) == 0
    (folder / "fvbuild.yaml").write_text("executor: {ray: {address: '127.0.0.1:1'}}\n")
    for command in ("build", "build", "status"):
        code = f"""
import sys
from importlib.util import find_spec
from fvbuild.cli.main import entry
code = entry({[command, "-f", str(folder)]!r})
assert code == 0, code
assert "ray" not in sys.modules
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "cluster" not in done.stdout + done.stderr


def test_who_cannot_be_reached_is_told_by_every_command(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fvbuild.executors.place.find_spec", lambda _name: object())
    folder = _film(tmp_path / "film", "executor: {ray: {address: '127.0.0.1:1'}}\n")
    message = "the Ray cluster at 127.0.0.1:1 cannot be reached"
    assert _run("check", "-f", folder) == 0
    assert message in capfd.readouterr().err
    assert _run("plan", "-f", folder) == 0
    out, err = capfd.readouterr()
    assert message in out + err
    assert _run("build", "-f", folder) == Exit.USAGE
    err = capfd.readouterr().err
    assert message in err
    assert "hint: start it (ray start --head)" in err


def test_what_is_not_installed_is_told_by_every_command(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fvbuild.executors.place.find_spec", lambda _name: None)
    folder = _film(tmp_path / "film", "executor: {ray: {address: auto}}\n")
    for command, code in (("check", 0), ("plan", 0), ("build", Exit.USAGE)):
        assert _run(command, "-f", folder) == code
        out, err = capfd.readouterr()
        assert "Ray is not installed here" in out + err
        assert "pip install 'fvbuild[ray]'" in out + err


def _found(folder: Path, text: str) -> RayPlace | None:
    (folder / "fvbuild.yaml").write_text(text)
    return find(folder / "film.yaml").executor


def test_the_workspace_names_a_cluster(tmp_path: Path) -> None:
    assert _found(tmp_path, "pools: {cpu: 2}\n") is None
    assert _found(tmp_path, "executor: {ray: {}}\n") == RayPlace()
    whole = (
        "pools: {cpu: 64, gpu: 8}\n"
        "executor: {ray: {address: 'head:6379', files: sent, "
        "resources: {gpu: {GPU: 2, a100: 0.5}}}}\n"
    )
    assert _found(tmp_path, whole) == RayPlace(
        "head:6379", {"gpu": {"GPU": 2, "a100": 0.5}}, {"cpu": 64, "gpu": 8}, share=False
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("executor: ray", "'executor' is a mapping of the one name 'ray'"),
        ("executor: {dask: {}}", "'executor' is a mapping of the one name 'ray'"),
        ("executor: {ray: here}", "'ray' is a mapping of fields"),
        ("executor: {ray: {adress: auto}}", "unknown field 'adress'"),
        ("executor: {ray: {address: 'ray://head:10001'}}", "'address' is the cluster's own"),
        ("executor: {ray: {address: [1]}}", "'address' is HOST:PORT, auto or local"),
        ("executor: {ray: {files: never}}", "'files' is one of auto, sent"),
        ("executor: {ray: {resources: {gpu: 1}}}", "'gpu' says what one worker of the pool has"),
        ("executor: {ray: {resources: {gpu: {GPU: 0}}}}", "'GPU' is an amount above 0"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path: Path, said: str, told: str) -> None:
    with pytest.raises(ManifestError) as caught:
        _found(tmp_path, said)
    assert told in str(caught.value)
    assert "fvbuild.yaml:1:" in str(caught.value)


@needs_ray
@pytest.mark.skipif(find_spec("obstore") is None, reason="the extra shared is not installed")
def test_machines_fetch_from_the_shared_store(cluster: Any, tmp_path: Path) -> None:
    """A film is made and shared; somebody else changes how its shots move. The anchors are read by
    the machines that make the clips, and never come to where the build runs."""
    store = f"store: {{remote: 'file://{tmp_path / 'store'}'}}\n"
    (tmp_path / "store").mkdir()
    first = _film(tmp_path / "first", store)
    assert _run("build", "-f", first, "kind:anchor") == 0
    assert _run("push", "-f", first) == 0
    ray = f"executor: {{ray: {{address: '{cluster.address}', files: sent}}}}\n"
    second = _film(tmp_path / "second", store + ray)
    assert _run("build", "-f", second, "kind:segment", "--materialize", "none") == 0
    anchors = {a for node, _, made in _decided(first) if node.endswith("anchor") for a in made}
    assert len(anchors) == 3
    cache = second / "cache" / "artifacts"
    assert not [a for a in anchors if (cache / a[:2] / a[2:]).exists()]
    clips = [a for node, _, made in _decided(second) if node.endswith("segment") for a in made]
    assert len(clips) == 3
    here = _film(tmp_path / "here")
    assert _run("build", "-f", here, "kind:segment") == 0
    assert _decided(here) == _decided(second)


@needs_ray
@pytest.mark.skipif(find_spec("obstore") is None, reason="the extra shared is not installed")
@pytest.mark.parametrize("quarantine", [False, True])
def test_what_machines_make_goes_through_the_shared_store(
    cluster: Any, tmp_path: Path, quarantine: bool
) -> None:
    """What is no smaller than an answer lies in the store, and comes to the build when it is to be
    seen: the same film then, and no take is made twice. A build in quarantine reads nothing of what
    it wrote, so that everything comes to it."""
    store, use = tmp_path / "store", {"anchor": "sketch", "segment": "sketch"}
    store.mkdir()
    here = _film(tmp_path / "here", use=use)
    assert _run("build", "-f", here) == 0
    there = _film(
        tmp_path / "there",
        f"executor: {{ray: {{address: '{cluster.address}', files: sent}}}}\n"
        f"store: {{remote: 'file://{store}'{', write: quarantine fork' if quarantine else ''}}}\n",
        use=use,
    )
    assert _run("build", "-f", there, "kind:segment", "--materialize", "none") == 0
    made = {path.parent.name + path.name: path for path in _files(here / "cache" / "artifacts")}
    kept = {a for _, _, takes in _decided(there) for a in takes if a in made}
    large = {a for a in kept if made[a].stat().st_size > SMALL_BYTES}
    assert large
    cache = there / "cache" / "artifacts"
    in_cache = {path.parent.name + path.name for path in _files(cache)}
    assert kept - in_cache == (set() if quarantine else large)
    cas = store / "quarantine" / "fork" / "cas" if quarantine else store / "cas"
    assert {path.name for path in _files(cas)} >= kept
    assert _run("build", "-f", there, "--materialize", "final", "--events", there / "events") == 0
    events = [json.loads(line) for line in (there / "events").read_text().splitlines()]
    assert not [e for e in events if e.get("action") == "built" and "segment" in e["node"]]
    assert (there / "out" / "ferry.mp4").read_bytes() == (here / "out" / "ferry.mp4").read_bytes()
    assert _decided(there) == _decided(here)


@needs_ray
@pytest.mark.skipif(find_spec("obstore") is None, reason="the extra shared is not installed")
def test_what_was_damaged_in_the_shared_store_is_made_once_and_mended(
    cluster: Any, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    folder = _on_machines(tmp_path / "film", cluster, store)
    assert _run("build", "-f", folder, "kind:anchor", "--materialize", "none") == 0
    large = {path for path in _files(store / "cas") if path.stat().st_size > SMALL_BYTES}
    assert large
    for path in large:
        path.write_bytes(b"something else")
    assert _run("build", "-f", folder, "kind:anchor", "--events", folder / "events") == 0
    events = [json.loads(line) for line in (folder / "events").read_text().splitlines()]
    built = [event["node"] for event in events if event.get("action") == "built"]
    assert len(built) == len(set(built)) == len(large)
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in large)
    assert _run("verify", "-f", folder, "--remote") == 0


@needs_ray
@pytest.mark.skipif(find_spec("obstore") is None, reason="the extra shared is not installed")
@pytest.mark.parametrize("mounted", ["elsewhere", "nowhere"])
def test_a_folder_that_machines_see_otherwise_is_not_relied_on(
    cluster: Any, tmp_path: Path, mounted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same name may be a folder of that machine's own, or none at all."""
    store, other = tmp_path / "store", tmp_path / mounted
    store.mkdir()
    if mounted == "elsewhere":
        other.mkdir()
    address = Address("file", "", str(other)[1:])

    def as_seen_there(store: StoreOfMachines) -> tuple[Any, ...]:
        return StoreOfMachines, (replace(store.store, address=address),)

    monkeypatch.setattr(StoreOfMachines, "__reduce__", as_seen_there)
    folder = _on_machines(tmp_path / "film", cluster, store)
    assert _run("build", "-f", folder, "kind:anchor", "--materialize", "none") == 0
    made = {artifact for _, _, takes in _decided(folder) for artifact in takes}
    assert {path.name for path in _files(store / "cas")} >= made
    assert {p.parent.name + p.name for p in _files(folder / "cache" / "artifacts")} >= made
    assert other.exists() == (mounted == "elsewhere")


def _on_machines(folder: Path, cluster: Any, store: Path) -> Path:
    """A film that a cluster makes, with results that are too large for an answer."""
    workspace = (
        f"executor: {{ray: {{address: '{cluster.address}', files: sent}}}}\n"
        f"store: {{remote: 'file://{store}'}}\npools: {{cpu: 2}}\n"
    )
    return _film(folder, workspace, use={"anchor": "sketch", "segment": "sketch"})


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
