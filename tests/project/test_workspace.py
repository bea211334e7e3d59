"""``fvbuild.yaml``: what it may say, and how it is told that it says something wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from fvbuild.errors import ManifestError
from fvbuild.project.surroundings import limits_folder, place_of
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
