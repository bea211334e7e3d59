"""``fvbuild.yaml``: what it may say, and how it is told that it says something wrong."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from fvbuild.cli.main import entry
from fvbuild.errors import Exit, ManifestError
from fvbuild.project.surroundings import limits_folder, place_of
from fvbuild.project.unchanged import try_quick_build
from fvbuild.project.workspace import Workspace, find

WHOLE = """\
pools: {cpu: 4}
providers:
  runway:
    base_url: http://127.0.0.1:8000
    hosts: {cdn: "https://cdn.example.com"}
    concurrency: 3
    requests_per_minute: 60
    timeout_s: 90
    poll_every_s: 0.5
    secrets: {key: secret://RUNWAY_OTHER_KEY}
"""


def found(folder: Path, text: str) -> Workspace:
    (folder / "fvbuild.yaml").write_text(text)
    return find(folder / "film.yaml")


def faults(folder: Path, text: str) -> str:
    with pytest.raises(ManifestError) as caught:
        found(folder, text)
    return str(caught.value)


def test_what_is_said_of_a_provider(tmp_path: Path) -> None:
    workspace = found(tmp_path, WHOLE)
    runway = workspace.providers["runway"]
    assert workspace.pools == {"cpu": 4}
    assert runway.base_url == "http://127.0.0.1:8000"
    assert runway.hosts == {"cdn": "https://cdn.example.com"}
    assert (runway.concurrency, runway.requests_per_minute) == (3, 60)
    assert (runway.timeout_s, runway.poll_every_s) == (90.0, 0.5)
    assert runway.secrets == {"key": "RUNWAY_OTHER_KEY"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "pools:\n", "providers:\n  runway:\n"])
def test_a_file_may_say_nothing(tmp_path: Path, text: str) -> None:
    workspace = found(tmp_path, text)
    assert (dict(workspace.pools), dict(workspace.providers)) == ({}, {})


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("provider: {}", "1:1", "did you mean 'providers'?"),
        ("providers: {runway: {concurency: 2}}", "1:22", "did you mean 'concurrency'?"),
        ("providers: {runway: {concurrency: 0}}", "1:35", "a whole number, 1 to 1024, not 0"),
        ("providers: {runway: {concurrency: yes}}", "1:35", "a whole number"),
        ("providers: {runway: {timeout_s: -1}}", "1:33", "a number of seconds"),
        ("providers: {runway: {base_url: runway.com}}", "1:32", "begins with https://"),
        ("providers: {runway: {base_url: 'http://runway.com'}}", "1:32", "in the clear"),
        ("providers: {runway: {base_url: 'https://u:p@x.com'}}", "1:32", "neither a password"),
        ("providers: [runway]", "1:12", "a mapping of names"),
        ("pools: {cpu: 2000}", "1:14", "1 to 1024"),
        ("- pools", "1:1", "is a mapping"),
        ("pools: {cpu: 1", "2:1", "is not closed"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, text: str, place: str, message: str
) -> None:
    told = faults(tmp_path, text)
    assert f"fvbuild.yaml:{place}" in told
    assert message in told


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    told = faults(tmp_path, "pools: {cpu: 0}\nproviders: {a: {concurrency: 0, timeout_s: x}}\n")
    assert told.count("error:") == 3


def test_a_key_that_was_written_down_is_not_repeated(tmp_path: Path) -> None:
    told = faults(tmp_path, "providers:\n  runway:\n    secrets: {key: sk-live-canary}\n")
    assert "secret://NAME" in told
    assert "sk-live-canary" not in told


def test_http_is_for_ones_own_network(tmp_path: Path) -> None:
    for host in (
        "127.0.0.1:1",
        "localhost:1",
        "192.168.1.9:8188",
        "[::1]:1",
        "studio:1",
        "a.local",
    ):
        url = f"http://{host}/v1"
        assert found(tmp_path, f"providers: {{a: {{base_url: '{url}'}}}}").providers["a"].base_url


def test_keys_come_from_beside_the_workspace_then_beside_the_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = tmp_path / "film"
    film.mkdir()
    (tmp_path / ".env").write_text("TEST_A=workspace\n")
    (film / ".env").write_text("TEST_A=film\nTEST_B=film\n")
    (tmp_path / "fvbuild.yaml").write_text("")
    place = place_of(film, find(film / "film.yaml"))
    values = [place.secrets.find([name]) for name in ("TEST_A", "TEST_B")]
    assert [value.reveal() for value in values if value is not None] == ["workspace", "film"]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert limits_folder() == tmp_path / "fvbuild" / "limits"


# --- the file that the user names -----------------------------------------------------------------

FILM = "film: {title: Fork, size: 320x180}\nshots: [a keeper climbs]\n"


def test_a_named_file_counts_instead_of_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, fork = tmp_path / "ours", tmp_path / "fork"
    ours.mkdir()
    fork.mkdir()
    (ours / "ci.yaml").write_text("pools: {cpu: 3}\n")
    (fork / "fvbuild.yaml").write_text("this is: [not even yaml\n")
    monkeypatch.setenv("FVBUILD_WORKSPACE", str(ours / "ci.yaml"))
    found = find(fork / "film.yaml")
    assert (dict(found.pools), found.root, found.file) == ({"cpu": 3}, ours, ours / "ci.yaml")
    assert found.named
    assert find(fork / "film.yaml", untrusted=True) == found
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FVBUILD_WORKSPACE", "fork/../ours/ci.yaml")
    assert find(fork / "film.yaml") == found
    monkeypatch.setenv("FVBUILD_WORKSPACE", "")
    (fork / "fvbuild.yaml").write_text("")
    assert find(fork / "film.yaml").root == fork
    assert not find(fork / "film.yaml").named


def test_a_named_file_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "film.yaml").write_text(FILM)
    monkeypatch.chdir(tmp_path)
    for named in (str(tmp_path), str(tmp_path / "gone.yaml")):
        monkeypatch.setenv("FVBUILD_WORKSPACE", named)
        assert entry(["build"]) == Exit.USAGE
        assert f"FVBUILD_WORKSPACE names '{named}', which is no file" in capsys.readouterr().err


def test_films_anywhere_share_the_cache_of_a_named_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also the quick answer that nothing changed, and what garbage collection must keep."""
    ours = tmp_path / "ours"
    for folder in (ours, tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        (folder / "film.yaml").write_text(FILM.replace("Fork", folder.name))
    (ours / "fvbuild.yaml").write_text("")
    monkeypatch.setenv("FVBUILD_WORKSPACE", str(ours / "fvbuild.yaml"))
    for name in ("one", "two"):
        assert entry(["build", "-f", str(tmp_path / name)]) == 0
        assert not (tmp_path / name / "cache").exists()
    assert list((ours / "cache" / "unchanged").iterdir())
    for _ in range(20):  # what was written this very moment is not recorded yet
        if try_quick_build(["build", "-f", str(tmp_path / "one")]) == 0:
            break
        time.sleep(0.1)
        assert entry(["build", "-f", str(tmp_path / "one")]) == 0
    capsys.readouterr()
    assert try_quick_build(["build", "-f", str(tmp_path / "one")]) == 0
    assert "one is up to date" in capsys.readouterr().out
    assert entry(["take", "main/a-keeper-climbs/anchor", "-f", str(tmp_path / "one")]) == 0
    assert entry(["gc", "--apply", "--json", "-f", str(ours)]) == 0
    gone = json.loads("{" + capsys.readouterr().out.partition("{")[2])
    assert not [each for each in gone["items"] if each["node"] == "main/a-keeper-climbs/anchor"]
    assert entry(["verify", "-f", str(tmp_path / "one")]) == 0
    monkeypatch.delenv("FVBUILD_WORKSPACE")
    assert try_quick_build(["build", "-f", str(tmp_path / "one")]) is None
