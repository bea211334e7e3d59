"""``store:`` in the workspace file: what it says, and every fault with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fvbuild.errors import ManifestError, UsageError
from fvbuild.project import workspace
from fvbuild.project.session import Project
from fvbuild.project.store_section import StorePlace
from fvbuild.stores.address import Address

SIGNER = "ed25519:6uNGHDmugcTEG88vEo5b3hdG258td/ZFS5qB/Trpjag="


def said(folder: Path, text: str) -> StorePlace | None:
    (folder / "film.yaml").write_text("film: Toy\nshots: [a sea]\n")
    (folder / "fvbuild.yaml").write_text(text)
    return workspace.find(folder / "film.yaml").store


def test_the_shortest_and_the_longest(tmp_path: Path) -> None:
    assert said(tmp_path, "pools: {cpu: 2}") is None
    assert said(tmp_path, "store: {remote: gs://films}") == StorePlace(Address("gs", "films", ""))
    text = f"""
        store:
          remote: s3://films/cache
          endpoint: https://minio.example.org
          region: eu-central-1
          read: true
          write: quarantine pr-17
          materialize: review
          trust: {{ann: "{SIGNER}"}}
    """
    address = Address("s3", "films", "cache", "https://minio.example.org", "eu-central-1")
    assert said(tmp_path, text) == StorePlace(
        address, True, True, "pr-17", "review", {"ann": SIGNER}
    )
    place = said(tmp_path, "store: {remote: file:///srv/films, write: false, read: false}")
    assert place is not None and not place.read and not place.write


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("store: s3://films", "is a mapping"),
        ("store: {read: true}", "needs the field remote"),
        ("store: {remote: films}", "is the address of a store"),
        ("store: {remote: 'https://user:s3cr3t@host/x'}", "neither a user, a password"),
        ("store: {remote: 'http://example.org/x'}", "in the clear"),
        ("store: {remote: s3://films, endpoint: 'https://k:s3cr3t@host'}", "neither a user"),
        ("store: {remote: s3://films, wirte: true}", "unknown field 'wirte'"),
        ("store: {remote: s3://films, read: 1}", "is true or false"),
        ("store: {remote: s3://films, write: quarantine ../x}", "quarantine"),
        ("store: {remote: s3://films, write: quarantine}", "quarantine"),
        ("store: {remote: s3://films, materialize: everything}", "is one of none, final"),
        ("store: {remote: s3://films, trust: [ann]}", "mapping of names"),
        ("store: {remote: s3://films, trust: {ann: ed25519-private:s3cr3t}}", "public key"),
        ("store: {remote: s3://films, trust: {ann: ''}}", "public key"),
    ],
)
def test_faults_are_told_with_their_place_and_no_secret(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        said(tmp_path, text)
    told = str(caught.value)
    assert message in told and "fvbuild.yaml:1:" in told
    assert "s3cr3t" not in told and "r...e" not in told


@pytest.mark.parametrize("value", ["''", "e", "x", "store", "films/e"])
def test_a_short_value_that_is_hidden_garbles_nothing_else(tmp_path: Path, value: str) -> None:
    with pytest.raises(ManifestError) as caught:
        said(tmp_path, f"store: {{remote: s3://films/e-x, trust: {{ann: {value}}}}}")
    shown = "''" if value == "''" else "..."
    assert f"{{remote: s3://films/e-x, trust: {{ann: {shown}}}}}" in str(caught.value)


def test_commands_that_need_a_store_say_so(tmp_path: Path) -> None:
    said(tmp_path, "pools: {cpu: 2}")
    project = Project.open(tmp_path)
    asks: list[Callable[[], object]] = [
        project.push,
        project.pull,
        lambda: project.gc_remote(paid=False, days=0),
    ]
    for ask in asks:
        with pytest.raises(UsageError, match="no shared store") as caught:
            ask()
        assert "store: {remote:" in str(caught.value)
    said(tmp_path, f"store: {{remote: 'file://{tmp_path}/store', write: false}}")
    with pytest.raises(UsageError, match="not to be written"):
        Project.open(tmp_path).push()
